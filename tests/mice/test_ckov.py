"""The Cherenkov plots: the table of the specification, and what gaps and garbage do to the counts."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from plain import declared, spill_of
from runfolio.mice.ckov import ckov
from runfolio.plots import Counts, Filling, Panel, Series

Json = dict[str, Any]

FLIGHT = "t(TOF0 to TOF1) (ns)"
LIGHT_AND_FLIGHT = ((100, 0.0, 50.0), (200, 15.0, 35.0))
HISTOGRAMS: list[tuple[Any, ...]] = [
    ("htof", "htof", ("TOF(ns)",), ((100, 10.0, 40.0),)),
    ("tof_A", "tof_A", ("CkovA PE", FLIGHT), LIGHT_AND_FLIGHT),
    ("tof_B", "tof_B", ("CkovB PE", FLIGHT), LIGHT_AND_FLIGHT),
    *((f"hPMT{n}", f"PMT{n}", ("Charge",), ((500, -50.0, 500.0),)) for n in range(1, 9)),
    *(
        (f"harr_time{n}", f"Arrival Times{n}", ("Uncalibrated Time (ns)",), ((200, 0.0, 200.0),))
        for n in range(1, 9)
    ),
]
FIGURES = [
    (
        "CkovCharge_PMT1-8",
        ("ckov", "charge", "pmt"),
        (1200, 800),
        [["hPMT1", "hPMT2", "hPMT3", "hPMT4"], ["hPMT5", "hPMT6", "hPMT7", "hPMT8"]],
    ),
    (
        "CkovArrivalTimes_PMT1-8",
        ("ckov", "time", "pmt"),
        (1200, 800),
        [
            ["harr_time1", "harr_time2", "harr_time3", "harr_time4"],
            ["harr_time5", "harr_time6", "harr_time7", "harr_time8"],
        ],
    ),
    ("CkovPE_A_vs_TOF_0_to_1", ("ckov", "tof", "ckova"), (600, 600), [["tof_A"]]),
    ("CkovPE_B_vs_TOF_0_to_1", ("ckov", "tof", "ckovb"), (600, 600), [["tof_B"]]),
]


def test_histograms_are_those_of_the_specification_in_its_order() -> None:
    found = declared(ckov)
    assert found == HISTOGRAMS
    assert list(ckov.histograms) == [name for name, *_ in HISTOGRAMS]
    assert len(HISTOGRAMS) == 19


def test_figures_are_those_of_the_specification_in_its_order() -> None:
    found = [
        (f.tag, f.keywords, f.size, [[panel.series[0].histogram for panel in row] for row in f.rows])
        for f in ckov.figures.values()
    ]
    assert found == FIGURES


def test_descriptions_are_the_tags() -> None:
    assert all(figure.description == tag == figure.tag for tag, figure in ckov.figures.items())


def test_the_root_file_is_named_for_the_reducer_and_has_no_keywords() -> None:
    assert (ckov.name, ckov.keywords) == ("ReducePyCkovPlot", ())


def test_charges_alone_are_on_a_logarithmic_axis() -> None:
    logarithmic = {
        tag: {panel.log_y for row in figure.rows for panel in row} for tag, figure in ckov.figures.items()
    }
    assert logarithmic == {tag: {tag.startswith("CkovCharge")} for tag in logarithmic}


def test_each_panel_shows_one_histogram_plainly() -> None:
    panels = [panel for figure in ckov.figures.values() for row in figure.rows for panel in row]
    plain = [Panel(series=(Series(panel.series[0].histogram),), log_y=panel.log_y) for panel in panels]
    assert panels == plain


def test_the_time_of_flight_is_in_the_root_file_only() -> None:
    assert not any("htof" in figure.histograms for figure in ckov.figures.values())


def counts_of(*spills: Any) -> Mapping[str, Counts]:
    filling = Filling(ckov, 1)
    filling.fill([msgspec.convert(spill, spill_of(ckov)) for spill in spills])
    return filling.snapshot()


def counts_of_event(event: Any) -> Mapping[str, Counts]:
    return counts_of({"recon_events": [event]})


def digits(*each: Any) -> Json:
    return {"ckov_event": {"ckov_digits": list(each)}}


def digit(**a: Any) -> Json:
    return {"A": a, "B": None}


def flight(start: float | None = -25.0, stop: float | None = 0.0) -> Json:
    return {"tof_event": {"tof_space_points": {"tof0": [{"time": start}], "tof1": [{"time": stop}]}}}


def filled(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name: each.entries for name, each in counts.items() if each.entries}


@pytest.mark.parametrize(
    "spill",
    [
        {},
        {"recon_events": None},
        {"recon_events": [None, {}]},
        {"recon_events": [{"ckov_event": None, "tof_event": None}]},
        {"recon_events": [{"ckov_event": {}}, digits(), {"ckov_event": {"ckov_digits": None}}]},
        {"recon_events": [digits(None), digits({}), digits({"A": None, "B": None}), digits(digit())]},
        {"recon_events": [digits(digit(pulse_0=None, arrival_time_0=None, number_of_pes=None))]},
        {
            "recon_events": [
                {"tof_event": {"tof_space_points": None}},
                {"tof_event": {"tof_space_points": {}}},
            ]
        },
    ],
)
def test_what_is_not_there_is_passed_over(spill: Json) -> None:
    assert filled(counts_of(spill)) == {}


def test_each_photomultiplier_has_its_own_charge_and_time() -> None:
    a = {f"pulse_{k}": 11 * k for k in range(4)} | {f"arrival_time_{k}": k for k in range(4)}
    b = {f"pulse_{k}": 11 * k for k in range(4, 8)} | {f"arrival_time_{k}": k for k in range(4, 8)}
    counts = counts_of_event(digits({"A": a, "B": b}))
    for k in range(8):
        charge, time = counts[f"hPMT{k + 1}"], counts[f"harr_time{k + 1}"]
        assert np.flatnonzero(charge.inside).tolist() == [(11 * k + 50) * 10 // 11]
        assert np.flatnonzero(time.inside).tolist() == [k]


@pytest.mark.parametrize(
    ("charge", "where"),
    [
        (-1001, None),
        (-1000, None),
        (-(10**30), None),
        (-999, "underflow"),
        (-51, "underflow"),
        (-50, "in_range"),
        (499, "in_range"),
        (500, "overflow"),
        (1717098412, "overflow"),
        (10**30, "overflow"),
    ],
)
def test_garbage_charges_are_passed_over_and_far_ones_counted_outside(charge: int, where: str | None) -> None:
    counts = counts_of_event(digits(digit(pulse_2=charge, pulse_1=5)))
    found = counts["hPMT3"]
    assert found.entries == (getattr(found, where) if where else 0) == (where is not None)
    assert counts["hPMT2"].in_range == 1
    assert not any(each.lost_spills for each in counts.values())


@pytest.mark.parametrize(
    ("time", "where"),
    [
        (-1, "underflow"),
        (0, "in_range"),
        (199, "in_range"),
        (200, "overflow"),
        (254, "overflow"),
        (255, None),
        (256, None),
        (10**30, None),
    ],
)
def test_an_arrival_time_of_255_is_no_pulse(time: int, where: str | None) -> None:
    found = counts_of_event(digits(digit(arrival_time_0=time)))["harr_time1"]
    assert found.entries == (getattr(found, where) if where else 0) == (where is not None)


def test_the_first_of_several_digits_counts() -> None:
    counts = counts_of_event(digits(digit(pulse_0=5), digit(pulse_0=6, pulse_1=7)))
    assert filled(counts) == {"hPMT1": 1}
    assert counts["hPMT1"].inside[(5 + 50) * 10 // 11] == 1


def test_a_first_digit_that_is_null_is_not_replaced_by_the_second() -> None:
    assert filled(counts_of_event(digits(None, digit(pulse_0=6)))) == {}


def test_one_detector_without_the_other_counts() -> None:
    counts = counts_of_event(flight() | digits({"B": {"number_of_pes": 5.0, "pulse_7": 3}}))
    assert filled(counts) == {"htof": 1, "tof_B": 1, "hPMT8": 1}


@pytest.mark.parametrize(
    ("pes", "expected"),
    [(0.0, 0), (-3.0, 0), (None, 0), (0.01, 1), (49.9, 1), (50.0, 1), (4321.0, 1), (7, 1)],
)
def test_light_is_counted_where_there_is_any(pes: float | None, expected: int) -> None:
    counts = counts_of_event(flight() | digits(digit(number_of_pes=pes)))
    assert (counts["tof_A"].entries, counts["tof_B"].entries, counts["htof"].entries) == (expected, 0, 1)


@pytest.mark.parametrize(
    "event",
    [
        {},
        flight(start=None),
        flight(stop=None),
        {"tof_event": {"tof_space_points": {"tof0": [{"time": 0.0}] * 2}}},
    ],
)
def test_light_without_a_time_of_flight_is_passed_over(event: Json) -> None:
    assert filled(counts_of_event(event | digits(digit(number_of_pes=5.0)))) == {}


def test_light_and_time_of_flight_are_of_the_same_event() -> None:
    events = [
        flight(start=-20.05) | digits(digit(number_of_pes=1.25)),
        digits(digit(number_of_pes=9.0)),
        flight(start=-30.05),
        flight(start=-31.05) | digits(digit(number_of_pes=29.0)),
    ]
    found = counts_of({"recon_events": events})["tof_A"].inside
    assert [tuple(place) for place in np.argwhere(found).tolist()] == [(2, 50), (58, 160)]
    assert found.sum() == 2
