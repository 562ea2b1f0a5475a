"""Parquet and Arrow files: their types, missing values, and damage."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.ipc as pa_ipc  # type: ignore[import-untyped]  # as above
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest

from columnar import NAMES, as_lists, columns, table
from runfolio.errors import InputError
from runfolio.stream.column_files import ColumnFile, open_column_file

Write = Callable[..., None]
"""Writes a table to a file, so many rows in a row group or record batch."""
Opened = Callable[..., ColumnFile]


def as_parquet(path: Path, whole: Any, rows: int, **options: Any) -> None:
    pq.write_table(whole, path, row_group_size=rows, **options)


def as_parquet_without_statistics(path: Path, whole: Any, rows: int) -> None:
    as_parquet(path, whole, rows, write_statistics=False)


def as_arrow(path: Path, whole: Any, rows: int, compression: str | None = None) -> None:
    options = pa_ipc.IpcWriteOptions(compression=compression)
    with pa_ipc.new_file(path, whole.schema, options=options) as file:
        file.write_table(whole, max_chunksize=rows)


def as_compressed_arrow(path: Path, whole: Any, rows: int) -> None:
    as_arrow(path, whole, rows, "lz4")


formats = pytest.mark.parametrize(
    "write", [as_parquet, as_parquet_without_statistics, as_arrow, as_compressed_arrow]
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Writes columns, opens the file, and closes it in the end."""
    with ExitStack() as files:

        def opened(write: Write, rows: int = 2, **arrays: Any) -> ColumnFile:
            write(tmp_path / "hits", pa.table(arrays), rows)
            return files.enter_context(closing(open_column_file(str(tmp_path / "hits"), None)))

        yield opened


def alone(file: ColumnFile, name: str = "x") -> Any:
    """Return the whole of a column."""
    return file.read([name], 0, file.rows)[name]


@formats
@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([2**60 + 1, 7]), np.array([2**60 + 1, 7])),
        (pa.array([1, 200], pa.uint8()), np.array([1, 200], np.uint8)),
        (pa.array([True, False]), np.array([True, False])),
        (pa.array([1.5, None], pa.float32()), np.array([1.5, np.nan], np.float32)),
        (pa.array([np.float16(1.5), None], pa.float16()), np.array([1.5, np.nan], np.float16)),
        (pa.array([2**53 + 1, None]), np.array([2.0**53, np.nan])),
        (pa.array([True, None]), np.array([1.0, np.nan])),
        (pa.array([4235, None]).dictionary_encode(), np.array([4235.0, np.nan])),
        (pa.array([Decimal("1.25"), None]), np.array([1.25, np.nan])),
        (pa.nulls(2), np.array([np.nan, np.nan])),
        (pa.array([1, None], pa.timestamp("s")), np.array([1.0, np.nan])),
        (pa.array([1500, None], pa.timestamp("ms", "UTC")), np.array([1.5, np.nan])),
        (pa.array([1_500_000, 0], pa.timestamp("us", "Asia/Tokyo")), np.array([1.5, 0.0])),
        (pa.array([1_500_000_000, 0], pa.timestamp("ns")), np.array([1.5, 0.0])),
        (pa.array([dt.date(1970, 1, 2), None]), np.array([86400.0, np.nan])),
        (pa.array([86_400_000, None], pa.date64()), np.array([86400.0, np.nan])),
        (pa.array([dt.time(1, 0, 0, 250000), None]), np.array([3600.25, np.nan])),
        (pa.array([1500, None], pa.time32("ms")), np.array([1.5, np.nan])),
        (pa.array([dt.timedelta(seconds=1.5), None]), np.array([1.5, np.nan])),
    ],
)
def test_a_flat_column_is_numpy_of_its_type(
    opened: Opened, write: Write, array: Any, expected: np.ndarray[Any, Any]
) -> None:
    read = alone(opened(write, x=array))
    assert isinstance(read, np.ndarray)
    assert read.dtype == expected.dtype
    assert np.array_equal(read, expected, equal_nan=expected.dtype.kind == "f")


@formats
@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.uint32(), pa.large_string()),
    ],
)
def test_words_are_python_strings_and_missing_ones_none(opened: Opened, write: Write, kind: Any) -> None:
    words = ["muon", None, "é", "", "muon"]
    file = opened(write, x=pa.array(words, pa.string()).cast(kind))
    assert alone(file).dtype == object
    assert alone(file).tolist() == words
    assert alone(opened(write, x=pa.array([None, None], pa.string()).cast(kind))).tolist() == [None, None]


