"""What a shifter would look at: times of flight, occupancies, multiplicities, charges, light."""

import json
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runfolio.mice.simulation import Simulation, lines

ELECTRONS = 27.0  # ns from TOF0 to TOF1 that part them from muons and pions
GARBAGE = {1717098412, -1717986919, -2147483648, -20437, -1386}


@cache
def events() -> list[dict[str, Any]]:
    documents = map(json.loads, lines(Simulation(run_number=4235, spills=60)))
    return [event for document in documents for event in document.get("recon_events", [])]


def points(station: int) -> list[list[dict[str, Any]]]:
    return [event["tof_event"]["tof_space_points"][f"tof{station}"] for event in events()]


@cache
def times() -> NDArray[np.float64]:
    """Return (station, event) with nan where there is not exactly one space point."""
    return np.array([[p[0]["time"] if len(p) == 1 else np.nan for p in points(s)] for s in range(3)])


def flight(first: int, second: int) -> NDArray[np.float64]:
    difference: NDArray[np.float64] = times()[second] - times()[first]
    return difference[np.isfinite(difference)]


@cache
def cherenkov(key: str) -> NDArray[np.float64]:
    """Return (photomultiplier, event)."""
    both = [event["ckov_event"]["ckov_digits"][0] for event in events()]
    return np.array([[digit["AB"[pmt // 4]][f"{key}_{pmt}"] for digit in both] for pmt in range(8)])


def light(side: str) -> NDArray[np.float64]:
    return np.array([event["ckov_event"]["ckov_digits"][0][side]["number_of_pes"] for event in events()])


def occupancy(station: int, key: str) -> NDArray[np.int64]:
    return np.bincount([point[key] for event in points(station) for point in event])


def test_electrons_fly_at_the_speed_of_light() -> None:
    fast = flight(0, 1)[flight(0, 1) < ELECTRONS]
    assert 0.05 < fast.size / flight(0, 1).size < 0.12
    assert 25.6 < fast.min() < fast.max() < 26.1


def test_muons_and_pions_from_tof0_to_tof1_take_28_to_34_ns() -> None:
    slow = flight(0, 1)[flight(0, 1) > ELECTRONS]
    assert 28 < slow.min() < slow.max() < 34
    assert 29 < np.median(slow) < 30


def test_muons_and_pions_from_tof1_to_tof2_take_30_to_36_ns() -> None:
    assert 30 < flight(1, 2).min() < flight(1, 2).max() < 36


def test_muons_and_pions_from_tof0_to_tof2_take_57_to_66_ns() -> None:
    assert 57 < flight(0, 2).min() < flight(0, 2).max() < 66


def test_times_of_flight_add_up() -> None:
    t0, t1, t2 = times()
    complete = np.isfinite(t0 + t1 + t2)
    assert complete.mean() > 0.5
    np.testing.assert_allclose((t1 - t0 + t2 - t1)[complete], (t2 - t0)[complete], rtol=0, atol=1e-12)


def test_slower_to_tof1_is_slower_to_tof2() -> None:
    first, second = times()[1] - times()[0], times()[2] - times()[1]
    both = np.isfinite(first + second)
    assert np.corrcoef(first[both], second[both])[0, 1] > 0.9


def test_tof1_is_the_trigger() -> None:
    assert np.nanmax(np.abs(times()[1])) < 0.2


def test_mostly_one_space_point_a_station_sometimes_none_or_several() -> None:
    for station in range(3):
        share = np.bincount([len(found) for found in points(station)], minlength=4) / len(events())
        assert 0.8 < share[1] < 0.92
        assert share[:4].min() > 0.005


def test_beam_is_in_the_middle_and_no_slab_is_dead() -> None:
    for station, middle in ((0, (3, 6)), (1, (2, 4)), (2, (3, 6))):
        for key in ("slabX", "slabY"):
            profile = occupancy(station, key)
            assert middle[0] <= profile.argmax() <= middle[1]
            assert 0 < profile.min() < 0.15 * profile.max()


def test_stations_differ_in_profile() -> None:
    widths = [np.std(np.repeat(np.arange(p.size), p)) for p in (occupancy(s, "slabX") for s in range(3))]
    assert widths[1] < widths[0] < widths[2]


def test_slab_charges_have_a_tail_to_the_right() -> None:
    charges = np.array([point["charge"] for event in points(0) for point in event])
    low, middle, high = np.quantile(charges, [0.02, 0.5, 0.98])
    assert high - middle > 1.5 * (middle - low)


def test_electrons_give_more_light_in_both_detectors() -> None:
    first = times()[1] - times()[0]
    for side in "AB":
        assert 18 < light(side)[first < ELECTRONS].mean() < 30
        assert light(side)[first > ELECTRONS].mean() < 2


def test_detector_b_sees_the_fastest_muons() -> None:
    first = times()[1] - times()[0]
    fast, slow = (first > 28) & (first < 28.8), first > 29.5
    assert light("B")[fast].mean() > 3 * light("B")[slow].mean()
    assert light("A")[fast].mean() < 1


def test_pulses_arrive_together_and_most_photomultipliers_see_none() -> None:
    arrival = cherenkov("arrival_time")
    assert 0.6 < (arrival == 255).mean() < 0.95
    for pmt in range(8):
        seen = arrival[pmt][arrival[pmt] < 255]
        assert (np.abs(seen - np.median(seen)) < 15).mean() > 0.85


def test_pulse_charges_fit_the_plot_but_for_rare_garbage() -> None:
    pulses = cherenkov("pulse")
    odd = pulses[(pulses <= -1000) | (pulses > 10_000)]
    assert set(odd.astype(int).tolist()) <= GARBAGE
    assert 1e-5 < odd.size / pulses.size < 1e-3
    usual = pulses[(pulses > -1000) & (pulses < 10_000)]
    assert -20 < usual.min() < usual.max() < 500


def test_single_photoelectron_stands_out_from_the_pedestal() -> None:
    pulses, seen = cherenkov("pulse"), cherenkov("arrival_time") < 255
    assert np.abs(np.median(pulses[~seen])) <= 1
    assert 20 < np.median(pulses[seen & (pulses < 60)]) < 30
