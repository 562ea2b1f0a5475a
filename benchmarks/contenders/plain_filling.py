"""The plain Python way of filling: orjson, loops over events, and boost-histogram filled once a spill."""

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boost_histogram as bh
import orjson
import zstandard

from benchmarks.answering import answer, timed
from benchmarks.contents import write_contents

STATIONS = ("tof0", "tof1", "tof2")
NO_PULSE = 255
GARBAGE = -1000

Values = defaultdict[str, list[float]]


def book() -> dict[str, bh.Histogram[Any]]:
    """Return the histograms of both detectors by name."""
    found: dict[str, bh.Histogram[Any]] = {
        "ht01": bh.Histogram(bh.axis.Regular(200, 20, 40)),
        "ht02": bh.Histogram(bh.axis.Regular(300, 50, 80)),
        "ht12": bh.Histogram(bh.axis.Regular(200, 25, 45)),
        "htof": bh.Histogram(bh.axis.Regular(100, 10, 40)),
    }
    for s, slabs in enumerate((10, 7, 10)):
        found[f"hnsp_{s}"] = bh.Histogram(bh.axis.Integer(0, 4))
        found[f"hspxy_{s}"] = bh.Histogram(bh.axis.Integer(0, slabs), bh.axis.Integer(0, slabs))
        names = [f"spx{s}", f"spy{s}", *(f"hslabhits{s}{p}" for p in range(2))]
        names += [f"hpmthits{s}{p}{k}" for p in range(2) for k in range(2)]
        for name in names:
            found[name] = bh.Histogram(bh.axis.Integer(0, 10))
    for name in ("tof_A", "tof_B"):
        found[name] = bh.Histogram(bh.axis.Regular(100, 0, 50), bh.axis.Regular(200, 15, 35))
    for i in range(1, 9):
        found[f"hPMT{i}"] = bh.Histogram(bh.axis.Regular(500, -50, 500))
        found[f"harr_time{i}"] = bh.Histogram(bh.axis.Regular(200, 0, 200))
    return found


def collect_tof(tof_event: dict[str, Any], values: Values) -> None:
    slab_hits = tof_event.get("tof_slab_hits") or {}
    for s, station in enumerate(STATIONS):
        for hit in slab_hits.get(station) or ():
            slab, plane = hit["slab"], hit["plane"]
            values[f"hslabhits{s}{plane}"].append(slab)
            for k in range(2):
                if f"pmt{k}" in hit:
                    values[f"hpmthits{s}{plane}{k}"].append(slab)
    if "tof_space_points" not in tof_event:
        return
    times: list[float | None] = []
    for s, station in enumerate(STATIONS):
        points = tof_event["tof_space_points"].get(station) or []
        values[f"hnsp_{s}"].append(len(points))
        for point in points:
            values[f"spx{s}"].append(point["slabX"])
            values[f"spy{s}"].append(point["slabY"])
        times.append(points[0]["time"] if len(points) == 1 else None)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        start, stop = times[a], times[b]
        if start is not None and stop is not None:
            values[f"ht{a}{b}"].append(stop - start)


def collect_ckov(event: dict[str, Any], flight: float | None, values: Values, pairs: Values) -> None:
    digits = (event.get("ckov_event") or {}).get("ckov_digits")
    if not digits:
        return
    for name, first in (("A", 0), ("B", 4)):
        digit = digits[0][name]
        if digit["number_of_pes"] > 0 and flight is not None:
            values[f"tof_{name}"].append(digit["number_of_pes"])
            pairs[f"tof_{name}"].append(flight)
        for pmt in range(first, first + 4):
            if digit[f"pulse_{pmt}"] > GARBAGE:
                values[f"hPMT{pmt + 1}"].append(digit[f"pulse_{pmt}"])
            if digit[f"arrival_time_{pmt}"] < NO_PULSE:
                values[f"harr_time{pmt + 1}"].append(digit[f"arrival_time_{pmt}"])


def fill_spill(histograms: dict[str, bh.Histogram[Any]], spill: dict[str, Any]) -> None:
    """Collect the values of a spill's events, and fill each histogram once."""
    values: Values = defaultdict(list)
    pairs: Values = defaultdict(list)
    for event in spill["recon_events"]:
        if "tof_event" in event:
            before = len(values["ht01"])
            collect_tof(event["tof_event"], values)
            flight = values["ht01"][-1] if len(values["ht01"]) > before else None
        else:
            flight = None
        if flight is not None:
            values["htof"].append(flight)
        collect_ckov(event, flight, values, pairs)
    for s in range(3):
        if values[f"spy{s}"]:
            histograms[f"hspxy_{s}"].fill(values[f"spy{s}"], values[f"spx{s}"])
    for name, given in values.items():
        if given:
            histograms[name].fill(given, *([pairs[name]] if name in pairs else []))


def lines(path: Path) -> Iterator[bytes]:
    """Give the lines of a file, which may be compressed."""
    if path.suffix == ".zst":
        with zstandard.open(path, "rb") as file:
            yield from io.BufferedReader(file)
    else:
        with path.open("rb") as plain:
            yield from plain


def fill_file(path: Path) -> dict[str, bh.Histogram[Any]]:
    histograms = book()
    for line in lines(path):
        document = orjson.loads(line)
        if document.get("daq_event_type") == "physics_event":
            fill_spill(histograms, document)
    return histograms


def fill(path: str, contents: str = "") -> dict[str, Any]:
    """Fill from a file, and write what the bins hold to another, if one is given."""
    found: dict[str, bh.Histogram[Any]] = {}
    figures = timed(lambda: found.update(fill_file(Path(path))))
    if contents:
        write_contents(contents, {name: each.values(flow=True) for name, each in found.items()})
    return figures


if __name__ == "__main__":
    answer({"fill": fill})
