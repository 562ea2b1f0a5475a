"""Axes: how values fall into bins, exactly, whether they are whole numbers or lie on an edge.

A bin computed with floating point is off by one at some edges: 29 of 200 bins from 0 to 200 falls
into bin 28. Values are therefore compared with the edges themselves, or counted as whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.errors import DeclarationError

Array = npt.NDArray[Any]

MAX_BINS = 1_000_000
FARTHEST = 2**52
"""Up to here all whole numbers and the edges half way between them are exact as floating point."""
HALF = 0.5
MAX_CATEGORIES = 1000
LEAST_STEP = 1e-15
"""Of a strip; the largest is one over it."""


@dataclass(frozen=True)
class Regular:
    """`bins` bins of one width from `start` to `stop`; a value on an edge belongs to the bin above.

    With `integers`, the values are whole numbers, with `time` they are Unix seconds; both are shown as such.

    Raises:
        DeclarationError: no bins or too many, or a range that is empty or not finite.

    """

    bins: int
    start: float
    stop: float
    label: str = ""
    integers: bool = False
    time: bool = False

    def __post_init__(self) -> None:
        _check_bins(self.bins)
        if not (_is_range(self.start, self.stop) and self.start < self.stop):
            raise DeclarationError(
                f"an axis from {self.start!r} to {self.stop!r}: a finite range that is not empty is accepted"
            )
        narrowest = np.spacing(max(abs(float(self.start)), abs(float(self.stop))))
        if float(self.stop) - float(self.start) < 2 * self.bins * narrowest:
            raise DeclarationError(
                f"an axis of {self.bins} bins from {self.start!r} to {self.stop!r}: "
                "they are too narrow to tell one edge from the next"
            )

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,): each the nearest there is to what it is on paper."""
        start, stop = Fraction(str(self.start)), Fraction(str(self.stop))
        width = (stop - start) / self.bins
        scale = start.denominator * width.denominator
        first, step = int(start * scale), int(width * scale)
        return np.array([(first + k * step) / scale for k in range(self.bins + 1)], np.float64)

    def bin_numbers(self, values: Array) -> npt.NDArray[np.int64]:
        """Return each value's bin, from 0: -1 below the range, `bins` above it. NaN has no bin."""
        return np.searchsorted(self.edges, values, side="right").astype(np.int64) - 1


@dataclass(frozen=True)
class Integer:
    """One bin for each whole number from `start` up to, and without, `stop`; edges lie half way between.

    Raises:
        DeclarationError: no bins or too many, or the ends are not whole numbers within ±2^52.

    """

    start: int
    stop: int
    label: str = ""

    def __post_init__(self) -> None:
        for end in (self.start, self.stop):
            if not (_is_whole(end) and -FARTHEST <= end <= FARTHEST):
                raise DeclarationError(
                    f"an axis that ends at {end!r}: a whole number within ±2^52 is accepted"
                )
        _check_bins(self.bins)

    @property
    def bins(self) -> int:
        return self.stop - self.start

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,)."""
        return np.arange(self.start, self.stop + 1, dtype=np.float64) - 0.5

    def bin_numbers(self, values: Array) -> npt.NDArray[np.int64]:
        """Return each value's bin, from 0: -1 below the range, `bins` above it. NaN has no bin."""
        if values.dtype.kind == "f" or values.dtype == np.uint64:  # uint64 reaches beyond int64
            whole = _nearest_whole(np.clip(values.astype(np.float64), self.start - 1, self.stop))
        else:
            whole = np.clip(values.astype(np.int64), self.start - 1, self.stop)
        return whole - self.start


