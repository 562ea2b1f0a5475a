"""Quick arrays: what numpy makes of numbers and of lists of them is what awkward makes of them."""

import operator
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.stream.quick_arrays import QuickArray, lists_of, quick, together

KINDS = (np.int32, np.int64, np.uint8, np.float32, np.float64, np.bool_)
COMPARE = (operator.eq, operator.ne, operator.lt, operator.ge)
CALCULATE = (operator.add, operator.mul, operator.truediv, np.hypot, np.minimum)
COMBINE = (operator.and_, operator.or_, operator.xor)

Lists = list[list[int]]
ragged = st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6)


def slow(lists: Lists, kind: Any = np.int32) -> Any:
    """Return lists as awkward has them, which are then not quick."""
    content = np.array([number for each in lists for number in each], kind)
    return ak.unflatten(content, np.array(list(map(len, lists)), np.int64))


def told(array: Any) -> tuple[str, str]:
    """Return an array's type and all that it holds; NaN is equal to itself as a word."""
    return str(array.type), str(array.to_list())


def assert_alike(do: Callable[[Any], Any], array: Any, *, short: bool = True) -> None:
    """Check that it is the same of an array and of its quick one, and whether that took the short way."""
    with np.errstate(all="ignore"):
        one, other = do(quick(array)), do(array)
    assert told(one) == told(other)
    assert isinstance(one, QuickArray) == short


@given(ragged, st.sampled_from(KINDS), st.sampled_from(COMPARE), st.sampled_from([0, 3, 2.5, np.float32(3)]))
def test_lists_are_compared_with_a_number(lists: Lists, kind: Any, compare: Any, number: Any) -> None:
    assert_alike(lambda array: compare(array, number), slow(lists, kind))
    assert_alike(
        lambda array: compare(number, array), slow(lists, kind), short=not isinstance(number, np.number)
    )


@given(ragged, st.sampled_from(KINDS), st.sampled_from(KINDS), st.sampled_from(CALCULATE))
def test_lists_are_calculated_with_lists_as_long(lists: Lists, kind: Any, other: Any, calculate: Any) -> None:
    assert_alike(lambda array: calculate(array, slow(lists, other)), slow(lists, kind))
    assert_alike(lambda array: calculate(slow(lists, other), array), slow(lists, kind))


@given(ragged, st.sampled_from(KINDS), st.sampled_from(CALCULATE), st.sampled_from([1, 2.5, np.int64(3)]))
def test_lists_are_calculated_with_a_number(lists: Lists, kind: Any, calculate: Any, number: Any) -> None:
    assert_alike(lambda array: calculate(array, number), slow(lists, kind))


@given(ragged, st.sampled_from(KINDS), st.sampled_from([*COMPARE, *CALCULATE]))
def test_a_number_a_row_goes_with_each_of_the_rows_list(lists: Lists, kind: Any, calculate: Any) -> None:
    rows = np.arange(len(lists), dtype=np.float32)
    for numbers in (rows, ak.Array(rows)):
        assert_alike(partial(calculate, numbers), slow(lists, kind))
    assert_alike(lambda array: calculate(array, rows), slow(lists, kind))


@given(ragged, st.sampled_from(COMBINE))
def test_conditions_are_combined(lists: Lists, combine: Any) -> None:
    assert_alike(lambda array: combine(array > 2, ~(array == 5)), slow(lists))


@given(ragged, st.sampled_from(KINDS))
def test_values_are_chosen_by_a_condition(lists: Lists, kind: Any) -> None:
    array = slow(lists, kind)
    assert_alike(lambda each: each[each > 1], array)
    assert_alike(itemgetter(array > 1), array)


@given(ragged, st.integers(-8, 8), st.integers(-8, 8))
def test_a_range_of_rows_is_chosen(lists: Lists, start: int, stop: int) -> None:
    for array in (slow(lists), ak.Array(np.arange(len(lists)))):
        for rows in (slice(start, stop), slice(start, None), slice(None, stop)):
            assert_alike(itemgetter(rows), array)


