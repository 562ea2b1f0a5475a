"""Tables: a few named quantities, each shown as its last value and as means.

Each value has a number, that of its spill. What is newest goes by that number, not by arrival, and of
two values with one number the larger counts; so a table does not depend on the order of the
spills. A mean over the run takes every value that came: to know which numbers had come before would
take room for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import float_info
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.errors import CheckpointError, DeclarationError
from runfolio.plots.declared import Declared, function_or_columns
from runfolio.plots.functions import Function
from runfolio.plots.given import check_file_name, check_text, size_of, texts
from runfolio.plots.packed import Packed, check_counts, other_declaration, pack, unpack_flat
from runfolio.plots.places import declared_here
from runfolio.plots.values import Array
from runfolio.readings import Reading, Readings

MAX_ROWS = 100
MAX_AVERAGED = 100_000
"""Values of each row that are kept for the mean of the last."""


@dataclass(frozen=True, kw_only=True)
class TableFigure:
    """The picture of a table: plain data, so that another process can draw it.

    Raises:
        DeclarationError: the tag is no file name, the description or the keywords are no text, or the size
            is none.

    """

    tag: str
    description: str
    keywords: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    """Width and height in pixels; None for as much as the rows need."""

    def __post_init__(self) -> None:
        check_file_name("table", self.tag)
        what = f"table {self.tag!r}"
        check_text(what, "title", self.description)
        object.__setattr__(self, "keywords", texts(what, "keywords", self.keywords))
        if self.size is not None:
            object.__setattr__(self, "size", size_of(what, self.size))


@dataclass(kw_only=True)
class Table(Declared):
    """A table's declaration.

    Raises:
        DeclarationError: a name is none or stands twice, or there are no rows, too many, or too many
            values to average.

    """

    rows: tuple[str, ...]
    by: str
    """What the numbers count."""
    averaged: int
    figure: TableFigure

    def __post_init__(self) -> None:
        super().__post_init__()
        given: tuple[Any, ...] = self.value_names
        if not all(isinstance(each, str) and each.strip() for each in given):
            raise DeclarationError(f"table {self.name!r}: its rows and `by` are names")
        if len(set(self.value_names)) < len(self.value_names):
            raise DeclarationError(f"table {self.name!r}: a row's name stands twice")
        if not 1 <= len(self.rows) <= MAX_ROWS:
            raise DeclarationError(
                f"table {self.name!r} has {len(self.rows)} rows: 1 to {MAX_ROWS} are accepted"
            )
        if type(self.averaged) is not int or not 1 <= self.averaged <= MAX_AVERAGED:
            raise DeclarationError(
                f"table {self.name!r}: last={self.averaged!r:.80}: 1 to {MAX_AVERAGED} are accepted"
            )

    @property
    def memory(self) -> int:
        """Bytes that its values take in each run, at most."""
        return 16 * self.averaged * len(self.rows)

    @property
    def value_names(self) -> tuple[str, ...]:
        return (self.by, *self.rows)


class RowState(Struct, frozen=True, kw_only=True):
    """One row of a table at one moment, as plain data."""

    numbers: Packed
    newest: Packed
    """The values of these numbers."""
    total: str
    """The sum of all values, in units of 2^-1126 and in hexadecimal: most are far beyond 64 bits."""
    values: int
    not_a_number: int


class TableState(Struct, frozen=True, kw_only=True):
    """A table at one moment, as plain data."""

    name: str
    rows: dict[str, RowState]
    """By name, in the order of declaration."""
    without_number: int
    lost_spills: int


class TableContents:
    """What a table's rows have come to in one run: for each its newest values, and a sum."""

    def __init__(self, declared: Table) -> None:
        self.declared = declared
        self.lost_spills = 0
        self._without_number = 0
        self._rows = [_Row(declared.averaged) for _ in declared.rows]

    def fill(self, columns: Any) -> None:
        """Take what the table's function makes of columns.

        Raises:
            ValueError: it is not one array of numbers for `by` and one a row; nothing was taken then.
            Exception: whatever the function raises.

        """
        self.take(self.declared.arrays(self.declared.function(columns)))

    def take(self, arrays: tuple[Array, ...]) -> None:
        """Take numbers and, for each row, values."""
        numbers, *values = arrays
        numbered = _is_whole(numbers)
        whole = numbers[numbered].astype(np.int64)
        for row, array in zip(self._rows, values, strict=True):
            row.take(whole, array[numbered].astype(np.float64))
        self._without_number += len(numbers) - len(whole)

    def snapshot(self) -> Readings:
        """Return what the table says at this moment."""
        declared = self.declared
        return Readings(
            name=declared.name,
            title=declared.title,
            by=declared.by,
            averaged=declared.averaged,
            rows=tuple(row.reading(name) for name, row in zip(declared.rows, self._rows, strict=True)),
            without_number=self._without_number,
            lost_spills=self.lost_spills,
        )

    def state(self) -> TableState:
        """Return the table at this moment as plain data, from which `restore` goes on to the same bits."""
        declared = self.declared
        return TableState(
            name=declared.name,
            rows={name: row.state() for name, row in zip(declared.rows, self._rows, strict=True)},
            without_number=self._without_number,
            lost_spills=self.lost_spills,
        )

    def restore(self, state: TableState) -> None:
        """Take a table that is still empty to where another of its declaration was.

        Raises:
            CheckpointError: the state is of another declaration, or damaged.

        """
        declared = self.declared
        if (state.name, tuple(state.rows)) != (declared.name, declared.rows):
            raise other_declaration(declared.what, declared.name)
        check_counts(state.without_number, state.lost_spills)
        for row, was in zip(self._rows, state.rows.values(), strict=True):
            row.restore(was)
        self._without_number, self.lost_spills = state.without_number, state.lost_spills


