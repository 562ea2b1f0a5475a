"""What reads inputs, and what is found before anything begins."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import columnar
from runfolio.errors import DeclarationError, InputError
from runfolio.inputs import MOST_OPEN, check_inputs, reader_for, tracker_for
from runfolio.plots import Columns, FileName, Integer, Records, Reducer, Regular, Spills
from runfolio.stream import ColumnReader, DocumentReader, Reader
from support import FakeClock


class Event(msgspec.Struct):
    energy: float


def reducer(reads: Any, *names: str, name: str = "Mine", bins: int = 10) -> Reducer:
    made = Reducer(name, reads=reads)
    for each in names:
        made.hist(each, Regular(bins, 0, 100))
    return made


def reader(*reducers: Reducer) -> Reader:
    return reader_for(reducers, 1 << 20, lambda: False, print)


def check(paths: Sequence[str | Path], *reducers: Reducer) -> None:
    check_inputs(reader(*reducers), reducers, [str(path) for path in paths])


def test_each_kind_of_data_has_its_reader() -> None:
    assert isinstance(reader(reducer(Columns(run="run"))), ColumnReader)
    assert isinstance(reader(reducer(Records(run="run", record=Event))), DocumentReader)
    assert isinstance(reader(reducer(Spills(Event, list))), DocumentReader)
    assert isinstance(reader(), DocumentReader)


def test_different_kinds_of_data_are_not_read_together() -> None:
    with pytest.raises(DeclarationError, match="one job reads one kind of data") as caught:
        reader(reducer(Spills(Event, list)), reducer(Columns(run="run"), name="Other"))
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_found_with_its_place(tmp_path: Path) -> None:
    path = columnar.parquet(tmp_path / "a.parquet", columnar.columns(2), 2)
    check([path], reducer(Columns(run="run"), "met"))
    with pytest.raises(DeclarationError, match=r"test_inputs\.py, line \d+: .* did you mean met") as caught:
        check([path], reducer(Columns(run="run"), "mett"))
    assert "\n" not in str(caught.value)


def test_a_field_that_is_not_declared_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    check([tmp_path / "a.jsonl"], reducer(Records(run="run", record=Event), "energy"))
    with pytest.raises(DeclarationError, match="Event has no 'enrgy'; did you mean energy"):
        check([tmp_path / "a.jsonl"], reducer(Records(run="run", record=Event), "enrgy"))


@pytest.mark.parametrize(
    "reads", [Columns(run=FileName("b_{run}.x")), Records(run=FileName("b_{run}.x"), record=Event)]
)
def test_a_name_that_holds_no_run_number_is_found(reads: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "b_7.x", tmp_path / "c.x"
    good.touch()
    check([good], reducer(reads))
    with pytest.raises(InputError, match=r"c\.x: its name holds no run number as in b_\{run\}\.x"):
        check([good, bad], reducer(reads))
    with pytest.raises(InputError, match="standard input has no name"):
        check(["-"], reducer(reads))


def side_by_side(*reducers: Reducer) -> int:
    return tracker_for(reducers, FakeClock()).most_open


def test_as_many_runs_are_open_as_there_is_memory_for() -> None:
    assert side_by_side(reducer(Spills(Event, list), "x")) == 1
    few = side_by_side(reducer(Columns(run="run"), "x", "y", bins=5_000))
    assert MOST_OPEN[0] < few < MOST_OPEN[1]
    assert few > side_by_side(reducer(Columns(run="run"), "x", "y", bins=10_000)) > MOST_OPEN[0]
    assert side_by_side(reducer(Columns(run="run"))) == MOST_OPEN[1]
    large = Reducer("Large", reads=Columns(run="run"))
    large.hist("map", Integer(0, 1000), Integer(0, 1000), values=["x", "y"])
    assert side_by_side(large) == MOST_OPEN[0]


def test_trees_and_tables_take_of_the_memory_for_open_runs() -> None:
    trees = Reducer("Trees", reads=Columns(run="run"))
    trees.tree("rows", {"n": "int64", "x": "float64"}, file="rows_{run}", by="n")
    few = side_by_side(trees)
    assert 1000 < few < MOST_OPEN[1]
    tables = Reducer("Tables", reads=Columns(run="run"))
    tables.table("now", ["x"], by="n", last=100_000)
    assert side_by_side(tables) < few
    assert side_by_side(trees, tables) < side_by_side(tables)
