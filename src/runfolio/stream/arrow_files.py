"""Parquet and Arrow IPC files as column files, read with pyarrow.

Of a Parquet file about a step is decoded at a time, of an Arrow file a record batch as a whole, whatever the
step. Neither is mapped into memory: a mapped file that another program cuts off ends the process.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from math import inf
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.ipc  # type: ignore[import-untyped]  # as above
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above

from runfolio.errors import InputError
from runfolio.stream.arrow_values import has_missing, is_readable, is_text, is_whole, values
from runfolio.stream.column_files import (
    MOST_ROWS,
    OBJECT_BYTES,
    Array,
    ColumnFile,
    as_input_error,
    step_of,
    unknown_column,
)

_OFFSET_BYTES = 8
"""What each row may take beside its values: the offset of a list, or what float64 is wider."""
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 8, "FLOAT": 4, "DOUBLE": 8}
"""Bytes of the values of Parquet's physical types; those of all others vary."""
_DAMAGED = (pa.ArrowException, OSError, ValueError)
"""What pyarrow raises where a file is damaged."""


def open_parquet(path: str) -> ColumnFile:
    """Open a Parquet file.

    Raises:
        InputError: it is damaged, encrypted or cut off.

    """
    with as_input_error(f"{path}: cannot be read as a Parquet file"):
        raw = pa.OSFile(path)
        try:
            # reading ahead would hold the columns of a whole row group, compressed, in memory
            return _Parquet(path, raw, pq.ParquetFile(raw, pre_buffer=False))
        except BaseException:
            raw.close()
            raise


def open_arrow(path: str) -> ColumnFile:
    """Open an Arrow IPC file, which is also what Feather of version 2 is.

    Raises:
        InputError: it is damaged or cut off.

    """
    with as_input_error(f"{path}: cannot be read as an Arrow file"):
        raw = pa.OSFile(path)
        try:
            return _Arrow(path, raw)
        except BaseException:
            raw.close()
            raise


