"""The 77 histograms of KL, EMR and SciFi counted once more, by a plain loop from the specification alone.

It shares nothing with what it checks: documents are read by `json`, values are looked up in dictionaries,
and bins are found by fractions.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from math import log10
from pathlib import Path
from random import Random
from typing import Any

import pytest

from plain import Edge, Json, Plain, assert_agree, bin_of, decoded, filled, in_batches, sparse
from runfolio.mice.emr import emr
from runfolio.mice.kl import kl
from runfolio.mice.scifi import scifi
from runfolio.mice.simulation import Simulation, lines

REDUCERS = (kl, emr, scifi)
HALF = Fraction(1, 2)
CELL, PMT = (21, -HALF, 20 + HALF), (2, -HALF, 1 + HALF)
PLANE, BAR = (48, -HALF, 47 + HALF), (60, -HALF, 59 + HALF)
WIDE, NARROW = (59, -500, 500), (50, -200, 200)
DIGIT = ("tracker", "station", "plane", "channel")
SIDES, KINDS = ("US", "DS"), ("triplet", "duplet")
AXES: dict[str, list[tuple[int, Edge, Edge]]] = {
    "kl_adc": [(100, 0, 5000)],
    "kl_adc_product": [(100, 0, 5000)],
    "kl_profile_y": [CELL],
    "kl_digits": [CELL, PMT],
    "emr_occupancy_x": [PLANE, BAR],
    "emr_occupancy_y": [PLANE, BAR],
    "emr_beam_profile": [WIDE, WIDE],
    "emr_depth_profile": [(48, 0, 48)],
    "emr_range_primary": [(48, 0, 840)],
    "emr_range_secondary": [(48, 0, 840)],
    "emr_total_charge_ma": [(100, 0, 10000)],
    "emr_total_charge_sa": [(100, 0, 10000)],
    "emr_charge_ratio_ma": [(40, 0, 2)],
    "emr_charge_ratio_sa": [(40, 0, 2)],
    "emr_spread_density": [(20, 0, 1), (30, 0, 3)],
}
AXES |= {f"digits_{t}_s{s}p{p}": [(215, 0, 215)] for t in SIDES for s in range(1, 6) for p in range(3)}
AXES |= {f"spacepoints_{t}_type": [(2, 1 + HALF, 3 + HALF)] for t in SIDES}
AXES |= {f"spacepoints_{t}_{k}s": [(5, HALF, 5 + HALF)] for t in SIDES for k in KINDS}
AXES |= {
    f"spacepoints_{t}_{k}s_xy_{where}": [NARROW, NARROW]
    for t in SIDES
    for k in KINDS
    for where in ("s1", "s2", "s3", "s4", "s5", "all")
}
AXES |= {f"channel_sum_{t}": [(670, -5, 642)] for t in SIDES}


class PlainLoop:
    """Counts documents one by one."""

    def __init__(self) -> None:
        self.counts: Plain = {name: Counter() for name in AXES}

    def fill(self, name: str, *values: float | None) -> None:
        """Count an entry, or nothing where a value is missing."""
        if None not in values:
            placed = zip(values, AXES[name], strict=True)
            self.counts[name][tuple(bin_of(value or 0, *axis) for value, axis in placed)] += 1

    def event(self, event: Json) -> None:
        self.kl(event.get("kl_event") or {})
        for place, track in enumerate((event.get("emr_event") or {}).get("event_tracks") or []):
            if track is not None:
                self.emr_hits(track)
                self.emr_track(track, place)
        self.digits(listed(event.get("sci_fi_event"), "digits"))
        for point in listed(event.get("sci_fi_event"), "spacepoints"):
            self.space_point(point)

    def kl(self, event: Json) -> None:
        for digit in listed(event.get("kl_digits"), "kl"):
            self.fill("kl_adc", digit.get("charge_mm"))
            self.fill("kl_profile_y", digit.get("cell"))
            self.fill("kl_digits", digit.get("cell"), digit.get("pmt"))
        for hit in listed(event.get("kl_cell_hits"), "kl"):
            self.fill("kl_adc_product", hit.get("charge_product"))

    def emr_hits(self, track: Json) -> None:
        first: dict[int, list[float]] = {0: [], 1: []}
        for hit in listed(track, "plane_hits"):
            plane = hit.get("plane")
            if hit.get("charge") not in (None, 0, -1):
                self.fill("emr_depth_profile", plane)
            for bar_hit in listed(hit, "bar_hits"):
                channel, tot = bar_hit.get("ch"), bar_hit.get("tot")
                if channel is None or not 0 <= channel < 48 * 60 or tot is None or not tot > 0:
                    continue
                if plane is None:
                    continue
                if plane in first:
                    first[plane].append(channel % 60)
                if plane % 2 in (0, 1):
                    self.fill(f"emr_occupancy_{'xy'[int(plane % 2)]}", plane, channel % 60)
        for x, y in product(first[0], first[1]):
            self.fill("emr_beam_profile", (x - 30) * 17, (y - 30) * 17)

    def emr_track(self, track: Json, place: int) -> None:
        kind = track.get("type") or ("mother" if place == 0 else "daughter")
        fit = track.get("track") or {}
        if kind in ("mother", "daughter"):
            self.fill(
                {"mother": "emr_range_primary", "daughter": "emr_range_secondary"}[kind], known(fit, "range")
            )
        for name in ("total_charge_ma", "total_charge_sa", "charge_ratio_ma", "charge_ratio_sa"):
            self.fill(f"emr_{name}", known(track, name))
        density, chi2 = known(track, "plane_density_ma"), known(fit, "chi2")
        if density is not None and chi2 is not None and density >= 0 and chi2 >= 0:
            self.fill("emr_spread_density", 0.999 if density == 1 else density, log10(1 + chi2))

    def digits(self, digits: list[Json]) -> None:
        by_plane: dict[tuple[Any, Any], dict[Any, list[float]]] = {}
        for digit in digits:
            values: list[Any] = [digit.get(key) for key in DIGIT]
            tracker, station, plane, channel = values
            if (
                tracker not in (0, 1)
                or station not in range(1, 6)
                or plane not in range(3)
                or channel is None
            ):
                continue
            self.fill(f"digits_{SIDES[int(tracker)]}_s{int(station)}p{int(plane)}", channel)
            by_plane.setdefault((tracker, station), {}).setdefault(plane, []).append(channel)
        for (tracker, _), planes in by_plane.items():
            if len(planes) == 3 and all(len(channels) == 1 for channels in planes.values()):
                self.fill(f"channel_sum_{SIDES[int(tracker)]}", sum(planes[p][0] for p in (0, 1, 2)))

    def space_point(self, point: Json) -> None:
        values: list[Any] = [point.get(key) for key in ("tracker", "type", "station")]
        tracker, kind, station = values
        position = point.get("position") or {}
        if tracker not in (0, 1) or kind not in KINDS:
            return
        name = f"spacepoints_{SIDES[int(tracker)]}"
        self.fill(f"{name}_type", {"triplet": 3, "duplet": 2}[kind])
        self.fill(f"{name}_{kind}s", station)
        if station in range(1, 6):
            for where in (f"s{int(station)}", "all"):
                self.fill(f"{name}_{kind}s_xy_{where}", position.get("x"), position.get("y"))


def listed(parent: Json | None, key: str) -> list[Json]:
    return [item for item in (parent or {}).get(key) or [] if item is not None]


def known(parent: Json, key: str) -> float | None:
    value: float | None = parent.get(key)
    return None if value == -1 else value


def plainly(documents: Iterable[Json]) -> Plain:
    loop = PlainLoop()
    for document in documents:
        for event in document.get("recon_events") or []:
            if event is not None:
                loop.event(event)
    return loop.counts


def test_the_plain_loop_has_all_77_histograms() -> None:
    assert [len(reducer.histograms) for reducer in REDUCERS] == [4, 11, 62]
    assert set(AXES) == {name for reducer in REDUCERS for name in reducer.histograms}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("mc-all-detectors-muon.json", {"kl_adc": 8, "emr_range_primary": 4, "digits_US_s1p0": 4}),
        ("mc-scifi-stream.json", {"kl_adc": 0, "emr_range_primary": 0, "digits_US_s1p0": 5}),
    ],
)
def test_a_real_stream_agrees_in_every_bin(shared_data: Path, name: str, entries: dict[str, int]) -> None:
    raw = (shared_data / name).read_bytes()
    counts = filled(REDUCERS, [decoded(REDUCERS, [raw])])
    assert_agree(counts, plainly(map(json.loads, raw.splitlines())))
    assert {each: counts[each].entries for each in entries} == entries


@pytest.mark.shared_data
def test_the_known_figures_of_a_real_stream(shared_data: Path) -> None:
    counts = filled(
        REDUCERS, [decoded(REDUCERS, [(shared_data / "mc-all-detectors-muon.json").read_bytes()])]
    )
    names = ("kl_adc", "kl_adc_product", "emr_occupancy_x", "emr_occupancy_y", "emr_depth_profile")
    assert [counts[name].entries for name in names] == [8, 4, 43, 36, 48]
    assert sum(each.entries for name, each in counts.items() if name.startswith("digits_")) == 141
    assert [counts[f"spacepoints_{side}_type"].entries for side in SIDES] == [19, 22]
    assert [sum(counts[f"spacepoints_{side}_{kind}s"].entries for side in SIDES) for kind in KINDS] == [34, 7]


@cache
def simulated(*, untidy: bool) -> bytes:
    wanted = Simulation(run_number=4235, spills=60, events_per_spill=25, seed=7, untidy=untidy)
    return b"".join(lines(wanted))


@pytest.mark.parametrize("untidy", [False, True])
def test_a_simulated_stream_agrees_in_every_bin_and_fills_every_histogram(untidy: bool) -> None:
    raw = simulated(untidy=untidy)
    plain = plainly(map(json.loads, raw.splitlines()))
    counts = filled(REDUCERS, in_batches(decoded(REDUCERS, [raw]), 32))
    assert_agree(counts, plain)
    assert {name for name, each in counts.items() if not each.in_range} == set()


def test_counts_do_not_depend_on_the_order_or_the_split() -> None:
    spills = decoded(REDUCERS, [simulated(untidy=True)])
    assert sparse(filled(REDUCERS, in_batches(spills[::-1], 1))) == sparse(filled(REDUCERS, [spills]))


class Messy:
    """Makes spills that can be read, and no more: parts are missing or null, numbers lie anywhere."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  (nothing secret)

    def parts(self, **made: Callable[[], Any]) -> Json:
        """Return an object; of its parts one in twenty is missing and one in twenty null."""
        fates = {name: self.random.randrange(20) for name in made}
        return {name: make() if fates[name] else None for name, make in made.items() if fates[name] != 1}

    def several(self, make: Callable[[], Any], counts: Sequence[int] = (0, 1, 1, 2, 4)) -> list[Any]:
        return [make() if self.random.randrange(10) else None for _ in range(self.random.choice(counts))]

    def number(self, low: int, high: int) -> float:
        """Return a whole number, now and then one with a fraction, or one that is far off."""
        far = (-(10**30), -1717986919, -1, -1.0, -0.5, 0.5, 7.5, 2.0, 1717098412, 10**30)
        return self.random.choice(far) if not self.random.randrange(20) else self.random.randint(low, high)

    def fraction(self, low: float, high: float) -> float:
        """Return any number, or one on an edge; -1 stands for none."""
        if not self.random.randrange(10):
            return -1.0
        return round(self.random.uniform(low, high), self.random.choice((0, 1, 2, 17)))

    def digit_of_kl(self) -> Json:
        return self.parts(
            cell=lambda: self.number(-2, 22),
            pmt=lambda: self.number(-1, 2),
            charge_mm=lambda: self.number(-60, 5200),
        )

    def cell_hit(self) -> Json:
        return self.parts(charge_product=lambda: self.number(-60, 5200))

    def kl(self) -> Json:
        return self.parts(
            kl_digits=lambda: self.parts(kl=lambda: self.several(self.digit_of_kl)),
            kl_cell_hits=lambda: self.parts(kl=lambda: self.several(self.cell_hit)),
        )

    def plane_hit(self) -> Json:
        plane = self.random.choice((0, 0, 1, 1, self.number(-2, 49)))
        bar = lambda: self.parts(ch=lambda: self.number(-3, 2900), tot=lambda: self.number(-2, 20))  # noqa: E731
        return self.parts(
            plane=lambda: plane, charge=lambda: self.number(-1, 5), bar_hits=lambda: self.several(bar)
        )

    def track(self) -> Json:
        return self.parts(
            type=lambda: self.random.choice(("mother", "daughter", "candidate", "")),
            plane_hits=lambda: self.several(self.plane_hit, (0, 2, 5)),
            track=lambda: self.parts(
                range=lambda: self.fraction(-20, 900), chi2=lambda: self.fraction(-1, 30) ** 2
            ),
            total_charge_ma=lambda: self.fraction(-100, 11000),
            total_charge_sa=lambda: self.fraction(-100, 11000),
            charge_ratio_ma=lambda: self.fraction(-0.2, 2.2),
            charge_ratio_sa=lambda: self.fraction(-0.2, 2.2),
            plane_density_ma=lambda: self.fraction(-0.1, 1.2),
        )

    def digit(self) -> Json:
        return self.parts(
            tracker=lambda: self.number(0, 1),
            station=lambda: self.number(1, 5),
            plane=lambda: self.number(0, 2),
            channel=lambda: self.number(-2, 216),
        )

    def space_point(self) -> Json:
        return self.parts(
            tracker=lambda: self.number(0, 1),
            station=lambda: self.number(1, 5),
            type=lambda: self.random.choice(("triplet", "duplet", "singlet")),
            position=lambda: self.parts(
                x=lambda: self.fraction(-230, 230), y=lambda: self.fraction(-230, 230)
            ),
        )

    def scifi(self) -> Json:
        return self.parts(
            digits=lambda: self.several(self.digit, (0, 20, 60)),
            spacepoints=lambda: self.several(self.space_point, (0, 5, 20)),
        )

    def spill(self) -> Json:
        def event() -> Json:
            return self.parts(
                kl_event=self.kl,
                emr_event=lambda: self.parts(event_tracks=lambda: self.several(self.track)),
                sci_fi_event=self.scifi,
            )

        mark = {
            "maus_event_type": "Spill",
            "run_number": 1,
            "spill_number": 1,
            "daq_event_type": "physics_event",
        }
        return mark | self.parts(recon_events=lambda: self.several(event, (0, 1, 10, 20)))


@pytest.mark.parametrize("seed", range(3))
def test_any_spills_that_can_be_read_agree_in_every_bin(seed: int) -> None:
    messy = Messy(seed)
    raw = b"".join(json.dumps(messy.spill()).encode() + b"\n" for _ in range(100))
    plain = plainly(map(json.loads, raw.splitlines()))
    spills = decoded(REDUCERS, [raw])
    assert_agree(filled(REDUCERS, [spills]), plain)
    assert_agree(filled(REDUCERS, in_batches(spills[::-1], 1)), plain)
    assert all(plain.values())
