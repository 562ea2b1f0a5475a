"""All 52 histograms counted once more, by a plain loop that is written from the specification alone.

It shares nothing with what it checks: documents are read by `json`, values are looked up in dictionaries, and
bins are found by fractions.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plain import Bins, Edge, Json, Plain, assert_agree, bin_of, decoded, filled, in_batches, sparse
from runfolio.mice.ckov import ckov
from runfolio.mice.simulation import Simulation, lines
from runfolio.mice.tof import tof

REDUCERS = (tof, ckov)
SLAB = (10, Fraction("-0.5"), Fraction("9.5"))
SLAB_OF_TOF1 = (7, Fraction("-0.5"), Fraction("6.5"))
POINTS = (4, Fraction("-0.5"), Fraction("3.5"))
AXES: dict[str, list[tuple[int, Edge, Edge]]] = {
    "ht01": [(200, 20, 40)],
    "ht02": [(300, 50, 80)],
    "ht12": [(200, 25, 45)],
    "htof": [(100, 10, 40)],
    "tof_A": [(100, 0, 50), (200, 15, 35)],
    "tof_B": [(100, 0, 50), (200, 15, 35)],
    "hspxy_0": [SLAB, SLAB],
    "hspxy_1": [SLAB_OF_TOF1, SLAB_OF_TOF1],
    "hspxy_2": [SLAB, SLAB],
}
AXES |= {f"{name}{s}": [SLAB] for name in ("spx", "spy") for s in range(3)}
AXES |= {f"hnsp_{s}": [POINTS] for s in range(3)}
AXES |= {f"hpmthits{s}{p}{k}": [SLAB] for s in range(3) for p in range(2) for k in range(2)}
AXES |= {f"hslabhits{s}{p}": [SLAB] for s in range(3) for p in range(2)}
AXES |= {f"hPMT{n}": [(500, -50, 500)] for n in range(1, 9)}
AXES |= {f"harr_time{n}": [(200, 0, 200)] for n in range(1, 9)}


class PlainLoop:
    """Counts documents one by one."""

    def __init__(self) -> None:
        self.counts: Plain = {name: Counter() for name in AXES}

    def fill(self, name: str, *values: float) -> None:
        bins = tuple(bin_of(value, *axis) for value, axis in zip(values, AXES[name], strict=True))
        self.counts[name][bins] += 1

    def spill(self, spill: Json) -> None:
        for event in spill.get("recon_events") or []:
            if event is not None:
                self.event(event)

    def event(self, event: Json) -> None:
        tof_event = event.get("tof_event") or {}
        slab_hits, space_points = tof_event.get("tof_slab_hits"), tof_event.get("tof_space_points")
        if slab_hits is not None:
            self.slab_hits(slab_hits)
        if space_points is not None:
            self.space_points(space_points)
        digits = (event.get("ckov_event") or {}).get("ckov_digits") or []
        if digits and digits[0] is not None:
            self.ckov(digits[0], flight(space_points, 0, 1))

    def slab_hits(self, slab_hits: Json) -> None:
        for station in range(3):
            for hit in listed(slab_hits, station):
                slab, plane = hit.get("slab"), hit.get("plane")
                if slab is None or plane not in (0, 1):
                    continue
                self.fill(f"hslabhits{station}{plane}", slab)
                for pmt in (0, 1):
                    if hit.get(f"pmt{pmt}") is not None:
                        self.fill(f"hpmthits{station}{plane}{pmt}", slab)

    def space_points(self, space_points: Json) -> None:
        for station in range(3):
            points = listed(space_points, station)
            self.fill(f"hnsp_{station}", len(points))
            for point in points:
                x, y = point.get("slabX"), point.get("slabY")
                if x is not None:
                    self.fill(f"spx{station}", x)
                if y is not None:
                    self.fill(f"spy{station}", y)
                if x is not None and y is not None:
                    self.fill(f"hspxy_{station}", y, x)
        for start, stop in ((0, 1), (0, 2), (1, 2)):
            time = flight(space_points, start, stop)
            if time is not None:
                self.fill(f"ht{start}{stop}", time)
        time = flight(space_points, 0, 1)
        if time is not None:
            self.fill("htof", time)

    def ckov(self, digit: Json, time: float | None) -> None:
        for detector, first in (("A", 0), ("B", 4)):
            counter = digit.get(detector)
            if counter is None:
                continue
            light = counter.get("number_of_pes")
            if light is not None and light > 0 and time is not None:
                self.fill(f"tof_{detector}", light, time)
            for pmt in range(first, first + 4):
                charge, arrival = counter.get(f"pulse_{pmt}"), counter.get(f"arrival_time_{pmt}")
                if charge is not None and charge > -1000:
                    self.fill(f"hPMT{pmt + 1}", charge)
                if arrival is not None and arrival < 255:
                    self.fill(f"harr_time{pmt + 1}", arrival)


def listed(stations: Json, station: int) -> list[Json]:
    return [item for item in stations.get(f"tof{station}") or [] if item is not None]


def flight(space_points: Json | None, start: int, stop: int) -> float | None:
    first, second = listed(space_points or {}, start), listed(space_points or {}, stop)
    if len(first) != 1 or len(second) != 1:
        return None
    t1, t2 = first[0].get("time"), second[0].get("time")
    return None if t1 is None or t2 is None else t2 - t1


def plainly(documents: Iterable[Json]) -> Plain:
    loop = PlainLoop()
    for document in documents:
        if document["maus_event_type"] == "Spill":
            loop.spill(document)
    return loop.counts


def test_the_plain_loop_has_all_52_histograms() -> None:
    assert len(AXES) == 33 + 19
    assert set(AXES) == set(tof.histograms) | set(ckov.histograms)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["mc-stream-run0.json", "mc-all-detectors-muon.json"])
def test_a_real_stream_agrees_in_every_bin(shared_data: Path, name: str) -> None:
    raw = (shared_data / name).read_bytes()
    assert_agree(filled(REDUCERS, [decoded(REDUCERS, [raw])]), plainly(map(json.loads, raw.splitlines())))


@pytest.mark.shared_data
def test_a_pretty_printed_document_agrees_in_every_bin(shared_data: Path) -> None:
    raw = (shared_data / "tof-slab-hits-nulls.json").read_bytes()
    counts = filled(REDUCERS, [decoded(REDUCERS, [raw])])
    assert_agree(counts, plainly([json.loads(raw)]))
    assert counts["hslabhits10"].entries > 0


@pytest.mark.shared_data
def test_the_known_figures_of_a_real_stream(shared_data: Path) -> None:
    counts = filled(REDUCERS, [decoded(REDUCERS, [(shared_data / "mc-stream-run0.json").read_bytes()])])
    assert [counts[name].entries for name in ("ht01", "ht12", "ht02", "htof")] == [58, 55, 55, 58]
    assert [counts[f"spx{s}"].entries for s in range(3)] == [75, 77, 74]
    assert [counts[f"hspxy_{s}"].entries for s in range(3)] == [75, 77, 74]
    assert not any(counts[name].entries for name in ckov.histograms if name != "htof")


@cache
def simulated(*, untidy: bool) -> bytes:
    wanted = Simulation(run_number=4235, spills=60, events_per_spill=25, seed=7, untidy=untidy)
    return b"".join(lines(wanted))


@cache
def simulated_spills() -> list[Any]:
    return [spill for spill in decoded(REDUCERS, [simulated(untidy=True)]) if spill.recon_events]


@pytest.mark.parametrize("untidy", [False, True])
def test_a_simulated_stream_agrees_in_every_bin(untidy: bool) -> None:
    raw = simulated(untidy=untidy)
    plain = plainly(map(json.loads, raw.splitlines()))
    assert_agree(filled(REDUCERS, in_batches(decoded(REDUCERS, [raw]), 32)), plain)
    assert all(plain.values())


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 60), max_size=8))
def test_counts_do_not_depend_on_the_order_or_the_split(random: Any, cuts: list[int]) -> None:
    spills = random.sample(simulated_spills(), len(simulated_spills()))
    places = sorted({0, len(spills), *(cut for cut in cuts if cut < len(spills))})
    batches = [spills[start:stop] for start, stop in pairwise(places)]
    assert sparse(filled(REDUCERS, batches)) == whole()


def test_batches_of_one_give_the_same_counts() -> None:
    assert sparse(filled(REDUCERS, in_batches(simulated_spills(), 1))) == whole()


def test_two_halves_add_to_the_whole() -> None:
    halves = [sparse(filled(REDUCERS, [simulated_spills()[half::2]])) for half in (0, 1)]
    added = {name: Counter(halves[0][name]) + Counter(halves[1][name]) for name in whole()}
    assert added == whole()


@cache
def whole() -> dict[str, dict[Bins, int]]:
    return sparse(filled(REDUCERS, [simulated_spills()]))


class Messy:
    """Makes spills that can be read, and no more: parts are missing or null, numbers lie anywhere."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  (nothing secret)

    def parts(self, **made: Callable[[], Any]) -> Json:
        """Return an object; of its parts one in ten is missing and one in ten null."""
        fates = {name: self.random.randrange(10) for name in made}
        return {name: make() if fates[name] else None for name, make in made.items() if fates[name] != 1}

    def several(self, make: Callable[[], Any], counts: Sequence[int] = (0, 1, 1, 1, 2, 3)) -> list[Any]:
        return [make() if self.random.randrange(10) else None for _ in range(self.random.choice(counts))]

    def whole(self, low: int, high: int) -> int:
        far = (-(10**30), -(2**63), -1717986919, -1001, -1000, -999, 1717098412, 2**63, 10**30)
        return self.random.choice(far) if not self.random.randrange(20) else self.random.randint(low, high)

    def fraction(self, low: int, high: int) -> float:
        """Return any number, or one on an edge."""
        places = self.random.choice((0, 1, 2, 17))
        return round(self.random.uniform(low, high), places)

    def stations(self, make: Callable[[], Any]) -> Json:
        return self.parts(**{name: lambda: self.several(make) for name in ("tof0", "tof1", "tof2")})

    def pmt(self) -> Json:
        return {"charge": 5, "raw_time": 1.5}

    def hit(self) -> Json:
        return self.parts(
            slab=lambda: self.whole(-2, 11), plane=lambda: self.whole(-1, 2), pmt0=self.pmt, pmt1=self.pmt
        )

    def point(self) -> Json:
        return self.parts(
            slabX=lambda: self.whole(-2, 11),
            slabY=lambda: self.whole(-2, 11),
            time=lambda: self.fraction(0, 90),
        )

    def counter(self, first: int) -> Json:
        pmts = range(first, first + 4)
        charges = {f"pulse_{pmt}": lambda: self.whole(-60, 520) for pmt in pmts}
        arrivals = {f"arrival_time_{pmt}": lambda: self.whole(-2, 256) for pmt in pmts}
        return self.parts(number_of_pes=lambda: self.fraction(-1, 60), **charges, **arrivals)

    def digit(self) -> Json:
        return self.parts(A=lambda: self.counter(0), B=lambda: self.counter(4))

    def tof(self) -> Json:
        return self.parts(
            tof_slab_hits=lambda: self.stations(self.hit), tof_space_points=lambda: self.stations(self.point)
        )

    def ckov(self) -> Json:
        return self.parts(ckov_digits=lambda: self.several(self.digit))

    def spill(self) -> Json:
        def event() -> Json:
            return self.parts(tof_event=self.tof, ckov_event=self.ckov)

        mark = {
            "maus_event_type": "Spill",
            "run_number": 1,
            "spill_number": 1,
            "daq_event_type": "physics_event",
        }
        return mark | self.parts(recon_events=lambda: self.several(event, (0, 1, 10, 20)))


@pytest.mark.parametrize("seed", range(6))
def test_any_spills_that_can_be_read_agree_in_every_bin(seed: int) -> None:
    messy = Messy(seed)
    raw = b"".join(json.dumps(messy.spill()).encode() + b"\n" for _ in range(120))
    plain = plainly(map(json.loads, raw.splitlines()))
    spills = decoded(REDUCERS, [raw])
    assert_agree(filled(REDUCERS, [spills]), plain)
    assert_agree(filled(REDUCERS, in_batches(spills[::-1], 1)), plain)
    assert all(plain.values())
