"""The plain Python way of pictures: pyplot and mplhep, a new figure for each, and `savefig`."""

import sys
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import boost_histogram as bh
import mplhep
import orjson
from matplotlib import pyplot as plt

from benchmarks.answering import answer, timed
from benchmarks.contenders.plain_filling import book, fill_spill, lines

COLORS = ("black", "red", "blue")
DPI = 100


def overlay(histograms: dict[str, bh.Histogram[Any]], names: str, label: str) -> Any:
    """Draw the histograms of three stations; `{s}` in `names` stands for the station."""
    figure, axes = plt.subplots(figsize=(8, 8))
    for s in range(3):
        mplhep.histplot(histograms[names.format(s=s)], ax=axes, color=COLORS[s], label=f"TOF{s}", yerr=False)
    axes.set_xlabel(label)
    axes.legend()
    return figure


def color_map(histogram: bh.Histogram[Any], size: tuple[float, float], *, numbers: bool) -> Any:
    figure, axes = plt.subplots(figsize=size)
    mplhep.hist2dplot(histogram, ax=axes, labels=numbers)
    return figure


def panels(histograms: dict[str, bh.Histogram[Any]], name: str, *, log: bool) -> Any:
    figure, grid = plt.subplots(2, 4, figsize=(12, 8))
    for pmt, axes in enumerate(grid.flat, start=1):
        mplhep.histplot(histograms[f"{name}{pmt}"], ax=axes, yerr=False)
        if log:
            axes.set_yscale("log")
    return figure


def single(histogram: bh.Histogram[Any]) -> Any:
    figure, axes = plt.subplots(figsize=(7, 5))
    mplhep.histplot(histogram, ax=axes, color="black", yerr=False)
    axes.set_xlabel("Time (ns)")
    return figure


def save_all(histograms: dict[str, bh.Histogram[Any]], directory: Path) -> None:
    """Draw and write the 19 pictures."""

    def save(tag: str, figure: Any) -> None:
        figure.savefig(directory / f"{tag}.png", dpi=DPI)
        plt.close(figure)

    for p in range(2):
        save(f"tof_SlabHits_{'XY'[p]}", overlay(histograms, f"hslabhits{{s}}{p}", f"Slab{'XY'[p]}"))
    for p, k in product(range(2), range(2)):
        save(f"tof_pmtHits_Plane{p}PMT{k}", overlay(histograms, f"hpmthits{{s}}{p}{k}", "Slab"))
    save("tof_nSpacePoints", overlay(histograms, "hnsp_{s}", "#space points in event"))
    for plane in "XY":
        save(f"tof_SpacePoints_{plane}", overlay(histograms, f"sp{plane.lower()}{{s}}", f"Slab{plane}"))
    for s in range(3):
        save(f"tof_SpacePoints_XY_tof{s}", color_map(histograms[f"hspxy_{s}"], (8, 8), numbers=True))
    for a, b in ((0, 1), (1, 2), (0, 2)):
        save(f"tof_time_tof{a}-tof{b}", single(histograms[f"ht{a}{b}"]))
    save("CkovCharge_PMT1-8", panels(histograms, "hPMT", log=True))
    save("CkovArrivalTimes_PMT1-8", panels(histograms, "harr_time", log=False))
    for name in "AB":
        save(f"CkovPE_{name}_vs_TOF_0_to_1", color_map(histograms[f"tof_{name}"], (6, 6), numbers=False))


class Run:
    """A run that grows."""

    def __init__(self, path: str, directory: str) -> None:
        documents = (orjson.loads(line) for line in lines(Path(path)))
        self._spills = [each for each in documents if each.get("daq_event_type") == "physics_event"]
        self._histograms = book()
        self._directory = Path(directory)

    def refresh(self, first: int, last: int) -> dict[str, float]:
        """Fill with some of the spills; return what the pictures then take."""
        for spill in self._spills[first:last]:
            fill_spill(self._histograms, spill)
        return timed(lambda: save_all(self._histograms, self._directory))


if __name__ == "__main__":
    answer({"refresh": Run(*sys.argv[1:]).refresh})
