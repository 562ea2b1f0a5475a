"""Waiting: values of plain histograms that wait until there are enough of them to be counted in one go."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.together import PlainContents, Together

Array = npt.NDArray[Any]

MANY = 1024
"""Values of one histogram from which on they are counted by themselves, as is faster then."""
ENOUGH = 1 << 12
"""Entries that are counted in one go. Of twice as many, each takes half as long again: what is reckoned with
them then gets far from the processor, and its memory is asked of the system each time."""


class Waiting:
    """Values of a batch on their way into histograms that are counted together.

    They are copied: a function may use its array again for the next histogram.
    """

    def __init__(self, together: Together) -> None:
        self._together = together
        self._clear()
        self.failed: list[tuple[PlainContents, Exception]] = []
        """What could not be counted, as for want of memory, and is as it was before."""

    def _clear(self) -> None:
        self._entries = 0
        self._one: list[tuple[PlainContents, Array]] = []
        self._two: list[tuple[PlainContents, Array, Array]] = []

    def take(self, contents: PlainContents, arrays: tuple[Array, ...]) -> None:
        """Take values of one of these histograms, an array an axis; sooner or later they are counted."""
        entries = len(arrays[0])
        if entries >= MANY:
            self._count_one(contents, arrays)
            return
        if len(arrays) == 1:
            self._one.append((contents, arrays[0].copy()))
        else:
            self._two.append((contents, arrays[0].copy(), arrays[1].copy()))
        self._entries += entries
        if self._entries >= ENOUGH:
            self.count()

    def count(self) -> None:
        """Count what waits."""
        one, two, entries = self._one, self._two, self._entries
        self._clear()
        if not entries:
            return
        try:
            all_numbers = self._count_several(one, two)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other histograms still count
            self.failed += [(contents, error) for contents, _ in one]
            self.failed += [(contents, error) for contents, _, _ in two]
            return
        if not all_numbers:
            for contents, x in one:
                self._count_one(contents, (x,))
            for contents, x, y in two:
                self._count_one(contents, (x, y))

    def _count_several(
        self, one: Sequence[tuple[PlainContents, Array]], two: Sequence[tuple[PlainContents, Array, Array]]
    ) -> bool:
        """Count values of several histograms; nothing, and return so, where one of them is NaN."""
        along_x = [x for _, x in one] + [x for _, x, _ in two]
        values = np.concatenate(along_x + [y for _, _, y in two])
        if values.dtype.kind == "f" and np.isnan(values).any():
            return False
        self._together.count_several(
            [contents.number for contents, _ in one],
            [contents.number for contents, _, _ in two],
            np.fromiter(map(len, along_x), np.int64, len(along_x)),
            values,
        )
        return True

    def _count_one(self, contents: PlainContents, arrays: tuple[Array, ...]) -> None:
        try:
            numbers, gone = contents.without_missing(arrays)
            self._together.count_one(contents.number, numbers)
        except Exception as error:  # noqa: BLE001 - as above
            self.failed.append((contents, error))
        else:
            contents.not_a_number += gone
