"""Packed: what the states of plots are made of, arrays as plain data, and how it is checked on its way back.

Arrays are bytes of a few known types: to read them executes nothing, and a damaged one is refused.
"""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.errors import CheckpointError

Array = npt.NDArray[Any]

_TYPES = frozenset(
    np.dtype(kind).str for kind in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")
)
"""Of bins, of the values of tables and of the branches of trees."""


class Packed(Struct, frozen=True):
    """An array: its type as numpy writes it, such as `<f8`, and its numbers, the last axis fastest."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def pack(array: Array, *more: Array) -> Packed:
    """Return an array as plain data; of several, which are alike but for their length, one after the other.

    Raises:
        ValueError: it holds something else than numbers.

    """
    if array.dtype.str not in _TYPES:
        raise ValueError(f"an array of {array.dtype} is no plain data")
    arrays = (array, *more)
    data = b"".join(np.ascontiguousarray(each).data for each in arrays) if more else array.tobytes()
    return Packed(array.dtype.str, (sum(map(len, arrays)), *array.shape[1:]), data)


def unpack(packed: Packed) -> Array:
    """Return an array that was packed, to be written to as one likes.

    Raises:
        CheckpointError: it is of no type that is packed, or has more or fewer bytes than its shape says.

    """
    if packed.dtype not in _TYPES:
        raise CheckpointError(f"an array of type {packed.dtype[:20]!a}, which is never kept")
    kind, size = np.dtype(packed.dtype), len(packed.data)
    if min(packed.shape, default=0) < 0 or prod(packed.shape) * kind.itemsize != size:
        raise CheckpointError(f"an array of shape {packed.shape!r:.80} and type {kind} in {size} bytes")
    try:
        return np.frombuffer(packed.data, kind).reshape(packed.shape).copy()
    except ValueError as error:  # more axes than there can be, or ones too long
        raise CheckpointError(f"an array of shape {packed.shape!r:.80}: {error}") from None


def unpack_like(packed: Packed, array: Array) -> Array:
    """Return an array that was packed, and that has the type and shape of another one.

    Raises:
        CheckpointError: it has not, or is damaged.

    """
    found = unpack(packed)
    if (found.dtype, found.shape) != (array.dtype, array.shape):
        raise CheckpointError(
            f"an array of {found.dtype} of shape {found.shape}, not of {array.dtype} of shape {array.shape}"
        )
    return found


def unpack_flat(packed: Packed, kind: npt.DTypeLike) -> Array:
    """Return an array of one axis and of a known type that was packed.

    Raises:
        CheckpointError: it is of another type or has more axes, or is damaged.

    """
    found = unpack(packed)
    if found.ndim != 1 or found.dtype != kind:
        raise CheckpointError(f"an array of {found.dtype} of shape {found.shape}, and no flat one of {kind}")
    return found


def check_counts(*counts: int) -> None:
    """Check numbers of things that were counted.

    Raises:
        CheckpointError: one is negative.

    """
    if min(counts) < 0:
        raise CheckpointError(f"a count of {min(counts)}")


def other_declaration(what: str, name: str) -> CheckpointError:
    """Return what is wrong with a state that is not of the declaration it is to go on with."""
    return CheckpointError(f"what was kept of {what} {name!r} is of another declaration")