class _Row:
    """One row: its newest values by number, and the exact sum of all."""

    def __init__(self, averaged: int) -> None:
        self._averaged = averaged
        self._numbers: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._newest: npt.NDArray[np.float64] = np.empty(0)
        self._sum = 0
        self._values = self._not_a_number = 0

    def take(self, numbers: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        there = np.isfinite(values)  # one infinite value would spoil the means for good
        numbers, values = numbers[there], values[there] + 0.0  # of 0 and -0, neither is the larger
        self._not_a_number += len(there) - len(values)
        self._values += len(values)
        self._sum += exact_sum(values)
        numbers, values = np.append(self._numbers, numbers), np.append(self._newest, values)
        order = np.lexsort((values, numbers))
        numbers, values = numbers[order], values[order]
        largest = np.ones(len(numbers), np.bool_)
        largest[:-1] = numbers[1:] != numbers[:-1]
        self._numbers = numbers[largest][-self._averaged :]
        self._newest = values[largest][-self._averaged :]

    def reading(self, name: str) -> Reading:
        known = len(self._newest) > 0
        return Reading(
            row=name,
            last=float(self._newest[-1]) if known else None,
            last_number=int(self._numbers[-1]) if known else None,
            mean_of_last=_mean(exact_sum(self._newest), len(self._newest)),
            mean=_mean(self._sum, self._values),
            values=self._values,
            not_a_number=self._not_a_number,
        )

    def state(self) -> RowState:
        return RowState(
            numbers=pack(self._numbers),
            newest=pack(self._newest),
            total=f"{self._sum:x}",
            values=self._values,
            not_a_number=self._not_a_number,
        )

    def restore(self, state: RowState) -> None:
        check_counts(state.values, state.not_a_number)
        numbers, newest = unpack_flat(state.numbers, np.int64), unpack_flat(state.newest, np.float64)
        sound = len(numbers) == len(newest) <= min(self._averaged, state.values)
        if not (sound and np.isfinite(newest).all() and (numbers[1:] > numbers[:-1]).all()):
            raise CheckpointError(f"{len(newest)} newest values that no table of {self._averaged} can have")
        self._sum = _total(state)
        self._numbers, self._newest = numbers, newest
        self._values, self._not_a_number = state.values, state.not_a_number


_MANTISSA = 53
"""Bits of a double's mantissa."""
_SMALLEST = 1073 + _MANTISSA
"""Every double is a whole multiple of 2 to the power of minus this."""


def exact_sum(values: npt.NDArray[np.float64]) -> int:
    """Return the sum of finite numbers in units of 2^-1126, without rounding.

    Added up as doubles, the same values in another order may differ in the last digit.
    """
    mantissas, exponents = np.frexp(values)
    whole = (mantissas * 2.0**_MANTISSA).astype(np.int64)
    total = 0
    for exponent in np.unique(exponents):
        some = whole[exponents == exponent]
        high, low = int((some >> 32).sum()), int((some & 0xFFFFFFFF).sum())  # neither overflows
        total += ((high << 32) + low) << (int(exponent) - _MANTISSA + _SMALLEST)
    return total


_LARGEST = int(float_info.max) << _SMALLEST
"""The largest double in the units of a sum."""


def _total(state: RowState) -> int:
    """Return a row's sum; one that its values cannot have would have no mean."""
    try:
        total = int(state.total, 16)
    except ValueError:
        raise CheckpointError(f"a sum of {state.total[:40]!a}") from None
    if abs(total) > state.values * _LARGEST:
        raise CheckpointError(f"a sum that {state.values} values cannot have")
    return total


def _mean(total: int, values: int) -> float | None:
    return total / (values << _SMALLEST) if values else None


def _is_whole(numbers: Array) -> npt.NDArray[np.bool_]:
    """Tell which are whole numbers of 64 bits."""
    if numbers.dtype.kind in "ib":
        return np.ones(len(numbers), np.bool_)
    if numbers.dtype.kind == "u":
        small: npt.NDArray[np.bool_] = numbers < 2**63
        return small
    whole: npt.NDArray[np.bool_] = (np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)
    return whole


def declare_table(
    name: str,
    rows: Mapping[str, str] | Sequence[str],
    *,
    by: str,
    last: int,
    title: str,
    values: Function | None,
    tag: str,
    keywords: Sequence[str],
    size: tuple[int, int] | None,
) -> Table:
    """Return a table with its arguments as a user gives them.

    Raises:
        DeclarationError: they make none.

    """
    what = f"table {name!r:.80}"
    names, columns = _rows(what, rows)
    return Table(
        name=name,
        title=title or name,
        function=function_or_columns(what, values, (by, *columns)),
        place=declared_here(),
        rows=names,
        by=by,
        averaged=last,
        figure=TableFigure(
            tag=tag or name, description=title or name, keywords=texts(what, "keywords", keywords), size=size
        ),
    )


def _rows(what: str, rows: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rows' names, and the columns that they show."""
    if not isinstance(rows, Mapping):
        names = texts(what, "rows", rows)
        return names, names
    return texts(what, "rows", tuple(rows)), texts(what, "columns", tuple(rows.values()))
