"""What workers read together is what one process reads, wherever the input is cut."""

import gzip
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawing import drawn_here
from odd_streams import LIMIT, ODDITIES, data_of, ends_of_runs, laid_out, layouts, marks, rows_in
from runfolio.plots import load_reducers
from runfolio.plots.identity import identity
from runfolio.stopping import StopOnSignal
from runfolio.stream import BEGINNING
from runfolio.stream.column_files import format_of
from runfolio.workers import reader as workers_reader
from runfolio.workers.messages import GivenUp, Setup, Task
from runfolio.workers.worker import answers, tools
from shared_out import PLOTS, left, process, small_blocks, workers_here
from support import mark, spill, stream

RECORDS = """
import msgspec
from runfolio import Reducer, Regular
from runfolio.plots import Category, Records

class Event(msgspec.Struct):
    run: int
    n: int = 0
    x: float | None = None
    word: str | float | bool | None = None

events = Reducer("Events", reads=Records(record=Event, run="run", number="n", end="last"))
events.hist("x", Regular(10, 0, 10))
events.hist("word", Category(limit=2))
events.hist("weighted", Regular(2, 0, 10), values="n", weights="x")
"""
COLUMNS = """
from runfolio import Columns, Reducer, Regular
events = Reducer("Events", reads=Columns(run="run", number="n"))
events.hist("x", Regular(10, 0, 10))
events.profile("mean", Regular(3, 0, 30), values=("n", "x"), label="x")

@events.hist("more", Regular(10, 0, 10))
def more(rows):
    return rows.y if (rows.x > 7).any() else rows.x  # y is asked for only once there is cause
"""


@pytest.fixture(autouse=True, scope="module")
def in_this_process() -> Iterator[None]:
    with drawn_here(), workers_here():
        yield


def assert_shared(directory: Path, paths: Sequence[Path], plots: str = PLOTS, **more: Any) -> None:
    """Run a job with and without workers: all that it leaves is the same, and all that it tells."""
    alone, shared = (
        process(directory / str(workers), paths, workers, plots, line_limit=LIMIT, **more)
        for workers in (1, 2)
    )
    assert left(directory / "2") == left(directory / "1")
    for told in ("rejected", "late", "stray", "problems", "documents", "bytes_read"):
        assert getattr(shared, told) == getattr(alone, told)


def spills(count: int, run: int = 1, layout: int | str = "one") -> bytes:
    """Return spills of a run, and its end."""
    numbers = np.random.default_rng(run).uniform(0, 10, (count, 3))
    data = [
        laid_out(spill(run, n, n=n, x=numbers[n].tolist(), word=f"w{n % 5}"), layout) for n in range(count)
    ]
    return b"".join((*data, stream(spill(run, -1, daq_event_type="end_of_run"))))


