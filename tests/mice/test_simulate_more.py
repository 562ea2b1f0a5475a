"""KL, EMR and SciFi of a simulated stream: what a shifter looks at, and what an untidy one gets wrong."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runfolio.mice.simulation import Simulation, lines
from runfolio.mice.simulation.chance import Chance
from runfolio.mice.simulation.dice import Dice
from runfolio.mice.simulation.emr_tracks import muon_range
from runfolio.mice.simulation.more_faults import MORE_FAULTS

Json = dict[str, Any]
DETECTORS = ("kl_event", "emr_event", "sci_fi_event")


@cache
def events(*, untidy: bool = False) -> list[Json]:
    documents = map(json.loads, lines(Simulation(run_number=4235, spills=60, untidy=untidy)))
    return [event for document in documents for event in document.get("recon_events", [])]


def kl_digits() -> list[Json]:
    return [digit for event in events() for digit in event["kl_event"]["kl_digits"]["kl"]]


def tracks(kind: str) -> list[Json]:
    return [t for event in events() for t in event["emr_event"]["event_tracks"] if t["type"] == kind]


def digits() -> list[Json]:
    return [digit for event in events() for digit in event["sci_fi_event"]["digits"]]


def points() -> list[Json]:
    return [point for event in events() for point in event["sci_fi_event"]["spacepoints"]]


def ranges(kind: str) -> NDArray[np.float64]:
    return np.array([t["track"]["range"] for t in tracks(kind) if t["track"]["range"] != -1])


def test_kl_charge_peaks_with_a_tail_to_the_right() -> None:
    charges = np.array([digit["charge_pm"] for digit in kl_digits()])
    counts, edges = np.histogram(charges, bins=50, range=(0, 5000))
    assert 900 <= edges[counts.argmax()] <= 1200
    assert 0.001 < (charges > 2000).mean() < 0.1


def test_kl_beam_is_in_the_middle_and_no_cell_is_dead() -> None:
    profile = np.bincount([digit["cell"] for digit in kl_digits()], minlength=21)
    assert 8 <= profile.argmax() <= 12
    assert 0 < profile.min() < 0.15 * profile.max()


def test_muons_range_out_in_the_emr() -> None:
    assert 200 < np.median(ranges("mother")) < 300
    assert 50 < ranges("mother").min() < ranges("mother").max() < 500


@pytest.mark.parametrize(("momentum", "length"), [(128.4, 149.5), (166.1, 275.5), (188.8, 363.3)])
def test_the_range_is_that_of_the_muons_of_a_real_file(momentum: float, length: float) -> None:
    assert muon_range(momentum) == pytest.approx(length, rel=0.02)


def test_slower_particles_stop_earlier() -> None:
    times, lengths = [], []
    for event in events():
        stations = event["tof_event"]["tof_space_points"]
        found = event["emr_event"]["event_tracks"]
        if found and len(stations["tof0"]) == len(stations["tof1"]) == 1 and found[0]["track"]["range"] > 0:
            times.append(stations["tof1"][0]["time"] - stations["tof0"][0]["time"])
            lengths.append(found[0]["track"]["range"])
    assert np.corrcoef(times, lengths)[0, 1] < -0.5


def test_a_primary_fires_nearly_every_plane_to_its_end() -> None:
    density = np.array([track["plane_density_ma"] for track in tracks("mother")])
    assert np.median(density) > 0.95
    assert np.mean([track["plane_density_ma"] for track in tracks("daughter")]) < 0.8


def test_some_primaries_have_a_secondary_that_is_shorter() -> None:
    assert 0.15 < len(tracks("daughter")) / len(tracks("mother")) < 0.4
    assert ranges("daughter").max() < 250


def test_beam_spot_lies_within_the_trackers() -> None:
    x, y = (np.array([point["position"][axis] for point in points()]) for axis in "xy")
    assert abs(x.mean()) < 15
    assert abs(y.mean()) < 15
    assert np.hypot(x, y).max() < 153
    assert 25 < x.std() < 60


def test_three_channels_of_a_triplet_add_to_a_constant() -> None:
    sums: dict[tuple[int, int, int], dict[int, list[int]]] = {}
    for number, event in enumerate(events()):
        for digit in event["sci_fi_event"]["digits"]:
            place = sums.setdefault((number, digit["tracker"], digit["station"]), {})
            place.setdefault(digit["plane"], []).append(digit["channel"])
    alone = [p for p in sums.values() if len(p) == 3 and all(len(channels) == 1 for channels in p.values())]
    totals = np.array([sum(channels[0] for channels in planes.values()) for planes in alone])
    assert len(totals) > 1000
    assert (np.abs(totals - 318.6) < 2.5).mean() > 0.99


def test_mostly_triplets_and_some_duplets() -> None:
    triplets = np.mean([point["type"] == "triplet" for point in points()])
    assert 0.85 < triplets < 0.97


def test_each_plane_of_each_station_fires_and_downstream_less_than_upstream() -> None:
    fired = np.zeros((2, 5, 3), np.int64)
    for digit in digits():
        fired[digit["tracker"], digit["station"] - 1, digit["plane"]] += 1
    assert (fired[1] > 0.6 * fired[0]).all()
    assert (fired[1] < fired[0]).all()


def test_electrons_are_not_seen_behind_tof1() -> None:
    for event in events():
        stations = event["tof_event"]["tof_space_points"]
        if len(stations["tof0"]) == len(stations["tof1"]) == 1:
            time = stations["tof1"][0]["time"] - stations["tof0"][0]["time"]
            if time < 27:
                assert event["emr_event"]["event_tracks"] == event["sci_fi_event"]["spacepoints"] == []


def untidy_ones() -> list[Json]:
    return events(untidy=True)


@pytest.mark.parametrize("key", DETECTORS)
def test_detectors_are_missing_null_and_empty(key: str) -> None:
    assert any(key not in event for event in untidy_ones())
    assert any(event.get(key, 0) is None for event in untidy_ones())
    assert any(event.get(key) == {} for event in untidy_ones())


@pytest.mark.parametrize(
    ("key", "child"),
    [
        ("kl_event", "kl_digits"),
        ("kl_event", "kl_cell_hits"),
        ("emr_event", "event_tracks"),
        ("sci_fi_event", "digits"),
        ("sci_fi_event", "spacepoints"),
    ],
)
def test_one_list_is_null_or_missing(key: str, child: str) -> None:
    found = [event[key] for event in untidy_ones() if event.get(key)]
    assert any(child not in detector or detector[child] is None for detector in found)


def values(event: Json) -> Iterator[tuple[str, Any]]:
    """Yield every key of the three detectors with what it holds."""
    waiting: list[Any] = [event.get(key) for key in DETECTORS]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found.items()
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found


def test_lists_hold_null_and_values_are_null() -> None:
    found = [pair for event in untidy_ones() for pair in values(event)]
    assert any(isinstance(value, list) and value[:1] == [None] and len(value) > 1 for _, value in found)
    assert {"channel", "station", "cell", "plane", "tot", "type"} & {
        key for key, value in found if value is None
    }


def test_numbers_are_wrong_at_times() -> None:
    found = {
        value for event in untidy_ones() for _, value in values(event) if not isinstance(value, (list, dict))
    }
    assert {7.5, 99, 10**30, "candidate"} <= found


def test_each_fault_changes_some_event_and_leaves_the_time_of_flight_alone() -> None:
    for fault in MORE_FAULTS:
        changed = 0
        for event in events()[:200]:
            copy = json.loads(json.dumps(event))
            fault(copy, Dice(Chance(5)))
            changed += copy != event
            assert copy["tof_event"] == event["tof_event"]
        assert changed, fault.__name__
