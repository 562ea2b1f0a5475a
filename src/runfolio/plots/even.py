"""Even axes, whose bins are all of one width: which bins values fall into, quickly, exactly as by a search.

A bin is guessed by a multiplication, then compared with its edges on both sides. A search asks at each of its
steps what a processor cannot foresee, and takes 20 to 60 ns a value; this takes 6 to 15.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import DeclaredAxis, Integer, Regular

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

EvenAxis = Regular | Integer

_NARROWEST = 1e-300
"""Of narrower bins, one over the width may be no number."""
_AT_ONCE = 1 << 14
"""Values of one array that are looked at together: what is reckoned with them stays near the processor."""


def is_even(axis: DeclaredAxis) -> bool:
    """Tell whether `EvenAxes` takes an axis."""
    return isinstance(axis, EvenAxis) and (float(axis.stop) - float(axis.start)) / int(axis.bins) > _NARROWEST


class EvenAxes:
    """Several even axes, each known by its number. Bins are counted with flow bins: below the range is 0.

    A guess is off by one bin at most: no bin is narrower than two steps of floating point, so that the start
    of the range and each edge are within a quarter of a bin of where they are on paper, and what the product
    is rounded by is far less.
    """

    def __init__(self, axes: Sequence[EvenAxis]) -> None:
        alike: dict[tuple[str, ...], EvenAxis] = {}
        for axis in axes:  # of thousands, many may be alike, and edges take long to find
            alike.setdefault(_identity(axis), axis)
        kinds = list(alike.values())
        # Nothing lies below the lowest of all; NaN ends the highest, and not even infinity reaches it.
        self._edges = np.concatenate([[-np.inf, *axis.edges, np.nan] for axis in kinds] or [[]])
        self._upper_edges = self._edges[1:]
        first = np.cumsum([0, *(axis.bins + 3 for axis in kinds)])
        starts = np.array([axis.edges[0] for axis in kinds], np.float64)
        stops = np.array([axis.edges[-1] for axis in kinds], np.float64)
        bins = np.array([axis.bins for axis in kinds], np.float64)
        number = {identity: number for number, identity in enumerate(alike)}
        which = np.array([number[_identity(axis)] for axis in axes], np.int64)
        self._first = first[which]
        self._scales = np.array([starts, bins / (stops - starts), bins])[:, which]

    def bins(self, number: int, values: Array) -> Numbers:
        """Return the bins of values, none of them NaN, on one axis."""
        scale, first = self._scales[:, number], self._first[number]
        if len(values) <= _AT_ONCE:
            return self._find(values, scale, first)
        found = np.empty(len(values), np.int64)
        for begin in range(0, len(values), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            found[part] = self._find(values[part], scale, first)
        return found

    def bins_together(self, numbers: Numbers, lengths: Numbers, values: Array) -> Numbers:
        """Return the bins of values, none of them NaN, of which each of several axes gets so many."""
        scales = self._scales[:, numbers].repeat(lengths, axis=1)
        return self._find(values, scales, self._first[numbers].repeat(lengths))

    def _find(self, values: Array, scale: Floats, first: Any) -> Numbers:
        start, per_width, bins = scale
        numbers = values.astype(np.float64, copy=False)
        steps = numbers - start
        steps *= per_width
        np.maximum(steps, -1, out=steps)
        np.minimum(steps, bins, out=steps)
        steps += 1
        places: Numbers = steps.astype(np.int64)
        places += first
        places += numbers >= self._upper_edges[places]
        places -= numbers < self._edges[places]
        places -= first
        return places


def _identity(axis: EvenAxis) -> tuple[str, ...]:
    """Return what an axis's edges follow from."""
    return type(axis).__name__, str(axis.bins), str(axis.start), str(axis.stop)
