"""MAUS's way: documents as dictionaries, loops over events, one call of `Fill` a value; plots by PyROOT.

Written for Python 3 after what is known of the reducers of MICE's control room: their histograms, and what
they are filled with. As plain as they were.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ROOT

STATIONS = ("tof0", "tof1", "tof2")
NO_PULSE = 255
GARBAGE = -1000

ROOT.gROOT.SetBatch(True)
ROOT.TH1.AddDirectory(False)


class TofReducer:
    """The histograms of the time-of-flight counters."""

    def __init__(self) -> None:
        self.ht01 = ROOT.TH1F("ht01", "TOF0->1;Time (ns)", 200, 20, 40)
        self.ht02 = ROOT.TH1F("ht02", "TOF0->2;Time (ns)", 300, 50, 80)
        self.ht12 = ROOT.TH1F("ht12", "TOF1->2;Time (ns)", 200, 25, 45)
        self.spx = [by_slab(f"spx{s}", "SpacePoints X-plane;SlabX") for s in range(3)]
        self.spy = [by_slab(f"spy{s}", "SpacePoints Y-plane;SlabY") for s in range(3)]
        self.hnsp = [
            ROOT.TH1F(f"hnsp_{s}", "#Space Points;#space points in event", 4, -0.5, 3.5) for s in range(3)
        ]
        self.hpmthits = [
            [[by_slab(f"hpmthits{s}{p}{k}", f"plane {p}, pmt {k};Slab") for k in range(2)] for p in range(2)]
            for s in range(3)
        ]
        self.hslabhits = [
            [by_slab(f"hslabhits{s}{p}", f"Slab Hits {'XY'[p]}-plane;Slab{'XY'[p]}") for p in range(2)]
            for s in range(3)
        ]
        self.hspxy = [
            ROOT.TH2F(f"hspxy_{s}", f"tof{s}: space points;SlabY;SlabX", n, -0.5, n - 0.5, n, -0.5, n - 0.5)
            for s, n in enumerate((10, 7, 10))
        ]

    def process(self, spill: dict[str, Any]) -> None:
        for event in spill["recon_events"]:
            if "tof_event" not in event:
                continue
            tof_event = event["tof_event"]
            if "tof_slab_hits" in tof_event:
                self.fill_slab_hits(tof_event["tof_slab_hits"])
            if "tof_space_points" in tof_event:
                self.fill_space_points(tof_event["tof_space_points"])

    def fill_slab_hits(self, slab_hits: dict[str, Any]) -> None:
        for s in range(3):
            if STATIONS[s] not in slab_hits or not slab_hits[STATIONS[s]]:
                continue
            for hit in slab_hits[STATIONS[s]]:
                plane = hit["plane"]
                slab = hit["slab"]
                self.hslabhits[s][plane].Fill(slab)
                if "pmt0" in hit:
                    self.hpmthits[s][plane][0].Fill(slab)
                if "pmt1" in hit:
                    self.hpmthits[s][plane][1].Fill(slab)

    def fill_space_points(self, space_points: dict[str, Any]) -> None:
        points = []
        for s in range(3):
            if STATIONS[s] in space_points and space_points[STATIONS[s]]:
                points.append(space_points[STATIONS[s]])
            else:
                points.append([])
            self.hnsp[s].Fill(len(points[s]))
            for point in points[s]:
                self.spx[s].Fill(point["slabX"])
                self.spy[s].Fill(point["slabY"])
                self.hspxy[s].Fill(point["slabY"], point["slabX"])
        if len(points[0]) == 1 and len(points[1]) == 1:
            self.ht01.Fill(points[1][0]["time"] - points[0][0]["time"])
        if len(points[0]) == 1 and len(points[2]) == 1:
            self.ht02.Fill(points[2][0]["time"] - points[0][0]["time"])
        if len(points[1]) == 1 and len(points[2]) == 1:
            self.ht12.Fill(points[2][0]["time"] - points[1][0]["time"])

    def histograms(self) -> Iterator[Any]:
        """Give them in the order of the file."""
        yield from (self.ht01, self.ht02, self.ht12, *self.spx, *self.spy, *self.hnsp)
        for station in self.hpmthits:
            for plane in station:
                yield from plane
        for slab_hits in self.hslabhits:
            yield from slab_hits
        yield from self.hspxy


class CkovReducer:
    """The histograms of the Cherenkov counters."""

    def __init__(self) -> None:
        self.htof = ROOT.TH1F("htof", "htof;TOF(ns)", 100, 10, 40)
        self.tof_a, self.tof_b = (
            ROOT.TH2F(
                f"tof_{name}",
                f"tof_{name};Ckov{name} PE;t(TOF0 to TOF1) (ns)",
                100,
                0,
                50,
                200,
                15,
                35,
            )
            for name in "AB"
        )
        self.hpmt = [ROOT.TH1F(f"hPMT{i}", f"PMT{i};Charge", 500, -50, 500) for i in range(1, 9)]
        self.harr_time = [
            ROOT.TH1F(f"harr_time{i}", f"Arrival Times{i};Uncalibrated Time (ns)", 200, 0, 200)
            for i in range(1, 9)
        ]

    def process(self, spill: dict[str, Any]) -> None:
        for event in spill["recon_events"]:
            flight = self.time_of_flight(event)
            if flight is not None:
                self.htof.Fill(flight)
            if "ckov_event" not in event:
                continue
            digits = event["ckov_event"].get("ckov_digits")
            if not digits:
                continue
            digit_a = digits[0]["A"]
            digit_b = digits[0]["B"]
            if flight is not None:
                if digit_a["number_of_pes"] > 0:
                    self.tof_a.Fill(digit_a["number_of_pes"], flight)
                if digit_b["number_of_pes"] > 0:
                    self.tof_b.Fill(digit_b["number_of_pes"], flight)
            for pmt in range(4):
                self.fill_pmt(pmt, digit_a)
            for pmt in range(4, 8):
                self.fill_pmt(pmt, digit_b)

    def time_of_flight(self, event: dict[str, Any]) -> float | None:
        if "tof_event" not in event or "tof_space_points" not in event["tof_event"]:
            return None
        space_points = event["tof_event"]["tof_space_points"]
        start = space_points.get("tof0")
        stop = space_points.get("tof1")
        if not start or not stop or len(start) != 1 or len(stop) != 1:
            return None
        flight: float = stop[0]["time"] - start[0]["time"]
        return flight

    def fill_pmt(self, pmt: int, digit: dict[str, Any]) -> None:
        charge = digit[f"pulse_{pmt}"]
        if charge > GARBAGE:
            self.hpmt[pmt].Fill(charge)
        arrival = digit[f"arrival_time_{pmt}"]
        if arrival < NO_PULSE:
            self.harr_time[pmt].Fill(arrival)

    def histograms(self) -> Iterator[Any]:
        """Give them in the order of the file."""
        yield from (self.htof, self.tof_a, self.tof_b, *self.hpmt, *self.harr_time)


def by_slab(name: str, title: str) -> Any:
    return ROOT.TH1F(name, title, 10, -0.5, 9.5)


def is_data(document: dict[str, Any]) -> bool:
    return document.get("maus_event_type") == "Spill" and document.get("daq_event_type") == "physics_event"


def lines(path: Path) -> Iterator[str]:
    """Give the lines of a file, which may be compressed."""
    if path.suffix == ".zst":
        import zstandard  # noqa: PLC0415 - only where it is needed

        with zstandard.open(path, "rt") as file:
            yield from file
    else:
        with path.open() as file:
            yield from file


def reduce_together(path: Path) -> tuple[TofReducer, CkovReducer]:
    """Fill the histograms of both reducers, each document decoded once."""
    tof, ckov = TofReducer(), CkovReducer()
    for line in lines(path):
        document = json.loads(line)
        if is_data(document):
            tof.process(document)
            ckov.process(document)
    return tof, ckov


def reduce_apart(path: Path) -> tuple[TofReducer, CkovReducer]:
    """Fill them as it was in the control room: each reducer is handed the text of each document."""
    tof, ckov = TofReducer(), CkovReducer()
    for line in lines(path):
        for reducer in (tof, ckov):
            document = json.loads(line)
            if is_data(document):
                reducer.process(document)
    return tof, ckov
