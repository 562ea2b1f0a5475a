"""Contents: the bins of one histogram in one run, and how values get into them."""

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.plots.counts import Counts, Kind
from runfolio.plots.growing import AxisState, running
from runfolio.plots.histogram import Histogram
from runfolio.plots.packed import Packed, check_counts, other_declaration, pack, unpack_like
from runfolio.plots.values import missing

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
Arrays = tuple[Array, ...]


class ContentsState(Struct, frozen=True, kw_only=True):
    """One histogram's bins at one moment, as plain data."""

    name: str
    kind: Kind
    axes: tuple[AxisState, ...]
    bins: tuple[Packed, ...]
    """The entries and, but for counts, the two sums, with flow bins; the first axis is the last one here."""
    not_a_number: int
    lost_spills: int


class Contents:
    """One histogram's bins: entries and, for weights and profiles, sums.

    Args:
        declared: what is filled.
        entries: zeros to count in, with flow bins, where they lie among those of other histograms.

    """

    def __init__(self, declared: Histogram, entries: Numbers | None = None) -> None:
        self.declared = declared
        self.not_a_number = 0
        self.lost_spills = 0
        self._axes = [running(axis) for axis in declared.axes]
        shape = tuple(axis.bins + 2 for axis in self._axes)
        self._entries = np.zeros(shape, np.int64) if entries is None else entries
        self._sums: tuple[npt.NDArray[np.float64], ...] = ()
        """Of the weights or the quantity, and of their squares."""
        if declared.kind is not Kind.COUNT:
            self._sums = (np.zeros(shape), np.zeros(shape))

    def fill(self, columns: Any) -> None:
        """Fill with what the histogram's function makes of columns.

        Raises:
            ValueError: it is not one numeric array an axis, all of one shape; nothing was filled then.
            Exception: whatever the function raises.

        """
        self.take(self.values(columns))

    def values(self, columns: Any) -> Arrays:
        """Return what the histogram's function makes of columns, as `take` takes it.

        Raises:
            ValueError: it is not one numeric array an axis, all of one shape.
            Exception: whatever the function raises.

        """
        return self.declared.arrays(self.declared.function(columns))

    def take(self, arrays: Arrays) -> None:
        """Count values: an array an axis, then the weights or the quantity."""
        arrays, gone = self.without_missing(arrays)
        self._make_room(arrays)
        places = self._places(arrays)
        if self._sums:
            quantity = arrays[-1].astype(np.float64)
            np.add.at(self._sums[0].reshape(-1), places, quantity)
            np.add.at(self._sums[1].reshape(-1), places, quantity**2)
        np.add.at(self._entries.reshape(-1), places, 1)
        self.not_a_number += gone

    def without_missing(self, arrays: Arrays) -> tuple[Arrays, int]:
        """Return arrays without what is no number in any of them, and how many that are."""
        # A weight that is infinite would spoil its bin's sum for good.
        gone = missing(arrays, finite=self.declared.kind is not Kind.COUNT)
        if gone is None:
            return arrays, 0
        return tuple(array[~gone] for array in arrays), int(gone.sum())

    def _make_room(self, arrays: Arrays) -> None:
        for along, axis in enumerate(self._axes):
            move = axis.make_room(arrays[along])
            if move is None:
                continue
            for contents in (self._entries, *self._sums):
                contents[...] = np.moveaxis(move(np.moveaxis(contents, along, 0)), 0, along)

    def _places(self, arrays: Arrays) -> Numbers:
        """Return where in the bins, one after the other, each entry belongs."""
        places = self._axes[0].bin_numbers(arrays[0]) + 1
        for axis, array in zip(self._axes[1:], arrays[1:], strict=False):
            places *= axis.bins + 2
            places += axis.bin_numbers(array) + 1
        return places

    @property
    def entries(self) -> Numbers:
        """The entries to read and write to, with flow bins, one after the other."""
        return self._entries.reshape(-1)

    def snapshot(self) -> Counts:
        """Return a copy of the contents at this moment."""
        axes, shown = zip(*(axis.now() for axis in self._axes), strict=True)
        where = np.ix_(
            *([0, *(numbers + 1), axis.bins + 1] for numbers, axis in zip(shown, self._axes, strict=True))
        )
        sums, squares = (sums[where] for sums in self._sums) if self._sums else (None, None)
        return Counts(
            name=self.declared.name,
            title=self.declared.title,
            axes=axes,
            values=self._entries[where],
            kind=self.declared.kind,
            sums=sums,
            squares=squares,
            label=self.declared.label,
            not_a_number=self.not_a_number,
            lost_spills=self.lost_spills,
        )

    def state(self) -> ContentsState:
        """Return the contents at this moment as plain data, from which `restore` goes on to the same bits."""
        return ContentsState(
            name=self.declared.name,
            kind=self.declared.kind,
            axes=tuple(axis.state() for axis in self._axes),
            bins=tuple(pack(bins.T) for bins in (self._entries, *self._sums)),
            not_a_number=self.not_a_number,
            lost_spills=self.lost_spills,
        )

    def restore(self, state: ContentsState) -> None:
        """Take contents that are still empty to where others of this declaration were.

        Raises:
            CheckpointError: the state is of another declaration, or damaged.

        """
        declared, contents = self.declared, (self._entries, *self._sums)
        known = (declared.name, declared.kind, len(self._axes), len(contents))
        if (state.name, state.kind, len(state.axes), len(state.bins)) != known:
            raise other_declaration(declared.what, declared.name)
        check_counts(state.not_a_number, state.lost_spills)
        for axis, was in zip(self._axes, state.axes, strict=True):
            axis.restore(was)
        for bins, packed in zip(contents, state.bins, strict=True):
            bins.T[...] = unpack_like(packed, bins.T)
        check_counts(int(self._entries.min()))
        self.not_a_number, self.lost_spills = state.not_a_number, state.lost_spills
