"""The rows for calibration: each as a plain loop over the documents has it, in the order of the events."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from plain import Json, decoded, in_batches
from runfolio.mice.reducers import EVERY
from runfolio.mice.simulation import Simulation, lines
from runfolio.mice.tof_calib import BRANCHES, calib
from runfolio.plots import Filling, TreeRows
from support import spill, stream

STATIONS = ("tof0", "tof1", "tof2")


def plainly(documents: Iterable[Json]) -> list[list[float | None]]:
    """Return the rows from the specification alone."""
    rows = []
    for document in documents:
        for place, event in enumerate(document.get("recon_events") or []):
            hits = ((event or {}).get("tof_event") or {}).get("tof_slab_hits") or {}
            pairs = [[hit for hit in hits.get(station) or [] if is_hit(hit)] for station in STATIONS]
            if [len(pair) for pair in pairs] == [2, 2, 2]:
                number = event.get("part_event_number")
                row = [document["run_number"], document["spill_number"], place if number is None else number]
                for pair in pairs:
                    for hit in sorted(pair, key=lambda hit: hit["plane"]):
                        row += values(hit)
                rows.append(row)
    return sorted(rows, key=lambda row: row[:3])


def is_hit(hit: Json | None) -> bool:
    return hit is not None and hit.get("slab") is not None and hit.get("plane") is not None


def values(hit: Json) -> list[float | None]:
    found = [hit["slab"], hit["plane"]]
    for name in ("pmt0", "pmt1"):
        pmt = hit.get(name) or {}
        time, charge = pmt.get("raw_time"), pmt.get("charge")
        found += [
            None if time is None else 1000 * time,
            None if charge is None else float(np.float32(charge)),
        ]
    return found


def read(raw: bytes, size: int = 1000, *, turned: bool = False) -> TreeRows:
    spills = [each for each in decoded(EVERY, [raw]) if each.daq_event_type in ("physics_event", "")]
    filling = Filling(calib, 1)
    for batch in in_batches(spills[::-1] if turned else spills, size):
        filling.fill(batch)
    rows = filling.trees()["tofcalib"]
    assert (rows.lost_rows, rows.lost_spills) == (0, 0)
    return rows


def listed(rows: TreeRows) -> list[list[float | None]]:
    """Return the rows one by one, None for NaN."""
    columns = [array.tolist() for array in rows.branches.values()]
    return [[None if value != value else value for value in row] for row in zip(*columns, strict=True)]  # noqa: PLR0124


@cache
def simulated(*, untidy: bool) -> bytes:
    return b"".join(lines(Simulation(run_number=4235, spills=60, events_per_spill=25, untidy=untidy)))


@pytest.mark.parametrize("untidy", [False, True])
def test_a_simulated_stream_agrees(untidy: bool) -> None:
    raw = simulated(untidy=untidy)
    found = listed(read(raw, 7))
    assert found == plainly(map(json.loads, raw.splitlines()))
    assert len(found) > 500
    assert any(None in row for row in found)


def test_the_order_and_the_split_do_not_show() -> None:
    raw = simulated(untidy=True)
    whole, turned = read(raw), read(raw, 1, turned=True)
    assert all(turned.branches[name].tobytes() == array.tobytes() for name, array in whole.branches.items())


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "entries"), [("mc-all-detectors-muon.json", 4), ("mc-stream-run0.json", 52)]
)
def test_a_real_stream_agrees(shared_data: Path, name: str, entries: int) -> None:
    raw = (shared_data / name).read_bytes()
    found = listed(read(raw))
    assert found == plainly(map(json.loads, raw.splitlines()))
    assert len(found) == entries


def hit(plane: int, slab: int, **parts: Any) -> Json:
    return {"plane": plane, "slab": slab, **parts}


def event(tof0: Any, **more: Any) -> Json:
    """Return an event with these hits in TOF0, and two in each of the others."""
    others = {station: [hit(0, 1), hit(1, 2)] for station in STATIONS[1:]}
    return {"tof_event": {"tof_slab_hits": {"tof0": tof0, **others}}, **more}


def rows_of(*events: Any) -> TreeRows:
    return read(stream(spill(7, 3, recon_events=events)))


@pytest.mark.parametrize(
    "hits",
    [
        None,
        [],
        [hit(0, 1)],
        [hit(0, 1), hit(1, 2), hit(1, 3)],
        [hit(0, 1), None],
        [hit(0, 1), {"plane": 1}],
        [hit(0, 1), {"slab": 1}],
    ],
)
def test_an_event_without_two_hits_in_each_station_is_no_row(hits: Any) -> None:
    assert rows_of(event(hits), None, {}, {"tof_event": None}).rows == 0


def test_hits_are_in_the_order_of_their_planes_and_nulls_are_none() -> None:
    branches = rows_of(event([None, hit(1, 5), hit(0, 6), None])).branches
    assert [branches[f"tof0_hit{n}_{each}"].tolist() for n in (0, 1) for each in ("plane", "slab")] == [
        [0],
        [6],
        [1],
        [5],
    ]


def test_two_hits_in_one_plane_are_kept_in_the_order_of_the_stream() -> None:
    branches = rows_of(event([hit(1, 5), hit(1, 4)])).branches
    assert [branches[f"tof0_hit{n}_plane"].tolist() for n in (0, 1)] == [[1], [1]]
    assert [branches[f"tof0_hit{n}_slab"].tolist() for n in (0, 1)] == [[5], [4]]


def test_times_are_in_ps_and_what_is_missing_is_nan() -> None:
    pmts = {"pmt0": {"raw_time": -75.375, "charge": 1904}, "pmt1": {"charge": None}}
    branches = rows_of(event([hit(0, 1, **pmts), hit(1, 1, pmt0=None)])).branches
    assert branches["tof0_hit0_pmt0_raw_time"].tolist() == [-75375.0]
    assert branches["tof0_hit0_pmt0_charge"].tolist() == [1904.0]
    missing = ["tof0_hit0_pmt1_raw_time", "tof0_hit0_pmt1_charge", "tof0_hit1_pmt0_raw_time"]
    assert all(np.isnan(branches[name]).all() for name in missing)


def test_events_have_their_own_number_or_that_of_their_place() -> None:
    pair = [hit(0, 1), hit(1, 2)]
    branches = rows_of(None, event(pair), event(pair, part_event_number=0)).branches
    assert branches["event"].tolist() == [0, 1]
    assert (branches["run"].tolist(), branches["spill"].tolist()) == ([7, 7], [3, 3])


def test_the_tree_as_it_is_declared() -> None:
    tree = calib.trees["tofcalib"]
    assert tree.file_of(4235) == "tofcalibdata_4235"
    assert len(BRANCHES) == 3 + 3 * 2 * (2 + 2 * 2)
    assert tree.branches == BRANCHES
    assert calib.histograms == {}


@pytest.mark.parametrize("seed", range(3))
def test_any_events_that_can_be_read_agree(seed: int) -> None:
    random = Random(seed)  # noqa: S311  (nothing secret)

    def maybe(value: Any, odds: int = 12) -> Any:
        return value if random.randrange(odds) else None

    def pmt() -> Any:
        return maybe(
            {"raw_time": maybe(random.uniform(-100, 100)), "charge": maybe(random.choice((0, -5, 2.5, 9)))}
        )

    def some_hits() -> Any:
        return maybe(
            [
                maybe(
                    hit(
                        maybe(random.choice((0, 0, 1, 1, 1, -3, 7)), 30),
                        random.randint(0, 9),
                        pmt0=pmt(),
                        pmt1=pmt(),
                    ),
                    30,
                )
                for _ in range(random.choice((2, 2, 2, 2, 2, 1, 3)))
            ],
            30,
        )

    documents = []
    for number in random.sample(range(1000), 60):
        events: list[Any] = []
        for _ in range(random.randint(0, 8)):
            hits = maybe({station: some_hits() for station in STATIONS})
            events.append(
                maybe({"tof_event": maybe({"tof_slab_hits": hits}), "part_event_number": len(events)})
            )
        documents.append(spill(1, number, recon_events=maybe(events)))
    found = listed(read(stream(*documents), random.randint(1, 20)))
    assert found == plainly(json.loads(json.dumps(documents)))
    assert len(found) > 20


def test_numbers_that_no_slab_has_lose_nothing() -> None:
    branches = rows_of(event([hit(0, 10**30), hit(-(10**30), 2)])).branches
    assert branches["tof0_hit1_slab"].tolist() == [2**31 - 1]
    assert branches["tof0_hit0_plane"].tolist() == [-(2**31)]
