"""The identity of plots: the same as long as nothing is changed that shapes them, and another one then."""

from pathlib import Path
from typing import Any

import pytest

import runfolio
from runfolio.mice.reducers import EVERY
from runfolio.plots import Columns, Integer, Reducer, Regular, Strip, load_reducers
from runfolio.plots.identity import identity

PLOTS = """
from functools import partial
from msgspec import Struct
from runfolio import Columns, Integer, Reducer, Spills, overlay
from beside import doubled

class Spill(Struct):
    x: int

def own(columns):
    return columns.x

events = Reducer("Events", reads={reads})
events.hist("x", Integer(0, 3))
events.hist("y", Integer(0, 3), values={values})
events.figure("both", panels=[[overlay("x", "y", log_y=False)]])
"""
FUNCTION = "def doubled(columns):\n    return 2 * columns.x\n"


def written(directory: Path, reads: str = 'Columns(run="run")', values: str = "doubled") -> Path:
    """Write a plots file that takes a function from a module beside it."""
    (directory / "beside.py").write_text(FUNCTION)
    path = directory / "my.py"
    path.write_text(PLOTS.format(reads=reads, values=values))
    return path


@pytest.fixture
def plots(tmp_path: Path) -> Path:
    return written(tmp_path)


def identity_of(path: Path) -> str:
    return identity(load_reducers([str(path)]))


def events(*axes: Any, **how: Any) -> Reducer:
    reducer = Reducer("Events", reads=Columns(run="run"))
    reducer.hist("x", *axes, **how)
    return reducer


def test_the_same_plots_have_one_identity(plots: Path) -> None:
    assert identity_of(plots) == identity_of(plots)
    assert len(bytes.fromhex(identity_of(plots))) == 32


def test_a_plots_file_may_be_moved(plots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity_of(plots)
    plots.rename(tmp_path / "other.py")
    assert identity_of(tmp_path / "other.py") == before
    monkeypatch.chdir(tmp_path)
    assert identity_of(Path("other.py")) == before


def test_what_only_the_file_says_is_part_of_it(plots: Path) -> None:
    before = identity_of(plots)
    plots.write_text(plots.read_text().replace("log_y=False", "log_y=True"))
    assert identity_of(plots) != before


@pytest.mark.parametrize(
    "values",
    ["doubled", "partial(doubled)", "doubled, weights='x'", "'x', weights=doubled", "own, weights=doubled"],
)
def test_a_function_in_another_file_is_part_of_it(tmp_path: Path, values: str) -> None:
    before = identity_of(written(tmp_path, values=values))
    (tmp_path / "beside.py").write_text(FUNCTION.replace("2 *", "3 *"))
    assert identity_of(tmp_path / "my.py") != before


def test_a_function_that_makes_columns_is_part_of_it(tmp_path: Path) -> None:
    before = identity_of(written(tmp_path, reads="Spills(Spill, doubled)", values="'x'"))
    (tmp_path / "beside.py").write_text(FUNCTION.replace("2 *", "3 *"))
    assert identity_of(tmp_path / "my.py") != before


def test_a_file_that_no_function_is_in_is_none_of_it(tmp_path: Path) -> None:
    before = identity_of(written(tmp_path, values="'x'"))
    (tmp_path / "beside.py").write_text(FUNCTION.replace("2 *", "3 *"))
    assert identity_of(tmp_path / "my.py") == before


def test_a_file_that_is_gone_makes_another_one(plots: Path) -> None:
    reducers = load_reducers([str(plots)])
    before = identity(reducers)
    plots.unlink()
    assert identity(reducers) != before


def test_each_declaration_is_part_of_it() -> None:
    two = events(Integer(0, 3))
    two.figure("both", panels=[["x"]])
    declared = [
        (events(Integer(0, 3)),),
        (events(Integer(0, 4)),),
        (events(Regular(3, 0, 3)),),
        (events(Strip(bins=3)),),
        (events(Strip(bins=3, step=0.5)),),
        (events(Integer(0, 3), title="a title"),),
        (events(Integer(0, 3), weights="w"),),
        (two,),
        (events(Integer(0, 3)), Reducer("Other", reads=Columns(run="run"))),
        (Reducer("Other", reads=Columns(run="run")), events(Integer(0, 3))),
    ]
    assert len(set(map(identity, declared))) == len(declared)


@pytest.mark.parametrize("label", ["\ud800", "\x1b[31m", 'a "label" \u0416'])
def test_any_text_can_be_a_label(label: str) -> None:
    assert identity([events(Integer(0, 3, label=label))]) != identity([events(Integer(0, 3))])


def test_runfolio_s_own_plots_are_those_of_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity(EVERY)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    assert identity(EVERY) == before
    monkeypatch.setattr(runfolio, "__version__", "99")
    assert identity(EVERY) != before
