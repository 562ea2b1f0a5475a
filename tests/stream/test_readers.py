"""Readers: from lines and from files of columns to batches."""

import bz2
import gzip
import json
import lzma
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import columnar
from runfolio.errors import InputError, UnknownColumn
from runfolio.stream import (
    Batch,
    BrokenOff,
    ColumnReader,
    Decoder,
    DocumentReader,
    Keys,
    Line,
    Reader,
    RecordDecoder,
    Refused,
    open_sources,
    record_reader,
)
from runfolio.stream.column_files import open_column_file
from support import open_descriptors

LIMIT = 1 << 20
KEYS = Keys(run="run")


def never() -> bool:
    return False


def column_reader(keys: Keys = KEYS, stop: Callable[[], bool] = never) -> tuple[ColumnReader, list[str]]:
    problems: list[str] = []
    return ColumnReader(keys, None, LIMIT, stop, problems.append), problems


def items(reader: Reader, *paths: Path) -> Iterator[Any]:
    for source in open_sources([str(path) for path in paths], follow=False, stop=never):
        yield from reader.items(source)


def told(reader: Reader, *paths: Path, name: str = "met") -> list[Any]:
    """Return the run and a column of each batch, the reason of each refusal, and where it broke off."""
    return [
        item.reason
        if isinstance(item, Refused)
        else "broken off"
        if isinstance(item, BrokenOff)
        else (item.run_number, item.data[name].tolist())
        for item in items(reader, *paths)
    ]


def events(path: Path, *rows: Any) -> Path:
    data = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(data) + b"\n")
    return path


def row(run: int, met: float) -> dict[str, Any]:
    return {"run": run, "met": met}


@pytest.mark.parametrize("write", columnar.WRITERS)
def test_files_of_columns_are_read_whatever_their_format(write: columnar.Writer, tmp_path: Path) -> None:
    path = Path(write(tmp_path / "data", columnar.columns(5), 2))
    reader, problems = column_reader()
    reader.check([str(path)])
    assert told(reader, path) == [(4235, [0.0, 0.5, 1.0, 1.5, 2.0])]
    assert problems == []


def test_lines_of_json_are_read_also_compressed(tmp_path: Path) -> None:
    path = events(tmp_path / "a.jsonl", row(1, 5), row(1, 6))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    reader, _ = column_reader()
    reader.check([str(path)])
    assert told(reader, path, tmp_path / "b.jsonl.gz") == [(1, [5, 6])] * 2


def test_runs_that_lie_mixed_in_a_file_are_put_together(tmp_path: Path) -> None:
    path = events(tmp_path / "a.jsonl", row(1, 5), row(2, 6), row(1, 7), b"garbage", row(2, 8))
    reader, _ = column_reader()
    assert told(reader, path) == [(1, [5, 7]), (2, [6]), "not_json", (2, [8])]


def test_files_of_both_kinds_may_come_together(tmp_path: Path) -> None:
    lines = events(tmp_path / "a.jsonl", row(1, 5))
    columns = Path(columnar.parquet(tmp_path / "b", columnar.columns(2), 2))
    reader, _ = column_reader()
    reader.check([str(lines), str(columns)])
    assert told(reader, lines, columns) == [(1, [5]), (4235, [0.0, 0.5])]


def test_the_first_rows_are_none_and_know_the_columns_of_the_first_file_that_has_some(tmp_path: Path) -> None:
    lines = events(tmp_path / "a.jsonl", row(1, 5))
    columns = columnar.parquet(tmp_path / "b", columnar.columns(2), 2)
    reader, _ = column_reader()
    with reader.first_rows([str(lines), columns, "-"]) as rows:
        assert (len(rows), rows.met.dtype) == (0, np.float32)
        with pytest.raises(UnknownColumn, match="did you mean met"):
            _ = rows.mett


