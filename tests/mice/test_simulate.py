"""The job as a whole: its bytes, its documents and their order, and what is refused."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfolio.errors import SettingsError
from runfolio.mice.simulation import Simulation, lines

Json = dict[str, Any]


def whole(**wanted: Any) -> bytes:
    return b"".join(lines(Simulation(run_number=4235, **wanted)))


def documents(**wanted: Any) -> list[Json]:
    return [json.loads(line) for line in whole(**wanted).splitlines()]


def kinds(stream: list[Json]) -> list[str | None]:
    return [document.get("daq_event_type", document["maus_event_type"]) for document in stream]


def one_run(spills: int) -> list[str]:
    bursts = ["start_of_burst", "physics_event", "end_of_burst"] * spills
    return ["RunHeader", "start_of_run", *bursts, "end_of_run", "end_of_run", "RunFooter"]


@pytest.mark.parametrize("untidy", [False, True])
def test_same_seed_gives_the_same_bytes(untidy: bool) -> None:
    assert whole(spills=5, untidy=untidy) == whole(spills=5, untidy=untidy)


@pytest.mark.parametrize("untidy", [False, True])
def test_another_process_in_another_place_gives_the_same_bytes(untidy: bool) -> None:
    program = (
        "import sys; from runfolio.mice.simulation import Simulation, lines;"
        f"sys.stdout.buffer.writelines(lines(Simulation(run_number=4235, spills=5, untidy={untidy})))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", program], env=elsewhere, capture_output=True, check=True)
    assert done.stdout == whole(spills=5, untidy=untidy)


@pytest.mark.parametrize(
    ("untidy", "digest"),
    [
        (False, "2a5665ff8bf2972d8cdd49a90755de9e7db260e2305cb363efe0441084deb6ee"),
        (True, "c8b845732179526ccb71747c1f433fa82f2722c225a8015c1ef65fb573b7727c"),
    ],
)
def test_bytes_are_those_of_every_other_machine(untidy: bool, digest: str) -> None:
    # A change to the simulator changes these; a new version of numpy or another processor must not.
    assert hashlib.sha256(whole(spills=20, untidy=untidy)).hexdigest() == digest


def test_scalers_change_nothing_else() -> None:
    # Taken before there were any scalers.
    others = re.sub(rb'"daq_data":\{"V830":\{"channels":\{[^}]*\}[^}]*\}\},', b"", whole(spills=20))
    digest = "2274de0249afd015b5e48796964c8821515e1ea71d0cc1823304a49a62045091"
    assert hashlib.sha256(others).hexdigest() == digest


@pytest.mark.parametrize(
    ("untidy", "digest"),
    [
        (False, "47c13c9a9943fda1c2ad4f3477d70d95b98f8029903742b133ba432490e23f80"),
        (True, "8333f79954702926fa2bfc3a6e1f0d53821a07edea2fc239f07c5cf335fd5f1c"),
    ],
)
def test_other_detectors_change_nothing_in_tof_and_cherenkov(untidy: bool, digest: str) -> None:
    # These were taken before there were any others, and before a spill came twice.
    keys = ("part_event_number", "tof_event", "ckov_event")
    found = hashlib.sha256()
    spills = {
        document["spill_number"]: document
        for document in documents(spills=20, untidy=untidy)
        if document.get("daq_event_type") == "physics_event"
    }
    for document in spills.values():
        for event in document.get("recon_events", []):
            found.update(json.dumps([event.get(key) for key in keys]).encode())
    assert found.hexdigest() == digest


def test_other_seed_gives_other_events() -> None:
    assert documents(spills=1, seed=2)[4] != documents(spills=1, seed=3)[4]


def test_runs_of_one_job_differ() -> None:
    first, second = (d for d in documents(runs=2, spills=1) if d.get("daq_event_type") == "physics_event")
    assert first["recon_events"] != second["recon_events"]


def test_longer_run_begins_with_the_same_spills() -> None:
    assert documents(spills=40)[1:90] == documents(spills=30)[1:90]


def test_each_line_is_one_document() -> None:
    assert all(
        line.endswith(b"\n") and line.count(b"\n") == 1 for line in whole(spills=2).splitlines(keepends=True)
    )


@settings(max_examples=20, deadline=None)
@given(
    runs=st.integers(1, 3), spills=st.integers(0, 4), events=st.integers(0, 3), seed=st.integers(0, 2**63 - 1)
)
def test_documents_come_in_order_for_any_size(runs: int, spills: int, events: int, seed: int) -> None:
    stream = documents(runs=runs, spills=spills, events_per_spill=events, seed=seed)
    assert kinds(stream) == ["JobHeader", *one_run(spills) * runs, "JobFooter"]


def test_runs_are_numbered_on() -> None:
    stream = documents(runs=3, spills=1, events_per_spill=1)
    assert [d["run_number"] for d in stream if d["maus_event_type"] == "RunHeader"] == [4235, 4236, 4237]
    assert [d["run_number"] for d in stream[1:-1]] == sorted(d["run_number"] for d in stream[1:-1])


def test_each_run_numbers_its_spills_from_one() -> None:
    physics = [d for d in documents(runs=2, spills=3) if d.get("daq_event_type") == "physics_event"]
    assert [d["spill_number"] for d in physics] == [1, 2, 3, 1, 2, 3]


def test_three_documents_of_a_burst_share_its_number() -> None:
    assert [d["spill_number"] for d in documents(spills=2)[2:-2]] == [-1, 1, 1, 1, 2, 2, 2, -1, -1]


def test_markers_carry_no_events() -> None:
    stream = documents(spills=3)
    assert {d["daq_event_type"] for d in stream if "recon_events" in d} == {"physics_event"}


def test_time_goes_on_across_runs_and_never_back() -> None:
    stream = documents(runs=3, spills=20, events_per_spill=1)
    stamps = [d["time_stamp"] for d in stream if "time_stamp" in d]
    assert stamps == sorted(stamps)
    assert stamps[0] == datetime(2012, 10, 8, 9, tzinfo=UTC).timestamp()


def test_job_dates_are_written_as_in_maus() -> None:
    stream = documents(spills=10)
    assert stream[0]["start_of_job"] == {"date_time": "2012-10-08 09:00:00.000000"}
    assert stream[-1]["end_of_job"] == {"date_time": "2012-10-08 09:02:03.160000"}


def test_datacards_are_a_string_of_json() -> None:
    cards = json.loads(documents(spills=7, seed=9)[0]["json_configuration"])
    assert (cards["spill_generator_number_of_spills"], cards["simulation_seed"]) == (7, 9)


def test_usual_spills_have_one_to_150_events_of_all_sizes() -> None:
    physics = [d for d in documents(spills=100) if d.get("daq_event_type") == "physics_event"]
    sizes = [len(d["recon_events"]) for d in physics]
    assert 1 <= min(sizes) < 20
    assert 130 < max(sizes) <= 150


@pytest.mark.parametrize("events", [0, 1, 150, 1600])
def test_events_per_spill_are_as_asked(events: int) -> None:
    physics = [
        d for d in documents(spills=2, events_per_spill=events) if d.get("daq_event_type") == "physics_event"
    ]
    numbers = [[event["part_event_number"] for event in d["recon_events"]] for d in physics]
    assert numbers == [list(range(events))] * 2


def test_memory_does_not_grow_with_the_spills() -> None:
    stream = lines(Simulation(run_number=1, spills=10**9, events_per_spill=20))
    tracemalloc.start()
    try:
        most = []
        for _ in range(2):
            tracemalloc.reset_peak()
            assert sum(1 for _ in islice(stream, 900)) == 900
            most.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert most[1] < 1.2 * most[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run_number", -1),
        ("run_number", 2**63),
        ("run_number", True),
        ("run_number", 4235.0),
        ("runs", 0),
        ("spills", -1),
        ("spills", "many"),
        ("events_per_spill", -1),
        ("events_per_spill", 10_001),
        ("seed", -1),
        ("seed", None),
    ],
)
def test_a_bad_value_is_named_in_one_line(name: str, value: Any) -> None:
    wanted: dict[str, Any] = {"run_number": 4235, name: value}
    with pytest.raises(SettingsError, match=rf"^{name} is .*: a whole number from \d+ to \d+ is accepted$"):
        Simulation(**wanted)


def test_runs_may_not_go_beyond_the_last_run_number() -> None:
    with pytest.raises(
        SettingsError, match=r"^run_number 9223372036854775807 with 2 runs ends at run 9223372036854775808: "
    ):
        Simulation(run_number=2**63 - 1, runs=2)


def test_last_run_number_can_be_simulated() -> None:
    stream = lines(Simulation(run_number=2**63 - 1, spills=0))
    assert json.loads(list(stream)[-2]) == {
        "run_number": 2**63 - 1,
        "mc_events": [],
        "maus_event_type": "RunFooter",
    }