@dataclass(frozen=True)
class Variable:
    """Bins between edges that rise; a value on an edge belongs to the bin above.

    Raises:
        DeclarationError: fewer than two edges, too many, or they are not finite numbers that rise.

    """

    edge_values: Sequence[float]
    label: str = ""

    def __post_init__(self) -> None:
        given = tuple(self.edge_values)
        ends = given[:1] + given[-1:]
        if not all(map(_is_finite, given)) or any(a >= b for a, b in pairwise(given)) or not _is_range(*ends):
            raise DeclarationError(
                f"edges {given!r:.200}: finite numbers, each above the one before, are accepted"
            )
        object.__setattr__(self, "edge_values", tuple(map(float, given)))
        _check_bins(self.bins)

    @property
    def bins(self) -> int:
        return len(self.edge_values) - 1

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,)."""
        return np.array(self.edge_values, np.float64)

    def bin_numbers(self, values: Array) -> npt.NDArray[np.int64]:
        """Return each value's bin, from 0: -1 below the range, `bins` above it. NaN has no bin."""
        return np.searchsorted(self.edges, values, side="right").astype(np.int64) - 1


@dataclass(frozen=True)
class Labels:
    """One bin for each of some words, in their order: what a `Category` axis has come to."""

    names: tuple[str, ...]
    label: str = ""

    @property
    def bins(self) -> int:
        return len(self.names)

    @cached_property
    def edges(self) -> npt.NDArray[np.float64]:
        """The bin edges, shape (bins + 1,): half way between the positions 0, 1, ...."""
        return np.arange(self.bins + 1, dtype=np.float64) - 0.5


@dataclass(frozen=True)
class Category:
    """One bin for each word or whole number that comes up, added as the run goes on.

    Once there are `limit`, whatever is new counts as overflow.

    Raises:
        DeclarationError: a limit that is none.

    """

    label: str = ""
    limit: int = 50

    def __post_init__(self) -> None:
        if not (_is_whole(self.limit) and 1 <= self.limit <= MAX_CATEGORIES):
            raise DeclarationError(
                f"an axis of at most {self.limit!r} categories: 1 to {MAX_CATEGORIES} are accepted"
            )

    @property
    def bins(self) -> int:
        return self.limit


@dataclass(frozen=True)
class Strip:
    """An axis that follows a rising number, such as the event's or the time, in a bounded number of bins.

    It begins with bins of width `step`. When more than `bins` of them would be needed, all become twice
    as wide. Edges are multiples of the width, so that the bins depend on the range of the values alone and
    not on their order. With `time`, the values are Unix seconds.

    Raises:
        DeclarationError: fewer than two bins or too many, or a step that is none.

    """

    label: str = ""
    step: float = 1
    bins: int = 500
    time: bool = False

    def __post_init__(self) -> None:
        _check_bins(self.bins)
        if self.bins < 2:  # noqa: PLR2004 - no single bin has an edge at 0 and values of both signs
            raise DeclarationError("a strip of 1 bin: at least 2 are accepted")
        if not (_is_finite(self.step) and LEAST_STEP <= self.step <= 1 / LEAST_STEP):
            raise DeclarationError(
                f"a strip of steps of {self.step!r}: {LEAST_STEP} to {1 / LEAST_STEP} are accepted"
            )


Axis = Regular | Integer | Variable | Labels
"""An axis whose bins are known."""

DeclaredAxis = Regular | Integer | Variable | Category | Strip
"""An axis as it is declared; Category and Strip grow while the run goes on."""


def _nearest_whole(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Round, halves up. Not floor(x + 0.5): that sum rounds, and takes the value just below 0.5 to 1."""
    below = np.floor(values)
    return (below + (values - below >= HALF)).astype(np.int64)


def _check_bins(bins: Any) -> None:
    if not (_is_whole(bins) and 1 <= bins <= MAX_BINS):
        raise DeclarationError(f"an axis of {bins!r} bins: 1 to {MAX_BINS} are accepted")


def _is_whole(number: Any) -> bool:
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def _is_range(*ends: Any) -> bool:
    """Tell whether these are numbers, not too far from each other for floating point."""
    return all(map(_is_finite, ends)) and (not ends or _is_finite(float(ends[-1]) - float(ends[0])))


def _is_finite(number: Any) -> bool:
    """Tell whether it is a number that arithmetic with floating point can hold."""
    try:
        return bool(np.isfinite(float(number))) and not isinstance(number, str | bool | np.bool_)
    except (TypeError, ValueError, OverflowError):
        return False
