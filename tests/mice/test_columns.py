"""Columns: flat arrays, whatever is missing and however far a number lies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.mice.columns import floats, integers, present

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(INT64 | st.none()))
def test_whole_numbers_are_kept_and_missing_ones_left_out(values: list[int | None]) -> None:
    found = integers(values)
    assert found.dtype == np.int64
    assert found.tolist() == [value for value in values if value is not None]


@pytest.mark.parametrize(
    ("value", "nearest"),
    [(2**63, 2**63 - 1), (10**30, 2**63 - 1), (-(10**400), -(2**63)), (2**64, 2**63 - 1)],
)
def test_what_is_beyond_64_bits_is_the_farthest_within(value: int, nearest: int) -> None:
    assert integers([5, value, None, -7]).tolist() == [5, nearest, -7]


@given(st.lists(st.floats(allow_nan=False) | st.none()))
def test_numbers_are_kept_and_missing_ones_are_nan(values: list[float | None]) -> None:
    found = floats(values)
    assert np.isnan(found).tolist() == [value is None for value in values]
    assert present(found).tolist() == [value for value in values if value is not None]


def test_nothing_makes_empty_arrays_of_their_type() -> None:
    assert (str(integers([]).dtype), integers([]).shape) == ("int64", (0,))
    assert (str(floats([]).dtype), floats([]).shape) == ("float64", (0,))
    assert (str(integers([None]).dtype), integers([None]).shape) == ("int64", (0,))


def test_what_is_given_one_by_one_will_do() -> None:
    assert integers(map(len, ["a", ""])).tolist() == [1, 0]
    assert floats(iter([1.5])).tolist() == [1.5]
