"""Filling: a run's histograms, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import boost_histogram as bh
import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts
from runfolio.plots.reducer import Histogram, Reducer, check_values

log = logging.getLogger(__name__)

COLUMNS = "the columns"
LONGEST_ERROR = 300
"""Characters of an error's own words that go into the log."""


class _Filled:
    """One histogram's counts in one run."""

    def __init__(self, declared: Histogram) -> None:
        self.declared = declared
        # The axes find the bins, exactly; here they are counted by their numbers.
        axes = (bh.axis.Integer(0, axis.bins) for axis in declared.axes)
        self.counts = bh.Histogram(*axes, storage=bh.storage.Int64())
        self.not_a_number = 0
        self.lost_spills = 0

    def fill(self, columns: Any) -> None:
        arrays = check_values(self.declared, self.declared.function(columns))
        numbers = ~np.logical_or.reduce([np.isnan(array) for array in arrays])
        if not numbers.all():
            arrays = tuple(array[numbers] for array in arrays)
        bins = [axis.bin_numbers(array) for axis, array in zip(self.declared.axes, arrays, strict=True)]
        self.counts.fill(*bins)
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


class _Failure(NamedTuple):
    """A histogram that could not be filled, the function that raised, and what it raised."""

    filled: _Filled
    function: str
    error: Exception


class Filling:
    """The histograms of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._filled = [_Filled(histogram) for histogram in reducer.histograms.values()]
        self._told: set[tuple[str, type[Exception]]] = set()

    def fill(self, spills: Sequence[Any]) -> None:
        """Fill every histogram with a batch of spills.

        Where a function raises, its histogram is filled spill by spill, and loses only those that
        make it raise.
        """
        with np.errstate(all="ignore"):  # 0/0 is counted as not a number; the terminal need not hear of it
            again = [failure.filled for failure in self._try(spills, self._filled)]
            for spill in spills if again else ():
                for failure in self._try([spill], again):
                    failure.filled.lost_spills += 1
                    self._tell(failure)

    def _try(self, spills: Sequence[Any], histograms: Sequence[_Filled]) -> list[_Failure]:
        """Fill histograms with spills; return those for which a function raised, which took none of them."""
        try:
            columns = self.reducer.reads.columns(spills)
        except Exception as error:  # noqa: BLE001  (a plot's own code: whatever it raises must not stop the run)
            return [_Failure(filled, COLUMNS, error) for filled in histograms]
        failures = []
        for filled in histograms:
            try:
                filled.fill(columns)
            except Exception as error:  # noqa: BLE001  (as above)
                failures.append(_Failure(filled, filled.declared.name, error))
        return failures

    def _tell(self, failure: _Failure) -> None:
        """Log a function's error, once a kind."""
        kind = (failure.function, type(failure.error))
        if kind not in self._told:
            self._told.add(kind)
            log.warning(
                "run %d: %s of %s lost a spill: %s: %s",
                self._run_number,
                failure.function,
                self.reducer.name,
                type(failure.error).__name__,
                _words(failure.error),
            )

    def snapshot(self) -> Mapping[str, Counts]:
        """Return every histogram's counts at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._filled}


def _words(error: Exception) -> str:
    """Return an error's own words in one line: they may quote anything of the stream."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001  (the error class is a user's, too)
        return "(it can't say what)"
    line = " ".join(words.split())[:LONGEST_ERROR]
    return "".join(letter if letter.isprintable() else "?" for letter in line)
