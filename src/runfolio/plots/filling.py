"""Filling: a run's histograms, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boost_histogram as bh
import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts
from runfolio.plots.reducer import Histogram, Reducer, check_values

log = logging.getLogger(__name__)


class _Filled:
    """One histogram's counts in one run."""

    def __init__(self, declared: Histogram) -> None:
        self.declared = declared
        self.counts = bh.Histogram(*(axis.storage() for axis in declared.axes), storage=bh.storage.Int64())
        self.not_a_number = 0
        self.lost_spills = 0

    def fill(self, columns: Any) -> None:
        arrays = check_values(self.declared, self.declared.function(columns))
        numbers = ~np.logical_or.reduce([np.isnan(array) for array in arrays])
        if not numbers.all():
            arrays = tuple(array[numbers] for array in arrays)
        stored = [axis.to_storage(array) for axis, array in zip(self.declared.axes, arrays, strict=True)]
        self.counts.fill(*stored)
        self.not_a_number += len(numbers) - int(numbers.sum())

    def snapshot(self) -> Counts:
        values: npt.NDArray[np.int64] = self.counts.values(flow=True).astype(np.int64)
        return Counts(
            name=self.declared.name,
            title=self.declared.title,
            axes=self.declared.axes,
            values=values,
            not_a_number=self.not_a_number,
            lost_spills=self.lost_spills,
        )


class Filling:
    """The histograms of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._filled = [_Filled(histogram) for histogram in reducer.histograms.values()]
        self._told: set[tuple[str, type[Exception]]] = set()

    def fill(self, spills: Sequence[Any]) -> None:
        """Fill every histogram with a batch of spills."""
        try:
            columns = self.reducer.reads.columns(spills)
        except Exception as error:  # noqa: BLE001  (a plot's own code: whatever it raises must not stop the run)
            self._one_by_one(spills, self.fill, self._filled, error)
            return
        for filled in self._filled:
            self._fill_one(filled, columns, spills)

    def _fill_one(self, filled: _Filled, columns: Any, spills: Sequence[Any]) -> None:
        def again(spill: Sequence[Any]) -> None:
            self._fill_one(filled, self.reducer.reads.columns(spill), spill)

        try:
            filled.fill(columns)
        except Exception as error:  # noqa: BLE001  (as above)
            self._one_by_one(spills, again, [filled], error)

    def _one_by_one(
        self,
        spills: Sequence[Any],
        again: Callable[[Sequence[Any]], None],
        losing: Sequence[_Filled],
        error: Exception,
    ) -> None:
        """Find the spill that a function raised for; it alone is lost, for `losing` alone."""
        if len(spills) > 1:
            for spill in spills:
                again([spill])
            return
        for filled in losing:
            filled.lost_spills += 1
            self._tell(filled.declared.name, error)

    def _tell(self, name: str, error: Exception) -> None:
        """Log a histogram's error, once a kind."""
        if (name, type(error)) not in self._told:
            self._told.add((name, type(error)))
            log.warning(
                "run %d: %s of %s lost a spill: %s: %s",
                self._run_number,
                name,
                self.reducer.name,
                type(error).__name__,
                error,
            )

    def snapshot(self) -> Mapping[str, Counts]:
        """Return every histogram's counts at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._filled}