@pytest.mark.parametrize("changed", [False, True])
def test_the_file_that_was_checked_is_read_without_opening_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, changed: bool
) -> None:
    opened: list[str] = []

    def counted(path: str, tree: str | None) -> Any:
        opened.append(Path(path).name)
        return open_column_file(path, tree)

    monkeypatch.setattr("runfolio.stream.readers.open_column_file", counted)
    first, second = (Path(columnar.tree(tmp_path / name, columnar.columns(2), 2)) for name in "ab")
    reader, _ = column_reader()
    reader.check([str(first), str(second)])
    if changed:
        columnar.tree(first, columnar.columns(1), 1)
    assert told(reader, first, second) == [(4235, [0.0] if changed else [0.0, 0.5]), (4235, [0.0, 0.5])]
    assert opened == ["a", "b", *(["a"] if changed else []), "b"]


def test_a_file_that_was_only_checked_is_closed_with_its_reader(tmp_path: Path) -> None:
    path = columnar.tree(tmp_path / "a", columnar.columns(2), 2)
    before = open_descriptors()
    reader, _ = column_reader()
    reader.check([path])
    del reader
    assert open_descriptors() == before


def test_without_columns_there_the_first_rows_have_any(tmp_path: Path) -> None:
    lines = events(tmp_path / "a.jsonl", row(1, 5))
    reader, _ = column_reader()
    with reader.first_rows([str(lines), "-"]) as rows:
        assert len(rows.anything) == 0
        with pytest.raises(InputError, match="cannot be read"):
            rows['"']
    assert told(reader, lines) == [(1, [5])]


def test_what_is_wrong_with_a_file_of_columns_is_found_beforehand(tmp_path: Path) -> None:
    good = columnar.parquet(tmp_path / "a", columnar.columns(2), 2)
    damaged = tmp_path / "b"
    damaged.write_bytes(Path(good).read_bytes()[:-10])
    reader, _ = column_reader()
    with pytest.raises(InputError, match="b: cannot be read"):
        reader.check([good, str(damaged)])
    reader, _ = column_reader(Keys(run="runn"))
    with pytest.raises(InputError, match="has no 'runn'; did you mean run"):
        reader.check([good])


def test_a_file_that_breaks_is_told_of_after_all_that_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Iterator[Any]:
        yield Refused(Line("a", 1, 0, b"", 0), "something", "is wrong")
        raise InputError("as it is")

    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(2), 2))
    reader, problems = column_reader()
    monkeypatch.setattr("runfolio.stream.readers.read_columns", broken)
    assert (told(reader, path), problems) == (["something", "broken off"], ["as it is"])


def test_a_file_that_has_vanished_since_is_told_of(tmp_path: Path) -> None:
    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(2), 2))
    reader, problems = column_reader()
    [source] = open_sources([str(path)], follow=False, stop=never)
    path.unlink()
    assert list(reader.items(source)) == [BrokenOff()]
    assert len(problems) == 1


def test_a_compressed_file_that_breaks_is_told_of_after_all_that_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(events(tmp_path / "a", *[row(1, n) for n in range(10_000)]).read_bytes())
    (tmp_path / "a.gz").write_bytes(whole[:-5000])
    reader, problems = column_reader()
    *_, cut_off, broken = told(reader, tmp_path / "a.gz")
    assert (cut_off, broken) == ("cut_off", "broken off")
    assert [problem.split(":")[0] for problem in problems] == [f"{tmp_path}/a.gz"]


def test_a_stop_ends_the_reading_after_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.stream.columns.LOOK", 2)
    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(5), 5))
    reader, problems = column_reader(stop=lambda: True)
    assert told(reader, path) == [(4235, [0.0, 0.5])]
    assert problems == []


def test_the_place_of_a_source_follows_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.stream.columns.LOOK", 2)
    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(4), 4))
    [source] = open_sources([str(path)], follow=False, stop=never)
    reader, _ = column_reader()
    places = [source.position for _ in reader.items(source)]
    assert places == [0, path.stat().st_size // 2]
    assert source.position == path.stat().st_size


def test_columns_that_come_by_a_pipe_are_one_line_and_not_thousands(tmp_path: Path) -> None:
    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(2), 2))

    class Pipe:
        name = "stdin"
        size: int | None = None
        live = True
        position = 0

        def chunks(self, start: int = 0) -> Iterator[bytes | None]:
            assert start == 0
            yield from (None, b"", path.read_bytes())

    reader, problems = column_reader()
    assert list(reader.items(Pipe())) == [None, BrokenOff()]
    assert problems == ["stdin: columns (Parquet), which are read of a file only; name it"]


