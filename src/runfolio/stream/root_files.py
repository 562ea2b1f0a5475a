"""ROOT files as column files: trees (TTree, TNtuple) and RNTuples, read with uproot.

A branch of an object that was split has its whole path for a name, "muon/muon.pt"; a field of an RNTuple is
named with dots, "muon.pt". What one basket, or of an RNTuple one cluster, holds of a column is in memory
at once, whatever the step.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import uproot  # type: ignore[import-untyped]  # as above

from runfolio.errors import InputError
from runfolio.nearest import advice, listed
from runfolio.stream.awkward_values import plain
from runfolio.stream.branches import AsPlain, interpretation_of
from runfolio.stream.column_files import (
    BATCH_BYTES,
    MOST_ROWS,
    OBJECT_BYTES,
    Array,
    ColumnFile,
    as_input_error,
    step_of,
    unknown_column,
)

_TREES = {"TTree": "tree", "TNtuple": "tree", "TNtupleD": "tree", "ROOT::RNTuple": "ntuple"}
_CLUSTER_CACHE = 4 * BATCH_BYTES
"""Bytes of an RNTuple's columns that are kept, as a step rarely ends where a cluster does."""
_OFFSET_BYTES = 8
"""What it takes in memory, beside the values, to say how many a row has."""


def open_root(path: str, tree: str | None) -> ColumnFile:
    """Open a tree or RNTuple; None takes the only one there is, of several cycles the newest.

    Raises:
        InputError: the file is damaged or has no such tree, or None was given and it has several, or none.

    """
    with as_input_error(f"{path}: cannot be read as a ROOT file"):
        raw = Path(path).open("rb")  # noqa: SIM115 - closed with the table, or where it cannot be opened
    try:
        with as_input_error(f"{path}: cannot be read as a ROOT file"):
            file = _directory(path, raw)
            key, word = _find(path, file, tree)
        with as_input_error(f"{path}: the {word} {key} cannot be read"):
            kind = f"the {word} {key} of {path}"
            return (_NTuple if word == "ntuple" else _Tree)(path, kind, raw, file[key])
    except InputError:
        raw.close()
        raise


def _directory(path: str, raw: BinaryIO) -> Any:
    """Return a file's top directory.

    It is read with no caches, for uproot's keep what was read by the file's own id, also after the file was
    replaced. And it is not mapped into memory: a mapped file that another program cuts off ends the process.
    """
    directory = uproot.open(raw, object_cache=None, array_cache=None, use_threads=False)
    size = os.fstat(raw.fileno()).st_size
    if size < (meant := directory.file.fEND):
        raise InputError(f"{path}: cut off, it has {size} of {meant} bytes")
    return directory


def _find(path: str, file: Any, tree: str | None) -> tuple[str, str]:
    """Return the key of a tree, and whether it is called a tree or an ntuple."""
    classes: dict[str, str] = file.classnames(recursive=True, cycle=True)
    words = {key: _TREES[name] for key, name in classes.items() if name in _TREES}
    newest = {key.partition(";")[0]: word for key, word in words.items()}
    if tree is None:
        if len(newest) == 1:
            return next(iter(newest.items()))
        if not newest:
            raise InputError(f"{path}: has no tree and no RNTuple")
        raise InputError(f"{path}: has {len(newest)} trees: {listed(list(newest))}; name the one to read")
    key = tree.strip("/")
    if (word := newest.get(key) or words.get(key)) is not None:
        return key, word
    with suppress(KeyError):
        raise InputError(f"{path}: {key} is a {file.classname_of(key)}, and no tree")
    if not newest:
        raise InputError(f"{path}: has no tree {tree!r}; it has none at all")
    raise InputError(f"{path}: has no tree {tree!r}; {advice(key, newest, 'it has')}")


