"""Filling: a run's histograms, tables and trees, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from runfolio.plots.contents import Contents
from runfolio.plots.counts import Counts
from runfolio.plots.declared import Declared
from runfolio.plots.histogram import Histogram
from runfolio.plots.reducer import Reducer
from runfolio.plots.table import TableContents
from runfolio.plots.tree import TreeContents, TreeRows
from runfolio.readings import Readings

log = logging.getLogger(__name__)

COLUMNS = "the columns"
LONGEST_ERROR = 300
"""Characters of an error's own words that go into the log."""


class _Filled(Protocol):
    """What is filled: the contents of a histogram, a table or a tree."""

    lost_spills: int

    @property
    def declared(self) -> Histogram | Declared: ...

    def fill(self, columns: Any) -> None: ...


class _Failure(NamedTuple):
    """What could not be filled, the function that raised, and what it raised."""

    filled: _Filled
    function: str
    error: Exception


class Filling:
    """The histograms, tables and trees of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._histograms = [Contents(histogram) for histogram in reducer.histograms.values()]
        self._tables = [TableContents(table) for table in reducer.tables.values()]
        self._trees = [TreeContents(tree) for tree in reducer.trees.values()]
        self._filled: list[_Filled] = [*self._histograms, *self._tables, *self._trees]
        self._told: set[tuple[str, type[Exception]]] = set()

    def fill(self, spills: Sequence[Any]) -> None:
        """Fill every histogram, table and tree with a batch of spills.

        Where a function raises, what it fills is filled spill by spill, and loses only
        those that make it raise.
        """
        with np.errstate(all="ignore"):  # 0/0 is counted as not a number; the terminal need not hear of it
            again = [failure.filled for failure in self._try(spills, self._filled)]
            for spill in spills if again else ():
                for failure in self._try([spill], again):
                    failure.filled.lost_spills += 1
                    self._tell(failure)

    def _try(self, spills: Sequence[Any], wanted: Sequence[_Filled]) -> list[_Failure]:
        """Fill what is wanted with spills; return what took none of them, since a function raised."""
        try:
            columns = self.reducer.reads.columns(spills)
        except Exception as error:  # noqa: BLE001  (a plot's own code: whatever it raises must not stop the run)
            return [_Failure(filled, COLUMNS, error) for filled in wanted]
        failures = []
        for filled in wanted:
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
        return {filled.declared.name: filled.snapshot() for filled in self._histograms}

    def tables(self) -> Mapping[str, Readings]:
        """Return what every table says at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._tables}

    def trees(self) -> Mapping[str, TreeRows]:
        """Return every tree's rows at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._trees}

    def lost_spills(self) -> Mapping[str, int]:
        """Return how many spills each histogram, table and tree has lost to errors."""
        return {filled.declared.name: filled.lost_spills for filled in self._filled}


def _words(error: Exception) -> str:
    """Return an error's own words in one line: they may quote anything of the stream."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001  (the error class is a user's, too)
        return "(it can't say what)"
    line = " ".join(words.split())[:LONGEST_ERROR]
    return "".join(letter if letter.isprintable() else "?" for letter in line)
