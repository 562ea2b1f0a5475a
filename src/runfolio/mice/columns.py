"""Flat arrays from what was decoded."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt


def integers(values: Iterable[int | None]) -> npt.NDArray[np.int64]:
    """Return whole numbers, those that are missing left out.

    Raises:
        OverflowError: one does not fit into 64 bits.

    """
    return np.array([value for value in values if value is not None], np.int64)


def floats(values: Iterable[float | None]) -> npt.NDArray[np.float64]:
    """Return numbers, NaN for those that are missing."""
    return np.array(list(values), np.float64)


def present(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return those that are not NaN."""
    return values[~np.isnan(values)]