@pytest.fixture
def never_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing read without workers in jobs that have some."""

    def fail(*_: object) -> Iterator[Any]:
        raise AssertionError("read without workers")

    monkeypatch.setattr(workers_reader.SharedReader, "_by_reader", fail)


values = st.sampled_from([0.1, 0.7, 1.3, 2.5, 3.0, 7.0, 9.9, -1.0])
spills_in = st.builds(
    lambda run, number, x, word, layout: laid_out(spill(run, number, n=number, x=x, word=word), layout),
    st.integers(1, 2),
    st.integers(1, 99),
    st.lists(values, max_size=5),
    st.sampled_from("abcde"),
    layouts,
)
streams = data_of(
    spills_in | spills_in | spills_in | spills_in | ends_of_runs | marks | st.sampled_from(ODDITIES)
)
stretches = st.sampled_from([50, 200, 700, 3000])


def is_text(data: bytes) -> bool:
    """Tell whether a file that begins so is not refused for a file of columns."""
    return format_of(data) is None


@settings(max_examples=30)
@given(st.lists(streams.filter(is_text), min_size=1, max_size=2), stretches, st.integers(1, 3))
def test_it_does_not_matter_where_documents_are_cut(data: list[bytes], stretch: int, times: int) -> None:
    with TemporaryDirectory() as name, small_blocks(stretch * times, stretch):
        paths = [Path(name, f"{number}.json") for number in range(len(data))]
        for path, each in zip(paths, data, strict=True):
            path.write_bytes(each)
        assert_shared(Path(name), paths)


@settings(max_examples=20)
@given(rows_in.filter(is_text), stretches)
def test_it_does_not_matter_where_records_are_cut(data: bytes, stretch: int) -> None:
    with TemporaryDirectory() as name, small_blocks(stretch, stretch):
        path, plots = Path(name, "rows.jsonl"), Path(name, "my.py")
        path.write_bytes(data)
        plots.write_text(RECORDS)
        assert_shared(Path(name), [path], str(plots))


@pytest.mark.usefixtures("never_alone")
@pytest.mark.parametrize("layout", ["one", "return", "blanks", 2])
def test_documents_of_any_layout_are_read_by_workers_alone(tmp_path: Path, layout: int | str) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(spills(60, 1, layout) + spills(40, 2, layout))
    with small_blocks(1500, 500):
        assert_shared(tmp_path, [path])


def test_unindented_ones_that_are_cut_within_are_read_without(tmp_path: Path) -> None:
    document = spill(1, 0, recon_events=[{"a": 1}] * 9)
    path = tmp_path / "spills.json"
    path.write_bytes(laid_out(document, 0) * 9 + spills(50))
    with small_blocks(100, 100):
        assert_shared(tmp_path, [path])


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
def test_what_is_late_is_set_aside_with_its_own_lines(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    late = spills(40, 1, 2) + stream(b"garbage") + spills(40, 1)
    for path, data in zip(paths, (spills(40, 1) + spills(40, 2), spills(3, 2) + late), strict=True):
        path.write_bytes(pack(data))
    with small_blocks(1000, 1000):
        assert_shared(tmp_path, paths)
    assert len((tmp_path / "2" / "live" / "late.jsonl").read_text().splitlines()) >= 80


def test_shares_that_hold_too_much_are_left_to_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.workers.worker.MOST_GIVEN", 2500)
    path = tmp_path / "spills.json"
    path.write_bytes(spills(30) + spills(3, 2) + spills(60, 3))
    with small_blocks(2000, 1000):
        assert_shared(tmp_path, [path])


def test_what_breaks_off_breaks_off_as_it_would(tmp_path: Path) -> None:
    paths = [tmp_path / "1.json.gz", tmp_path / "2.json", tmp_path / "3.json"]
    paths[0].write_bytes(gzip.compress(spills(300))[:-500])
    paths[1].write_bytes(b"BZh" + spills(2, 2))
    paths[2].write_bytes(spills(5, 3))
    with small_blocks(1000, 1000):
        assert_shared(tmp_path, paths)


def test_a_file_that_is_gone_is_left_to_the_program(tmp_path: Path) -> None:
    found, refusal = tools(Setup((PLOTS,), identity(load_reducers([PLOTS])), 1000, 1000))
    assert found, refusal
    path = str(tmp_path / "gone.json")
    gone = Task(path, path, BEGINNING, 10, found.reader.state())
    assert list(answers(found, gone)) == [GivenUp("")]


@pytest.mark.parametrize("becomes", ["gone", "another"])
def test_a_file_whose_name_becomes_anothers_is_read_to_its_end(
    tmp_path: Path, becomes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spills.json"
    content = spills(40) + b'{"cut off\n' + spills(40, 2) + spills(3)  # the last ones come late
    take = workers_reader.SharedReader._taken

    def rotated(self: Any, reading: Any) -> Any:
        message = take(self, reading)
        if reading.block.start.offset:  # what is at the beginning was read by then
            path.unlink(missing_ok=True)
            if becomes == "another":
                path.write_bytes(spills(200, 9))
        return message

    path.write_bytes(content)
    with small_blocks(700, 700):
        alone = process(tmp_path / "1", [path], 1, line_limit=LIMIT)
        monkeypatch.setattr(workers_reader.SharedReader, "_taken", rotated)
        shared = process(tmp_path / "2", [path], 2, line_limit=LIMIT)
    assert not path.exists() or path.read_bytes() != content
    assert left(tmp_path / "2") == left(tmp_path / "1")
    assert (shared.rejected, shared.problems) == (alone.rejected, alone.problems)


def test_a_line_beyond_the_limit_spans_blocks(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(spills(9) + b'{"x": "' + b"x" * 5 * LIMIT + b'"}\n' + spills(9, 2))
    with small_blocks(700, 700):
        assert_shared(tmp_path, [path])


def test_files_of_columns_are_read_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.stream.column_files.BATCH_BYTES", 300)
    (tmp_path / "my.py").write_text(COLUMNS)
    paths = []
    for number in range(4):
        n = np.arange(50) + 50 * number
        x = n % (7 if number < 2 else 9) + 0.3
        paths.append(tmp_path / f"{number}.parquet")
        pq.write_table(pa.table({"run": n // 70, "n": n, "x": x, "y": x / 2}), paths[-1], row_group_size=7)
    lines = tmp_path / "5.jsonl"
    lines.write_text("".join(json.dumps({"run": 9, "n": n, "x": n, "y": 1}) + "\n" for n in range(9)))
    assert_shared(tmp_path, [*paths, lines, paths[0]], str(tmp_path / "my.py"))


def test_what_cannot_be_shared_out_is_told_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "my.py").write_text(COLUMNS)
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for path in paths:
        path.write_text('{"run": 1, "n": 1, "x": 2, "y": 3}\n')
    with caplog.at_level(logging.WARNING):
        assert_shared(tmp_path, paths, str(tmp_path / "my.py"))
    why = "what comes as it is made, and JSON lines of any columns, cannot be shared out"
    assert caplog.messages == [f"--workers 2: {paths[0]} and 1 more: read by one process: {why}"]


def test_a_request_to_stop_is_heard_between_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(spills(200) + stream(mark("RunFooter", 1)))
    asked = iter([*[False] * 40])
    monkeypatch.setattr(StopOnSignal, "__call__", lambda _: next(asked, True))
    with small_blocks(1000, 1000):
        summary = process(tmp_path / "stopped", [path], 2)
    [run] = summary.runs
    assert run.ended_by == "interrupted"
    assert 0 < summary.documents < 200


def test_of_a_small_input_nothing_is_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_reader, "Pool", None)
    path = tmp_path / "spills.json"
    path.write_bytes(spills(20))
    assert process(tmp_path / "alone", [path], 2).documents == 21
