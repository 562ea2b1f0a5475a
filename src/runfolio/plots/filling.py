"""Filling: a run's histograms, tables and trees, and how a batch of spills gets into them.

What goes wrong costs as little as it can: a function that raises loses its own histogram, for
the one spill that made it raise, so that the counts do not depend on how spills were batched. Of a
batch of up to 32 that is so whatever happens. Of a larger one, as files of columns give, it is so as
long as few make it raise, some 50 of 10,000; of more, good rows beside the bad ones are lost too, and
of a batch of whose parts none can be had within a few tries, all.
"""

import logging
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from msgspec import Struct

from runfolio.errors import in_one_line
from runfolio.plots.contents import Contents, ContentsState
from runfolio.plots.declared import Declared
from runfolio.plots.histogram import Histogram
from runfolio.plots.packed import other_declaration
from runfolio.plots.places import Place
from runfolio.plots.reducer import Reducer
from runfolio.plots.snapshot import Layout, Snapshot
from runfolio.plots.table import TableContents, TableState
from runfolio.plots.together import PlainContents, Together, is_plain
from runfolio.plots.tree import TreeContents, TreeRows, TreeState
from runfolio.plots.values import Array
from runfolio.plots.waiting import Waiting
from runfolio.profiling import Stage, stage
from runfolio.readings import Readings

log = logging.getLogger(__name__)

COLUMNS = "the columns"
FEW_TRIES = 64
"""Of parts of a batch, as long as a function has raised for each: to split 32 spills takes 62."""
MANY_TRIES = 1024
"""Of further parts, once it was seen not to raise for one. Where few of the tries are needed, as mostly,
the limit costs nothing; where a function always raises, 64 tries read the batch two or three times over."""


class _Filled(Protocol):
    """What is filled: the contents of a histogram, a table or a tree."""

    lost_spills: int

    @property
    def declared(self) -> Histogram | Declared: ...

    def fill(self, columns: Any) -> None: ...

    def take(self, arrays: tuple[Array, ...]) -> None: ...


class _Failure(NamedTuple):
    """What could not be filled, the function that raised, and what it raised."""

    filled: _Filled
    function: str
    error: BaseException


_Told = tuple[str, str]
"""A function whose error was told, and of what kind that was."""


class ReducerShare(NamedTuple):
    """What a reducer made of some data, to be added to what it has made of all before them.

    Of the histograms that add up, what was counted; of all else, what was given to be filled, since sums
    of floating point numbers, and which bins a growing axis has, depend on the order of filling.
    """

    plain: tuple[Array, Array]
    """Which of the bins of plain histograms, one after the other, and their entries."""
    counted: Sequence[tuple[int, Array, Array]]
    """Which of the other histograms that add up, which of its bins, and their entries."""
    not_a_number: Sequence[tuple[int, int]]
    """Which of all of these, and how many values were no numbers."""
    given: Sequence[tuple[int, int, tuple[Array, ...]]]
    """Which of all that is filled, of how many spills or rows, and the arrays."""
    lost: Sequence[tuple[int, int]]
    """Which of all that is filled, and how many spills or rows it has lost."""
    told: Sequence[tuple[_Told, str]]
    """Errors of functions."""


class _Part(NamedTuple):
    """Some of a batch, and what failed for all of it."""

    data: Any
    failures: list[_Failure]


class FillingState(Struct, frozen=True, kw_only=True):
    """What a reducer has come to in one run, as plain data."""

    reducer: str
    histograms: tuple[ContentsState, ...]
    tables: tuple[TableState, ...]
    trees: tuple[TreeState, ...]
    told: tuple[tuple[str, str], ...]
    """The functions whose errors were logged, and of what kind these were."""