def test_views_of_words_are_words(opened: Opened) -> None:
    words = ["muon", None, "more than the twelve bytes that a view holds itself"]
    assert alone(opened(as_arrow, x=pa.array(words, pa.string_view()))).tolist() == words


@formats
def test_bytes_stay_bytes(opened: Opened, write: Write) -> None:
    assert alone(opened(write, x=pa.array([b"\xff", None]))).tolist() == [b"\xff", None]
    assert alone(opened(write, x=pa.array([b"ab"], pa.binary(2)))).tolist() == [b"ab"]


@formats
@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([[1.5], [], [2.5, 3.5]], "var * float64"),
        ([[1, None], [], [2]], "var * ?int64"),
        ([[1], None, [2]], "option[var * int64]"),
        ([[[1], []], [], [[2]]], "var * var * int64"),
        ([["a"], [], ["b", "c"]], "var * string"),
        ([{"x": 1, "y": [1.5]}] * 3, "{x: int64, y: var * float64}"),
        ([[{"word": "a", "x": 1}], [], []], "var * {word: string, x: int64}"),
    ],
)
def test_what_is_nested_is_awkward_with_options_only_where_something_is_missing(
    opened: Opened, write: Write, rows: list[Any], kind: str
) -> None:
    read = alone(opened(write, x=pa.array(rows)))
    assert (read.to_list(), str(read.type)) == (rows, f"3 * {kind}")


@formats
@pytest.mark.parametrize("kind", [pa.list_(pa.int16(), 2), pa.large_list(pa.int16()), pa.list_(pa.int16())])
def test_all_lists_are_alike_and_meet_a_flat_column_row_by_row(
    opened: Opened, write: Write, kind: Any
) -> None:
    file = opened(write, x=pa.array([[1, 2], [3, 4]], kind), w=pa.array([10, 100], pa.int16()))
    read = file.read(["x", "w"], 0, 2)
    assert str(read["x"].type) == "2 * var * int16"
    assert (read["x"] * read["w"]).to_list() == [[10, 20], [300, 400]]


@formats
def test_whole_numbers_missing_anywhere_are_float64_everywhere(opened: Opened, write: Write) -> None:
    """Or what a plot computes of them would depend on how the rows were cut into batches."""
    file = opened(write, x=pa.array([1, 2, 3, 4, 5, None, 7], pa.uint8()), y=pa.array([1] * 7, pa.uint8()))
    kinds = [(batch["x"].dtype, batch["y"].dtype) for _, batch in file.batches(["x", "y"], 0, 2)]
    assert kinds == [(np.float64, np.uint8)] * 4
    assert file.read(["x"], 0, 0)["x"].dtype == np.float64


@formats
@pytest.mark.parametrize(
    "array",
    [
        pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        pa.array([[Decimal("1.25")], []]),
    ],
)
def test_types_that_cannot_be_read_are_listed_and_refused_when_asked_for(
    opened: Opened, write: Write, array: Any
) -> None:
    file = opened(write, x=array, y=pa.array([1, 2]))
    assert list(file.columns) == ["x", "y"]
    assert alone(file, "y").tolist() == [1, 2]
    for ask in (
        lambda: file.read(["x"], 0, 1),
        lambda: file.batches(["y", "x"], 0, 1),
        lambda: file.step(["x"]),
    ):
        with pytest.raises(InputError, match=r"hits: 'x' is of the type .*, which cannot be read"):
            ask()


@pytest.mark.parametrize(
    "kind", [pa.month_day_nano_interval(), pa.list_(pa.month_day_nano_interval()), pa.list_view(pa.int8())]
)
def test_types_of_arrow_alone_are_refused_too(opened: Opened, kind: Any) -> None:
    file = opened(as_arrow, x=pa.array([], kind))
    with pytest.raises(InputError, match="hits: 'x' is of the type"):
        file.read(["x"], 0, 0)


def test_runs_of_equal_values_and_extension_types_are_read_as_what_they_store(opened: Opened) -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1, None]))
    assert np.array_equal(alone(opened(as_arrow, x=runs)), [1, 1, np.nan], equal_nan=True)
    flags = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8()))
    assert alone(opened(as_arrow, x=flags)).tolist() == [1, 0]


