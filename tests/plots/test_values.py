"""Values: arrays of any make become flat ones of one length, and what is none is refused in words."""

from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.plots.values import flat_arrays, is_there
from runfolio.stream.json_values import column_of

JAGGED = ak.Array([[1.0, 2.0], [], [3.0]])


def flat(*values: Any, words: tuple[bool, ...] | None = None) -> list[list[Any]]:
    names = ("x", "y", "the weights")[: len(values)]
    arrays = flat_arrays(tuple(values), names, words or (False,) * len(values))
    assert all(array.ndim == 1 for array in arrays)
    return [array.tolist() for array in arrays]


def test_arrays_are_flattened() -> None:
    assert flat(np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert flat([1, 2]) == [[1, 2]]


def test_one_array_needs_no_tuple() -> None:
    assert flat_arrays(np.arange(2), ("x",), (False,))[0].tolist() == [0, 1]


def test_jagged_arrays_are_flattened() -> None:
    assert flat(JAGGED) == [[1, 2, 3]]
    assert flat(JAGGED, 10 * JAGGED) == [[1, 2, 3], [10, 20, 30]]


def test_a_number_of_each_row_is_repeated_for_its_values() -> None:
    assert flat(JAGGED, np.array([7, 8, 9])) == [[1, 2, 3], [7, 7, 9]]
    assert flat(np.array([7, 8, 9]), JAGGED) == [[7, 7, 9], [1, 2, 3]]
    assert flat(JAGGED, ak.Array([7, 8, 9]), 2 * JAGGED) == [[1, 2, 3], [7, 7, 9], [2, 4, 6]]


def test_what_is_missing_is_nan() -> None:
    (found,) = flat(ak.Array([[1, None], None, [3]]))
    assert np.array_equal(found, [1, np.nan, np.nan, 3], equal_nan=True)


def test_a_missing_row_is_missing_in_all_arrays() -> None:
    values, weights = flat(ak.Array([[1, 2], None]), np.array([5, 6]))
    assert np.array_equal(values, [1, 2, np.nan], equal_nan=True)
    assert np.array_equal(weights, [5, 5, np.nan], equal_nan=True)


def test_truths_of_which_some_are_missing() -> None:
    (found,) = flat(ak.Array([[True], [False, None]]))
    assert np.array_equal(found, [1, 0, np.nan], equal_nan=True)


def test_whole_numbers_stay_whole() -> None:
    (array,) = flat_arrays(ak.Array([[2**60 + 1], []]), ("x",), (False,))
    assert array.tolist() == [2**60 + 1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array(["a", None], np.object_), ["a", None]),
        (ak.Array(["a", "bc"]), ["a", "bc"]),
        (ak.Array(["a", None]), ["a", None]),
        (ak.Array([["a", "bc"], [], [None]]), ["a", "bc", None]),
        (ak.Array([b"a"]), [b"a"]),
        (ak.Array([["a"], None]), ["a", None]),
        (ak.Array([1, "a"]), [1, "a"]),
    ],
)
def test_words(words: Any, found: list[Any]) -> None:
    assert flat(words, words=(True,)) == [found]


def test_words_share_rows_with_numbers() -> None:
    jagged_words = ak.Array([["a", "b"], [], ["c"]])
    assert flat(jagged_words, np.array([1, 2, 3]), words=(True, False)) == [["a", "b", "c"], [1, 1, 3]]
    assert flat(np.array(["u", "v", "w"]), JAGGED, words=(True, False)) == [["u", "u", "w"], [1, 2, 3]]


def test_words_and_missing_ones_are_repeated_for_the_values_of_their_rows() -> None:
    objects = np.array(["a", "b", None], np.object_)
    missing = column_of([True, False, None])
    for words, found in ((objects, ["a", "a", None]), (missing, [True, True, None])):
        assert flat(words, JAGGED, words=(True, False)) == [found, [1, 2, 3]]
    assert flat(objects, ak.Array([[1], None, []]), words=(True, False))[0] == ["a", None]
    _, flags = flat(JAGGED, missing)
    assert np.array_equal(flags, [1, 1, np.nan], equal_nan=True)


def test_truths_and_whole_numbers_among_words_stay_what_they_are() -> None:
    assert flat(ak.Array([[True], [False, None]]), words=(True,)) == [[True, False, None]]
    assert flat(ak.Array([[2**60 + 1, None]]), words=(True,)) == [[2**60 + 1, None]]


def test_no_rows_at_all() -> None:
    assert flat(ak.Array([])) == [[]]
    assert flat(ak.Array([]), words=(True,)) == [[]]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((np.arange(2), np.arange(2)), "2 arrays: 1 needed, x"),
        (5.0, "a single value"),
        (np.array(["a"]), "an array of <U1: numbers are needed"),
        (np.array([1, None], np.object_), "an array of object: numbers are needed"),
        (np.array([1j]), "numbers are needed"),
        (np.array(["2020-01-01"], "M8[s]"), "numbers are needed"),
        (np.ma.masked_array([1, 2], [False, True]), "compressed"),
        (ak.Array(["a"]), "numbers are needed"),
        (ak.Array([{"pt": 1, "eta": 2}]), "records of pt, eta: choose one of these fields"),
        (ak.Array([[{"pt": 1}], []]), "records of pt"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(values: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        flat_arrays(values, ("x",), (False,))


def test_words_among_numbers_are_no_numbers() -> None:
    (found,) = flat_arrays(np.array([1, "n/a", 2.5, None], np.object_), ("x",), (False,))
    assert np.array_equal(found, [1, np.nan, 2.5, np.nan], equal_nan=True)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        flat(np.arange(2), np.arange(3))
    with pytest.raises(ValueError, match="cannot broadcast"):
        flat(JAGGED, ak.Array([[1], [2], [3]]))


@given(st.lists(st.lists(st.none() | st.integers(-9, 9), max_size=4), max_size=6))
def test_any_rows(rows: list[list[int | None]]) -> None:
    numbers, weights = flat(ak.Array(rows), np.arange(len(rows)))
    listed = [(value, row) for row, values in enumerate(rows) for value in values]
    there = [(value, row) for value, row in zip(numbers, weights, strict=True) if not np.isnan(value)]
    assert there == [(value, row) for value, row in listed if value is not None]
    assert len(numbers) == len(listed)


@pytest.mark.parametrize(
    ("array", "there"),
    [
        (np.array([1.0, np.nan, np.inf]), [True, False, True]),
        (np.array([1, 2]), [True, True]),
        (np.array(["a", ""]), [True, True]),
        (np.array(["a", None, float("nan"), 0], np.object_), [True, False, False, True]),
    ],
)
def test_what_is_there(array: Any, there: list[bool]) -> None:
    assert is_there(array).tolist() == there
