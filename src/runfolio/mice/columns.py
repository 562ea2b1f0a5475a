"""Flat arrays from what was decoded."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

SMALLEST, LARGEST = -(2**63), 2**63 - 1


def integers(values: Iterable[int | None]) -> npt.NDArray[np.int64]:
    """Return whole numbers, those that are missing left out; one beyond 64 bits is the farthest within."""
    given = list(values)
    try:
        return np.array(given, np.int64)
    except (TypeError, OverflowError):  # rare, and looking for it beforehand would cost as much as the rest
        near = [min(max(value, SMALLEST), LARGEST) for value in given if value is not None]
        return np.array(near, np.int64)


def floats(values: Iterable[float | None]) -> npt.NDArray[np.float64]:
    """Return numbers, NaN for those that are missing."""
    return np.array(list(values), np.float64)


def present(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return those that are not NaN."""
    found: npt.NDArray[Any] = values[~np.isnan(values)]
    return found


def column(name: str) -> Callable[[Any], npt.NDArray[Any]]:
    """Return what fills a histogram with the column of this name, where it has a value."""
    return lambda columns: present(getattr(columns, name))