class _Columns(ABC):
    """What trees and ntuples have in common: columns that are checked before they are read."""

    def __init__(self, name: str, kind: str, raw: BinaryIO, table: Any) -> None:
        self.name = name
        self.kind = kind
        self.rows = int(table.num_entries)
        self.columns: Sequence[str] = list(dict.fromkeys(table.keys()))
        self._raw = raw
        self._table = table
        self._readable: dict[str, Any] = {}
        """The columns that were checked."""
        if self.rows < 0:
            raise ValueError(f"damaged: it has {self.rows} rows")

    def check(self, names: Sequence[str]) -> None:
        self._check(names)

    def step(self, names: Sequence[str]) -> int:
        names = self._check(names)
        if not self.rows or not names:
            return MOST_ROWS
        with as_input_error(f"{self.name}: cannot be read"):
            total = sum(self._bytes(self._readable[name]) for name in names)
        return step_of(self.rows, total)

    def batches(self, names: Sequence[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        return self._batches(self._check(names), max(0, start), max(1, step))

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Array]:
        names = self._check(names)
        start, stop, _ = slice(max(0, start), max(0, stop)).indices(self.rows)
        with as_input_error(self._at(start)):
            arrays = {name: self._array(self._readable[name], start, stop) for name in names}
            return self._plain(names, arrays, max(0, stop - start))

    def close(self) -> None:
        self._raw.close()

    def _batches(self, names: list[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        for first in range(start, self.rows, step):
            yield first, self.read(names, first, first + step)

    def _check(self, names: Sequence[str]) -> list[str]:
        """Return the names, each once, when all of them are those of columns that can be read."""
        for name in names:
            if name in self._readable:
                continue
            with as_input_error(f"{self.name}: cannot be read"):
                column = self._table.get(name)
            if column is None:
                raise unknown_column(self.kind, name, self.columns)
            with as_input_error(f"{self.kind}: {name!r} is of a type that cannot be read"):
                self._form(column)
            self._readable[name] = column
        return list(dict.fromkeys(names))

    def _at(self, row: int) -> str:
        return f"{self.name}: cannot be read on at row {row}"

    def _plain(self, names: list[str], arrays: dict[str, Any], rows: int) -> dict[str, Array]:
        for name in names:
            if (found := len(arrays.get(name, ()))) != rows:
                raise ValueError(f"damaged: {name!r} has {found} of {rows} rows")
        return {name: plain(array) if type(array := arrays[name]) is ak.Array else array for name in names}

    @abstractmethod
    def _array(self, column: Any, start: int, stop: int) -> Any:
        """Return the array of some rows of a column: awkward's, or already one of plain numbers."""

    @abstractmethod
    def _form(self, column: Any) -> object:
        """Return the form of its awkward arrays, without reading any; raise what forbids it."""

    @abstractmethod
    def _bytes(self, column: Any) -> int:
        """Return about how much all rows of a column take in memory."""


class _Tree(_Columns):
    """A TTree. Its batches share the baskets that stand across the end of a step, which reads do not."""

    def _array(self, column: Any, start: int, stop: int) -> Any:
        kind = interpretation_of(column)
        if isinstance(kind, AsPlain) and stop <= start:
            return kind.of_no_rows()
        return column.array(kind, start, stop, library="ak", array_cache=None)

    def _form(self, column: Any) -> object:
        return column.interpretation.awkward_form(column.file)

    def _bytes(self, column: Any) -> int:
        kind = column.interpretation
        if isinstance(kind, uproot.AsGrouped):
            return sum(self._bytes(branch) for branch in column.branches)
        beside = {uproot.AsDtype: 0, uproot.AsStrings: OBJECT_BYTES}.get(type(kind), _OFFSET_BYTES)
        return int(column.uncompressed_bytes) + beside * self.rows

    def _batches(self, names: list[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        if not names:
            yield from super()._batches(names, start, step)
            return
        with as_input_error(self._at(start)):
            kinds = {name: interpretation_of(self._readable[name]) for name in names}
            steps = self._table.iterate(kinds, entry_start=start, step_size=step, library="ak", how=dict)
        for first in range(start, self.rows, step):
            with as_input_error(self._at(first)):
                columns = self._plain(names, next(steps, {}), min(step, self.rows - first))
            yield first, columns


class _NTuple(_Columns):
    """An RNTuple, whose clusters are kept for the next step as far as the cache goes."""

    def __init__(self, name: str, kind: str, raw: BinaryIO, table: Any) -> None:
        super().__init__(name, kind, raw, table)
        self._cache = uproot.cache.LRUArrayCache(_CLUSTER_CACHE)

    def _array(self, column: Any, start: int, stop: int) -> Any:
        return column.array(entry_start=start, entry_stop=stop, library="ak", array_cache=self._cache)

    def _form(self, column: Any) -> object:
        return column.to_akform()

    def _bytes(self, column: Any) -> int:
        path = column.path
        fitting = self._table.num_entries_for(BATCH_BYTES, filter_field=lambda field: field.path == path)
        beside = OBJECT_BYTES if column.typename == "std::string" else 0
        return BATCH_BYTES * self.rows // int(fitting) + beside * self.rows