def test_dictionaries_that_differ_between_batches_are_put_together(tmp_path: Path) -> None:
    kind = pa.dictionary(pa.int8(), pa.string())
    parts = [pa.array(words).cast(kind) for words in (["a", "b"], ["c", "a"], [None, "b"])]
    pq.write_table(pa.table({"x": pa.chunked_array(parts)}), tmp_path / "x", row_group_size=2)
    file = open_column_file(str(tmp_path / "x"), None)
    assert [batch["x"].tolist() for _, batch in file.batches(["x"], 1, 3)] == [["b", "c", "a"], [None, "b"]]


@formats
def test_columns_with_dots_and_with_one_name_are_told_apart(tmp_path: Path, write: Write) -> None:
    whole = pa.table([[1], [2], [3], [{"b": 4}]], names=["a.b", "a", "a", "a.b.c"])
    write(tmp_path / "hits", whole, 1)
    file = open_column_file(str(tmp_path / "hits"), None)
    assert list(file.columns) == ["a.b", "a", "a.b.c"]
    assert as_lists(file.read(file.columns, 0, 1)) == {"a.b": [1], "a": [2], "a.b.c": [{"b": 4}]}
    assert 0 < file.step(file.columns) < file.step(["a"])


@formats
def test_a_file_without_columns_has_only_rows(opened: Opened, write: Write) -> None:
    file = opened(write)
    assert (list(file.columns), file.rows, file.read([], 0, 0)) == ([], 0, {})


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_every_compression_of_parquet_is_read(tmp_path: Path, codec: str) -> None:
    data = columns(100)
    as_parquet(tmp_path / "hits", table(data), 30, compression=codec)
    file = open_column_file(str(tmp_path / "hits"), None)
    assert as_lists(file.read(NAMES, 0, 100)) == as_lists(data)


def test_what_awkward_writes_is_read(tmp_path: Path) -> None:
    data = ak.Array([{"n": 1, "pt": [1.5], "word": "a"}, {"n": 2, "pt": [], "word": "b"}])
    ak.to_parquet(data, tmp_path / "hits")
    file = open_column_file(str(tmp_path / "hits"), None)
    read = file.read(["n", "pt", "word"], 0, 2)
    assert as_lists(read) == {"n": [1, 2], "pt": [[1.5], []], "word": ["a", "b"]}
    assert read["n"].dtype == np.int64


def test_a_file_of_few_different_values_has_no_longer_steps(opened: Opened) -> None:
    """Stored they take next to nothing, in memory as much as any."""
    many = 200_000
    file = opened(as_parquet, many, x=pa.array([[4.0] * 20] * many))
    assert 90_000 < file.step(["x"]) < 110_000


def test_few_rows_at_the_end_of_a_large_row_group_are_read_at_once(opened: Opened) -> None:
    rows = 300_000
    file = opened(as_parquet, rows, x=pa.array(np.arange(rows)))
    batches: list[int] = []
    inner = file._record_batches  # type: ignore[attr-defined]  # counted on the way

    def counted(*arguments: Any) -> Iterator[Any]:
        for batch in inner(*arguments):
            batches.append(batch.num_rows)
            yield batch

    file._record_batches = counted  # type: ignore[attr-defined]  # as above
    assert file.read(["x"], rows - 2, rows)["x"].tolist() == [rows - 2, rows - 1]
    assert len(batches) < 5


@pytest.mark.parametrize("write", [as_parquet, as_arrow, as_compressed_arrow])
def test_damage_in_the_middle_ends_the_batches_at_its_row(tmp_path: Path, write: Write) -> None:
    words = [f"{n * 7919 % 1000:04}" for n in range(900)]
    path = tmp_path / "hits"
    write(path, pa.table({"good": [True] * 900, "x": words}), 300)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2 - 100
    damaged[middle : middle + 300] = b"\xff" * 300
    path.write_bytes(damaged)
    batches = open_column_file(str(path), None).batches(["x"], 0, 300)
    assert next(batches)[1]["x"].tolist() == words[:300]
    with pytest.raises(InputError, match="hits: cannot be read on at row 300: "):
        next(batches)
