"""Axes: every whole number and every value on an edge in the bin it belongs to, against exact fractions."""

import dataclasses
import pickle
from fractions import Fraction
from math import floor, inf, nan, nextafter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runfolio.errors import DeclarationError
from runfolio.plots import Category, Integer, Regular, Strip, Variable
from runfolio.plots.axes import Labels

WHOLE = st.integers(-(10**6), 10**6)
FAR = 10**18


def exact(axis: Regular, value: float) -> int:
    """Return the bin from the declaration in decimals, by fractions alone."""
    start, stop = Fraction(str(axis.start)), Fraction(str(axis.stop))
    return min(max(floor((Fraction(value) - start) / (stop - start) * axis.bins), -1), axis.bins)


def bins(axis: Regular | Integer | Variable, values: Any) -> list[int]:
    found: list[int] = axis.bin_numbers(np.asarray(values)).tolist()
    return found


@pytest.mark.parametrize(
    "axis",
    [
        Regular(500, -50, 500, integers=True),
        Regular(200, 0, 200, integers=True),
        Regular(200, 0, 200),
        Regular(100, 0, 50),
        Regular(300, 50, 80),
        Regular(100, 10, 40),
        Regular(7, -0.1, 0.3),
    ],
)
def test_whole_numbers_fall_where_fractions_say(axis: Regular) -> None:
    values = range(-1200, 1200)
    assert bins(axis, values) == [exact(axis, value) for value in values]
    assert bins(axis, [float(value) for value in values]) == [exact(axis, value) for value in values]


@given(st.integers(1, 1000), WHOLE, st.integers(1, 10**6), st.lists(WHOLE, min_size=1))
def test_whole_numbers_fall_where_fractions_say_on_any_axis(
    count: int, start: int, length: int, values: list[int]
) -> None:
    axis = Regular(count, start, start + length, integers=True)
    assert bins(axis, values) == [exact(axis, value) for value in values]


@given(
    st.integers(1, 500),
    st.decimals(-1000, 1000, places=3),
    st.decimals("0.1", 1000, places=3),
    st.data(),
)
def test_a_whole_number_on_an_edge_in_decimals_belongs_to_the_bin_above(
    count: int, start: Any, length: Any, data: st.DataObject
) -> None:
    axis = Regular(count, float(start), float(start + length))
    first, stop = Fraction(str(axis.start)), Fraction(str(axis.stop))
    number = data.draw(st.integers(0, count))
    edge = first + number * (stop - first) / count
    assert bins(axis, [float(edge)]) == [number]
    below = nextafter(float(edge), -inf)
    assert bins(axis, [below]) == [number - 1]


@given(st.integers(1, 200), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.lists(st.floats(allow_nan=False)))
def test_a_value_lies_between_the_edges_of_its_bin(
    count: int, start: float, length: float, values: list[float]
) -> None:
    axis = Regular(count, start, start + length)
    edges = [-inf, *axis.edges, inf]
    for value, number in zip(values, bins(axis, np.array(values, np.float64)), strict=True):
        assert edges[number + 1] <= value
        assert value < edges[number + 2] or value == inf


def test_edges_are_the_nearest_to_what_they_are_on_paper() -> None:
    assert Regular(200, 20, 40).edges.tolist() == [float(Fraction(200 + k, 10)) for k in range(201)]
    assert Regular(3, 0, 0.3).edges.tolist() == [0.0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("axis", [Regular(10, 0, 10), Regular(10, 0, 10, integers=True), Integer(0, 10)])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-FAR, 3, FAR], [-1, 3, 10]),
        (np.array([0, 9, 10, 2**63, 2**64 - 1], np.uint64), [0, 9, 10, 10, 10]),
        ([-(2**63), 2**63 - 1], [-1, 10]),
        (np.array([-128, 5, 127], np.int8), [-1, 5, 10]),
        (np.array([0, 255], np.uint8), [0, 10]),
        ([True, False], [1, 0]),
        ([-inf, inf, 1e300, -1e300], [-1, 10, 10, -1]),
        (np.array([3, 11, -5], np.float16), [3, 10, -1]),
        (np.array([3, 11, -5], np.float32), [3, 10, -1]),
        (np.array([], np.int64), []),
        (np.array([], np.float64), []),
    ],
)
def test_any_kind_of_number_finds_its_bin_far_ones_just_outside(
    axis: Regular | Integer | Variable, values: Any, expected: list[int]
) -> None:
    assert bins(axis, values) == expected


