"""Columns of files to batches: read in steps of bounded memory, cut into runs."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.errors import InputError, UnknownColumn
from runfolio.stream.batches import Batch
from runfolio.stream.column_files import ColumnFile
from runfolio.stream.documents import Refused, SpillMark
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line
from runfolio.stream.rows import Choice, Column, Rows

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]

NO_RUN, BAD_RUN = -1, -2
"""In place of a run number: there is none; what is there is none."""
ROWS = 100_000
"""In a batch, where no column is read."""


def read_columns(
    file: ColumnFile, keys: Keys, asked: dict[str, None], advance: Callable[[int], None]
) -> Iterator[Batch | Refused]:
    """Give a file's rows in batches of one run each.

    Args:
        file: is read to its end, only the columns that keys name or that are asked for.
        keys: which columns say what run a row belongs to.
        asked: the names of columns that were ever asked for; more come up while rows are used.
        advance: is told after each step how many rows are read.

    Raises:
        InputError: the file can't be read on, or lacks a column that keys name.

    """
    held = set(file.columns)
    start = 0
    while start < file.rows:
        names = [name for name in asked if name in held]
        for first, columns in _steps(file, names, start):
            count = len(next(iter(columns.values()))) if columns else min(ROWS, file.rows - first)
            yield from _by_run(file_rows(file, first, count, columns, asked), keys, file.name, first)
            start = first + count
            advance(start)
            if any(name in held and name not in columns for name in asked):
                break  # from here on these are read along with the rest


def _steps(file: ColumnFile, names: list[str], start: int) -> Iterator[tuple[int, dict[str, Column]]]:
    if names:
        yield from file.batches(names, start, file.step(names))
    else:
        yield from ((first, {}) for first in range(start, file.rows, ROWS))


def file_rows(
    file: ColumnFile, first: int, count: int, columns: dict[str, Column], asked: dict[str, None]
) -> Rows:
    """Return rows of a file from `first` on, of which some columns are read, and others when asked for."""

    def load(name: str) -> Column:
        asked[name] = None
        return columns[name] if name in columns else file.read([name], first, first + count)[name]

    return Rows(count, load)


def _by_run(rows: Rows, keys: Keys, source: str, first: int) -> Iterator[Batch | Refused]:
    """Cut rows into batches of one run; those without a run number are refused together."""
    try:
        runs, ends = _run_numbers(rows, keys, source), _ends(rows, keys)
    except UnknownColumn as error:
        raise InputError(f"{error}; its rows cannot be told apart into runs without") from error
    line = Line(source, first + 1, 0, b"", 0)
    for number, choice in _parts(runs, ends):
        part = rows.only(choice)
        if number < 0:
            reason = "no_run_number" if number == NO_RUN else "bad_run_number"
            yield Refused(line, reason, f"rows without a run number in {keys.run}", None, len(part))
            continue
        over = ends is not None and bool(len(part)) and bool(ends[choice][-1])
        marks_end = over and isinstance(keys.end, tuple)
        data = part.only(slice(0, len(part) - 1)) if marks_end else part
        yield Batch(
            run_number=number,
            source=source,
            data=data,
            marks=_marks(data, keys, first),
            lines=[line] if len(data) else [],
            ends=int(marks_end),
            over=over,
        )


def _run_numbers(rows: Rows, keys: Keys, source: str) -> Numbers:
    if isinstance(keys.run, FileName):
        number = keys.run.run_number(source)
        return np.full(len(rows), NO_RUN if number is None else number, np.int64)
    given = np.asarray(rows[keys.run])
    if given.ndim != 1 or given.dtype.kind not in "iuf":
        raise InputError(f"{source}: the run numbers in {keys.run} are {given.dtype}, not one number a row")
    numbers = np.full(len(given), BAD_RUN, np.int64)
    numbers[np.isnan(given)] = NO_RUN
    whole = (given >= 0) & (given < 2**63) & (given == np.floor(given))
    numbers[whole] = given[whole].astype(np.int64)
    return numbers


def _ends(rows: Rows, keys: Keys) -> npt.NDArray[np.bool_] | None:
    """Tell of each row whether its run is over after it; None where rows do not say."""
    if keys.end is None:
        return None
    name, value = keys.end if isinstance(keys.end, tuple) else (keys.end, True)
    given = np.asarray(rows[name])
    return np.asarray(given == value if isinstance(keys.end, tuple) else given.astype(np.bool_))


def _parts(runs: Numbers, ends: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, Choice]]:
    """Give each run's rows: all together where they need not be kept in order, else up to each end."""
    if not len(runs):
        return
    cuts = runs[1:] != runs[:-1]
    if ends is not None:
        cuts = cuts | ends[:-1]
    borders = [0, *(np.flatnonzero(cuts) + 1).tolist(), len(runs)]
    in_order = [(int(runs[start]), slice(start, stop)) for start, stop in pairwise(borders)]
    if ends is not None or len({number for number, _ in in_order}) == len(in_order):
        yield from in_order
        return
    for number in dict.fromkeys(number for number, _ in in_order):
        yield number, np.flatnonzero(runs == number)


def _marks(rows: Rows, keys: Keys, first: int) -> list[SpillMark]:
    """Return the marks of the first and last rows by number, and the last that has a time."""
    if not len(rows) or not (keys.number or keys.time):
        return []
    numbers = np.asarray(rows[keys.number] if keys.number else first + 1 + np.arange(len(rows)))
    times = np.asarray(rows[keys.time], np.float64) if keys.time else np.full(len(rows), np.nan)
    order = np.lexsort((times, numbers))
    dated = order[np.isfinite(times[order])]
    chosen = dict.fromkeys([int(order[0]), int(order[-1]), *dated[-1:].tolist()])
    return [
        SpillMark(int(numbers[row]), float(times[row]) if np.isfinite(times[row]) else None) for row in chosen
    ]
