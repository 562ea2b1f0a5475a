"""Columns of files to batches: read in steps of bounded memory, cut into runs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from math import isfinite
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from runfolio.errors import InputError, UnknownColumn
from runfolio.stream.batches import Batch
from runfolio.stream.column_files import ColumnFile, unknown_column
from runfolio.stream.documents import Refused
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line
from runfolio.stream.marks import NUMBERS, marks_of, whole_numbers
from runfolio.stream.places import Cursor, Place
from runfolio.stream.rows import Choice, Column, Rows

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]

NO_RUN, BAD_RUN = -1, -2
"""In place of a run number: there is none; what is there is none."""
ROWS = 1_000_000
"""In a step at most."""
SHOWN_RANGES = 100
"""Of rows that are set aside together."""
SHOWN_VALUES = 10
"""Of what is no run number in them, the first."""
LOOK = 1000
"""In the first step: a column that is asked for only now is read for all of its rows at once. And in those in
which a damaged file is read as far as it can be."""


def check_keys(file: ColumnFile, keys: Keys) -> None:
    """Check that a file has the columns that keys name, and that they hold what they should.

    Raises:
        InputError: one is missing or of a wrong type.

    """
    _Cutter(keys, file.name, file_rows(file, 0, 0, {}, {}))


def read_columns(
    file: ColumnFile,
    keys: Keys,
    asked: dict[str, None],
    advance: Callable[[int], None],
    cursor: Cursor | None = None,
    *,
    asked_all: bool = False,
) -> Iterator[Batch | Refused]:
    """Give a file's rows in batches of one run each.

    Where the steps end depends on nothing but the rows before and what is asked for: read on from the end of
    one, they are the same.

    Args:
        file: is read to its end, only the columns that keys name or that are asked for.
        keys: which columns say what run a row belongs to.
        asked: the names of columns that were ever asked for; more come up while rows are used.
        advance: is told after each step how many rows are read.
        cursor: says from which row on they are read, and follows that.
        asked_all: whether no more are expected to come up.

    Raises:
        InputError: the file can't be read on, has fewer rows, or lacks a column that keys name.

    """
    cursor = cursor or Cursor()
    start = cursor.start.offset
    if start > file.rows:
        raise InputError(
            f"{file.name}: it has only {file.rows} of the {start} rows that were read of it before"
        )
    cursor.next = lambda: Place(start, start + 1)
    while start < file.rows:
        known = len(asked)
        most = LOOK if start == 0 and not asked_all else ROWS
        for first, columns in _steps(file, _held(file, [*keys.needed.values(), *asked]), start, most):
            count = len(next(iter(columns.values()))) if columns else min(most, file.rows - first)
            cutter = _Cutter(keys, file.name, file_rows(file, first, count, columns, asked), first)
            start = first + count
            yield from cursor.batches.pieces(cutter.parts())
            advance(start)
            if most == LOOK or len(asked) > known:
                break  # from here on all that was asked for is read together


def _held(file: ColumnFile, asked: Iterable[str]) -> list[str]:
    """Return the columns of a file that names stand for, without those that cannot be read."""
    columns = set(file.columns)
    names = dict.fromkeys(_way_to(name, columns)[0] for name in asked)
    readable = []
    for name in names:
        if name in columns:
            with suppress(InputError):
                file.check([name])
                readable.append(name)
    return readable


def _steps(
    file: ColumnFile, names: list[str], start: int, most: int
) -> Iterator[tuple[int, dict[str, Column]]]:
    """Give columns step by step; of a step that is damaged within, what comes before that in smaller ones."""
    if not names:
        yield from ((first, {}) for first in range(start, file.rows, most))
        return
    step = min(most, file.step(names))
    try:
        for first, columns in file.batches(names, start, step):
            yield first, columns
            start = first + step
    except InputError:
        if step <= LOOK:
            raise
        yield from file.batches(names, start, LOOK)


def file_rows(
    file: ColumnFile, first: int, count: int, columns: dict[str, Column], asked: dict[str, None]
) -> Rows:
    """Return rows of a file from `first` on, of which some columns are read, and others when asked for.

    `header.run` is a column of that name or else, within a column of records, a field.
    """
    held = set(file.columns)

    def load(name: str) -> Column:
        asked[name] = None
        column_name, *fields = _way_to(name, held)
        known = column_name in columns
        column = columns[column_name] if known else _read(file, column_name, first, count)
        return _within(column, fields, file.kind, name)

    return Rows(count, load)


def _read(file: ColumnFile, name: str, first: int, count: int) -> Column:
    if count:
        return file.read([name], first, first + count)[name]
    file.check([name])
    try:
        return file.read([name], first, first)[name]
    except InputError as error:  # damaged, and no plot's mistake: it is told of when the file is read
        raise LookupError(str(error)) from error


def _way_to(name: str, columns: set[str]) -> list[str]:
    """Return the column that a name stands for, and the fields within it."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        if (top := ".".join(parts[:count])) in columns:
            return [top, *parts[count:]]
    return [name]


def _within(column: Column, fields: list[str], kind: str, name: str) -> Column:
    for place, each in enumerate(fields):
        known = getattr(column, "fields", [])
        if each not in known:
            before = name.split(".")[: -len(fields[place:])]
            raise unknown_column(kind, name, [".".join([*before, other]) for other in known])
        column = column[each]
    if fields:
        from runfolio.stream.awkward_values import plain  # noqa: PLC0415 - awkward takes a while

        return plain(column)
    return column


