"""The untidy stream: every fault occurs, and each is one that a reader has to bear."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from runfolio.mice.simulation import Simulation, lines
from runfolio.mice.simulation.chance import Chance
from runfolio.mice.simulation.daq_faults import DAQ_FAULTS
from runfolio.mice.simulation.dice import Dice

Json = dict[str, Any]
STATIONS = ("tof0", "tof1", "tof2")


@cache
def documents() -> list[Json]:
    wanted = Simulation(run_number=4235, runs=2, spills=100, events_per_spill=20, untidy=True)
    return [json.loads(line) for line in lines(wanted)]


def spills(kind: str) -> list[Json]:
    return [d for d in documents() if d.get("daq_event_type") == kind]


def events() -> list[Json]:
    return [event for spill in spills("physics_event") for event in spill.get("recon_events", [])]


def tof_events() -> list[Json]:
    return [event["tof_event"] for event in events() if "tof_event" in event]


def children() -> list[Json]:
    keys = ("tof_slab_hits", "tof_space_points", "tof_digits")
    return [event[key] for event in tof_events() for key in keys if key in event]


def tofs_without(key: str) -> int:
    return sum(key not in event for event in tof_events())


def canonical(event: Json) -> str:
    return json.dumps(event, sort_keys=True)


def slab_hits() -> Iterator[Json]:
    for event in tof_events():
        for station in STATIONS:
            yield from filter(None, event.get("tof_slab_hits", {}).get(station) or [])


def test_headers_come_again_with_the_run_under_way() -> None:
    kinds = Counter((d["maus_event_type"], d.get("run_number")) for d in documents())
    assert kinds["JobHeader", None] == 2
    assert kinds["RunHeader", 4235] == kinds["RunHeader", 4236] == 3
    first_spill = documents().index(spills("physics_event")[0])
    assert any(d["maus_event_type"] == "RunHeader" for d in documents()[first_spill:])


def test_each_worker_sends_its_footer() -> None:
    kinds = Counter((d["maus_event_type"], d.get("run_number")) for d in documents())
    assert kinds["RunFooter", 4235] == kinds["RunFooter", 4236] == 3
    assert kinds["JobFooter", None] == 2


def test_end_of_run_comes_twice_and_start_of_run_too() -> None:
    assert len(spills("end_of_run")) == len(spills("start_of_run")) == 4


def test_no_spill_comes_after_its_runs_end() -> None:
    runs = [d["run_number"] for d in documents() if "run_number" in d]
    assert runs == sorted(runs)
    assert documents()[-3]["maus_event_type"] == documents()[-5]["maus_event_type"] == "RunFooter"


@pytest.mark.parametrize("kind", ["calibration_event", "17unknown"])
def test_other_kinds_of_spill_come_without_events(kind: str) -> None:
    assert spills(kind)
    assert not any("recon_events" in spill for spill in spills(kind))


@pytest.mark.parametrize("key", ["recon_events", "time_stamp", "event_id", "errors", "mc_events"])
def test_what_is_optional_in_a_spill_is_missing_at_times(key: str) -> None:
    assert 0 < sum(key not in spill for spill in spills("physics_event")) < 100


def test_some_spills_have_an_empty_list_of_events() -> None:
    assert any(spill.get("recon_events") == [] for spill in spills("physics_event"))


def test_some_spills_have_errors_and_unknown_keys() -> None:
    assert any(spill.get("errors") for spill in spills("physics_event"))
    assert any("written_by" in spill for spill in spills("physics_event"))


def test_headers_have_a_stray_key() -> None:
    assert any("configured_by" in document for document in documents())


@pytest.mark.parametrize("station", STATIONS)
def test_stations_are_null_empty_and_missing(station: str) -> None:
    found = children()
    assert any(child.get(station, 0) is None for child in found)
    assert any(child.get(station) == [] for child in found)
    assert any(station not in child for child in found)


def test_lists_hold_null_first_and_last() -> None:
    listed = [child.get(station) or [] for child in children() for station in STATIONS]
    assert any(len(found) > 1 and found[0] is None for found in listed)
    assert any(len(found) > 1 and found[-1] is None for found in listed)


@pytest.mark.parametrize("key", ["tof_event", "ckov_event"])
def test_detectors_are_missing_and_empty(key: str) -> None:
    assert any(key not in event for event in events())
    assert any(event.get(key) == {} for event in events())


@pytest.mark.parametrize("key", ["tof_slab_hits", "tof_space_points"])
def test_one_child_is_missing_while_the_other_is_there(key: str) -> None:
    other = ({"tof_slab_hits", "tof_space_points"} - {key}).pop()
    assert any(key not in event and other in event for event in tof_events())


def test_digits_appear_that_no_plot_reads() -> None:
    assert any("tof_digits" in event for event in tof_events())


def test_cherenkov_digits_are_empty_or_not_there() -> None:
    ckov = [event["ckov_event"] for event in events() if "ckov_event" in event]
    assert any(event.get("ckov_digits") == [] for event in ckov)
    assert any("ckov_digits" not in event for event in ckov)


def test_slab_hits_lack_what_is_optional() -> None:
    bare = [hit for hit in slab_hits() if not {"time", "pmt0", "pmt1"} & hit.keys()]
    assert bare
    assert all("slab" in hit and "plane" in hit for hit in bare)


def test_unknown_keys_are_anywhere() -> None:
    assert any("veto_event" in event for event in events())
    assert any("tof3" in event for event in tof_events())
    assert any("horizontal_slab" in hit for hit in slab_hits())


def scalers() -> list[Json | None]:
    return [spill["daq_data"].get("V830") for spill in spills("physics_event")]


def test_scalers_are_missing_null_and_bare() -> None:
    assert any("V830" not in spill["daq_data"] for spill in spills("physics_event"))
    assert any("V830" in s["daq_data"] and s["daq_data"]["V830"] is None for s in spills("physics_event"))
    assert any(scaler and "time_stamp" not in scaler for scaler in scalers())


def test_channels_are_missing_null_and_ran_over() -> None:
    channels = [scaler["channels"] for scaler in scalers() if scaler]
    assert any(each is None for each in channels)
    assert any(each == {} for each in channels)
    assert any(each and 0 < len(each) < 32 for each in channels)
    assert any(each and None in each.values() for each in channels)
    assert {2**32 - 1, -1} <= {count for each in channels for count in (each or {}).values()}


def test_each_fault_of_the_scalers_changes_them() -> None:
    counts = {f"ch{channel}": 5 for channel in range(32)}
    for fault in DAQ_FAULTS:
        daq: Json = {"V830": {"channels": dict(counts), "time_stamp": 1}}
        fault(daq, Dice(Chance(5)))
        assert daq != {"V830": {"channels": counts, "time_stamp": 1}}, fault.__name__


def test_some_spills_come_twice() -> None:
    numbers = Counter((spill["run_number"], spill["spill_number"]) for spill in spills("physics_event"))
    assert len(numbers) == 200
    assert 2 <= sum(count == 2 for count in numbers.values()) <= 20
    assert max(numbers.values()) == 2


def test_keys_come_in_more_than_one_order() -> None:
    assert len({tuple(event) for event in events() if len(event) == 8}) > 1
    assert {next(iter(document)) for document in spills("start_of_burst")} == {
        "spill_number",
        "maus_event_type",
    }


def test_most_events_are_those_of_the_tidy_stream() -> None:
    tidy = Simulation(run_number=4235, runs=2, spills=100, events_per_spill=20)
    known = {canonical(e) for line in lines(tidy) for e in json.loads(line).get("recon_events", [])}
    kept = sum(canonical(event) in known for event in events())
    assert 0.75 < kept / len(events()) < 0.9