def test_a_live_file_of_columns_is_not_read_as_one_since_it_may_grow(tmp_path: Path) -> None:
    path = Path(columnar.parquet(tmp_path / "a", columnar.columns(2), 2))
    [source] = open_sources([str(path)], follow=False, stop=never)
    source.live = True
    reader, problems = column_reader()
    assert list(reader.items(source)) == [BrokenOff()]
    assert problems == [f"{path}: columns (Parquet), which are read of a file only; name it"]


def test_what_is_missing_in_lines_of_json_is_told_at_their_end(tmp_path: Path) -> None:
    reader, problems = column_reader()
    assert np.isnan(told(reader, events(tmp_path / "a.jsonl", {"run": 1, "mett": 5}))[0][1]).all()
    assert problems == [f"{tmp_path}/a.jsonl has no 'met'; did you mean mett?"]


@pytest.mark.parametrize(
    "reader",
    [
        DocumentReader(Decoder(), LIMIT, never, print),
        record_reader(RecordDecoder(KEYS), LIMIT, never, print),
    ],
)
def test_documents_are_not_read_of_files_of_columns(reader: DocumentReader, tmp_path: Path) -> None:
    path = columnar.tree(tmp_path / "a.root", columnar.columns(2), 2)
    with pytest.raises(InputError, match=r"a\.root: a file of columns \(ROOT\)") as caught:
        reader.check(["-", path])
    assert "\n" not in str(caught.value)


def test_records_of_runs_that_lie_mixed_are_put_together_in_files_and_not_in_live_input(
    tmp_path: Path,
) -> None:
    path = events(tmp_path / "a.jsonl", row(1, 5), row(2, 6), row(1, 7))
    reader = record_reader(RecordDecoder(KEYS), LIMIT, never, print)
    [source] = open_sources([str(path)], follow=False, stop=never)
    assert [item.run_number for item in reader.items(source) if isinstance(item, Batch)] == [1, 2]
    source.live = True
    assert [item.run_number for item in reader.items(source) if isinstance(item, Batch)] == [1, 2, 1]


@pytest.mark.parametrize(("name", "content"), [("a.root", b""), ("a.parquet", b""), ("a.arrow", b"text")])
def test_a_file_that_is_called_like_columns_and_holds_none_is_told_of(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"is empty|is no ROOT, Parquet or Arrow"):
        column_reader()[0].check([str(tmp_path / name)])


@pytest.mark.parametrize(
    ("pack", "said"),
    [
        (bz2.compress, "compressed by bzip2; gzip and Zstandard are read"),
        (lzma.compress, "compressed by xz; gzip and Zstandard are read"),
        (lambda data: gzip.compress(gzip.compress(data)), "compressed by gzip twice"),
        (
            lambda _: gzip.compress(b"PAR1" + bytes(100)),
            r"columns \(Parquet\), compressed; decompress it first",
        ),
    ],
)
def test_what_is_packed_otherwise_is_one_line(
    tmp_path: Path, pack: Callable[[bytes], bytes], said: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(pack(json.dumps(row(1, 2.0)).encode()))
    reader, problems = column_reader()
    assert [each for each in items(reader, tmp_path / "a.jsonl") if not isinstance(each, BrokenOff)] == []
    assert [bool(re.search(said, each)) for each in problems] == [True]


def lines_of(*documents: Any) -> list[Line]:
    """Return documents as lines that were read before, in their places in a file."""
    texts = [json.dumps(each, indent=1).encode() for each in documents]
    return [Line("a.jsonl", 7 * n, 100 * n, text, len(text)) for n, text in enumerate(texts, 1)]


def test_documents_that_were_read_before_are_read_again() -> None:
    lines = lines_of(row(1, 2.0), row(1, 3.0), {"x": 1})
    batch, refused = column_reader()[0].items_of(lines)
    assert isinstance(batch, Batch)
    assert (batch.run_number, batch.data["met"].tolist(), batch.lines) == (1, [2.0, 3.0], lines[:2])
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.line) == ("no_run_number", lines[2])
