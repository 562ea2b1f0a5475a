"""Snapshots: what all histograms of a reducer hold at one moment, quickly taken and handed to others.

Most of what is said of 10,000 histograms never changes in a run. It is kept apart, to cross to another
process once, and the counts of one histogram are made when they are looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis
from runfolio.plots.counts import Counts


class Plain(NamedTuple):
    """What never changes of a histogram whose bins lie among others."""

    title: str
    label: str
    axes: tuple[Axis, ...]
    start: int
    """Where its bins begin."""


@dataclass(frozen=True, eq=False)
class Layout:
    """What never changes of a reducer's histograms in a run."""

    names: tuple[str, ...]
    """Of all histograms, in the order of declaration."""
    plain: Mapping[str, Plain]
    """Those whose bins lie one after the other in one array."""


class Snapshot(Mapping[str, Counts]):
    """Every histogram's counts at one moment, in the order of declaration.

    Args:
        layout: what never changes.
        bins: of the plain histograms; nobody else may write to them.
        not_counted: of those that have any, the values that are no numbers and the spills that were lost.
        others: the histograms that are not plain.

    """

    def __init__(
        self,
        layout: Layout,
        bins: npt.NDArray[np.int64],
        not_counted: Mapping[str, tuple[int, int]],
        others: Mapping[str, Counts],
    ) -> None:
        self.layout = layout
        self._bins = bins
        self._not_counted = not_counted
        self._others = others
        self._made: dict[str, Counts] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process without what was made to be looked at here."""
        return Snapshot, (self.layout, self._bins, self._not_counted, self._others)

    def __getitem__(self, name: str) -> Counts:
        if name in self._others:
            return self._others[name]
        if name not in self._made:
            self._made[name] = self._counts(name, self.layout.plain[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.layout.names)

    def __len__(self) -> int:
        return len(self.layout.names)

    def _counts(self, name: str, plain: Plain) -> Counts:
        shape = tuple(axis.bins + 2 for axis in plain.axes)
        not_a_number, lost_spills = self._not_counted.get(name, (0, 0))
        return Counts(
            name=name,
            title=plain.title,
            axes=plain.axes,
            values=self._bins[plain.start : plain.start + prod(shape)].reshape(shape),
            label=plain.label,
            not_a_number=not_a_number,
            lost_spills=lost_spills,
        )