class Filling:
    """The histograms, tables and trees of one reducer in one run."""

    def __init__(self, reducer: Reducer, run_number: int) -> None:
        self.reducer = reducer
        self._run_number = run_number
        self._together = Together([each for each in reducer.histograms.values() if is_plain(each)])
        plain = {contents.declared.name: contents for contents in self._together.contents}
        self.histograms = [plain.get(name) or Contents(each) for name, each in reducer.histograms.items()]
        self._tables = [TableContents(table) for table in reducer.tables.values()]
        self._trees = [TreeContents(tree) for tree in reducer.trees.values()]
        self._filled: list[_Filled] = [*self.histograms, *self._tables, *self._trees]
        self._told: set[_Told] = set()
        self._layout = Layout(tuple(reducer.histograms), self._together.layout)

    def fill(self, data: Any) -> None:
        """Fill every histogram, table and tree with a batch of spills or rows.

        Where a function raises, what it fills is filled with ever smaller parts of the batch, and
        loses only the spills that make it raise. Where that takes too long, as with a function that
        always raises, it loses the parts that are left.
        """
        with np.errstate(all="ignore"):  # 0/0 is counted as not a number; the terminal need not hear of it
            failures = self._try(data, self._filled)
            if failures:
                self._narrow(data, failures)

    def _narrow(self, data: Any, failures: list[_Failure]) -> None:
        """Fill what failed for all of the data with what of it can be had."""
        parts = deque([_Part(data, failures)])
        # The smallest parts first: a function that always raises is soon known, and others by a spill or two.
        filled_some = self._split(parts, parts.pop, FEW_TRIES)
        promising: deque[_Part] = deque()
        for part in parts:
            again = [each for each in part.failures if each.filled in filled_some]
            self._lose(part.data, [each for each in part.failures if each.filled not in filled_some])
            if again:
                promising.append(_Part(part.data, again))
        # Now the largest, so that what is left when the tries are used up is small everywhere.
        self._split(promising, promising.popleft, MANY_TRIES)
        for part in promising:
            self._lose(*part)

    def _split(self, parts: deque[_Part], take: Callable[[], _Part], tries: int) -> set[_Filled]:
        """Try both halves of parts, and of halves that fail, as long as there are tries.

        Args:
            parts: left in it is what could not be tried any further.
            take: takes the next one out of them.
            tries: how many halves may be tried.

        Returns:
            What took some of them.

        """
        filled_some: set[_Filled] = set()
        while parts and tries > 1:
            data, failures = take()
            if len(data) <= 1:
                self._lose(data, failures)
                continue
            wanted, half = [failure.filled for failure in failures], len(data) // 2
            for some in (data[:half], data[half:]):
                again = self._try(some, wanted)
                filled_some |= set(wanted) - {failure.filled for failure in again}
                if again:
                    parts.append(_Part(some, again))
            tries -= 2
        return filled_some

    def _lose(self, data: Any, failures: Sequence[_Failure]) -> None:
        for failure in failures:
            failure.filled.lost_spills += len(data)
            self._tell(failure)

    def _try(self, data: Any, wanted: Sequence[_Filled]) -> list[_Failure]:
        """Fill what is wanted with data; return what took none of them, since a function raised."""
        try:
            with stage(Stage.COLUMNS):
                columns = self.reducer.reads.columns(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  (a user's code: not even sys.exit() stops the run)
            return [_Failure(filled, COLUMNS, error) for filled in wanted]
        failed: list[tuple[_Filled, BaseException]] = []
        waiting = Waiting(self._together)
        for filled in wanted:
            try:
                if isinstance(filled, PlainContents):
                    waiting.take(filled, filled.values(columns))
                else:
                    filled.fill(columns)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  (as above)
                failed.append((filled, error))
        waiting.count()
        return [_Failure(each, each.declared.name, error) for each, error in (*failed, *waiting.failed)]

    def _tell(self, failure: _Failure) -> None:
        """Log a function's error, once a kind."""
        kind = (failure.function, type(failure.error).__qualname__)  # a function may define its own each time
        if kind not in self._told:
            self._told.add(kind)
            what = f"{failure.function} of {self.reducer.name}{_place(failure)}"
            self._say(kind, f"{what} lost {self.reducer.reads.unit}s: {in_one_line(failure.error)}")

    def _say(self, _kind: _Told, what: str) -> None:
        log.warning("run %d: %s", self._run_number, what)

    def add(self, share: ReducerShare) -> None:
        """Add what another filling of this reducer has made of some data."""
        bins, entries = share.plain
        self._together.bins[bins] += entries
        for place, bins, entries in share.counted:
            self.histograms[place].entries[bins] += entries
        for place, values in share.not_a_number:
            self.histograms[place].not_a_number += values
        with np.errstate(all="ignore"):
            for place, length, arrays in share.given:
                self._take(self._filled[place], length, arrays)
        for place, spills in share.lost:
            self._filled[place].lost_spills += spills
        for kind, what in share.told:
            if kind not in self._told:
                self._told.add(kind)
                self._say(kind, what)

    def _take(self, filled: _Filled, length: int, arrays: tuple[Array, ...]) -> None:
        """Fill what a function gave; lose the data that it made this of, where that can't be filled."""
        try:
            filled.take(arrays)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  (an object's own code, where it is made a word)
            filled.lost_spills += length
            self._tell(_Failure(filled, filled.declared.name, error))

    def snapshot(self) -> Snapshot:
        """Return every histogram's counts at this moment, in the order of declaration."""
        return Snapshot(
            self._layout,
            self._together.bins.copy(),
            self._together.not_counted,
            {
                each.declared.name: each.snapshot()
                for each in self.histograms
                if not isinstance(each, PlainContents)
            },
        )

    def tables(self) -> Mapping[str, Readings]:
        """Return what every table says at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._tables}

    def trees(self) -> Mapping[str, TreeRows]:
        """Return every tree's rows at this moment, in the order of declaration."""
        return {filled.declared.name: filled.snapshot() for filled in self._trees}

    def lost_spills(self) -> Mapping[str, int]:
        """Return how many spills each histogram, table and tree has lost to errors."""
        return {filled.declared.name: filled.lost_spills for filled in self._filled}

    def state(self) -> FillingState:
        """Return all that was filled as plain data, from which `restore` goes on to the same bits."""
        return FillingState(
            reducer=self.reducer.name,
            histograms=tuple(filled.state() for filled in self.histograms),
            tables=tuple(filled.state() for filled in self._tables),
            trees=tuple(filled.state() for filled in self._trees),
            told=tuple(sorted(self._told)),
        )

    def restore(self, state: FillingState) -> None:
        """Take a filling that has taken nothing yet to where another of its declarations was.

        Raises:
            CheckpointError: the state is of other declarations, or damaged; what is half restored then is
                not to be used.

        """
        known = (self.reducer.name, len(self.histograms), len(self._tables), len(self._trees))
        if (state.reducer, len(state.histograms), len(state.tables), len(state.trees)) != known:
            raise other_declaration("reducer", self.reducer.name)
        for histogram, its_bins in zip(self.histograms, state.histograms, strict=True):
            histogram.restore(its_bins)
        for table, its_values in zip(self._tables, state.tables, strict=True):
            table.restore(its_values)
        for tree, its_rows in zip(self._trees, state.trees, strict=True):
            tree.restore(its_rows)
        self._told = set(state.told)


def _place(failure: _Failure) -> str:
    """Return where to look: the innermost line of the file that the function stands in."""
    function = failure.filled.declared.function_place
    if function is None or failure.function == COLUMNS:
        return ""
    frames = traceback.extract_tb(failure.error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == function.file]
    return f" ({Place(function.file, lines[-1] if lines and lines[-1] else function.line)})"
