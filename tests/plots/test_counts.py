"""Counts: what is said of a histogram follows from its bins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pictures import filled
from runfolio.plots import Category, Counts, Integer, Kind, Regular

BIN = st.integers(0, 10**9)


def one(values: object, axis: Integer | Regular) -> Counts:
    return Counts(name="h", title="", axes=(axis,), values=np.asarray(values, np.int64))


def two(values: object) -> Counts:
    return Counts(
        name="h", title="", axes=(Integer(0, 2), Integer(0, 3)), values=np.asarray(values, np.int64)
    )


@given(arrays(np.int64, 7, elements=BIN))
def test_entries_are_in_range_and_underflow_and_overflow(values: np.ndarray) -> None:
    counts = one(values, Integer(0, 5))
    assert counts.entries == counts.in_range + counts.underflow + counts.overflow == values.sum()
    assert (counts.underflow, counts.overflow) == (values[0], values[-1])


@given(arrays(np.int64, (4, 5), elements=BIN))
def test_entries_of_two_axes_are_in_range_and_underflow_and_overflow(values: np.ndarray) -> None:
    counts = two(values)
    assert counts.entries == counts.in_range + counts.underflow + counts.overflow == values.sum()
    assert min(counts.in_range, counts.underflow, counts.overflow) >= 0


@pytest.mark.parametrize(
    ("x", "y", "where"),
    [
        (1, 1, "in_range"),
        (0, 1, "underflow"),
        (1, 0, "underflow"),
        (0, 0, "underflow"),
        (3, 1, "overflow"),
        (1, 4, "overflow"),
        (3, 4, "overflow"),
        (0, 4, "overflow"),
        (3, 0, "overflow"),
    ],
)
def test_above_any_axis_is_overflow_and_below_one_and_above_none_is_underflow(
    x: int, y: int, where: str
) -> None:
    values = np.zeros((4, 5), np.int64)
    values[x, y] = 1
    counts = two(values)
    found = {name: getattr(counts, name) for name in ("in_range", "underflow", "overflow")}
    assert found == {"in_range": 0, "underflow": 0, "overflow": 0} | {where: 1}


def test_the_mean_is_that_of_the_bin_centres() -> None:
    assert one([9, 1, 0, 3, 9], Regular(3, 0, 6)).mean == (1 * 1 + 3 * 5) / 4
    assert one([9, 1, 0, 3, 9], Integer(4, 7)).mean == (4 + 3 * 6) / 4


def test_nothing_in_range_has_no_mean_nor_has_a_map() -> None:
    assert one([5, 0, 0, 5], Integer(0, 2)).mean is None
    assert two(np.ones((4, 5))).mean is None


@given(arrays(np.int64, 7, elements=st.integers(0, 1000)))
def test_the_mean_is_that_of_the_values_where_bins_are_whole_numbers(values: np.ndarray) -> None:
    listed = [number for number, times in enumerate(values[1:-1]) for _ in range(times)]
    mean = one(values, Integer(0, 5)).mean
    assert mean == (pytest.approx(sum(listed) / len(listed)) if listed else None)


def test_the_mean_of_weights_is_weighted() -> None:
    counts = filled(Kind.WEIGHTED, [Integer(0, 3)], np.array([0, 1, 2, 9]), np.array([1, 2, 5, 100]))
    assert counts.mean == (0 * 1 + 1 * 2 + 2 * 5) / 8


def test_weights_that_cancel_have_no_mean() -> None:
    axes = [Integer(0, 3)]
    assert filled(Kind.WEIGHTED, axes, np.array([0, 2]), np.array([1, -1])).mean is None
    assert filled(Kind.WEIGHTED, axes, np.array([0, 2]), np.array([-1, 1.01])).mean is None
    assert filled(Kind.WEIGHTED, axes, np.array([0, 2]), np.array([1.7e308, 1.7e308])).mean is None


def test_words_and_profiles_have_no_mean() -> None:
    assert filled(Kind.COUNT, [Category()], np.array(["a"])).mean is None
    assert filled(Kind.PROFILE, [Integer(0, 3)], np.zeros(1), np.ones(1)).mean is None


def test_heights_of_counts_are_entries_and_their_errors_the_roots() -> None:
    counts = one([9, 4, 0, 1, 9], Integer(0, 3))
    assert counts.heights.tolist() == [4, 0, 1]
    assert counts.errors.tolist() == [2, 0, 1]


@pytest.mark.parametrize("value", [0.1, 0.2, 1.1, 3.7])
@pytest.mark.parametrize("entries", [3, 10, 11])
def test_equal_values_have_no_error_however_their_squares_round(value: float, entries: int) -> None:
    counts = filled(Kind.PROFILE, [Integer(0, 1)], np.zeros(entries), np.full(entries, value))
    assert counts.errors.tolist() == pytest.approx([0], abs=1e-7)


def test_squares_beyond_floating_point_leave_a_mean_without_error() -> None:
    counts = filled(Kind.PROFILE, [Integer(0, 1)], np.zeros(2), np.array([1e200, 2e200]))
    assert counts.heights.tolist() == [1.5e200]
    assert np.isnan(counts.errors).all()