@given(ragged, st.data())
def test_single_rows_are_chosen(lists: Lists, data: st.DataObject) -> None:
    rows = st.lists(st.integers(-len(lists), len(lists) - 1), max_size=6) if lists else st.just([])
    numbers = np.array(data.draw(rows), np.int64)
    marked = np.array([bool(len(each) % 2) for each in lists], np.bool_)
    for which in (numbers, marked, ak.Array(numbers), ak.Array(marked)):
        assert_alike(itemgetter(which), slow(lists))
        assert_alike(itemgetter(which), ak.Array(np.arange(len(lists))))


two_or_more = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=4), max_size=6)


@given(two_or_more, st.sampled_from([0, 1, -1, -2]))
def test_one_value_of_each_list_is_chosen(lists: Lists, place: int) -> None:
    assert_alike(lambda each: each[:, place], slow(lists))
    assert_alike(lambda each: each[:, place] - each[:, 0], slow(lists))


LISTS: Any = slow([[3, 1], [], [2, 5, 0], [4]])


@pytest.mark.parametrize(
    "do",
    [
        ak.num,
        ak.flatten,
        lambda each: ak.sum(each, axis=1),
        lambda each: each[ak.argsort(each)],
        lambda each: each[[True, False, True, False]],
        lambda each: each[:, :1],
        lambda each: each[::2],
        lambda each: each[np.array([True])],
        lambda each: each == ak.Array([[3, None], [], [2, 5, 0], [None]]),
        lambda each: np.sqrt(each, dtype=np.float32),
        lambda each: each + np.datetime64("2026-11-23"),
        ak.Array,
    ],
)
def test_all_else_is_awkwards_own(do: Callable[[Any], Any]) -> None:
    assert_alike(do, LISTS, short=False)


@pytest.mark.parametrize(
    "do",
    [
        lambda each: each[:, 0],
        lambda each: each[np.array([4])],
        lambda each: each[LISTS[::-1] > 1],
        lambda each: each + LISTS[::-1],
        lambda each: each + np.arange(3),
        lambda each: each[LISTS > 1] + LISTS,
        lambda each: each @ LISTS,
        lambda each: each["x"],
    ],
)
def test_what_cannot_be_is_refused_as_awkward_does(do: Callable[[Any], Any]) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whatever awkward raises
        do(LISTS)
    with pytest.raises(expected.type):
        do(quick(LISTS))


@pytest.mark.parametrize(
    "given_array",
    [
        ak.Array([[1, None]]),
        ak.Array([None, [1]]),
        ak.Array([[[1]]]),
        ak.Array([[{"x": 1}]]),
        ak.Array(["word"]),
        ak.Array(np.zeros((2, 2))),
        ak.Array([np.datetime64("2026-11-23")]),
        ak.with_parameter(LISTS, "unit", "mm"),
    ],
)
def test_other_arrays_are_left_as_they_are(given_array: Any) -> None:
    assert quick(given_array) is given_array


def test_lists_may_begin_and_end_anywhere_in_their_numbers() -> None:
    numbers: npt.NDArray[Any] = np.arange(10)
    for offsets in (np.array([2, 4, 4, 7], np.int32), np.array([2, 4, 4, 7])):
        array: Any = lists_of(numbers, offsets)
        assert array.to_list() == [[2, 3], [], [4, 5, 6]]
        assert (array * 2)[array > 3].to_list() == [[], [], [8, 10, 12]]


def test_numbers_of_several_arrays_are_put_side_by_side() -> None:
    found = together([quick(LISTS), np.arange(4)])
    assert found is not None
    values, _ = found
    assert [each.tolist() for each in values] == [[3, 1, 2, 5, 0, 4], [0, 0, 2, 2, 2, 3]]
    assert together([quick(LISTS), ["a", "b", "c", "d"]]) is None
