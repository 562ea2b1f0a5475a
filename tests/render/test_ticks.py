"""Ticks stand at round numbers within the limits, with labels that tell them apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.plots.axes import Integer, Regular
from runfolio.render.ticks import linear, logarithmic, whole_numbers


def test_slabs_are_numbered_one_by_one() -> None:
    assert linear(-0.5, 9.5, 10, whole=True).labels == tuple("0123456789")


def test_no_minor_ticks_between_neighbouring_whole_numbers() -> None:
    found = linear(-0.5, 9.5, 10, whole=True)
    assert np.array_equal(found.minor, found.major)


def test_few_counts_are_not_divided() -> None:
    assert linear(0, 1.25, 8, whole=True).labels == ("0", "1")


def test_labels_have_the_decimals_of_the_step() -> None:
    assert linear(0, 1, 5).labels == ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")


def test_negative_numbers_have_a_minus_sign_and_zero_has_none() -> None:
    assert linear(-200, 200, 5).labels == ("\u2212200", "\u2212100", "0", "100", "200")


def test_large_numbers_share_a_power_of_ten() -> None:
    found = linear(0, 1.1e9, 6)
    assert found.labels[-1] == "1.0"
    assert found.factor == "\u00d710⁹"


def test_small_numbers_share_a_power_of_ten() -> None:
    assert linear(0, 2e-6, 5).factor == "\u00d710⁻⁶"


def test_a_large_number_with_small_steps_is_written_in_full() -> None:
    assert linear(1385632449, 1385632549, 2).labels == ("1385632450", "1385632500")


def test_decades() -> None:
    assert logarithmic(0.5, 4000).labels == ("1", "10", "10²", "10³")


def test_a_single_decade_has_labels_between() -> None:
    assert logarithmic(0.5, 10).labels == ("0.5", "1", "2", "5", "10")


def test_many_decades_are_thinned_out() -> None:
    assert len(logarithmic(0.5, 1e18).labels) <= 11


@pytest.mark.parametrize(
    ("axis", "whole"),
    [
        (Integer(0, 4), True),
        (Regular(10, -0.5, 9.5), True),
        (Regular(10, 0, 10, integers=True), True),
        (Regular(10, 0, 10), False),
        (Regular(20, -0.5, 9.5), False),
        (Regular(500, -50, 500, integers=True), False),
    ],
)
def test_axes_of_whole_numbers(axis: Integer | Regular, whole: bool) -> None:
    assert whole_numbers(axis) is whole


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(2, 12))
def test_ticks_are_few_and_inside(low: float, span: float, most: int) -> None:
    high = low + span
    if high - low < 1e-9 * abs(low):
        return
    found = linear(low, high, most)
    assert len(found.major) == len(found.labels) <= most + 1
    assert found.major.min(initial=high) >= low - 1e-6 * span
    assert found.major.max(initial=low) <= high + 1e-6 * span


@given(st.integers(1, 10**12))
def test_an_axis_of_counts_has_whole_numbers_only(top: int) -> None:
    major = linear(0, top, 8, whole=True).major
    assert np.array_equal(major, np.rint(major))
