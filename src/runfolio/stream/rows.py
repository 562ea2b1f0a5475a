"""Rows: what a plot's function is given of one's own data, a batch of rows that gives columns by name.

A column is made when it is first asked for. What holds the data, be it a file of columns or a list
of records, is behind one function, `load`.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from runfolio.errors import UnknownColumn
from runfolio.stream.json_values import column_of, some_of
from runfolio.stream.record_types import field_of_type

Column = Any
"""A numpy array with one value a row; an awkward array where rows hold lists or records."""

Choice = slice | npt.NDArray[np.int64] | npt.NDArray[np.bool_]
"""Rows of a batch: a part of it, the places of single rows, or for each row whether it is one."""


class Rows:
    """A batch of rows: `rows.energy`, or `rows["energy"]`, is a column; its length is the number of rows.

    Columns are shared by all plots: numpy's are read-only, and `rows.energy.copy()` may be changed.
    `rows[10:20]` and `rows[rows.energy > 5]` are some of the rows.

    Raises:
        UnknownColumn: on access, where there is no such column. It is an AttributeError too, so that
            `getattr(rows, "energy", None)` works.

    """

    def __init__(self, count: int, load: Callable[[str], Column]) -> None:
        self._count = count
        self._load = load
        self._columns: dict[str, Column] = {}
        self._unknown: dict[str, str] = {}
        """What was said of columns that are not there: it takes a while to find out."""

    def __len__(self) -> int:
        return self._count

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__"):  # what Python and libraries ask of any object
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise TypeError(f"{name} = ...: columns are shared by all plots and read-only")
        super().__setattr__(name, value)

    def __getitem__(self, name: str | Choice) -> Column:
        if not isinstance(name, str):
            return self._some(name)
        if name not in self._columns:
            self._columns[name] = self._made(name)
        column = self._columns[name]
        # an awkward array's fields can be set, so that each plot gets one of its own over the same values
        return copy(column) if getattr(column, "fields", None) else column

    def _made(self, name: str) -> Column:
        if name in self._unknown:
            raise UnknownColumn(name, self._unknown[name])
        try:
            column = self._load(name)
        except UnknownColumn as error:
            self._unknown[name] = str(error)
            raise
        if isinstance(column, np.ndarray):
            column.flags.writeable = False
        return column

    def _some(self, rows: Choice) -> Self:
        chosen: Any = rows if isinstance(rows, slice) else np.asarray(rows)
        if not isinstance(chosen, slice) and (chosen.ndim != 1 or chosen.dtype.kind not in "iub"):
            raise TypeError(f"rows[{rows!r:.80}]: a column's name, a slice or an array that chooses rows")
        count = len(range(self._count)[chosen]) if isinstance(chosen, slice) else len(_places(chosen))
        return type(self)(count, lambda name: some_of(self[name], chosen))


def rows_of(records: Sequence[msgspec.Struct]) -> Rows:
    """Return the fields of records as columns; a field within another one is `header.run`."""

    def load(name: str) -> Column:
        return field_of_type(type(records[0]), name).column(records) if records else column_of([])

    return Rows(len(records), load)


def no_rows_of(record: type[msgspec.Struct]) -> Rows:
    """Return no records of a type as rows: all columns are empty, of the types that it declares."""
    return Rows(0, lambda name: field_of_type(record, name).column([]))


def _places(chosen: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.flatnonzero(chosen) if chosen.dtype.kind == "b" else chosen
