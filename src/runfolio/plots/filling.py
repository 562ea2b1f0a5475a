"""Filling: a run's histograms, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched.
"""

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from runfolio.plots.contents import Contents
from runfolio.plots.counts import Counts
from runfolio.plots.places import Place
from runfolio.plots.reducer import Reducer

log = logging.getLogger(__name__)

COLUMNS = "the columns"
LONGEST_ERROR = 300
"""Characters of an error's own words that go into the log."""


class _Failure(NamedTuple):
    """A histogram that could not be filled, the function that raised, and what it raised."""

    contents: Contents
    function: str
    error: Exception


@dataclass
class _Tries:
    """How many more parts of a batch may be tried: enough to try each spill of one that has 32."""

    left: int = 64


class Filling:
    """The histograms of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._filled = [Contents(histogram) for histogram in reducer.histograms.values()]
        self._told: set[tuple[str, type[Exception]]] = set()

    def fill(self, data: Any) -> None:
        """Fill every histogram with a batch of spills or rows.

        Where a function raises, its histogram is filled with ever smaller parts of the batch, and
        loses only the spills that make it raise. Where that takes too long, as with a function that
        always raises, it loses the rest of the batch.
        """
        with np.errstate(all="ignore"):  # 0/0 is counted as not a number; the terminal need not hear of it
            failures = self._try(data, self._filled)
            if failures:
                self._narrow(data, failures, _Tries())

    def _narrow(self, data: Any, failures: "list[_Failure]", tries: "_Tries") -> None:
        """Fill the histograms that failed for all of the data with what of it can be had."""
        if len(data) == 1 or tries.left < 2:  # noqa: PLR2004 - one for each half
            for failure in failures:
                failure.contents.lost_spills += len(data)
                self._tell(failure)
            return
        contents = [failure.contents for failure in failures]
        half = len(data) // 2
        for part in (data[:half], data[half:]):
            tries.left -= 1
            if again := self._try(part, contents):
                self._narrow(part, again, tries)

    def _try(self, data: Any, histograms: Sequence[Contents]) -> "list[_Failure]":
        """Fill histograms with data; return those for which a function raised, which took none of them."""
        try:
            columns = self.reducer.reads.columns(data)
        except Exception as error:  # noqa: BLE001  (a plot's own code: whatever it raises must not stop the run)
            return [_Failure(contents, COLUMNS, error) for contents in histograms]
        failures = []
        for contents in histograms:
            try:
                contents.fill(columns)
            except Exception as error:  # noqa: BLE001  (as above)
                failures.append(_Failure(contents, contents.declared.name, error))
        return failures

    def _tell(self, failure: _Failure) -> None:
        """Log a function's error, once a kind."""
        kind = (failure.function, type(failure.error))
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
        return {filled.declared.name: filled.snapshot() for filled in self._filled}


def _place(failure: _Failure) -> str:
    """Return where to look: the innermost line of the file that the function stands in."""
    function = failure.contents.declared.function_place
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
