"""MAUS's way of pictures: canvases that are kept, and `SaveAs`."""

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import ROOT

from benchmarks.answering import answer, timed
from benchmarks.contenders.maus import CkovReducer, TofReducer, is_data, lines

COLORS = (ROOT.kBlack, ROOT.kRed, ROOT.kBlue)


class Canvases:
    """The 19 canvases of both reducers; histograms are drawn on them once, and stay.

    Args:
        tof: the one reducer.
        ckov: the other one.

    """

    def __init__(self, tof: TofReducer, ckov: CkovReducer) -> None:
        self._kept: list[Any] = []
        self.by_tag: dict[str, Any] = {}
        for p in range(2):
            self.overlay(f"tof_SlabHits_{'XY'[p]}", [tof.hslabhits[s][p] for s in range(3)])
        for p, k in product(range(2), range(2)):
            self.overlay(f"tof_pmtHits_Plane{p}PMT{k}", [tof.hpmthits[s][p][k] for s in range(3)])
        self.overlay("tof_nSpacePoints", tof.hnsp)
        self.overlay("tof_SpacePoints_X", tof.spx)
        self.overlay("tof_SpacePoints_Y", tof.spy)
        for s in range(3):
            self.canvas(f"tof_SpacePoints_XY_tof{s}", 800, 800)
            tof.hspxy[s].Draw("COLZ TEXT")
        for tag, histogram in (("tof0-tof1", tof.ht01), ("tof1-tof2", tof.ht12), ("tof0-tof2", tof.ht02)):
            self.canvas(f"tof_time_{tag}", 700, 500)
            histogram.Draw()
        self.grid("CkovCharge_PMT1-8", ckov.hpmt, log=True)
        self.grid("CkovArrivalTimes_PMT1-8", ckov.harr_time, log=False)
        for name, histogram in (("A", ckov.tof_a), ("B", ckov.tof_b)):
            self.canvas(f"CkovPE_{name}_vs_TOF_0_to_1", 600, 600)
            histogram.Draw("COLZ")

    def canvas(self, tag: str, width: int, height: int) -> Any:
        self.by_tag[tag] = ROOT.TCanvas(tag, tag, width, height)
        return self.by_tag[tag]

    def overlay(self, tag: str, stations: Sequence[Any]) -> None:
        self.canvas(tag, 800, 800)
        legend = ROOT.TLegend(0.75, 0.75, 0.9, 0.9)
        self._kept.append(legend)
        for s, histogram in enumerate(stations):
            histogram.SetLineColor(COLORS[s])
            histogram.Draw("SAME" if s else "")
            legend.AddEntry(histogram, f"TOF{s}", "l")
        legend.Draw()

    def grid(self, tag: str, histograms: Sequence[Any], *, log: bool) -> None:
        canvas = self.canvas(tag, 1200, 800)
        canvas.Divide(4, 2)
        for place, histogram in enumerate(histograms, start=1):
            pad = canvas.cd(place)
            pad.SetLogy(log)
            histogram.Draw()

    def save(self, directory: Path) -> None:
        """Draw and write all pictures. `SaveAs` draws what the histograms hold by then."""
        for tag, canvas in self.by_tag.items():
            canvas.SaveAs(str(directory / f"{tag}.png"))


class Run:
    """A run that grows."""

    def __init__(self, path: str, directory: str) -> None:
        self.tof, self.ckov = TofReducer(), CkovReducer()
        self.canvases = Canvases(self.tof, self.ckov)
        self.spills = [json.loads(line) for line in lines(Path(path)) if '"physics_event"' in line]
        self.spills = [spill for spill in self.spills if is_data(spill)]
        self.directory = Path(directory)

    def refresh(self, first: int, last: int) -> dict[str, float]:
        """Fill with some of the spills; return what the pictures then take."""
        for spill in self.spills[first:last]:
            self.tof.process(spill)
            self.ckov.process(spill)
        return timed(lambda: self.canvases.save(self.directory))

    def seal(self, number: int) -> dict[str, float]:
        """Draw and write all of a run at its end: pictures, files of histograms, and what is told of each."""
        folder = self.directory / str(number)
        folder.mkdir()
        figures = timed(lambda: self.write_all(folder))
        return {**figures, "files": len([*folder.iterdir()])}

    def write_all(self, folder: Path) -> None:
        self.canvases.save(folder)
        for name, reducer in (("ReducePyTOFPlot", self.tof), ("ReducePyCkovPlot", self.ckov)):
            file = ROOT.TFile(str(folder / f"{name}.root"), "RECREATE")
            for histogram in reducer.histograms():
                histogram.Write()
            file.Close()
        for tag in ("ReducePyTOFPlot", "ReducePyCkovPlot", *self.canvases.by_tag):
            metadata = {"tag": tag, "description": tag, "keywords": tag.split("_"), "run": 1}
            (folder / f"{tag}.json").write_text(json.dumps(metadata))


def main(path: str, directory: str) -> None:
    ROOT.gErrorIgnoreLevel = ROOT.kWarning  # one line on the screen for each picture
    run = Run(path, directory)
    answer({"refresh": run.refresh, "seal": run.seal})


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
