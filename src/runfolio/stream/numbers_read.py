"""Numbers that remember what was read, where an array of numbers cannot say it.

A column of whole numbers or booleans of which one is missing is floating point, NaN where it is. It loses
that True is no 1, and the last digits of numbers from 2^52 on. Both make other words along a Category.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

FARTHEST = 2**52
"""From here on floating point does not tell whole numbers from others."""

Array = npt.NDArray[Any]


class NumbersRead(np.ndarray):
    """Numbers as any others; what is chosen of them knows, too, what was read."""

    read: Array | None = None
    """Whole numbers, booleans or objects; what stands where one is missing means nothing."""

    def __array_wrap__(self, array: Any, _context: Any = None, return_scalar: bool = False) -> Any:
        plain = np.asarray(array)
        return plain[()] if return_scalar else plain

    def __getitem__(self, chosen: Any) -> Any:
        some = super().__getitem__(chosen)
        if isinstance(some, NumbersRead) and self.read is not None:
            some.read = self.read[chosen]
        return some


def with_words(numbers: Array, read: Array) -> Array:
    """Return numbers that remember what was read."""
    array = numbers.view(NumbersRead)
    array.read = read
    return array


def as_read(floats: Array, read: Array) -> Array:
    """Return floating-point numbers, NaN where one is missing, that remember what was read if needed."""
    large = read.dtype.kind in "iu" and bool(np.any(np.abs(floats) >= FARTHEST))
    return with_words(floats, read) if large or read.dtype.kind == "b" else floats


def what_was_read(array: Any) -> Array | None:
    """Return the objects that numbers were read as, None where one is missing, or they are all there is.

    Of numbers that were changed since, it is nothing.
    """
    if not isinstance(array, NumbersRead) or array.read is None:
        return None
    objects: Array = array.read.astype(np.object_)
    missing = np.isnan(array)
    objects[missing] = None
    if not _alike(np.asarray(array)[~missing], objects[~missing]):
        return None
    return objects


def _alike(numbers: Array, objects: Array) -> bool:
    try:
        return bool(np.array_equal(numbers, objects.astype(numbers.dtype)))
    except OverflowError:  # a whole number of more than 308 digits stands for infinity
        return bool(np.isinf(numbers).any())
