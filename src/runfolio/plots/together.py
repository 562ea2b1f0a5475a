"""Together: the bins of a reducer's plain histograms, one after the other in one array, and their counting.

Plain is what counts entries on even axes, as most histograms do. To count what a spill gives to 33 of them
takes a tenth of the time if it is done in one go, and to copy all bins is to copy one array.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.contents import Contents
from runfolio.plots.counts import Kind
from runfolio.plots.even import EvenAxes, is_even
from runfolio.plots.histogram import Histogram
from runfolio.plots.snapshot import Plain

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]


def is_plain(histogram: Histogram) -> bool:
    """Tell whether a histogram's bins can lie among others, and be found in one go with theirs."""
    return histogram.kind is Kind.COUNT and all(map(is_even, histogram.axes))


class PlainContents(Contents):
    """The bins of a plain histogram among those of others, where it is known by a number."""

    def __init__(self, declared: Histogram, number: int, entries: Numbers) -> None:
        super().__init__(declared, entries)
        self.number = number


class Together:
    """The bins of plain histograms, each known by its number in the order in which they are given."""

    def __init__(self, histograms: Sequence[Histogram]) -> None:
        self._shapes = [tuple(axis.bins + 2 for axis in histogram.axes) for histogram in histograms]
        *starts, size = accumulate(map(prod, self._shapes), initial=0)
        self.starts = np.array(starts, np.int64)
        """Where the bins of each histogram begin."""
        self.bins = np.zeros(size, np.int64)
        """Entries, with flow bins, the last axis fastest."""
        self._rows = np.array([shape[-1] for shape in self._shapes], np.int64)
        first_axes = [histogram.axes[0] for histogram in histograms]
        maps = [number for number, shape in enumerate(self._shapes) if len(shape) > 1]
        self._axes = EvenAxes([*first_axes, *(histograms[number].axes[1] for number in maps)])
        self._second_axis = {number: len(first_axes) + place for place, number in enumerate(maps)}
        self.contents = [
            PlainContents(histogram, number, self._bins_of(number))
            for number, histogram in enumerate(histograms)
        ]
        """Of each histogram; what is added to them is in `bins`."""

    def _bins_of(self, number: int) -> Numbers:
        """Return the bins of one histogram in the shape of its axes, to be read and written to."""
        start, shape = self.starts[number], self._shapes[number]
        return self.bins[start : start + prod(shape)].reshape(shape)

    @property
    def layout(self) -> Mapping[str, Plain]:
        """What never changes of each histogram, by name."""
        starts = self.starts.tolist()
        return {
            each.declared.name: Plain(each.declared.title, each.declared.label, each.declared.axes, start)
            for each, start in zip(self.contents, starts, strict=True)
        }

    @property
    def not_counted(self) -> Mapping[str, tuple[int, int]]:
        """The values that were no numbers and the spills that were lost, where there are any."""
        return {
            each.declared.name: (each.not_a_number, each.lost_spills)
            for each in self.contents
            if each.not_a_number or each.lost_spills
        }

    def count_one(self, number: int, arrays: Sequence[Array]) -> None:
        """Count values of one histogram, none of them NaN: all, or none where it raises."""
        places = self._axes.bins(number, arrays[0])
        if len(arrays) > 1:
            places *= self._rows[number]
            places += self._axes.bins(self._second_axis[number], arrays[1])
        places += self.starts[number]
        np.add.at(self.bins, places, 1)

    def count_several(self, one: Sequence[int], two: Sequence[int], lengths: Numbers, values: Array) -> None:
        """Count values of several histograms, none of them NaN: all, or none where it raises.

        Args:
            one: the numbers of histograms of one axis.
            two: those of histograms of two axes.
            lengths: how many entries each of them gets, in this order.
            values: as many of each, along x; then along y of those of two axes.

        """
        histograms = np.array([*one, *two], np.int64)
        pairs = lengths[len(one) :]
        second_axes = [self._second_axis[number] for number in two]
        axes = np.array([*one, *two, *second_axes], np.int64)
        found = self._axes.bins_together(axes, np.concatenate([lengths, pairs]), values)
        places = found[: int(lengths.sum())]
        if two:
            along_y = found[len(places) :]
            of_maps = places[len(places) - len(along_y) :]
            of_maps *= self._rows[histograms[len(one) :]].repeat(pairs)
            of_maps += along_y
        places += self.starts[histograms].repeat(lengths)
        np.add.at(self.bins, places, 1)
