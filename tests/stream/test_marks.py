"""Run numbers, event numbers and times of one's own data."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.runs import Run
from runfolio.stream import SpillMark
from runfolio.stream.marks import END_OF_TIME, LARGEST, marks_of, whole_number, whole_numbers


@pytest.mark.parametrize("value", [0, 5, LARGEST, 5.0, 2.0**62])
def test_a_whole_number_is_one_however_it_is_written(value: float) -> None:
    assert whole_number(value) == value


@pytest.mark.parametrize(
    "value",
    [-1, LARGEST + 1, 10**400, 5.5, -5.0, 2.0**63, math.nan, math.inf, True, False, "5", None, [5], {}],
)
def test_anything_else_is_no_whole_number(value: Any) -> None:
    assert whole_number(value) is None


def marks(numbers: Any, times: Any = None) -> list[tuple[int | None, float | None]]:
    return [(mark.number, mark.time) for mark in marks_of(np.array(numbers), times)]


def test_the_first_the_last_and_the_last_that_has_a_time() -> None:
    assert marks([3, 1, 2, 4], np.array([30.0, 10.0, 20.0, np.nan])) == [(1, 10.0), (4, None), (3, 30.0)]


def test_without_times_the_first_and_the_last() -> None:
    assert marks([3, 1, 2]) == [(1, None), (3, None)]
    assert marks([7]) == [(7, None)]


def test_of_rows_with_one_number_the_earliest_is_first_and_the_latest_last() -> None:
    assert marks([1, 1, 1], np.array([np.nan, 30.0, 20.0])) == [(1, 20.0), (1, 30.0)]


@pytest.mark.parametrize("time", [-1.0, 0.0, END_OF_TIME, 1e300, math.inf, math.nan])
def test_what_is_no_date_is_no_time(time: float) -> None:
    assert marks([1], np.array([time])) == [(1, None)]


def test_numbers_that_are_not_whole_count_as_missing() -> None:
    assert marks([math.nan, 1.5, 2.0, math.inf, 1e30, -5.0]) == [(-5, None), (2, None)]
    assert marks(np.array([2**64 - 1, 7], np.uint64)) == [(7, None)]
    assert marks([math.nan]) == marks([]) == []


def test_columns_of_anything_but_numbers_give_no_marks() -> None:
    for numbers in (np.array(["a"], object), np.array([True]), np.array([[1, 2]])):
        assert marks_of(numbers) == []
    assert marks([1], np.array(["noon"], object)) == [(1, None)]


def test_without_numbers_the_first_and_last_by_time() -> None:
    assert marks_of(None, np.array([5.0, math.nan, 3.0, -1.0])) == [
        SpillMark(None, 3.0),
        SpillMark(None, 5.0),
    ]
    assert marks_of(None, np.array([5])) == [SpillMark(None, 5.0)]
    for none in (
        None,
        np.array([]),
        np.array([math.nan]),
        np.array(["noon"], object),
        np.array([END_OF_TIME]),
    ):
        assert marks_of(None, none) == []


@given(st.lists(st.sampled_from([math.nan, 1.0, 2.0, 3.0, -1.0]), max_size=8), st.integers(0, 8))
def test_without_numbers_marks_of_parts_say_the_same_of_a_run(times: list[float], cut: int) -> None:
    run = Run(1, 0.0)
    for part in (times[:cut], times[cut:]):
        for mark in marks_of(None, np.array(part)):
            run.see(mark)
    there = [time for time in times if time > 0]
    first, last = (SpillMark(None, least(there)) if there else None for least in (min, max))
    assert (run.first_spill, run.last_spill, run.last_dated_spill) == (first, last, last)


def test_what_floating_point_rounds_to_2_to_the_63_is_no_whole_number() -> None:
    assert marks([2.0**63, 1.0]) == [(1, None)]
    assert whole_numbers(np.array([2.0**63, np.nextafter(2.0**63, 0)])).tolist() == [False, True]


numbers_in = st.integers(-3, 3) | st.sampled_from([math.nan, 0.5])
times_in = st.sampled_from([math.nan, 1.0, 2.0, 3.0, -1.0])


@given(st.lists(st.tuples(numbers_in, times_in), max_size=8), st.integers(0, 8))
def test_marks_of_parts_say_the_same_of_a_run_as_each_row_does(rows: list[Any], cut: int) -> None:
    def seen(parts: list[list[Any]]) -> Any:
        run = Run(1, 0.0)
        for part in parts:
            numbers, times = np.array([row[0] for row in part]), np.array([row[1] for row in part])
            for mark in marks_of(numbers, times):
                run.see(mark)
        return run.first_spill, run.last_spill, run.last_dated_spill

    assert seen([rows]) == seen([rows[:cut], rows[cut:]]) == seen([[row] for row in rows])


def test_a_mark_is_made_of_pythons_own_numbers() -> None:
    assert marks_of(np.array([1], np.uint8), np.array([5], np.int16)) == [SpillMark(1, 5.0)]
