"""Contents: the bins of one histogram in one run, and how values get into them."""

from typing import Any

import boost_histogram as bh
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.plots.counts import Counts, Kind
from runfolio.plots.growing import AxisState, running
from runfolio.plots.histogram import Histogram
from runfolio.plots.packed import Packed, check_counts, other_declaration, pack, unpack_like
from runfolio.plots.values import is_there

Array = npt.NDArray[Any]


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
    """One histogram's bins: entries and, for weights and profiles, sums."""

    def __init__(self, declared: Histogram) -> None:
        self.declared = declared
        self.not_a_number = 0
        self.lost_spills = 0
        self._axes = [running(axis) for axis in declared.axes]
        self._entries = self._bins(bh.storage.Int64())
        self._sums: tuple[bh.Histogram[Any], ...] = ()
        """Of the weights or the quantity, and of their squares."""
        if declared.kind is not Kind.COUNT:
            self._sums = (self._bins(bh.storage.Double()), self._bins(bh.storage.Double()))

    def _bins(self, storage: Any) -> bh.Histogram[Any]:
        # The axes find the bins, exactly; here they are counted by their numbers.
        return bh.Histogram(*(bh.axis.Integer(0, axis.bins) for axis in self._axes), storage=storage)

    def fill(self, columns: Any) -> None:
        """Fill with what the histogram's function makes of columns.

        Raises:
            ValueError: it is not one numeric array an axis, all of one shape; nothing was filled then.
            Exception: whatever the function raises.

        """
        declared = self.declared
        arrays = declared.arrays(declared.function(columns))
        there = np.logical_and.reduce([is_there(array) for array in arrays])
        if declared.kind is not Kind.COUNT:
            there &= np.isfinite(arrays[-1])  # one that is infinite would spoil its bin's sum for good
        if not there.all():
            arrays = tuple(array[there] for array in arrays)
        self._make_room(arrays)
        bins = [axis.bin_numbers(array) for axis, array in zip(self._axes, arrays, strict=False)]
        self._entries.fill(*bins)
        if self._sums:
            quantity = arrays[-1].astype(np.float64)
            self._sums[0].fill(*bins, weight=quantity)
            self._sums[1].fill(*bins, weight=quantity**2)
        self.not_a_number += len(there) - int(there.sum())

    def _make_room(self, arrays: tuple[Array, ...]) -> None:
        for along, axis in enumerate(self._axes):
            move = axis.make_room(arrays[along])
            if move is None:
                continue
            for contents in self._views():
                contents[...] = np.moveaxis(move(np.moveaxis(contents, along, 0)), 0, along)

    def _views(self) -> list[Array]:
        """Return the bins of the entries and the sums as arrays to write to, with flow bins."""
        return [bins.view(flow=True) for bins in (self._entries, *self._sums)]

    def snapshot(self) -> Counts:
        """Return a copy of the contents at this moment."""
        axes, shown = zip(*(axis.now() for axis in self._axes), strict=True)
        where = np.ix_(
            *([0, *(numbers + 1), axis.bins + 1] for numbers, axis in zip(shown, self._axes, strict=True))
        )
        sums, squares = (bins.view(flow=True)[where] for bins in self._sums) if self._sums else (None, None)
        return Counts(
            name=self.declared.name,
            title=self.declared.title,
            axes=axes,
            values=self._entries.view(flow=True)[where].astype(np.int64),
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
            bins=tuple(pack(bins.T) for bins in self._views()),  # as they lie in memory
            not_a_number=self.not_a_number,
            lost_spills=self.lost_spills,
        )

    def restore(self, state: ContentsState) -> None:
        """Take contents that are still empty to where others of this declaration were.

        Raises:
            CheckpointError: the state is of another declaration, or damaged.

        """
        declared, views = self.declared, self._views()
        known = (declared.name, declared.kind, len(self._axes), len(views))
        if (state.name, state.kind, len(state.axes), len(state.bins)) != known:
            raise other_declaration(declared.what, declared.name)
        check_counts(state.not_a_number, state.lost_spills)
        for axis, was in zip(self._axes, state.axes, strict=True):
            axis.restore(was)
        for bins, packed in zip(views, state.bins, strict=True):
            bins.T[...] = unpack_like(packed, bins.T)
        check_counts(int(views[0].min()))
        self.not_a_number, self.lost_spills = state.not_a_number, state.lost_spills
