"""Rows of files of columns, cut into batches of one run each."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from runfolio.errors import InputError, UnknownColumn
from runfolio.stream import Batch, FileName, Keys, Refused, SpillMark, columns
from runfolio.stream.column_files import open_column_file, unknown_column
from runfolio.stream.columns import check_keys, file_rows, read_columns


class Table:
    """A file of columns in memory, read in steps of so many rows; knows what was read, and how."""

    kind = "the table"

    def __init__(self, step: int = 100, name: str = "events.parquet", **given: Any) -> None:
        self.name = name
        self.rows = len(next(iter(given.values())))
        self.columns: Sequence[str] = list(given)
        self.given = {
            name: each if isinstance(each, ak.Array) else np.array(each) for name, each in given.items()
        }
        self.steps: list[list[str]] = []
        self.reads: list[str] = []
        self._step = step

    def step(self, names: Sequence[str]) -> int:
        self.check(names)
        return self._step

    def batches(self, names: Sequence[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Any]]]:
        self.check(names)
        for first in range(start, self.rows, step):
            self.steps.append(list(names))
            yield first, {name: self.given[name][first : first + step] for name in names}

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Any]:
        self.check(names)
        self.reads.extend(names)
        return {name: self.given[name][start:stop] for name in names}

    def close(self) -> None:
        pass

    def check(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.given:
                raise unknown_column(self.kind, name, self.columns)
            if name == "unreadable":
                raise InputError("unreadable")


RUN = Keys(run="run")


def items(table: Table, keys: Keys = RUN, *asked: str) -> list[Any]:
    return list(read_columns(table, keys, dict.fromkeys(asked), lambda _: None))


def told(table: Table, keys: Keys = RUN) -> list[Any]:
    """Return the run and x of each batch, "over" where it ends its run; the reason and rows of a refusal."""
    return [
        (item.reason, item.rows)
        if isinstance(item, Refused)
        else (item.run_number, item.data.x.tolist(), *["over"] * item.over)
        for item in items(table, keys)
    ]


def test_the_rows_of_a_run_are_a_batch() -> None:
    assert told(Table(run=[1, 1, 2], x=[5, 6, 7])) == [(1, [5, 6]), (2, [7])]


def test_runs_that_lie_mixed_are_put_together() -> None:
    assert told(Table(run=[2, 1, 2, 1], x=[5, 6, 7, 8])) == [(2, [5, 7]), (1, [6, 8])]


def test_each_step_is_cut_by_itself() -> None:
    assert told(Table(2, run=[1, 1, 1, 2, 1], x=[1, 2, 3, 4, 5])) == [
        (1, [1, 2]),
        (1, [3]),
        (2, [4]),
        (1, [5]),
    ]


def test_a_flag_ends_a_run_and_what_follows_is_a_batch_of_its_own() -> None:
    table = Table(run=[1, 2, 1, 1, 2], x=[1, 2, 3, 4, 5], last=[False, False, True, False, False])
    assert told(table, Keys(run="run", end="last")) == [(1, [1, 3], "over"), (2, [2, 5]), (1, [4])]


@pytest.mark.parametrize("last", [[0, 1], [0.0, 2.5], [np.nan, 1.0]])
def test_a_flag_may_be_a_number_and_one_that_is_missing_ends_nothing(last: list[Any]) -> None:
    table = Table(run=[1, 1], x=[1, 2], last=last)
    assert told(table, Keys(run="run", end="last")) == [(1, [1, 2], "over")]


@pytest.mark.parametrize(("value", "types"), [("end", ["data", "end", "data"]), (9, [0, 9, 0])])
def test_a_row_that_ends_a_run_holds_no_data(value: Any, types: list[Any]) -> None:
    kind = object if value == "end" else None
    table = Table(run=[1, 1, 2], x=[1, 0, 2], type=np.array(types, kind))
    assert told(table, Keys(run="run", end=("type", value))) == [(1, [1], "over"), (2, [2])]
    one = items(table, Keys(run="run", end=("type", value)))[0]
    assert (one.ends, one.received, len(one.lines)) == (1, 2, 1)


def test_rows_without_a_run_number_are_refused_together() -> None:
    table = Table(run=[np.nan, 1, 2.5, np.nan, -1, np.inf, 2.0**63, 1], x=range(8))
    assert told(table) == [("no_run_number", 2), (1, [1, 7]), ("bad_run_number", 4)]
    lost, _, bad = items(table)
    assert (lost.line.number, lost.detail) == (1, "2 rows without a run number in run")
    assert (bad.line.number, bad.detail) == (3, "4 rows without a run number in run: 2.5 is none")
    assert json.loads(lost.line.data) == {"rows": [[1, 1], [4, 4]]}
    assert json.loads(bad.line.data) == {"rows": [[3, 3], [5, 7]], "values": [2.5, -1.0, "inf", 2.0**63]}
    assert (lost.line.complete, bad.line.complete) == (True, True)


def test_of_rows_that_are_set_aside_the_first_100_ranges_and_10_values_are_kept() -> None:
    [_, bad] = items(Table(1000, run=[5.0, 0.5] * 500, x=range(1000)))
    kept = json.loads(bad.line.data)
    assert (len(kept["rows"]), kept["rows"][:2], kept["rows"][-1]) == (100, [[2, 2], [4, 4]], [200, 200])
    assert kept["values"] == [0.5] * 10


def test_rows_are_counted_from_the_beginning_of_the_file() -> None:
    [_, lost, _] = items(Table(2, run=[1, 1, np.nan, np.nan, 1], x=range(5)))
    assert json.loads(lost.line.data) == {"rows": [[3, 4]]}


def test_rows_that_come_late_say_where_they_stand() -> None:
    [one, two] = items(Table(run=[1, 2, 1, 1], x=range(4)))
    [late] = one.refused("late", "as said")
    assert (json.loads(late.line.data), late.rows) == ({"rows": [[1, 1], [3, 4]]}, 3)
    assert [json.loads(each.line.data) for each in two.refused("late", "")] == [{"rows": [[2, 2]]}]


def test_an_end_in_rows_without_a_run_number_does_not_part_them() -> None:
    table = Table(run=[np.nan, np.nan, 1, np.nan], x=range(4), last=[1, 1, 0, 1])
    assert told(table, Keys(run="run", end="last")) == [("no_run_number", 3), (1, [2])]


def test_whole_numbers_of_any_width_are_run_numbers() -> None:
    for kind in (np.int8, np.uint16, np.int64, np.uint64, np.float32, np.float16):
        assert told(Table(run=np.array([5, 5], kind), x=[1, 2])) == [(5, [1, 2])]
    assert told(Table(run=np.array([2**64 - 1], np.uint64), x=[1])) == [("bad_run_number", 1)]
    assert told(Table(run=np.array([2**63 - 1]), x=[1])) == [(2**63 - 1, [1])]


def test_the_run_number_of_the_files_name() -> None:
    assert told(Table(name="beam_7.root", x=[1, 2]), Keys(run=FileName("beam_{run}.root"))) == [(7, [1, 2])]


def test_marks_are_those_of_the_first_and_last_rows() -> None:
    table = Table(2, run=[1, 1, 1], x=[0, 0, 0], event=[7, 5, 9], time=[3.0, 1.0, np.nan])
    marks = [item.marks for item in items(table, Keys(run="run", number="event", time="time"))]
    assert [[(mark.number, mark.time) for mark in each] for each in marks] == [
        [(5, 1.0), (7, 3.0)],
        [(9, None)],
    ]


def test_rows_without_numbers_are_marked_by_their_times() -> None:
    table = Table(run=[1, 2, 1, 1], x=[0, 0, 0, 0], time=[3.0, 1.0, 2.0, np.nan])
    marks = [item.marks for item in items(table, Keys(run="run", time="time"))]
    assert marks == [[SpillMark(None, 2.0), SpillMark(None, 3.0)], [SpillMark(None, 1.0)]]
    assert items(table)[0].marks == []


def test_few_rows_come_first_as_more_may_be_asked_for_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LOOK", 2)
    assert told(Table(4, run=[1] * 8, x=range(8))) == [(1, [0, 1]), (1, [2, 3, 4, 5]), (1, [6, 7])]


def test_the_first_step_is_as_long_as_others_where_all_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LOOK", 2)
    table = Table(4, run=[1] * 8, x=range(8))
    found = read_columns(table, RUN, {"run": None, "x": None}, lambda _: None, asked_all=True)
    assert [len(item.data) for item in found if isinstance(item, Batch)] == [4, 4]


def test_only_what_is_asked_for_is_read_and_once_asked_for_along_with_the_rest() -> None:
    table = Table(1, run=[1, 1, 1], x=[1, 2, 3], y=[4, 5, 6], z=[7, 8, 9])
    found = []
    for item in read_columns(table, RUN, {"run": None, "x": None}, lambda _: None):
        assert isinstance(item, Batch)
        found.append((item.data.x.tolist(), item.data.y.tolist()))
    assert found == [([1], [4]), ([2], [5]), ([3], [6])]
    assert table.steps == [["run", "x"], ["run", "x", "y"], ["run", "x", "y"]]
    assert table.reads == ["y"]


def test_what_the_file_has_not_or_not_readably_spoils_nothing_else() -> None:
    table = Table(run=[1], x=[5], unreadable=[0])
    [batch] = items(table, RUN, "run", "x", "y", "unreadable")
    assert batch.data.x.tolist() == [5]
    with pytest.raises(UnknownColumn):
        _ = batch.data.y
    with pytest.raises(InputError, match="unreadable"):
        _ = batch.data.unreadable


def test_it_is_told_how_far_the_reading_is() -> None:
    far: list[int] = []
    list(read_columns(Table(2, run=[1, 1, 1]), RUN, {"run": None}, far.append))
    assert far == [2, 3]


def test_a_file_without_rows_gives_nothing() -> None:
    assert items(Table(run=[])) == []


JAGGED = ak.Array([[1], [2, 3]])


@pytest.mark.parametrize(
    ("given", "keys", "words"),
    [
        ({"runs": [1]}, RUN, "has no 'run'; did you mean runs? (it is what run= names)"),
        ({"run": np.array(["1"], object)}, RUN, "run, which run= names, does not hold numbers, one a row"),
        ({"run": [True]}, RUN, "run, which run= names"),
        ({"run": JAGGED}, RUN, "run, which run= names"),
        ({"run": [1]}, Keys(run="run", number="n"), "it is what number= names"),
        ({"run": [1, 1], "n": JAGGED}, Keys(run="run", number="n"), "n, which number= names"),
        ({"run": [1], "t": np.array(["noon"], object)}, Keys(run="run", time="t"), "t, which time= names"),
        ({"run": [1], "e": np.array(["x"], object)}, Keys(run="run", end="e"), "e, which end= names"),
        ({"run": [1], "e": [1]}, Keys(run="run", end=("e", "x")), "e, which end= names, does not hold words"),
        ({"run": [1], "e": np.array(["x"], object)}, Keys(run="run", end=("e", 1)), "does not hold numbers"),
    ],
)
def test_a_key_that_is_not_there_or_holds_something_else_is_an_input_error(
    given: dict[str, Any], keys: Keys, words: str
) -> None:
    for check in (check_keys, items):
        with pytest.raises(InputError) as caught:
            check(Table(**given), keys)
        assert words in str(caught.value)


def structs(path: Path) -> Any:
    header = [{"run": 5, "time": 1.5}, {"run": 6, "time": None}, None]
    table = pa.table({"header": pa.array(header), "a.b": [1, 2, 3], "x": [1, 2, 3]})
    pq.write_table(table, path / "a.parquet")
    return open_column_file(str(path / "a.parquet"), None)


def test_a_name_with_dots_leads_to_a_field_or_is_a_columns_own(tmp_path: Path) -> None:
    file = structs(tmp_path)
    rows = file_rows(file, 0, 3, {}, {})
    assert np.array_equal(rows["header.time"], [1.5, np.nan, np.nan], equal_nan=True)
    assert rows["a.b"].tolist() == [1, 2, 3]
    with pytest.raises(UnknownColumn, match=r"has no 'header\.tim'; did you mean header\.time"):
        rows["header.tim"]
    with pytest.raises(UnknownColumn, match=r"has no 'x\.y'"):
        rows["x.y"]


def test_a_run_number_may_lie_in_a_field(tmp_path: Path) -> None:
    asked = dict.fromkeys(["header.run", "x"])
    found = list(read_columns(structs(tmp_path), Keys(run="header.run"), asked, lambda _: None))
    assert [(type(item).__name__, getattr(item, "run_number", None)) for item in found] == [
        ("Batch", 5),
        ("Batch", 6),
        ("Refused", None),
    ]


rows_in = st.lists(st.tuples(st.sampled_from([1.0, 2.0, 3.0, np.nan, -1.0, 0.5]), st.booleans()), max_size=30)


@given_by(rows_in, st.integers(1, 10), st.sampled_from([None, "flag", "row"]))
def test_every_row_comes_once_in_its_run_and_in_order(rows: list[Any], step: int, ends: str | None) -> None:
    table = Table(step, run=[row[0] for row in rows], last=[row[1] for row in rows], x=range(len(rows)))
    end: Any = {None: None, "flag": "last", "row": ("last", True)}[ends]
    found: dict[int, list[int]] = {}
    counted: Counter[str] = Counter()
    for item in items(table, Keys(run="run", end=end), "run", "x"):
        if isinstance(item, Refused):
            counted["refused"] += item.rows
            continue
        found.setdefault(item.run_number, []).extend(item.data.x.tolist())
        counted.update(filled=len(item.data), ends=item.ends)
    for number in (1, 2, 3):
        data = [
            place for place, (run, last) in enumerate(rows) if run == number and not (last and ends == "row")
        ]
        assert found.get(number, []) == data
    assert counted.total() == len(rows)
