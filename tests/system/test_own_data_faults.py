"""What is wrong with one's own data or the plots of it: what it costs, and what a user reads of it."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from own_data import Here, row
from support import Runfolio, entries, record, rejected


@pytest.fixture
def here(tmp_path: Path, runfolio: Runfolio) -> Here:
    return Here(tmp_path, runfolio)


def cut(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])


def test_a_missing_column_is_one_line_with_the_place_of_its_plot(here: Here) -> None:
    here.plots().parquet("a.parquet", run=[1], X=[1.0], y=[1])
    assert here.refused("a.parquet") == (
        "runfolio: my.py, line 3: histogram 'x' of Events: the Parquet file a.parquet has no 'x';"
        " did you mean X?\n"
    )


def test_a_key_that_is_no_column_is_one_line(here: Here) -> None:
    here.plots().parquet("a.parquet", runs=[1], x=[1.0])
    assert "has no 'run'; did you mean runs? (it is what run= names)" in here.refused("a.parquet")


def test_a_run_column_of_words_is_one_line(here: Here) -> None:
    here.plots().parquet("a.parquet", run=["4"], x=[1.0])
    assert "a.parquet: run, which run= names, does not hold numbers" in here.refused("a.parquet")


def test_a_file_whose_name_holds_no_run_number_is_one_line(here: Here) -> None:
    here.plots('Columns(run=FileName("beam_{run}.jsonl"))').lines("other.jsonl", {"x": 1})
    assert "its name holds no run number as in beam_{run}.jsonl" in here.refused("other.jsonl")


def test_a_pattern_that_no_file_is_like_is_one_line(here: Here) -> None:
    assert "c*.jsonl: no file is called like this" in here.plots().refused("c*.jsonl")


def test_a_plot_that_changes_a_column_is_one_line(here: Here) -> None:
    more = "@events.hist('y', Regular(10, 0, 10))\ndef y(e):\n    e.x[e.x > 5] = 5\n    return e.x\n"
    here.plots(more=more).parquet("a.parquet", run=[1], x=[1.0])
    said = here.refused("a.parquet")
    assert "my.py, line 4: histogram 'y' of Events: assignment destination is read-only: columns" in said


def test_a_parquet_file_that_is_cut_off_is_one_line(here: Here) -> None:
    here.plots().parquet("a.parquet", run=[1] * 1000, x=np.arange(1000.0))
    cut(here.path / "a.parquet", 5000)
    assert "a.parquet: cannot be read as a Parquet file" in here.refused("a.parquet")


def test_a_file_of_columns_given_to_mices_plots_is_one_line(here: Here) -> None:
    here.parquet("a.parquet", run=[1], x=[1.0])
    done = here.runfolio("run", "a.parquet", status=2)
    assert "a.parquet: a file of columns (Parquet), and what is plotted reads JSON documents" in done.stderr
    assert done.stderr.count("\n") == 1


def test_spills_and_columns_together_are_one_line(here: Here) -> None:
    here.plots().lines("a.jsonl", row(1, 1))
    assert "one job reads one kind of data" in here.refused("--plots", "mice.tof", "a.jsonl")


def test_columns_on_standard_input_are_one_line(here: Here) -> None:
    here.plots().parquet("a.parquet", run=[1], x=[1.0])
    done = here.run("-", stdin=(here.path / "a.parquet").read_bytes(), status=1)
    assert "stdin: columns (Parquet), which are read of a file only; name it" in done.stderr


def test_a_column_that_only_the_second_file_lacks_costs_its_histogram(here: Here) -> None:
    here.plots(more="events.hist('y', Regular(10, 0, 10))\n")
    here.parquet("a.parquet", run=[1, 1], x=[1.0, 2.0], y=[1, 1]).parquet("b.parquet", run=[1], y=[5])
    done = here.run("a.parquet", "b.parquet", status=1)
    assert entries(here.sealed(1), "Events") == {"x": 2, "y": 3}
    assert "x of Events lost 1 event" in done.stdout
    assert "b.parquet has no 'x'" in done.stderr


def test_a_key_that_no_line_has_is_told_of(here: Here) -> None:
    here.plots().lines("a.jsonl", {"run": 1, "X": 5}, {"run": 1})
    done = here.run("a.jsonl", status=1)
    assert "so far a.jsonl has no 'x'; did you mean X?" in done.stderr
    assert "a.jsonl has no 'x'; did you mean X?" in done.stdout
    assert entries(here.sealed(1), "Events") == {"x": 0}


def test_garbage_among_the_lines_costs_only_itself(here: Here) -> None:
    garbage = (b"garbage", b'{"run": 1, "x"', b'{"x": "\xff"}', b"7", b'{"x": 1}', b"\x00" * 100)
    here.plots().lines("a.jsonl", row(1, 1), *garbage, row(1, 2)).run("a.jsonl", status=1)
    assert here.filled() == {1: 2}
    assert sorted(each["reason"] for each in rejected(here.path / "live")) == [
        "cut_off",
        "no_run_number",
        "not_json",
        "not_json",
        "not_utf8",
        "wrong_type",
    ]


def test_a_json_array_is_set_aside_with_advice(here: Here) -> None:
    (here.plots().path / "a.json").write_text(json.dumps([row(1, 1), row(1, 2)]))
    here.run("a.json", status=1)
    [entry] = rejected(here.path / "live")
    assert "jq -c '.[]' makes lines of it" in entry["detail"]


def test_a_run_key_with_all_that_it_should_not_hold(here: Here) -> None:
    bad = [None, -1, 1.5, "4", True, [1], {"a": 1}, 2**63, 1e300]
    rows = [{"run": each, "x": 1} for each in bad]
    here.plots().lines("a.jsonl", *rows, row(4, 1), {"run": 4.0, "x": 2}, {"x": 1}).run("a.jsonl", status=1)
    assert here.filled() == {4: 2}
    assert len(rejected(here.path / "live")) == len(bad) + 1


def test_a_run_column_with_all_that_it_should_not_hold(here: Here) -> None:
    here.plots().parquet("a.parquet", run=[4.0, np.nan, -1.0, 1.5, np.inf, 4.0, 1e300], x=np.ones(7))
    done = here.run("a.parquet", status=1)
    assert here.filled() == {4: 2}
    assert "bad_run_number 4, no_run_number 1" in done.stdout
    assert [each["line"] for each in rejected(here.path / "live")] == [2, 3]


def test_lines_that_are_cut_off_lose_their_last(here: Here) -> None:
    here.plots().lines("a.jsonl", *[row(1, 1)] * 100)
    cut(here.path / "a.jsonl", -8)
    here.run("a.jsonl", status=1)
    assert here.filled() == {1: 99}


def test_a_compressed_file_that_is_cut_off_leaves_an_incomplete_run(here: Here) -> None:
    here.plots().lines("a.jsonl", *[row(1, n % 10, noise=n * 7919 % 99991) for n in range(20_000)])
    subprocess.run(["gzip", "a.jsonl"], cwd=here.path, check=True)
    cut(here.path / "a.jsonl.gz", -20_000)
    done = here.run("a.jsonl.gz", status=1)
    assert 0 < here.filled()[1] < 20_000
    assert record(here.sealed(1))["status"] == "incomplete"
    assert "a.jsonl.gz: cannot be read on" in done.stdout


def test_a_parquet_file_that_is_damaged_within_leaves_an_incomplete_run(here: Here) -> None:
    values = np.random.default_rng(1).uniform(0, 10, 100_000)
    here.plots().parquet("a.parquet", rows_in_group=20_000, run=np.ones(100_000, np.int64), x=values)
    data = bytearray((here.path / "a.parquet").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200_000] = bytes(200_000)
    (here.path / "a.parquet").write_bytes(data)
    done = here.run("a.parquet", status=1)
    assert record(here.sealed(1))["status"] == "incomplete"
    assert here.filled()[1] == 40_000  # the groups of rows before the damage
    assert "a.parquet: cannot be read on at row" in done.stdout