@given(WHOLE, st.integers(1, 1000), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_an_integer_axis_counts_from_its_start(start: int, length: int, values: list[int]) -> None:
    axis = Integer(start, start + length)
    expected = [min(max(value - start, -1), length) for value in values]
    assert bins(axis, np.array(values, np.int64)) == expected


@given(st.integers(-1000, 1000), st.integers(1, 100), st.lists(st.floats(allow_nan=False)))
def test_fractions_on_an_integer_axis_fall_in_the_bin_they_lie_in(
    start: int, length: int, values: list[float]
) -> None:
    axis = Integer(start, start + length)
    inside = [value if abs(value) < FAR else FAR * (1 if value > 0 else -1) for value in values]
    expected = [min(max(floor(Fraction(value) + Fraction(1, 2)) - start, -1), length) for value in inside]
    assert bins(axis, np.array(values, np.float64)) == expected


def test_halves_belong_to_the_bin_above_and_what_is_just_below_them_does_not() -> None:
    assert bins(Integer(0, 3), [-0.5, 0.5, nextafter(0.5, 0), nextafter(-0.5, -1), 2.5]) == [0, 1, 0, -1, 3]


def test_an_integer_axis_far_from_zero_is_as_exact() -> None:
    axis = Integer(10**12, 10**12 + 5)
    assert bins(axis, [10**12 - 1, 10**12, 10**12 + 4, 10**12 + 5]) == [-1, 0, 4, 5]
    assert axis.edges[0] == 10**12 - 0.5


def test_an_integer_axis_takes_trillions_as_overflow() -> None:
    assert bins(Integer(0, 10), np.arange(10**12, 10**12 + 5)) == [10] * 5


def test_integer_edges_lie_half_way_between() -> None:
    assert Integer(0, 4).edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    assert Integer(-2, 4).bins == 6


@pytest.mark.parametrize(
    ("count", "start", "stop"),
    [
        (0, 0, 1),
        (-1, 0, 1),
        (10**9, 0, 1),
        (1.5, 0, 1),
        ("10", 0, 1),
        (True, 0, 1),
        (10, True, 5),
        (10, 0, np.True_),
        (None, 0, 1),
        (10, 1, 1),
        (10, 1, 0),
        (10, 0, inf),
        (10, float("nan"), 1),
        (10, 0, 10**400),
        (10, "0", 1),
        (10, None, 1),
        (10, 1e16, 1e16 + 2),
    ],
)
def test_a_regular_axis_that_cannot_be_is_refused(count: Any, start: Any, stop: Any) -> None:
    with pytest.raises(DeclarationError):
        Regular(count, start, stop)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 0),
        (5, 3),
        (0, 10**7),
        (0.5, 3.5),
        ("0", 3),
        (None, 3),
        (2**60, 2**60 + 5),
        (-(10**400), 5),
        (False, 3),
    ],
)
def test_an_integer_axis_that_cannot_be_is_refused(start: Any, stop: Any) -> None:
    with pytest.raises(DeclarationError):
        Integer(start, stop)


@given(st.integers(1, 1000), st.floats(-1e15, 1e15), st.floats(1e-9, 1e15))
def test_the_edges_of_an_accepted_axis_rise(count: int, start: float, length: float) -> None:
    assume(start + length > start)
    try:
        axis = Regular(count, start, start + length)
    except DeclarationError:
        return
    assert (np.diff(axis.edges) > 0).all()


def test_axes_are_values() -> None:
    assert Regular(10, 0, 1, "x") == Regular(10, 0, 1, "x") != Regular(10, 0, 1, "y")
    assert len({Integer(0, 3), Integer(0, 3), Integer(0, 4)}) == 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9, unique=True), st.floats(allow_nan=False))
def test_bins_between_any_edges(edges: list[float], value: float) -> None:
    axis = Variable(sorted(edges))
    (found,) = bins(axis, [value])
    assert found == sum(edge <= value for edge in axis.edges) - 1


def test_a_value_on_any_edge_belongs_to_the_bin_above() -> None:
    assert bins(Variable([0, 0.1, 5]), [-1, 0, 0.1, 5, inf]) == [-1, 0, 1, 2, 2]


@pytest.mark.parametrize(
    "edges",
    [[], [1], [1, 1], [2, 1], [0, inf], [0, nan], [0, "1"], [0, None], [-1.7e308, 1.7e308], range(1_000_003)],
)
def test_edges_that_are_none_are_refused(edges: Any) -> None:
    with pytest.raises(DeclarationError, match=r"edges|bins"):
        Variable(edges)


def test_edges_are_kept_as_they_were() -> None:
    given_edges = [0, 1, 5]
    axis = Variable(given_edges)
    given_edges.append(2)
    assert axis.edge_values == (0.0, 1.0, 5.0)
    from_numpy: Any = np.array([0, 1, 5])
    assert Variable(from_numpy) == axis


def test_a_range_that_floating_point_cannot_hold_is_refused() -> None:
    with pytest.raises(DeclarationError, match="a finite range"):
        Regular(2, -1.7e308, 1.7e308)


def test_words_lie_at_whole_numbers() -> None:
    assert Labels(("a", "b")).edges.tolist() == [-0.5, 0.5, 1.5]


@pytest.mark.parametrize("limit", [0, -1, 1001, 2.5, True, "5"])
def test_a_limit_of_words_that_is_none_is_refused(limit: Any) -> None:
    with pytest.raises(DeclarationError, match="categories"):
        Category(limit=limit)


@pytest.mark.parametrize("axis", [Variable([0, 1, 2]), Labels(("a",)), Category(), Strip(time=True)])
def test_axes_can_be_compared_and_hashed(axis: Any) -> None:
    assert len({axis, dataclasses.replace(axis)}) == 1
    assert pickle.loads(pickle.dumps(axis)) == axis  # noqa: S301  (our own bytes)
