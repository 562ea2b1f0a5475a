"""Counts: what a histogram holds at one moment, and everything that is said of it.

All figures derive from the bin contents alone, so they do not depend on how spills were split.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis, Labels

Array = npt.NDArray[Any]


class Kind(StrEnum):
    """What a histogram's bins show."""

    COUNT = "count"
    """The number of entries."""
    WEIGHTED = "weighted"
    """The sum of the entries' weights."""
    PROFILE = "profile"
    """The mean of a further quantity over the entries; its error is lost where the quantity spreads over less
    than a millionth of its mean, since it comes from the sum of squares, as with ROOT's TProfile."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """One histogram's contents.

    The arrays have one more bin below and above on each axis: shape (bins + 2,) or
    (x bins + 2, y bins + 2).
    """

    name: str
    title: str
    axes: tuple[Axis, ...]
    values: npt.NDArray[np.int64]
    """Entries in each bin, whatever the kind."""
    kind: Kind = Kind.COUNT
    sums: npt.NDArray[np.float64] | None = None
    """In each bin, the sum of the weights or, in a profile, of the quantity; None for counts."""
    squares: npt.NDArray[np.float64] | None = None
    """The same of their squares."""
    label: str = ""
    """Of what the bins show, such as a profile's quantity and unit; empty for entries."""
    not_a_number: int = 0
    """Values that are no numbers: counted here, in no bin."""
    lost_spills: int = 0
    """Spills or rows whose values could not be had, since the plot's function raised."""

    @cached_property
    def inside(self) -> Array:
        """The entries of the bins in range, shape (bins,) or (x bins, y bins)."""
        return self.values[self._in_range]

    @cached_property
    def heights(self) -> Array:
        """What the bins in range show: entries, sums of weights, or means, NaN where there is no entry."""
        if self.sums is None:
            return self.inside
        sums = self.sums[self._in_range]
        if self.kind is not Kind.PROFILE:
            return sums
        means = np.full(self.inside.shape, np.nan)
        np.divide(sums, self.inside, out=means, where=self.inside > 0)
        return means

    @cached_property
    def errors(self) -> Array:
        """Standard errors of `heights`; of a mean, the standard deviation over the root of entries.

        Of a mean of 1.7e9 with a spread of 1, the error is no better than noise, or 0: what the squares say
        of the spread is lost in their rounding. A constant that is subtracted from the quantity mends that.
        """
        if self.squares is None:
            return np.sqrt(self.inside)
        squares = self.squares[self._in_range]
        if self.kind is not Kind.PROFILE:
            return np.sqrt(squares)
        errors = np.full(self.inside.shape, np.nan)
        entries = self.inside.astype(np.float64)
        np.divide(squares, entries, out=errors, where=entries > 0)
        with np.errstate(over="ignore", invalid="ignore"):  # squares beyond floating point have no error
            variances = np.maximum(errors - self.heights**2, 0)  # rounding may leave it just below 0
        np.divide(variances, entries, out=errors, where=entries > 0)
        root: Array = np.sqrt(errors)
        return root

    @cached_property
    def entries(self) -> int:
        """In range + underflow + overflow."""
        return int(self.values.sum())

    @cached_property
    def in_range(self) -> int:
        return int(self.inside.sum())

    @property
    def overflow(self) -> int:
        """Entries above the range of any axis."""
        below_top = (slice(None, -1),) * len(self.axes)
        return self.entries - int(self.values[below_top].sum())

    @property
    def underflow(self) -> int:
        """Entries below the range of an axis and above none."""
        return self.entries - self.in_range - self.overflow

    @property
    def mean(self) -> float | None:
        """Mean of a 1-D histogram from its bin centres, in the axis's units.

        None if nothing is in range, for a profile, along words, and where weights of both signs
        cancel so far that it lies outside the range.
        """
        if len(self.axes) != 1 or self.kind is Kind.PROFILE or isinstance(self.axes[0], Labels):
            return None
        weights, edges = self.heights.astype(np.float64), self.axes[0].edges
        with np.errstate(over="ignore", invalid="ignore"):
            total = weights.sum()
            if not self.in_range or not total:
                return None
            mean = float(np.dot(weights, (edges[:-1] + edges[1:]) / 2) / total)
        return mean if edges[0] <= mean <= edges[-1] else None

    @property
    def _in_range(self) -> tuple[slice, ...]:
        return (slice(1, -1),) * len(self.axes)
