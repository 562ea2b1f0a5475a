"""The whole way of one's own data: whatever the format, order and batches, each row is counted once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
import uproot  # type: ignore[import-untyped]  # as above
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drawing import drawn_here
from runfolio import pipeline
from runfolio.folder import verify
from runfolio.plots import Columns, Records, Reducer, Regular
from runfolio.settings import Settings
from runfolio.summary import Summary
from support import FakeClock, record, rejected


@pytest.fixture(autouse=True, scope="module")
def in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


class Event(msgspec.Struct):
    run: float | None
    event: int
    x: float | None


KEYS: dict[str, Any] = {"run": "run", "number": "event"}
READS: Mapping[str, Any] = {
    "jsonl": Columns(**KEYS),
    "records": Records(record=Event, **KEYS),
    "parquet": Columns(**KEYS),
    "root": Columns(**KEYS),
}
Rows = Sequence[tuple[float, float]]
"""Of each the run, which may be NaN, and x."""


def as_lines(path: Path, run: Any, event: Any, x: Any) -> None:
    def there(value: float) -> float | None:
        return None if np.isnan(value) else value

    records = [
        {"run": there(r), "event": int(e), "x": there(v)} for r, e, v in zip(run, event, x, strict=True)
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def as_parquet(path: Path, run: Any, event: Any, x: Any) -> None:
    pq.write_table(pa.table({"run": run, "event": event, "x": x}), path, row_group_size=3)


def as_tree(path: Path, run: Any, event: Any, x: Any) -> None:
    with uproot.recreate(path) as file:
        file.mktree("Events", {"run": np.float64, "event": np.int64, "x": np.float64})
        file["Events"].extend({"run": run, "event": event, "x": x})


WRITE: Mapping[str, Callable[..., None]] = {
    "jsonl": as_lines,
    "records": as_lines,
    "parquet": as_parquet,
    "root": as_tree,
}


def write(directory: Path, kind: str, files: Sequence[Rows]) -> list[str]:
    """Write rows to files; return their paths."""
    paths = []
    first = 0
    for number, rows in enumerate(files):
        path = directory / f"{number}.{kind}"
        run, x = np.array(rows, np.float64).reshape(-1, 2).T
        WRITE[kind](path, run, first + np.arange(len(rows)), x)
        first += len(rows)
        paths.append(str(path))
    return paths


def reducer(kind: str) -> Reducer:
    made = Reducer("Mine", reads=READS[kind])
    made.hist("x", Regular(4, 0, 4))
    return made


def process(directory: Path, kind: str, files: Sequence[Rows]) -> Summary:
    settings = Settings(
        image_directory=directory / "live",
        end_of_run_image_directory=directory / "sealed",
        histogram_image_type=(),
    )
    return pipeline.run(write(directory, kind, files), settings, [reducer(kind)], clock=FakeClock())


def test_runs_of_which_too_many_are_open_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.inputs.MOST_OPEN", (2, 2))
    found = process(tmp_path, "jsonl", [[(1, 0), (2, 0), (3, 0)]])
    assert [(run.run_number, run.ended_by, run.status) for run in found.runs] == [
        (1, "made_room", "incomplete"),
        (2, "end_of_input", "complete"),
        (3, "end_of_input", "complete"),
    ]
    assert [len(run.problems) for run in found.runs] == [1, 0, 0]


def filled(directory: Path) -> dict[int, list[int]]:
    """Return each sealed run's bins, flow bins included."""
    return {
        int(folder.name): uproot.open(folder / "imageMine.root")["x"].values(flow=True).astype(int).tolist()
        for folder in (directory / "sealed").glob("[0-9]*")
    }


def expected(rows: Rows) -> dict[int, list[int]]:
    """Return the same as numpy counts it."""
    runs = {run for run, _ in rows if run >= 0 and run == int(run)}
    edges = [-np.inf, 0, 1, 2, 3, 4, np.inf]
    return {
        int(run): np.histogram([x for of, x in rows if of == run and not np.isnan(x)], edges)[0].tolist()
        for run in runs
    }


runs_in = st.sampled_from([1.0, 1.0, 2.0, 3.0, np.nan, -1.0, 1.5])
xs_in = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 3.5, 4.0, 7.0, np.nan])
rows_in = st.lists(st.tuples(runs_in, xs_in), max_size=12)


