"""The KL plots: the binnings of the specification, and what gaps and wrong numbers do to the counts."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from plain import counts_of, declared, spill_of
from runfolio.mice.kl import kl
from runfolio.plots import Counts, Filling, Integer, Panel, Series

Json = dict[str, Any]

ADC, CELL, PMT = (100, 0.0, 5000.0), (21, -0.5, 20.5), (2, -0.5, 1.5)
HISTOGRAMS = [
    ("kl_adc", "ADC", ("Charge (ADC counts)",), (ADC,)),
    ("kl_adc_product", "ADC Product", ("Charge product (ADC counts)",), (ADC,)),
    ("kl_profile_y", "Beam Y-profile", ("Cell",), (CELL,)),
    ("kl_digits", "Digits", ("Cell", "PMT"), (CELL, PMT)),
]


def test_histograms_are_those_of_the_specification_in_its_order() -> None:
    assert declared(kl) == HISTOGRAMS
    assert list(kl.histograms) == [name for name, *_ in HISTOGRAMS]


def test_whole_numbers_are_counted_and_shown_as_such() -> None:
    axes = [axis for histogram in kl.histograms.values() for axis in histogram.axes]
    assert all(isinstance(axis, Integer) or axis.integers for axis in axes)


def test_the_figure_is_that_of_the_specification() -> None:
    (figure,) = kl.figures.values()
    assert (kl.name, figure.tag, figure.description, figure.keywords) == (
        "ReducePyKLPlot",
        "KL",
        "KL",
        ("KL",),
    )
    digits = Panel(series=(Series("kl_digits"),), numbers=True)
    assert figure.rows == (
        (Panel.of("kl_adc"), Panel.of("kl_adc_product")),
        (Panel.of("kl_profile_y"), digits),
    )


def filled(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name: each.entries for name, each in counts.items() if each.entries}


def digits(*each: Any) -> Json:
    return {"kl_event": {"kl_digits": {"kl": list(each)}}}


def hits(*each: Any) -> Json:
    return {"kl_event": {"kl_cell_hits": {"kl": list(each)}}}


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"kl_event": None},
        {"kl_event": {}},
        {"kl_event": {"kl_digits": None, "kl_cell_hits": None}},
        {"kl_event": {"kl_digits": {}, "kl_cell_hits": {}}},
        {"kl_event": {"kl_digits": {"kl": None}, "kl_cell_hits": {"kl": None}}},
        digits(),
        hits(),
        digits(None, {}, {"cell": None, "pmt": None, "charge_mm": None}),
        hits(None, {}, {"charge_product": None}),
        digits({"kl_key": "KLChannelKey 9 0 kl", "charge_pm": 5}),
    ],
)
def test_what_is_not_there_is_passed_over(event: Json | None) -> None:
    assert filled(counts_of(kl, event)) == {}
    whole = digits({"cell": 9, "pmt": 1, "charge_mm": 1545})
    assert filled(counts_of(kl, event, whole)) == {"kl_adc": 1, "kl_profile_y": 1, "kl_digits": 1}


@pytest.mark.parametrize("spill", [{}, {"recon_events": None}, {"recon_events": []}])
def test_a_spill_without_events_is_passed_over(spill: Json) -> None:
    filling = Filling(kl, 1)
    filling.fill([msgspec.convert(spill, spill_of(kl))])
    assert filled(filling.snapshot()) == {}


@pytest.mark.parametrize(
    ("digit", "expected"),
    [
        ({"cell": 9, "pmt": 1}, {"kl_profile_y": 1, "kl_digits": 1}),
        ({"cell": 9, "charge_mm": 5}, {"kl_adc": 1, "kl_profile_y": 1}),
        ({"pmt": 1, "charge_mm": 5}, {"kl_adc": 1}),
    ],
)
def test_a_value_that_is_missing_costs_its_own_histograms_alone(digit: Json, expected: Json) -> None:
    assert filled(counts_of(kl, digits(digit))) == expected


def test_cell_lies_along_x_and_pmt_along_y() -> None:
    found = counts_of(kl, digits({"cell": 20, "pmt": 1}, {"cell": 3, "pmt": 0}))
    assert np.argwhere(found["kl_digits"].inside).tolist() == [[3, 0], [20, 1]]
    assert np.flatnonzero(found["kl_profile_y"].inside).tolist() == [3, 20]


@pytest.mark.parametrize(
    ("charge", "place"),
    [(-1, -1), (0, 0), (49, 0), (50, 1), (1500, 30), (4999, 99), (5000, 100), (10**30, 100), (99.9, 1)],
)
def test_charges_fall_into_their_bins(charge: float, place: int) -> None:
    for event, name in (
        (digits({"charge_mm": charge}), "kl_adc"),
        (hits({"charge_product": charge}), "kl_adc_product"),
    ):
        counts = counts_of(kl, event)
        assert np.flatnonzero(counts[name].values).tolist() == [place + 1]
        assert filled(counts) == {name: 1}


@pytest.mark.parametrize(
    ("cell", "place"),
    [(-1, -1), (0, 0), (20, 20), (21, 21), (7.0, 7), (7.4, 7), (10**30, 21), (-(10**30), -1)],
)
def test_wrong_cells_cost_an_entry_in_range_and_nothing_else(cell: float, place: int) -> None:
    counts = counts_of(kl, digits({"cell": cell, "pmt": 0, "charge_mm": 5}))
    assert np.flatnonzero(counts["kl_profile_y"].values).tolist() == [place + 1]
    assert counts["kl_adc"].in_range == 1
