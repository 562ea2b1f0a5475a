"""Inputs are cut where documents begin, near multiples of a size, whatever else is in them."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odd_streams import documents_in
from resuming import KEYS, Pieces, never
from runfolio.stream import BEGINNING, ColumnReader, Decoder, DocumentReader, Place, Reader
from runfolio.workers import blocks
from runfolio.workers.blocks import Block, BlockSource, blocks_of

DOCUMENTS = DocumentReader(Decoder(), 1 << 20, never, print)


def ends(path: Path, size: int, start: Place = BEGINNING, reader: Reader = DOCUMENTS) -> list[int | None]:
    found = list(blocks_of(reader, [str(path)], start, size))
    assert [each.start.offset for each in found] == [start.offset, *(each.end for each in found[:-1])]
    return [each.end for each in found]


def test_a_file_is_cut_at_the_first_line_of_a_document_behind_each_multiple(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(b'{"a": 1}\n' * 10)
    assert ends(path, 20) == [27, 45, 63, 81, None]
    assert ends(path, 20, Place(45, 6)) == [63, 81, None]
    assert ends(path, 20, Place(36, 5)) == [45, 63, 81, None]
    assert ends(path, 9) == [*range(9, 90, 9), None]
    assert ends(path, 100) == [None]


def test_lines_within_a_document_are_no_place_to_cut(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(b'{\n  "a": {\n  "b": 1}\n}\n' * 4)
    assert ends(path, 10) == [23, 46, 69, None]


def test_where_no_document_seems_to_begin_nothing_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(b'{"a": 1}\n' + b" x\n" * 50 + b'{"a": 1}\n')
    assert ends(path, 20) == [159, None]


def test_what_is_looked_for_may_lie_half_in_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(b'{"a": 1}\n' * 10)
    for size in range(2, 12):
        monkeypatch.setattr(blocks, "LOOK", size)
        assert ends(path, 20) == [27, 45, 63, 81, None]


@given(documents_in, st.integers(1, 300))
def test_blocks_follow_each_other(tmp_path_factory: pytest.TempPathFactory, data: bytes, size: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "spills.json"
    path.write_bytes(data)
    cuts = [end for end in ends(path, size) if end is not None]
    assert cuts == sorted(set(cuts))
    assert all(data[cut - 1 : cut + 1] == b"\n{" for cut in cuts)


def test_of_several_inputs_the_first_may_be_read_in_part(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("1.json", "2.json")]
    for path in paths:
        Path(path).write_bytes(b'{"a": 1}\n' * 4)
    assert list(blocks_of(DOCUMENTS, paths, Place(9, 2), 20)) == [
        Block(0, paths[0], Place(9, 2), 27),
        Block(0, paths[0], Place(27, 1)),
        Block(1, paths[1], BEGINNING, 27),
        Block(1, paths[1], Place(27, 1)),
    ]


def test_what_is_compressed_or_columns_is_one_block(tmp_path: Path) -> None:
    packed, columns = tmp_path / "spills.json", tmp_path / "rows.parquet"
    packed.write_bytes(gzip.compress(b'{"a": 1}\n' * 10))
    pq.write_table(pa.table({"run": np.arange(100)}), columns)
    assert ends(packed, 5) == [None]
    assert ends(columns, 5, reader=ColumnReader(KEYS, None, 1 << 20, never, print)) == [None]


def test_what_one_process_has_to_read_has_no_blocks(tmp_path: Path) -> None:
    lines = tmp_path / "rows.jsonl"
    lines.write_bytes(b'{"run": 1}\n')
    reader = ColumnReader(KEYS, None, 1 << 20, never, print)
    assert not list(blocks_of(reader, ["-", "/dev/null", str(tmp_path / "gone"), str(lines)], BEGINNING, 5))


def test_a_block_ends_where_the_next_begins_or_with_the_document_that_goes_on_there() -> None:
    data = b"".join(b"%d234567\n" % line for line in range(9))

    def given_by(start: int, unfinished: list[bool]) -> bytes:
        asked = iter(unfinished)
        source = BlockSource(Pieces([data[:28], data[28:]]), 16, lambda: next(asked))
        return b"".join(each or b"" for each in source.chunks(start))

    assert given_by(8, [False]) == data[8:16]
    assert given_by(0, [True, False]) == data[:24]
    assert given_by(0, [True, True, True, True, False]) == data[:32]