class _Cutter:
    """Cuts rows into batches of one run.

    Raises:
        InputError: a column that keys name is missing, or of a wrong type.

    """

    def __init__(self, keys: Keys, source: str, rows: Rows, first: int = 0) -> None:
        self._keys = keys
        self._source = source
        self._rows = rows
        self._first = first
        self._runs = self._run_numbers()
        self._ends = self._last_rows()
        for key in ("number", "time"):
            self._column(key)

    def parts(self) -> Iterator[Batch | Refused]:
        """Give a batch for each run, up to its end; rows without a run number are refused together."""
        for number, choice, first in _parts(self._runs, self._ends):
            part = self._rows[choice]
            if number < 0:
                yield self._refused(number, part, choice, first)
            else:
                yield self._batch(number, part, choice, self._line(choice, first))

    def _line(self, choice: Choice, first: int, **more: Any) -> Line:
        """Return what says where rows stand, and more of them."""
        data = msgspec.json.encode({"rows": _ranges(choice, self._first + 1), **more})
        return Line(self._source, self._first + first + 1, 0, data, len(data))

    def _batch(self, number: int, part: Rows, choice: Choice, line: Line) -> Batch:
        over = self._ends is not None and bool(self._ends[choice][-1])
        marks_end = over and isinstance(self._keys.end, tuple)
        data = part[: len(part) - 1] if marks_end else part
        return Batch(
            run_number=number,
            source=self._source,
            data=data,
            marks=self._marks(data),
            lines=[line] if len(data) else [],
            ends=int(marks_end),
            over=over,
        )

    def _refused(self, number: int, part: Rows, choice: Choice, first: int) -> Refused:
        rows = "a row" if len(part) == 1 else f"{len(part)} rows"
        detail = f"{rows} without a run number in {self._keys.run}"
        if number == NO_RUN:
            return Refused(self._line(choice, first), "no_run_number", detail, None, len(part))
        values = part[str(self._keys.run)][:SHOWN_VALUES].tolist()
        shown = [value if isfinite(value) else str(value) for value in values]  # JSON knows no infinity
        line = self._line(choice, first, values=shown)
        return Refused(line, "bad_run_number", f"{detail}: {values[0]!r} is none", None, len(part))

    def _marks(self, rows: Rows) -> Any:
        number, time = self._keys.number, self._keys.time
        return marks_of(rows[number] if number else None, rows[time] if time else None)

    def _run_numbers(self) -> Numbers:
        pattern = self._keys.run
        if isinstance(pattern, FileName):
            number = pattern.run_number(self._source)
            return np.full(len(self._rows), NO_RUN if number is None else number, np.int64)
        given = self._column("run")
        numbers = np.full(len(given), BAD_RUN, np.int64)
        if given.dtype.kind == "f":
            numbers[np.isnan(given)] = NO_RUN
        whole = whole_numbers(given) & (given >= 0)
        numbers[whole] = given[whole].astype(np.int64)
        return numbers

    def _last_rows(self) -> npt.NDArray[np.bool_] | None:
        """Tell of each row whether its run is over after it; None where rows do not say."""
        if self._keys.end is None:
            return None
        if isinstance(self._keys.end, tuple):
            value = self._keys.end[1]
            given = self._column("end", words=isinstance(value, str))
            return np.asarray(given == value, np.bool_)
        given = self._column("end")
        return np.asarray((given != 0) & ~np.isnan(given), np.bool_)

    def _column(self, key: str, *, words: bool = False) -> Array:
        """Return the column that a key names, of no rows where it names none."""
        name = self._keys.needed.get(key)
        if name is None:
            return np.empty(0)
        try:
            column = self._rows[name]
        except UnknownColumn as error:
            raise InputError(f"{error} (it is what {key}= names)") from error
        kinds = "O" if words else NUMBERS + "b" * (key == "end")
        if not isinstance(column, np.ndarray) or column.dtype.kind not in kinds:
            needed = "words" if words else "numbers"
            raise InputError(f"{self._source}: {name}, which {key}= names, does not hold {needed}, one a row")
        return column


def _ranges(choice: Choice, start: int) -> list[tuple[int, int]]:
    """Return the first and last of each range of rows, `start` being the number of row 0."""
    if isinstance(choice, slice):
        return [(start + choice.start, start + choice.stop - 1)]
    cuts = np.flatnonzero(np.diff(choice) != 1)[:SHOWN_RANGES]
    firsts, lasts = [0, *(cuts + 1).tolist()], [*cuts.tolist(), len(choice) - 1]
    ranges = [
        (start + int(choice[one]), start + int(choice[other]))
        for one, other in zip(firsts, lasts, strict=True)
    ]
    return ranges[:SHOWN_RANGES]


def _parts(runs: Numbers, ends: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, Choice, int]]:
    """Give each run's rows together, or up to each of its ends, and the first of them, in that order."""
    if not len(runs):
        return
    order = np.argsort(runs, kind="stable")
    numbers = runs[order]
    cuts = numbers[1:] != numbers[:-1]
    if ends is not None:
        cuts |= (ends & (runs >= 0))[order][:-1]
    borders = [0, *(np.flatnonzero(cuts) + 1).tolist(), len(runs)]
    parts = sorted((order[start:stop] for start, stop in pairwise(borders)), key=lambda rows: int(rows[0]))
    for rows in parts:
        first, last = int(rows[0]), int(rows[-1])
        together = last - first == len(rows) - 1
        yield int(runs[first]), slice(first, last + 1) if together else rows, first
