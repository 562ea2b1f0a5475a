"""Shares: what the plots of one run make of some of its data in another process, to be added up in one.

The bits are those of one process: a share holds counts only where counts add up, and all else in the order
and in the batches in which it was filled.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runfolio.plots.contents import Contents
from runfolio.plots.declared import Declared
from runfolio.plots.filling import Filling, ReducerShare
from runfolio.plots.histogram import Histogram
from runfolio.plots.reducer import Reducer
from runfolio.plots.together import PlainContents
from runfolio.plots.values import Array

Arrays = tuple[Array, ...]


@dataclass(frozen=True)
class Share:
    """What plots made of so many spills or rows; it stands in a batch in place of these."""

    length: int
    reducers: Sequence[ReducerShare]

    def __len__(self) -> int:
        return self.length


class Sharing:
    """Makes shares of data."""

    def __init__(self, reducers: Sequence[Reducer]) -> None:
        self._fillings = [_SharedFilling(reducer) for reducer in reducers]
        self._length = 0

    def fill(self, data: Any) -> None:
        """Have more data in the next share; nothing is left of an earlier one."""
        for filling in self._fillings:
            filling.fill(data)
        self._length += len(data)

    @property
    def bytes_given(self) -> int:
        """Bytes of the arrays that the next share holds."""
        return sum(filling.bytes_given for filling in self._fillings)

    def share(self) -> Share:
        """Return the share of all data since the last one."""
        length, self._length = self._length, 0
        return Share(length, [filling.share() for filling in self._fillings])


class _SharedFilling(Filling):
    """Fills for others: what it has come to is handed over, and it begins anew."""

    def __init__(self, reducer: Reducer) -> None:
        super().__init__(reducer, run_number=0)
        self._rows = 0
        self._given: list[tuple[int, int, Arrays]] = []
        self._said: list[tuple[tuple[str, str], str]] = []
        self._filled = [
            filled if isinstance(filled, Contents) and filled.declared.adds_up else self._giver(place)
            for place, filled in enumerate(self._filled)
        ]
        self._counts = {
            place: filled for place, filled in enumerate(self._filled) if isinstance(filled, Contents)
        }

    def _giver(self, place: int) -> "_Given":
        return _Given(self._filled[place].declared, lambda arrays: self._keep(place, arrays))

    def _keep(self, place: int, arrays: Arrays) -> None:
        """Keep copies of arrays: a function may use its own again for the next batch."""
        self._given.append((place, self._rows, tuple(array.copy() for array in arrays)))

    def _try(self, data: Any, wanted: Any) -> Any:
        self._rows = len(data)
        return super()._try(data, wanted)

    def _say(self, kind: tuple[str, str], what: str) -> None:
        self._said.append((kind, what))

    @property
    def bytes_given(self) -> int:
        return sum(array.nbytes for _, _, arrays in self._given for array in arrays)

    def share(self) -> ReducerShare:
        """Return what was filled since the last one."""
        counts = self._counts.items()
        share = ReducerShare(
            plain=_taken(self._together.bins),
            counted=[
                (place, *taken)
                for place, contents in counts
                if not isinstance(contents, PlainContents) and len((taken := _taken(contents.entries))[0])
            ],
            not_a_number=[(place, each.not_a_number) for place, each in counts if each.not_a_number],
            given=self._given,
            lost=[(place, each.lost_spills) for place, each in enumerate(self._filled) if each.lost_spills],
            told=self._said,
        )
        self._begin_anew()
        return share

    def _begin_anew(self) -> None:
        self._given, self._said = [], []
        self._told.clear()
        for filled in self._filled:
            filled.lost_spills = 0
        for contents in self._counts.values():
            contents.not_a_number = 0


def _taken(entries: Array) -> tuple[Array, Array]:
    """Return the bins that have entries, and these; none is left."""
    bins = np.flatnonzero(entries)
    taken = entries[bins]
    entries[bins] = 0
    return bins, taken


class _Given:
    """Stands for what is filled elsewhere: keeps what its function gives."""

    def __init__(self, declared: Histogram | Declared, keep: Callable[[Arrays], None]) -> None:
        self.declared = declared
        self.lost_spills = 0
        self.take = keep

    def fill(self, columns: Any) -> None:
        self.take(self.declared.arrays(self.declared.function(columns)))
