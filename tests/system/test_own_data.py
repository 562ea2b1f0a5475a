"""One's own data and one's own plots file: what a user gets, from the command line to the folder."""

import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
import uproot  # type: ignore[import-untyped]  # as above

from own_data import NO_PICTURES, Here, row
from processes import DEADLINE, running, until
from support import Runfolio, contents, entries, record


@pytest.fixture
def here(tmp_path: Path, runfolio: Runfolio) -> Here:
    return Here(tmp_path, runfolio)


@pytest.mark.parametrize("end", ["", ".gz"])
def test_json_lines_give_a_folder_with_pictures(here: Here, end: str) -> None:
    here.plots().lines("events.jsonl", row(12, 0.5), row(12, 3), row(12, 3.5, other="x"))
    if end:
        subprocess.run(["gzip", "events.jsonl"], cwd=here.path, check=True)
    here.run(f"events.jsonl{end}", pictures=True)
    assert here.x(12)[:4] == [1, 0, 0, 2]
    found = record(here.sealed(12))
    assert (found["status"], found["ended_by"], found["unit"]) == ("complete", "end_of_input", "event")
    assert {"imagex.png", "imagex.json"} <= set(contents(here.sealed(12)))


def test_what_is_counted_is_named_in_table_and_pictures(here: Here) -> None:
    here.plots('Columns(run="run", unit="trigger")').lines("events.jsonl", *[row(12, 1)] * 40)
    done = here.run("events.jsonl", "--histogram-image-type", "svg", pictures=True)
    assert "triggers" in done.stdout
    live = (here.path / "live" / "imagex.svg").read_text()
    sealed = (here.sealed(12) / "imagex.svg").read_text()
    assert "40 triggers" in live
    assert "40 triggers" in sealed


def test_jagged_json_lines_are_flattened(here: Here) -> None:
    more = "@events.hist('hits', Regular(10, 0, 10))\ndef hits(e):\n    return e.hits.e[e.hits.e > 1]\n"
    hits = [{"e": 1}, {"e": 2}, {"e": 3}]
    rows = (row(1, [0, 1], hits=hits), row(1, [], hits=[]), row(1, [5], hits=hits[:2]))
    here.plots(more=more).lines("a.jsonl", *rows).run("a.jsonl")
    assert here.x(1)[:6] == [1, 1, 0, 0, 0, 1]
    assert entries(here.sealed(1), "Events") == {"x": 3, "hits": 3}


def test_several_files_and_a_pattern_in_quotes(here: Here) -> None:
    here.plots().lines("a1.jsonl", row(1, 1)).lines("a2.jsonl", row(1, 2), row(2, 3))
    here.lines("b.jsonl", row(3, 4)).run("a*.jsonl", "b.jsonl")
    assert here.filled() == {1: 2, 2: 1, 3: 1}
    assert record(here.sealed(1))["sources"] == ["a1.jsonl", "a2.jsonl"]


def test_runs_that_lie_mixed_in_a_file_are_kept_apart(here: Here) -> None:
    here.plots().lines("a.jsonl", *[row(number % 3, number % 3) for number in range(30)]).run("a.jsonl")
    assert here.filled() == {0: 10, 1: 10, 2: 10}
    assert [here.x(number)[number] for number in range(3)] == [10, 10, 10]


def test_the_run_number_in_the_files_name(here: Here) -> None:
    here.plots('Columns(run=FileName("beam_{run}.jsonl"))')
    here.lines("beam_0042.jsonl", {"x": 1}).lines("beam_43.jsonl", {"x": 1}, {"x": 2}).run("beam_*.jsonl")
    assert here.filled() == {42: 1, 43: 2}


@pytest.mark.parametrize(
    ("end", "records"),
    [
        ('"last"', [row(1, 1, last=False), row(1, 2, last=True), row(2, 1, last=False)]),
        ('("type", "end_of_run")', [row(1, 1), row(1, 2), {"run": 1, "type": "end_of_run"}, row(2, 1)]),
    ],
)
def test_the_data_may_say_when_a_run_is_over(here: Here, end: str, records: Sequence[Any]) -> None:
    here.plots(f'Columns(run="run", end={end})').lines("a.jsonl", *records).run("a.jsonl")
    assert here.filled() == {1: 2, 2: 1}
    assert [record(here.sealed(number))["status"] for number in (1, 2)] == ["complete", "incomplete"]


def test_numbers_and_times_are_in_the_record(here: Here) -> None:
    here.plots('Columns(run="run", number="n", time="t")')
    rows = (row(1, 0, n=8, t=1385663400), row(1, 0, n=7, t=1385663300), row(1, 0, n=9, t=1e300))
    here.lines("a.jsonl", *rows).run("a.jsonl")
    found = record(here.sealed(1))
    assert found["first_spill"] == {"number": 7, "time": "2013-11-28T18:28:20Z"}
    assert found["last_spill"] == {"number": 9, "time": None}


