"""The scalers' table: each row as a plain loop over the documents has it, whatever is missing in them."""

import json
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from plain import Json, decoded, in_batches
from runfolio.mice.reducers import EVERY
from runfolio.mice.scalers import scalers
from runfolio.mice.simulation import Simulation, lines
from runfolio.plots import Filling
from runfolio.readings import Reading, Readings
from support import spill, stream

CHANNELS = {
    "Triggers": "ch0",
    "Trigger requests": "ch1",
    "GVA": "ch2",
    "TOF0": "ch3",
    "TOF1": "ch4",
    "10 MHz clock": "ch12",
}


def plainly(documents: Iterable[Json]) -> dict[str, Reading]:
    """Return the rows from the specification alone."""
    found: dict[str, list[tuple[int, float | None]]] = {name: [] for name in CHANNELS}
    for document in documents:
        if document.get("daq_event_type", "") in ("physics_event", ""):
            daq: Json = document.get("daq_data") or {}
            scaler: Json = daq.get("V830") or {}
            counts = scaler.get("channels")
            if counts is not None:
                for name, channel in CHANNELS.items():
                    found[name].append((document["spill_number"], counts.get(channel)))
    return {name: reading(name, values) for name, values in found.items()}


def reading(name: str, given: list[tuple[int, float | None]]) -> Reading:
    there = [(number, value) for number, value in given if value is not None]
    newest = {number: max(v for n, v in there if n == number) for number, _ in there}
    numbers = sorted(newest)[-10:]
    return Reading(
        row=name,
        last=newest[numbers[-1]] if numbers else None,
        last_number=numbers[-1] if numbers else None,
        mean_of_last=mean([newest[number] for number in numbers]),
        mean=mean([value for _, value in there]),
        values=len(there),
        not_a_number=len(given) - len(there),
    )


def mean(values: list[float]) -> float | None:
    return float(sum(map(Fraction, values)) / len(values)) if values else None


def read(raw: bytes, size: int = 1000, *, turned: bool = False) -> Readings:
    """Return the table of a stream's physics spills, in batches of a size."""
    spills = [each for each in decoded(EVERY, [raw]) if each.daq_event_type in ("physics_event", "")]
    filling = Filling(scalers, 1)
    for batch in in_batches(spills[::-1] if turned else spills, size):
        filling.fill(batch)
    return filling.tables()["scalers"]


def of_channels(*channels: Any) -> Readings:
    """Return the table of spills, numbered from 1, with these channels."""
    return read(
        stream(
            *(
                spill(7, number, daq_data={"V830": {"channels": each, "time_stamp": 1}})
                for number, each in enumerate(channels, 1)
            )
        )
    )


@cache
def simulated(*, untidy: bool) -> bytes:
    return b"".join(lines(Simulation(run_number=4235, spills=150, events_per_spill=2, untidy=untidy)))


@pytest.mark.parametrize("untidy", [False, True])
def test_a_simulated_stream_agrees(untidy: bool) -> None:
    raw = simulated(untidy=untidy)
    found = {row.row: row for row in read(raw, 32).rows}
    assert found == plainly(map(json.loads, raw.splitlines()))
    assert all(row.values > 100 for row in found.values())


def test_the_order_and_the_split_do_not_show() -> None:
    raw = simulated(untidy=True)
    assert read(raw, 1, turned=True) == read(raw)


def test_counters_that_ran_over_are_shown_as_they_are() -> None:
    documents = map(json.loads, simulated(untidy=True).splitlines())
    counts = [
        value
        for document in documents
        for value in (((document.get("daq_data") or {}).get("V830") or {}).get("channels") or {}).values()
        if value is not None
    ]
    assert max(counts) == 2**32 - 1
    assert of_channels({"ch0": 2**32 - 1}, {"ch0": -1}).rows[0].mean == (2**32 - 2) / 2


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["mc-all-detectors-muon.json", "mc-stream-run0.json"])
def test_a_real_stream_without_scalers_gives_an_empty_table(shared_data: Path, name: str) -> None:
    raw = (shared_data / name).read_bytes()
    assert {row.row: row for row in read(raw).rows} == plainly(map(json.loads, raw.splitlines()))
    assert {row.values for row in read(raw).rows} == {0}


@pytest.mark.parametrize(
    "daq",
    [
        None,
        {},
        {"V830": None},
        {"V830": {}},
        {"V830": {"channels": None}},
        {"other": {"channels": {"ch0": 1}}},
    ],
)
def test_a_spill_without_scalers_is_passed_over(daq: Any) -> None:
    readings = read(stream(spill(7, 1, daq_data=daq), spill(7, 2)))
    assert {(row.values, row.not_a_number) for row in readings.rows} == {(0, 0)}


def test_a_channel_that_is_missing_costs_its_own_row_alone() -> None:
    rows = of_channels({"ch0": 5, "ch1": None, "ch31": 9}).rows
    assert [(row.last, row.values, row.not_a_number) for row in rows[:3]] == [
        (5, 1, 0),
        (None, 0, 1),
        (None, 0, 1),
    ]


def test_a_repeated_spill_is_averaged_twice_and_is_the_last_once() -> None:
    two = [spill(7, n, daq_data={"V830": {"channels": {"ch0": 10 * n}}}) for n in (1, 2)]
    row = read(stream(*two, two[1])).rows[0]
    assert (row.last, row.mean_of_last, row.mean, row.values) == (20, 15, 50 / 3, 3)


def test_the_table_as_it_is_declared() -> None:
    table = scalers.tables["scalers"]
    assert table.rows == tuple(CHANNELS)
    assert (table.figure.tag, table.figure.description, table.averaged) == ("scalers", "Scalers", 10)
    assert scalers.histograms == {}


@pytest.mark.parametrize("seed", range(3))
def test_any_scalers_that_can_be_read_agree(seed: int) -> None:
    random = Random(seed)  # noqa: S311  (nothing secret)

    def maybe(value: Any) -> Any:
        return random.choice((value, value, value, value, None))

    documents = []
    for _ in range(200):
        values = (0, 5, -1, 7.5, 0.1, 2**32, 1e30, 1e300)
        channels = {f"ch{n}": maybe(random.choice(values)) for n in random.sample(range(32), 16)}
        daq = maybe({"V830": maybe({"channels": maybe(channels)})})
        documents.append(spill(1, random.randint(-20, 60), daq_data=daq))
    readings = read(stream(*documents), random.randint(1, 50))
    assert {row.row: row for row in readings.rows} == plainly(json.loads(json.dumps(documents)))
