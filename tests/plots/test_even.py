"""Even axes: each value in the bin that a search finds, whatever the axis, alone and among others."""

from itertools import chain, pairwise
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.plots import Category, Integer, Regular, Strip, Variable
from runfolio.plots.even import EvenAxes, EvenAxis, is_even

WHOLE = st.integers(-(2**52), 2**52 - 1000)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
LARGEST = 1.7e308
FAR = [-inf, -LARGEST, -(2.0**63), 2.0**63, LARGEST, inf, 0.0, -0.0, 5e-324]


@st.composite
def regular(draw: st.DrawFn) -> Regular:
    """Return an axis, as often as not with bins that are hardly wider than the steps of floating point."""
    bins = draw(st.integers(1, 300))
    start = draw(st.floats(-1e300, 1e300) | st.floats(-100, 100) | st.decimals(-9, 9, places=2).map(float))
    finest = 2 * bins * np.spacing(abs(start))
    narrow = finest * draw(st.floats(1.001, 9))
    wide = draw(st.floats(1e-250, 1e300) | st.decimals("0.1", 99, places=1).map(float))
    stop = start + (narrow if draw(st.booleans()) else max(wide, narrow))
    if stop - start < 2 * bins * np.spacing(max(abs(start), abs(stop))):
        stop = start + 2 * (stop - start)
    return Regular(bins, start, stop)


integer = st.builds(lambda start, bins: Integer(start, start + bins), WHOLE, st.integers(1, 999))
axes = regular().filter(is_even) | integer


def near(axis: EvenAxis, picks: list[int]) -> list[float]:
    """Return edges of an axis, the numbers next to them, and what lies between them."""
    edges = [float(axis.edges[pick % len(axis.edges)]) for pick in picks]
    beside = [nextafter(edge, far) for edge in edges for far in (-inf, inf)]
    between = [low + (high - low) / 2 for low, high in pairwise(edges)]
    return edges + beside + between


@st.composite
def axis_and_values(draw: st.DrawFn) -> tuple[EvenAxis, Any]:
    axis = draw(axes)
    picks = draw(st.lists(st.integers(0, 1000), max_size=9))
    values = near(axis, picks) + draw(st.lists(FINITE, max_size=9)) + draw(st.lists(st.sampled_from(FAR)))
    return axis, np.array(values, np.float64)


def searched(axis: EvenAxis, values: Any) -> list[int]:
    found: list[int] = np.searchsorted(axis.edges, values, side="right").tolist()
    return found


@given(axis_and_values())
def test_a_value_is_in_the_bin_that_a_search_finds(given_input: Any) -> None:
    axis, values = given_input
    with np.errstate(over="ignore"):
        assert EvenAxes([axis]).bins(0, values).tolist() == searched(axis, values)


@given(integer | st.just(Regular(10, 0, 10, integers=True)), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_are_in_the_bins_that_their_axis_says(axis: EvenAxis, values: list[int]) -> None:
    whole = np.array([*values, *(int(edge) for edge in axis.edges)], np.int64)
    assert EvenAxes([axis]).bins(0, whole).tolist() == (axis.bin_numbers(whole) + 1).tolist()


@given(st.lists(axis_and_values(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_several_axes_find_the_same_bins_in_one_go(given_inputs: list[Any], random: Any) -> None:
    even = EvenAxes([axis for axis, _ in given_inputs])
    chosen = random.choices(range(len(given_inputs)), k=4)
    values = [given_inputs[number][1] for number in chosen]
    lengths = np.array([len(each) for each in values])
    with np.errstate(over="ignore"):
        found = even.bins_together(np.array(chosen), lengths, np.concatenate(values))
    expected = [searched(given_inputs[number][0], given_inputs[number][1]) for number in chosen]
    assert found.tolist() == list(chain.from_iterable(expected))


@pytest.mark.parametrize(
    "kind", [np.float16, np.float32, np.int8, np.uint8, np.uint64, np.bool_, ">f8", ">i4"]
)
def test_any_type_of_number_is_compared_as_it_is(kind: Any) -> None:
    axis, values = Regular(3, 0, 0.3), np.array([0, 1, 0.1, 0.3, 100]).astype(kind)
    assert EvenAxes([axis]).bins(0, values).tolist() == searched(axis, values.astype(np.float64))


def test_of_many_values_each_is_in_its_bin() -> None:
    axis, values = Regular(200, 0, 200), np.random.default_rng(1).integers(-9, 209, 100_000) / 2
    assert EvenAxes([axis]).bins(0, values).tolist() == searched(axis, values)


def test_axes_of_other_numbers_are_told_apart() -> None:
    even = EvenAxes([Regular(2, 0, 2), Integer(0, 2), Regular(2, 0, 4), Regular(4, 0, 2)])
    assert [even.bins(number, np.array([0.5])).item() for number in range(4)] == [1, 2, 1, 2]


@pytest.mark.parametrize("axis", [Regular(1, 0, 1e-305), Variable([0, 1, 2]), Category(), Strip()])
def test_other_axes_are_left_to_a_search(axis: Any) -> None:
    assert not is_even(axis)