@pytest.mark.parametrize("end", ["jsonl", "parquet"])
def test_without_numbers_first_and_last_go_by_time_over_all_files(here: Here, end: str) -> None:
    here.plots('Columns(run="run", time="t")')
    for name, times in (("a", range(1000, 1100)), ("b", range(5000, 5010))):
        here.lines(f"{name}.jsonl", *[row(1, 1, t=time) for time in times])
        here.parquet(f"{name}.parquet", run=[1] * len(times), x=[1] * len(times), t=list(times))
    done = here.run(f"a.{end}", f"b.{end}")
    found = record(here.sealed(1))
    assert found["first_spill"] == {"number": None, "time": "1970-01-01T00:16:40Z"}
    assert found["last_spill"] == {"number": None, "time": "1970-01-01T01:23:29Z"}
    shown = here.runfolio("show", str(here.sealed(1)))
    assert "first at 1970-01-01T00:16:40Z, last at 1970-01-01T01:23:29Z" in shown.stdout, done.stdout


def test_keys_within_records_of_every_format(here: Here) -> None:
    here.plots('Columns(run="header.run")').lines("a.jsonl", {"header": {"run": 1}, "x": 1})
    table = pa.table({"header": [{"run": 2, "a": 1}], "x": [1.0]})
    pq.write_table(table, here.path / "b.parquet")
    with uproot.recreate(here.path / "c.root") as file:
        file.mktree("Events", {"header.run": np.int64, "x": np.float64})
        file["Events"].extend({"header.run": np.array([3]), "x": np.array([1.0])})
    here.run("a.jsonl", "b.parquet", "c.root")
    assert here.filled() == {1: 1, 2: 1, 3: 1}


def test_records_of_a_declared_type(here: Here) -> None:
    (here.plots().path / "my.py").write_text(
        "import msgspec\nfrom runfolio import Records, Reducer, Regular\n"
        "class Event(msgspec.Struct):\n    x: float\n    hits: list[float] = []\n"
        "events = Reducer('Events', reads=Records(Event, run='run'))\n"
        "events.hist('x', Regular(10, 0, 10))\nevents.hist('hits', Regular(10, 0, 10))\n"
    )
    here.lines("a.jsonl", row(1, 2, hits=[1, 2]), row(1, "high"), row(1, 3)).run("a.jsonl", status=1)
    assert entries(here.sealed(1), "Events") == {"x": 2, "hits": 2}
    assert record(here.sealed(1))["documents"]["rejected"] == {"wrong_type": 1}


def test_a_field_of_what_is_missing_in_some_records_is_missing_there(here: Here) -> None:
    struct = (
        "import msgspec\nclass H(msgspec.Struct):\n    x: float\nclass T(msgspec.Struct):\n    h: H | None\n"
    )
    for reads in ('Records(run="run", record=T)', 'Columns(run="run")'):
        (here.path / "my.py").write_text(
            f"{struct}from runfolio import Columns, Records, Reducer, Regular\n"
            f"events = Reducer('Events', reads={reads})\n"
            "events.hist('x', Regular(10, 0, 10), values='h.x')\n"
        )
        here.lines("a.jsonl", *[{"run": 1, "h": {"x": 5} if n % 2 else None} for n in range(200)])
        here.run("a.jsonl", "--end-of-run-image-directory", reads[:7])
        [found] = record(here.path / reads[:7] / "1")["histograms"]["Events"]
        assert (found["entries"], found["not_a_number"], found["lost_spills"]) == (100, 100, 0)


def test_an_empty_file_gives_no_run(here: Here) -> None:
    here.plots().lines("a.jsonl").parquet("a.parquet", run=np.zeros(0), x=np.zeros(0))
    here.run("a.jsonl", "a.parquet")
    assert here.filled() == {}


def test_standard_input(here: Here) -> None:
    data = b"".join(json.dumps(row(number, 1)).encode() + b"\n" for number in (1, 1, 2))
    here.plots().run("-", stdin=data)
    assert here.filled() == {1: 2, 2: 1}
    assert record(here.sealed(1))["ended_by"] == "next_run"


def test_a_growing_file_is_followed_and_the_next_run_ends_the_one_before(here: Here) -> None:
    here.plots().lines("a.jsonl", row(1, 1), row(1, 2))
    with running(
        here.path, "--plots", "my.py", *NO_PICTURES, "--follow", "--grace", "0", "a.jsonl"
    ) as process:
        until(lambda: list((here.path / "live").glob("*")))
        with (here.path / "a.jsonl").open("ab") as file:
            file.writelines(json.dumps(row(number, 3)).encode() + b"\n" for number in (1, 2))
        until(here.sealed(1).is_dir)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert here.filled() == {1: 3, 2: 1}
    assert [record(here.sealed(number))["ended_by"] for number in (1, 2)] == ["next_run", "interrupted"]


SLOW = """
import time
@events.hist('slow', Regular(10, 0, 10))
def slow(e):
    time.sleep(0.2)
    return e.x
"""


def test_an_interrupt_in_the_middle_of_a_large_file_seals_what_has_come(here: Here) -> None:
    rows = 5_000_000
    here.plots(more=SLOW).parquet("a.parquet", run=np.ones(rows, np.int64), x=np.ones(rows))
    with running(here.path, "--plots", "my.py", *NO_PICTURES, "a.parquet") as process:
        until(lambda: list((here.path / "live").glob("image*")))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    filled = here.filled()[1]
    assert record(here.sealed(1))["status"] == "interrupted"
    assert 0 < filled < rows
    assert entries(here.sealed(1), "Events") == {"x": filled, "slow": filled}
