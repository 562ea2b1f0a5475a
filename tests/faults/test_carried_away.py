"""A job is killed when a run is sealed, and its folder is removed, as delivered, before the next start."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from killing import Moment, Program
from own_data import NO_PICTURES
from runfolio.folder import LeftBehind, carry_away, list_carried, list_runs

PLOTS = """
from runfolio import Columns, Reducer, Regular
events = Reducer("Events", reads=Columns(run="run"))
events.hist("x", Regular(10, 0, 10))
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "my.py").write_text(PLOTS)
    (tmp_path / "e.jsonl").write_text("".join(f'{{"run": {run}, "x": 1}}\n' for run in (1, 2)))
    return Program(tmp_path, ("e.jsonl", "--plots", "my.py", *NO_PICTURES, "--checkpoint-seconds", "0"))


@pytest.mark.parametrize("leave_behind", [(), ("record",)])
def test_the_run_is_not_sealed_again(program: Program, leave_behind: Sequence[LeftBehind]) -> None:
    program.killed_at(Moment("rename", "1"))
    [run] = list_runs(program.end_of_run)
    carry_away(run, leave_behind)
    assert program.run().status == 0
    assert list(program.folders()) == ["2"]
    assert [each.name for each in list_carried(program.end_of_run)] == ["1"]
    assert program.left() == []


def test_another_job_with_the_same_run_gets_the_next_name(program: Program) -> None:
    program.killed_at(Moment("rename", "1"))
    [run] = list_runs(program.end_of_run)
    carry_away(run, ())
    (program.directory / "e.jsonl").rename(program.directory / "f.jsonl")
    other = Program(program.directory, ("f.jsonl", *program.arguments[1:]))
    assert other.run().status == 0
    assert list(other.folders()) == ["1.r2", "2"]
