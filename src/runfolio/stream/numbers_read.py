"""Numbers that remember what was read, where an array of numbers cannot say it.

A column of whole numbers or booleans of which one is missing is floating point, NaN where it is. It loses
that True is no 1, and the last digits of numbers from 2^52 on. Both make other words along a Category.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

FARTHEST = 2**52
"""From here on floating point does not tell whole numbers and others apart."""

Array = npt.NDArray[Any]


class NumbersRead(np.ndarray):
    """Numbers as any others; what is chosen of them knows, too, what was read."""

    read: Array | None = None
    """Whole numbers, booleans or objects; what stands where one is missing means nothing."""

    def __array_finalize__(self, made_from: Any) -> None:
        self.read = None

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


def what_was_read(array: Any) -> Array | None:
    """Return the objects that numbers were read as, None where one is missing, or they are all there is."""
    read = getattr(array, "read", None)
    if not isinstance(array, NumbersRead) or read is None:
        return None
    objects: Array = read.astype(np.object_)
    objects[np.isnan(array)] = None
    return objects
