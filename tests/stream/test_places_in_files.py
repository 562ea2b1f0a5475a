"""Places in files: plain, compressed, growing, and of columns."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import columnar
from odd_streams import LIMIT, documents_in
from resuming import assert_goes_on, columns, documents, never, plain
from runfolio.stream import (
    BEGINNING,
    Batch,
    BrokenOff,
    ColumnReader,
    Keys,
    Place,
    Reader,
    Source,
    column_files,
    compression,
    open_sources,
    sources,
)
from runfolio.stream import columns as columns_of_files
from support import spill, stream


def opened(path: Path) -> Source:
    [source] = open_sources([str(path)], follow=False, stop=never)
    return source


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files read a few bytes, or rows, at a time."""
    monkeypatch.setattr(sources, "CHUNK", 64)
    monkeypatch.setattr(compression, "ZSTD_STEP", 16)
    monkeypatch.setattr(column_files, "BATCH_BYTES", 300)


here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
compressions = pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress])


@pytest.mark.usefixtures("small_steps")
@compressions
@here
@given(parts=st.lists(documents_in, max_size=3), lost=st.integers(0, 3))
def test_files_go_on_plain_or_compressed_whole_or_cut_off(
    tmp_path: Path, compress: Callable[[bytes], bytes], parts: list[bytes], lost: int
) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(b"".join(map(compress, parts))[: -lost or None])
    assert_goes_on(documents, lambda: opened(path))


@st.composite
def tables(draw: st.DrawFn) -> columnar.Columns:
    """Return columns of a few rows."""
    one = st.tuples(st.integers(-1, 3), st.integers(0, 5), st.booleans(), st.sampled_from(["", "é", "word"]))
    run, x, last, word = map(list, zip(*draw(st.lists(one, min_size=1, max_size=30)), strict=True))
    hits = ak.unflatten(np.arange(sum(x)), x)
    flat = {"run": run, "n": x, "x": x, "last": last}
    return {name: np.array(each) for name, each in flat.items()} | {"word": ak.Array(word), "hits": hits}


steps = st.fixed_dictionaries({"LOOK": st.integers(1, 10), "ROWS": st.integers(1, 20)})


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("write", columnar.WRITERS)
@settings(here, max_examples=10)
@given(table=tables(), rows=st.integers(1, 20), steps=steps)
def test_files_of_columns_go_on(
    tmp_path: Path, write: columnar.Writer, table: columnar.Columns, rows: int, steps: dict[str, int]
) -> None:
    path = write(tmp_path / "data", table, rows)
    with pytest.MonkeyPatch.context() as patch:
        for name, count in steps.items():
            patch.setattr(columns_of_files, name, count)
        found = assert_goes_on(columns, lambda: opened(Path(path)))
    assert found.places[-1] == Place(len(table["x"]), len(table["x"]) + 1)


@pytest.mark.usefixtures("small_steps")
@here
@given(data=documents_in, at=st.integers(0, 5000))
def test_a_growing_file_goes_on_where_it_was_when_the_reading_was_stopped(
    tmp_path: Path, data: bytes, at: int
) -> None:
    assume(not data.startswith(b"PAR1"))  # which would break off at once
    path = tmp_path / "spills.json"
    items: list[Any] = []
    place = BEGINNING
    for grown in (data[:at], data):
        path.write_bytes(grown)
        reader, source = following(path, len(grown))
        items += [item for each in reader.items(source, place) for item in one_by_one(each)]
        assert reader.place is not None
        place = reader.place
    reader, source = following(path, len(data))
    assert items == [item for each in reader.items(source) for item in one_by_one(each)]
    assert place == reader.place


def following(path: Path, size: int) -> tuple[Reader, Source]:
    """Return what reads a growing file, and is stopped when it has come so far."""
    found: list[Source] = []

    def stop() -> bool:
        return bool(found) and found[0].position >= size

    found.append(next(open_sources([str(path)], follow=True, stop=stop)))
    return documents(print, stop=stop), found[0]


def one_by_one(item: Any) -> list[Any]:
    """Return the lines of a batch, however it was cut, of anything else what it says; nothing of a pause."""
    return list(item.lines) if isinstance(item, Batch) else [] if item is None else [plain(item)]


def test_a_file_that_broke_off_is_begun_before_what_was_given_then(tmp_path: Path) -> None:
    path = tmp_path / "spills.json.gz"
    path.write_bytes(gzip.compress(stream(spill(1, 1), spill(1, 2), spill(2, 1)))[:-9])
    found = assert_goes_on(documents, lambda: opened(path))
    assert found.items[-1] == BrokenOff()
    assert found.places[-1] is None
    assert len(found.problems) == 1


def test_a_file_that_is_shorter_than_what_was_read_of_it_breaks_off(tmp_path: Path) -> None:
    problems: list[str] = []
    lines, table = tmp_path / "spills.json", columnar.parquet(tmp_path / "table", columnar.columns(2), 2)
    lines.write_bytes(stream(spill(1, 1)))
    for path, start in ((lines, Place(1000, 2)), (Path(table), Place(3, 4))):
        reader = ColumnReader(Keys(run="run"), None, LIMIT, never, problems.append)
        assert list(reader.items(opened(path), start)) == [BrokenOff()]
        assert reader.place is None
    size = lines.stat().st_size
    assert f"only {size} of the 1000 bytes" in problems[0]
    assert "only 2 of the 3 rows" in problems[1]
