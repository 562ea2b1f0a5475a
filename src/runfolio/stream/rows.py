"""Rows: what a plot's function is given of one's own data, a batch of rows that gives columns by name.

A column is made when it is first asked for. What holds the data, be it a file of columns or a list
of records, is behind one function, `load`.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt

from runfolio.errors import UnknownColumn

Column = Any
"""A numpy array with one value a row; an awkward array where rows hold lists or records."""

SHOWN = 10
"""Names that are listed where none is near."""

Choice = slice | npt.NDArray[np.int64]
"""Rows of a batch: a part of it, or the places of single rows."""


class Rows:
    """A batch of rows: `rows.energy`, or `rows["energy"]`, is a column; its length is the number of rows.

    Raises:
        UnknownColumn: on access, where there is no such column. It is an AttributeError too, so that
            `getattr(rows, "energy", None)` works.

    """

    def __init__(self, count: int, load: Callable[[str], Column]) -> None:
        self._count = count
        self._load = load
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return self._count

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__"):  # what Python and libraries ask of any object
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str | slice) -> Column:
        if isinstance(name, slice):
            return self.only(name)
        if name not in self._columns:
            self._columns[name] = self._load(name)
        return self._columns[name]

    def only(self, rows: Choice) -> Self:
        """Return some of the rows."""
        count = len(range(self._count)[rows]) if isinstance(rows, slice) else len(rows)
        return type(self)(count, lambda name: self[name][rows])


def rows_of(records: Sequence[msgspec.Struct]) -> Rows:
    """Return the fields of records as columns; a field within another one is `header.run`."""

    def load(name: str) -> Column:
        try:
            return column_of(list(map(attrgetter(name), records)))
        except AttributeError as error:
            known = dict.fromkeys(field for record in records[:1] for field in record.__struct_fields__)
            raise unknown_column(name, "a record", known) from error

    return Rows(len(records), load)


def column_of(values: list[Any]) -> Column:
    """Return decoded values as one column: numbers, words, or, of lists and objects, an awkward array.

    Missing numbers (null) are NaN, missing words None.

    Raises:
        ValueError: numbers and words are mixed.

    """
    if any(isinstance(value, list | dict | tuple | msgspec.Struct) for value in values):
        import awkward as ak  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types, and takes a while

        return ak.from_iter(map(msgspec.to_builtins, values))
    present = [value for value in values if value is not None]
    words = sum(isinstance(value, str) for value in present)
    if 0 < words < len(present):
        raise ValueError("numbers and words in one column")
    if words:
        return np.array(values, np.object_)
    if len(present) < len(values):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    column = np.array(values)
    return (
        column if column.dtype.kind in "iufb" else column.astype(np.float64)
    )  # whole numbers beyond 64 bits


def unknown_column(name: str, where: str, known: Iterable[str]) -> UnknownColumn:
    """Return the error for a column that is not there, with the nearest names that are."""
    names = list(known)
    lower = {each.lower(): each for each in names}
    near = [lower[each] for each in difflib.get_close_matches(name.lower(), lower, n=3)]
    some = f"there are {', '.join(names[:SHOWN])}{', …' if len(names) > SHOWN else ''}"
    advice = f"did you mean {' or '.join(near)}?" if near else some if names else "there are none"
    return UnknownColumn(name, f"{where} has no {name[:80]!a}; {advice}")
