"""Packed arrays: what comes back is what was packed, and what is damaged is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec.structs import replace

from runfolio.errors import CheckpointError
from runfolio.plots.packed import Packed, check_counts, pack, unpack, unpack_flat, unpack_like
from runfolio.plots.tree import TYPES
from support import through_bytes

FLAT = arrays.arrays(st.sampled_from(TYPES), st.integers(0, 5))
SMALL = pack(np.arange(6).reshape(2, 3))


@given(arrays.arrays(st.sampled_from(TYPES), arrays.array_shapes(min_dims=1, max_dims=2, min_side=0)))
def test_an_array_comes_back_to_the_last_bit(array: Any) -> None:
    for given_array in (array, array.T):
        found = unpack(through_bytes(pack(given_array)))
        assert (found.dtype, found.shape, found.tobytes()) == (
            array.dtype,
            given_array.shape,
            given_array.tobytes(),
        )


@given(FLAT, st.lists(st.integers(0, 5)))
def test_several_arrays_come_back_as_one(array: Any, lengths: list[int]) -> None:
    parts = [array, *(array[:length] for length in lengths)]
    assert unpack(pack(*parts)).tobytes() == np.concatenate(parts).tobytes()


def test_what_comes_back_can_be_written_to() -> None:
    found = unpack(SMALL)
    found[0, 0] = 7
    assert (found[0, 0], unpack(SMALL)[0, 0]) == (7, 0)


def test_what_is_packed_stays_as_it_is() -> None:
    array = np.zeros(2)
    packed = (pack(array), pack(array, array))
    array += 1
    assert [unpack(each).tolist() for each in packed] == [[0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("array", [np.array([None]), np.array(["a"]), np.array([1j]), np.array([1], ">i8")])
def test_what_is_no_number_is_not_packed(array: Any) -> None:
    with pytest.raises(ValueError, match="no plain data"):
        pack(array)


@pytest.mark.parametrize(
    "packed",
    [
        replace(SMALL, data=SMALL.data[:-1]),
        replace(SMALL, data=b""),
        replace(SMALL, data=SMALL.data + b"\0"),
        replace(SMALL, shape=()),
        replace(SMALL, shape=(7,)),
        replace(SMALL, shape=(-2, -3)),
        replace(SMALL, shape=(2**63, 2**63)),
        replace(SMALL, shape=(1,) * 100 + (6,)),
        replace(SMALL, shape=(0, 2**63 - 1), data=b""),
        replace(SMALL, shape=(0, 2**64 - 1), data=b""),
        replace(SMALL, dtype="|O"),
        replace(SMALL, dtype=">i8"),
        replace(SMALL, dtype="<U2"),
        replace(SMALL, dtype="i8, O"),
        replace(SMALL, dtype=""),
        replace(SMALL, dtype="\x1b[31m" * 100),
    ],
)
def test_a_damaged_array_is_refused_in_a_line(packed: Packed) -> None:
    with pytest.raises(CheckpointError, match=r"^an array of ") as caught:
        unpack(packed)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_an_array_of_another_type_or_shape_is_refused() -> None:
    assert unpack_like(SMALL, np.zeros((2, 3), np.int64)).shape == (2, 3)
    for other in (np.zeros((2, 3)), np.zeros((3, 2), np.int64), np.zeros(6, np.int64)):
        with pytest.raises(CheckpointError, match=r"an array of int64 of shape \(2, 3\), not of "):
            unpack_like(SMALL, other)


def test_only_a_flat_array_of_its_type_is_one() -> None:
    flat = pack(np.arange(6))
    assert unpack_flat(flat, np.int64).tolist() == [0, 1, 2, 3, 4, 5]
    for packed, kind in ((SMALL, np.int64), (flat, np.float64)):
        with pytest.raises(CheckpointError, match="no flat one of"):
            unpack_flat(packed, kind)


def test_a_negative_count_is_none() -> None:
    check_counts(0, 2**70)
    with pytest.raises(CheckpointError, match="a count of -3"):
        check_counts(1, -3, 2)