class _Columns(ABC):
    """What both formats have in common: a schema, and record batches that are cut into steps."""

    kind: str
    rows: int

    def __init__(self, name: str, raw: Any, schema: Any) -> None:
        self.name = name
        self.columns: Sequence[str] = list(dict.fromkeys(schema.names))
        self._raw = raw
        self._schema = schema
        self._place: dict[str, int] = {}
        """Of two columns with one name, the first counts."""
        for place, column in enumerate(schema.names):
            self._place.setdefault(column, place)
        self._missing: dict[str, bool] = {}

    def check(self, names: Sequence[str]) -> None:
        self._check(names)

    def step(self, names: Sequence[str]) -> int:
        names = self._check(names)
        if not self.rows:
            return MOST_ROWS
        with as_input_error(f"{self.name}: cannot be read"):
            total = self._bytes(names)
        return step_of(self.rows, total)

    def batches(self, names: Sequence[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        return self._batches(self._check(names), max(0, start), max(1, step))

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Array]:
        names = self._check(names)
        start, stop, _ = slice(max(0, start), max(0, stop)).indices(self.rows)
        if stop <= start:
            with as_input_error(f"{self.name}: cannot be read"):
                return self._values(names, self._table(names, []), 0)
        return next(self._batches(names, start, stop - start))[1]

    def close(self) -> None:
        self._raw.close()

    def _batches(self, names: list[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        tables = self._in_steps(names, start, step)
        for first in range(start, self.rows, step):
            rows = min(step, self.rows - first)
            with as_input_error(f"{self.name}: cannot be read on at row {first}"):
                columns = self._values(names, next(tables, self._table(names, [])), rows) if names else {}
            yield first, columns

    def _check(self, names: Sequence[str]) -> list[str]:
        """Return the names, each once, when all of them are those of columns that can be read."""
        for name in names:
            if name not in self._place:
                raise unknown_column(self.kind, name, self.columns)
            kind = self._schema.field(self._place[name]).type
            if not is_readable(kind):
                raise InputError(f"{self.kind}: {name!r} is of the type {kind}, which cannot be read")
        return list(dict.fromkeys(names))

    def _in_steps(self, names: list[str], start: int, step: int) -> Iterator[Any]:
        """Give tables of `step` rows each, the last one shorter, whatever the batches of the file are."""
        held: list[Any] = []
        rows = 0
        for batch in self._record_batches(names, start, step):
            left = batch
            while rows + left.num_rows >= step:
                yield self._table(names, [*held, left.slice(0, step - rows)])
                left = left.slice(step - rows)
                held, rows = [], 0
            held.append(left)
            rows += left.num_rows
        if rows:
            yield self._table(names, held)

    def _table(self, names: list[str], batches: list[Any]) -> Any:
        return pa.Table.from_batches(batches, self._schema_of(names))

    def _values(self, names: list[str], table: Any, rows: int) -> dict[str, Array]:
        if len(table) != rows:
            raise ValueError(f"damaged: it has {len(table)} of {rows} rows")
        table.validate(full=True)  # or damaged offsets would have memory read that is not the file's
        as_float = self._with_missing(names)
        return {name: values(table[name], as_float=name in as_float) for name in names}

    def _with_missing(self, names: list[str]) -> set[str]:
        """Return which whole numbers miss a value anywhere in the file: no type depends on the step."""
        new = [name for name in names if name not in self._missing]
        unsure = [name for name in new if self._may_be_missing(self._schema.field(self._place[name]))]
        self._missing |= dict.fromkeys(new, False) | dict.fromkeys(self._missing_among(unsure), True)
        return {name for name in names if self._missing[name]}

    @staticmethod
    def _may_be_missing(field: Any) -> bool:
        return bool(field.nullable and is_whole(field.type))

    def _missing_among(self, names: list[str]) -> set[str]:
        """Return which columns miss values; those of rows behind damage are never given."""
        found: set[str] = set()
        with suppress(*_DAMAGED):
            for batch in self._record_batches(names, 0, 1) if names else ():
                found.update(name for name, array in zip(names, batch, strict=True) if has_missing(array))
        return found

    def _selected(self, batch: Any, names: list[str]) -> Any:
        """Return the columns asked for, where the reader may have brought more, or in another order."""
        places = [batch.schema.get_all_field_indices(name)[0] for name in names]
        return pa.RecordBatch.from_arrays(
            [batch.column(place) for place in places], schema=self._schema_of(names)
        )

    def _schema_of(self, names: list[str]) -> Any:
        return pa.schema([self._schema.field(self._place[name]) for name in names])

    @abstractmethod
    def _record_batches(self, names: list[str], start: int, step: int) -> Iterable[Any]:
        """Give the rows from `start` on, of these columns in this order, for steps of `step` rows."""

    @abstractmethod
    def _bytes(self, names: list[str]) -> int:
        """Return about how much all rows of columns take in memory."""


class _Parquet(_Columns):
    def __init__(self, name: str, raw: Any, file: Any) -> None:
        super().__init__(name, raw, file.schema_arrow)
        self.kind = f"the Parquet file {name}"
        self._file = file
        self._paths = [file.metadata.schema.column(n).path for n in range(file.metadata.num_columns)]
        self._groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
        self._stops = list(accumulate(group.num_rows for group in self._groups))
        self.rows = self._stops[-1] if self._stops else 0

    def _record_batches(self, names: list[str], start: int, step: int) -> Iterator[Any]:
        first = bisect_right(self._stops, start)
        passed = self._stops[first - 1] if first else 0
        at_once = max(step, self.step(names))  # for the rows of the group before `start` are decoded, too
        for group in range(first, len(self._groups)):
            # one after the other, so that damage in one costs no rows of those before it
            for batch in self._file.iter_batches(at_once, row_groups=[group], columns=names):
                skipped = min(batch.num_rows, max(0, start - passed))
                passed += batch.num_rows
                yield self._selected(batch, names).slice(skipped)

    def _missing_among(self, names: list[str]) -> set[str]:
        found: set[str] = set()
        for name in names:
            [leaf] = self._leaves(name)
            counts = [_missing_by_statistics(group.column(leaf)) for group in self._groups]
            if any(counts) if None not in counts else super()._missing_among([name]):
                found.add(name)
        return found

    def _bytes(self, names: list[str]) -> int:
        return sum(map(self._bytes_of, names))

    def _bytes_of(self, name: str) -> int:
        total = _OFFSET_BYTES * self.rows
        for leaf in self._leaves(name):
            width = _WIDTHS.get(self._file.metadata.schema.column(leaf).physical_type, OBJECT_BYTES)
            for chunk in (group.column(leaf) for group in self._groups):
                # few different values take less as they are stored than in memory, even uncompressed
                total += max(chunk.total_uncompressed_size, chunk.num_values * width)
        return total

    def _leaves(self, name: str) -> list[int]:
        """Return the places of the stored columns that make up one column."""
        if name in self._paths:
            return [self._paths.index(name)]
        return [n for n, path in enumerate(self._paths) if path.startswith(f"{name}.")]


def _missing_by_statistics(chunk: Any) -> bool | None:
    """Return whether a stored column misses values, None where whoever wrote it did not count them."""
    statistics = chunk.statistics
    return bool(statistics.null_count) if statistics is not None and statistics.has_null_count else None


class _Arrow(_Columns):
    def __init__(self, name: str, raw: Any) -> None:
        file = pa.ipc.open_file(raw)
        super().__init__(name, raw, file.schema)
        self.kind = f"the Arrow file {name}"
        lengths = self._reader([_narrowest(file.schema)]) if file.schema.names else file
        self._stops = list(accumulate(lengths.get_batch(n).num_rows for n in range(file.num_record_batches)))
        self.rows = self._stops[-1] if self._stops else 0

    def _reader(self, places: list[int]) -> Any:
        """Return a reader of some columns; it reads, and decompresses, no others.

        On one core: for others to be given work takes as long as decompressing a batch of ten thousand rows.
        """
        options = pa.ipc.IpcReadOptions(included_fields=places, use_threads=False)
        return pa.ipc.open_file(self._raw, options=options)

    def _record_batches(self, names: list[str], start: int, _step: int) -> Iterator[Any]:
        reader = self._reader(sorted(self._place[name] for name in names))
        first = bisect_right(self._stops, start)
        passed = self._stops[first - 1] if first else 0
        for n in range(first, len(self._stops)):
            yield self._selected(reader.get_batch(n), names).slice(start - passed if n == first else 0)

    def _bytes(self, names: list[str]) -> int:
        """Return it as the first, middle and last record batches have it."""
        reader = self._reader(sorted(self._place[name] for name in names))
        count = len(self._stops)
        stored_bytes = 0.0
        for n in {0, count // 2, count - 1}:
            with suppress(*_DAMAGED):  # it is told when these rows are read
                batch = self._selected(reader.get_batch(n), names)
                stored_bytes = max(stored_bytes, batch.nbytes / max(1, batch.num_rows))
        kinds = [self._schema.field(self._place[name]).type for name in names]
        beside = sum(OBJECT_BYTES if is_text(kind) else _OFFSET_BYTES for kind in kinds)
        return int((stored_bytes + beside) * self.rows)


def _narrowest(schema: Any) -> int:
    """Return the place of a column that takes little to read."""

    def width(place: int) -> float:
        try:
            return int(schema.field(place).type.bit_width)
        except ValueError:  # it varies
            return inf

    return min(range(len(schema.names)), key=width)