@pytest.mark.parametrize("kind", READS)
@given(st.lists(rows_in, min_size=1, max_size=3), st.integers(1, 5))
@hypothesis_settings(max_examples=25)
def test_every_row_is_counted_where_it_belongs(kind: str, files: list[Rows], batch: int) -> None:
    rows = [row for each in files for row in each]
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("runfolio.stream.readers.BATCH_ROWS", batch)
        patch.setattr("runfolio.stream.columns.LOOK", batch)
        patch.setattr("runfolio.stream.columns.ROWS", batch + 1)
        directory = Path(name)
        summary = process(directory, kind, files)
        assert filled(directory) == expected(rows)
        reasons = Counter(
            "no_run_number" if np.isnan(run) else "bad_run_number"
            for run, _ in rows
            if np.isnan(run) or run in (-1.0, 1.5)
        )
        assert summary.rejected == reasons
        assert summary.documents == len(rows) == sum(run.spills for run in summary.runs) + reasons.total()
        for folder in (directory / "sealed").glob("[0-9]*"):
            [counts] = record(folder)["histograms"]["Mine"]
            assert counts["entries"] + counts["not_a_number"] == record(folder)["documents"]["filled"]
            assert verify(folder).whole
        if reasons and kind in ("jsonl", "records"):  # of columns, one entry stands for several rows
            assert len(rejected(directory / "live")) == reasons.total()


def test_all_formats_give_the_same_folders(tmp_path: Path) -> None:
    files = [[(1.0, 0.5), (2.0, 1.5), (1.0, np.nan)], [(2.0, 3.5), (1.0, 9.0), (np.nan, 1.0)]]
    folders = []
    for kind in READS:
        (tmp_path / kind).mkdir()
        process(tmp_path / kind, kind, files)
        run = record(tmp_path / kind / "sealed" / "1")
        assert run.pop("sources") == [f"0.{kind}", f"1.{kind}"]
        run.pop("images")
        folders.append(run)
    assert folders[1:] == folders[:-1]
    assert (folders[0]["first_spill"]["number"], folders[0]["last_spill"]["number"]) == (0, 4)


def test_one_row_a_run_and_many_runs(tmp_path: Path) -> None:
    rows = [(float(number % 30), 0.5) for number in range(60)]
    summary = process(tmp_path, "parquet", [rows])
    assert [run.spills for run in summary.runs] == [2] * 30


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_function_that_raises_for_a_row_loses_that_row_and_no_other(kind: str, tmp_path: Path) -> None:
    made = Reducer("Mine", reads=Columns(run="run"))

    @made.hist("x", Regular(4, 0, 4))
    def x(rows: Any) -> Any:
        if (rows.x == 3).any():
            raise ArithmeticError("3")
        return rows.x

    settings = Settings(image_directory=tmp_path / "live", end_of_run_image_directory=tmp_path / "sealed")
    rows = [(1.0, 0.5)] * 70 + [(1.0, 3.0)] + [(1.0, 1.5)] * 29
    summary = pipeline.run(write(tmp_path, kind, [rows]), settings, [made], clock=FakeClock())
    assert filled(tmp_path) == {1: [0, 70, 29, 0, 0, 0]}
    assert summary.runs[0].problems == ("x of Mine lost 1 event to an error",)


MIXED = [0.5, "n/a", 1.5, None, 2.5, [], [0.5, 1.5], [1, "n/a"], 10**30, {"a": 1}, True]


IN_LISTS = [[each] for each in MIXED if not isinstance(each, list | dict)]


@pytest.mark.parametrize("values", [MIXED, MIXED[::-1], IN_LISTS])
def test_what_is_mixed_with_numbers_costs_only_itself(values: list[Any], tmp_path: Path) -> None:
    lines = [json.dumps({"run": 1, "x": x}) + "\n" for x in values]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    settings = Settings(image_directory=tmp_path / "live", end_of_run_image_directory=tmp_path / "sealed")
    pipeline.run([str(tmp_path / "a.jsonl")], settings, [reducer("jsonl")], clock=FakeClock())
    in_lists = values is IN_LISTS
    assert filled(tmp_path) == {1: [0, 1, 2, 1, 0, 1] if in_lists else [0, 2, 4, 1, 0, 1]}
    [counts] = record(tmp_path / "sealed" / "1")["histograms"]["Mine"]
    assert (counts["not_a_number"], counts["lost_spills"]) == ((2, 0) if in_lists else (3, 1))
