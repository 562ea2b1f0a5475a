"""Filling: a run's histograms, tables and trees, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched.
"""

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from runfolio.plots.contents import Contents
from runfolio.plots.counts import Counts
from runfolio.plots.declared import Declared
from runfolio.plots.histogram import Histogram
from runfolio.plots.places import Place
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


@dataclass
class _Tries:
    """How many more parts of a batch may be tried: enough to try each spill of one that has 32."""

    left: int = 64


class Filling:
    """The histograms, tables and trees of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._histograms = [Contents(histogram) for histogram in reducer.histograms.values()]
        self._tables = [TableContents(table) for table in reducer.tables.values()]
        self._trees = [TreeContents(tree) for tree in reducer.trees.values()]
        self._filled: list[_Filled] = [*self._histograms, *self._tables, *self._trees]
        self._told: set[tuple[str, str]] = set()

    def fill(self, data: Any) -> None:
        """Fill every histogram, table and tree with a batch of spills or rows.

        Where a function raises, what it fills is filled with ever smaller parts of the batch, and
        loses only the spills that make it raise. Where that takes too long, as with a function that
        always raises, it loses the rest of the batch.
        """
        with np.errstate(all="ignore"):  # 0/0 is counted as not a number; the terminal need not hear of it
            failures = self._try(data, self._filled)
            if failures:
                self._narrow(data, failures, _Tries())

    def _narrow(self, data: Any, failures: "list[_Failure]", tries: "_Tries") -> None:
        """Fill what failed for all of the data with what of it can be had."""
        if len(data) == 1 or tries.left < 2:  # noqa: PLR2004 - one for each half
            for failure in failures:
                failure.filled.lost_spills += len(data)
                self._tell(failure)
            return
        wanted = [failure.filled for failure in failures]
        half = len(data) // 2
        for part in (data[:half], data[half:]):
            tries.left -= 1
            if again := self._try(part, wanted):
                self._narrow(part, again, tries)

    def _try(self, data: Any, wanted: Sequence[_Filled]) -> "list[_Failure]":
        """Fill what is wanted with data; return what took none of them, since a function raised."""
        try:
            columns = self.reducer.reads.columns(data)
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
        kind = (failure.function, type(failure.error).__qualname__)  # a function may define its own each time
        if kind not in self._told:
            self._told.add(kind)
            log.warning(
                "run %d: %s of %s%s lost %ss: %s: %s",
                self._run_number,
                failure.function,
                self.reducer.name,
                _place(failure),
                self.reducer.reads.unit,
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


def _place(failure: _Failure) -> str:
    """Return where to look: the innermost line of the file that the function stands in."""
    function = failure.filled.declared.function_place
    if function is None or failure.function == COLUMNS:
        return ""
    frames = traceback.extract_tb(failure.error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == function.file]
    return f" ({Place(function.file, lines[-1] if lines and lines[-1] else function.line)})"


def _words(error: Exception) -> str:
    """Return an error's own words in one line: they may quote anything of the stream."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001  (the error class is a user's, too)
        return "(it can't say what)"
    line = " ".join(words.split())[:LONGEST_ERROR]
    return "".join(letter if letter.isprintable() else "?" for letter in line)
