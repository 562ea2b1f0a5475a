"""Axes: how values fall into bins, exactly where they are integers.

A regular axis finds a bin with floating point and is off by one at some exact edges; integer
quantities are therefore counted on an integer axis underneath, whatever edges are shown.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import boost_histogram as bh
import numpy as np
import numpy.typing as npt

from runfolio.errors import DeclarationError

Array = npt.NDArray[Any]

MAX_BINS = 1_000_000


@dataclass(frozen=True)
class Regular:
    """`bins` bins of one width from `start` to `stop`; a value on an edge belongs to the bin above.

    With `integers`, the values are whole numbers and their bins are found by integer arithmetic.

    Raises:
        DeclarationError: no bins or too many, or a range that is empty or not finite.

    """

    bins: int
    start: float
    stop: float
    label: str = ""
    integers: bool = False

    def __post_init__(self) -> None:
        _check(self.bins, self.start, self.stop)

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,)."""
        return np.linspace(self.start, self.stop, self.bins + 1)

    def storage(self) -> Any:
        """Return the boost-histogram axis that counts are kept on."""
        if self.integers:
            return bh.axis.Integer(0, self.bins)
        return bh.axis.Regular(self.bins, self.start, self.stop)

    def to_storage(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what `values` are on the storage axis: themselves, or for integers their bin numbers."""
        if not self.integers:
            return values
        start, width, scale = self._grid
        # Far values are brought near first: multiplied as they are they would leave 64 bits.
        near: Array = np.clip(values, np.floor(self.start) - 1, np.ceil(self.stop) + 1)
        bins: Array = (np.floor(near).astype(np.int64) * scale - start) // width
        return np.clip(bins, -1, self.bins)

    @cached_property
    def _grid(self) -> tuple[int, int, int]:
        """Start and bin width as whole numbers of 1/scale."""
        start = Fraction(self.start)
        width = (Fraction(self.stop) - start) / self.bins
        scale = start.denominator * width.denominator
        return int(start * scale), int(width * scale), scale


@dataclass(frozen=True)
class Integer:
    """One bin for each whole number from `start` up to, and without, `stop`; edges lie half way between.

    Raises:
        DeclarationError: no bins or too many.

    """

    start: int
    stop: int
    label: str = ""

    def __post_init__(self) -> None:
        _check(self.bins, self.start, self.stop)

    @property
    def bins(self) -> int:
        return self.stop - self.start

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,)."""
        return np.arange(self.start, self.stop + 1, dtype=np.float64) - 0.5

    def storage(self) -> Any:
        """Return the boost-histogram axis that counts are kept on."""
        return bh.axis.Integer(self.start, self.stop)

    def to_storage(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return `values` as whole numbers: fractions in the bin they lie in, far values just outside."""
        near: Array = np.clip(values, float(self.start - 1), float(self.stop))
        rounded: Array = np.floor(near + 0.5)
        return rounded.astype(np.int64)


Axis = Regular | Integer


def _check(bins: int, start: float, stop: float) -> None:
    if not 1 <= bins <= MAX_BINS:
        raise DeclarationError(f"an axis of {bins} bins: 1 to {MAX_BINS} are accepted")
    if not (np.isfinite(start) and np.isfinite(stop) and start < stop):
        raise DeclarationError(
            f"an axis from {start} to {stop}: a finite range that is not empty is accepted"
        )
