"""The real program killed while it reads one's own data, of every kind of input."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pytest

import columnar
from killing import Moment, Program
from own_data import NO_PICTURES
from processes import until
from support import record

PLOTS = """
from runfolio import Category, Columns, Integer, Reducer, Regular, Strip
events = Reducer("Events", reads=Columns(run="run", number="n", end="last"))
events.hist("x", Regular(10, 0, 10))
events.hist("weighted", Regular(10, 0, 10), values="x", weights="w")
events.hist("word", Category(limit=3))
events.profile("drift", Strip("n", step=100, bins=8), values=["n", "x"], label="x")
events.table("newest", ["x"], by="n", last=3)
events.tree("rows", {"n": "int32", "x": "float64"}, file="rows_{run}", by=["n"], limit=20_000)
"""
OPTIONS = (*NO_PICTURES, "--plots", "my.py", "--checkpoint-seconds", "0")
IN_THE_MIDDLE = Moment("rename", "checkpoint.", 2)
"""The first checkpoint is written at the beginning, the next after a batch of ten thousand rows or less."""

Rows = Sequence[dict[str, Any]]
Write = Callable[[Path, Rows], None]


def rows(run: int, count: int, first: int = 0, *, last: bool = True) -> Rows:
    """Return rows of a run, of which the last one ends it."""
    end = first + count - 1
    return [
        {"run": run, "n": n, "x": n % 97 / 9, "w": n / 7, "word": f"w{n % 5}", "last": last and n == end}
        for n in range(first, first + count)
    ]


def lines(given: Rows) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in given)


def as_lines(path: Path, given: Rows) -> None:
    path.write_bytes(lines(given))


def as_gzip(path: Path, given: Rows) -> None:
    path.write_bytes(gzip.compress(lines(given), 1, mtime=0))


def as_columns(write: columnar.Writer) -> Write:
    def written(path: Path, given: Rows) -> None:
        data = {name: np.array([each[name] for each in given]) for name in ("run", "n", "x", "w", "last")}
        words = ak.Array([each["word"] for each in given])
        write(path, {**data, "word": words}, 4000)

    return written


FORMATS: dict[str, Write] = {
    "e.jsonl": as_lines,
    "e.jsonl.gz": as_gzip,
    "e.parquet": as_columns(columnar.parquet),
    "e.root": as_columns(columnar.tree),
}


def program(directory: Path, *arguments: str) -> Program:
    """Return a program with a plots file, in a directory of its own."""
    directory.mkdir(exist_ok=True)
    (directory / "my.py").write_text(PLOTS)
    return Program(directory, (*arguments, *OPTIONS))


def undisturbed(directory: Path, files: Iterable[Path], *arguments: str, status: int = 0) -> Any:
    """Return the folders that a program makes of these files to which nothing happens."""
    made = program(directory, *arguments)
    for file in files:
        shutil.copy(file, directory)
    assert made.run().status == status
    return made.folders()


def endings(folders: Program) -> dict[str, tuple[str, str, int]]:
    """Return why each run ended, its status, and the rows that it was filled with."""
    found = {name: record(folders.end_of_run / name) for name in folders.folders()}
    return {
        name: (each["ended_by"], each["status"], each["documents"]["filled"]) for name, each in found.items()
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_gone_on_with_where_it_was_read_to(tmp_path: Path, name: str) -> None:
    killed = program(tmp_path / "killed", name)
    FORMATS[name](killed.directory / name, [*rows(1, 15_000), *rows(2, 10_000, 15_000)])
    killed.killed_at(IN_THE_MIDDLE)
    ended = killed.run()
    unit = "line" if "json" in name else "row"
    assert re.search(rf", after {unit} [1-9][0-9,]*000 of {name}\n$", ended.err), ended
    assert (ended.status, killed.left()) == (0, [])
    wanted = undisturbed(tmp_path / "u", [killed.directory / name], name)
    assert killed.folders() == wanted
    assert len(wanted) == 2


def test_a_file_that_the_pattern_finds_now_is_read_after_the_others(tmp_path: Path) -> None:
    killed = program(tmp_path / "killed", "e*.jsonl")
    for run in (2, 3):
        as_lines(killed.directory / f"e{run}.jsonl", rows(run, 3))
    in_the_second = Moment("rename", "checkpoint.", 3)
    killed.killed_at(in_the_second)
    as_lines(killed.directory / "e1.jsonl", rows(1, 3))
    ended = killed.run()
    assert ended.status == 0
    assert " of e3.jsonl" in ended.err
    files = [killed.directory / f"e{run}.jsonl" for run in (2, 3, 1)]
    assert killed.folders() == undisturbed(tmp_path / "u", files, *(file.name for file in files))


def test_it_may_be_started_again_in_another_place(tmp_path: Path) -> None:
    killed = program(tmp_path / "killed", "e.jsonl")
    as_lines(file := killed.directory / "e.jsonl", rows(1, 15_000))
    killed.killed_at(IN_THE_MIDDLE)
    end_of_run = ("--end-of-run-image-directory", str(killed.end_of_run))
    elsewhere = program(tmp_path / "elsewhere", str(file), *end_of_run)
    assert elsewhere.run().status == 0
    assert killed.folders() == undisturbed(tmp_path / "u", [file], "e.jsonl")
    assert killed.left() == []


@pytest.fixture
def followed(tmp_path: Path) -> Program:
    """A program that has followed a file, and was killed when three rows of run 1 were in a checkpoint."""
    killed = program(tmp_path / "killed", "e.jsonl", "--follow", "--grace", "0")
    as_lines(killed.directory / "e.jsonl", rows(1, 3, last=False))
    process = killed.start()
    until(lambda: documents(killed) == 3)
    process.kill()
    killed.wait(process)
    return killed


def documents(killed: Program) -> int:
    """Return how many documents are counted in a checkpoint."""
    checkpoint = killed.checkpoint
    return checkpoint.counted.documents if checkpoint else 0


def stopped_at(followed: Program, folder: str) -> str:
    """Follow a file until there is a folder, then stop; return what was said."""
    process = followed.start()
    until((followed.end_of_run / folder).exists)
    process.send_signal(signal.SIGTERM)
    return followed.wait(process).err


def grows(followed: Program, more: Rows) -> None:
    with (followed.directory / "e.jsonl").open("ab") as file:
        file.write(lines(more))


def test_a_file_that_grows_on_meanwhile_is_followed_on(tmp_path: Path, followed: Program) -> None:
    grows(followed, [*rows(1, 3, 3), *rows(2, 2)])
    assert ", after line 3 of e.jsonl\n" in stopped_at(followed, "1")
    again = program(tmp_path / "u", "e.jsonl", "--follow", "--grace", "0")
    shutil.copy(followed.directory / "e.jsonl", again.directory)
    stopped_at(again, "1")
    assert followed.folders() == again.folders()
    assert endings(followed)["1"] == ("end_of_run_spill", "complete", 6)


def test_what_was_in_a_file_that_was_rotated_meanwhile_is_lost_and_said(followed: Program) -> None:
    grows(followed, rows(1, 3, 3))
    (followed.directory / "e.jsonl").rename(followed.directory / "e.jsonl.1")
    grows(followed, [*rows(2, 2), *rows(3, 1)])
    said = stopped_at(followed, "2")
    assert "e.jsonl is another file now: what the former one held after line 3 of e.jsonl is lost" in said
    assert endings(followed)["1"] == ("next_run", "incomplete", 3)
    assert endings(followed)["2"] == ("end_of_run_spill", "complete", 2)


def fed(killed: Program, given: Rows) -> subprocess.Popen[str]:
    """Start a program, and send rows to its standard input."""
    process = killed.start(stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(lines(given).decode())
    process.stdin.flush()
    return process


def test_what_is_lost_of_standard_input_is_said(tmp_path: Path) -> None:
    killed = program(tmp_path, "-", "--grace", "0")
    process = fed(killed, [*rows(1, 2), *rows(2, 3, last=False)])
    until(lambda: documents(killed) == 5)
    process.kill()
    killed.wait(process)
    ended = killed.wait(fed(killed, rows(2, 4, 4)))
    lost = (
        "this job was killed, and stdin cannot be read again:"
        " what came after line 5 of stdin is lost; run 2 is sealed without it"
    )
    assert ended.err == f"runfolio: {lost}\n"
    assert lost in ended.out
    assert ended.status == 1
    assert endings(killed) == {
        "1": ("end_of_run_spill", "complete", 2),
        "2": ("crashed", "incomplete", 3),
        "2.r2": ("end_of_run_spill", "complete", 4),
    }


def test_what_is_lost_of_a_named_pipe_is_said(tmp_path: Path) -> None:
    killed = program(tmp_path, "pipe", "--grace", "0")
    os.mkfifo(tmp_path / "pipe")
    process = killed.start()
    with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
        pipe.write(lines(rows(1, 3, last=False)))
        until(lambda: documents(killed) == 3)
        process.kill()
        killed.wait(process)
    process = killed.start()
    with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
        pipe.write(lines(rows(2, 2)))
    assert "pipe cannot be read again: what came after line 3 of pipe is lost" in killed.wait(process).err
    assert endings(killed) == {
        "1": ("crashed", "incomplete", 3),
        "2": ("end_of_run_spill", "complete", 2),
    }


def test_another_stream_is_read_after_what_was_left_to_be_sealed(tmp_path: Path) -> None:
    killed = program(tmp_path, "-")
    process = killed.start(Moment("mkdir", "1."), stdin=subprocess.PIPE)
    process.stdin.write(lines(rows(1, 3)).decode())  # type: ignore[union-attr]  # it is a pipe
    assert killed.wait(process).status == -signal.SIGKILL
    assert killed.wait(fed(killed, rows(1, 2))).status == 0
    assert endings(killed) == {
        "1": ("end_of_run_spill", "complete", 3),
        "1.r2": ("end_of_run_spill", "complete", 2),
    }


def test_changed_plots_are_read_from_the_beginning(tmp_path: Path) -> None:
    assert_read_anew(tmp_path, "its plots, settings or runfolio have changed", plots=PLOTS + "\n# more")


def test_changed_settings_are_read_from_the_beginning(tmp_path: Path) -> None:
    assert_read_anew(tmp_path, "its plots, settings or runfolio have changed", options=("--grace", "1"))


def test_a_changed_input_is_read_from_the_beginning(tmp_path: Path) -> None:
    changed = [*rows(1, 9_000, 5), *rows(2, 6_000)]
    assert_read_anew(tmp_path, "of e.jsonl, which has changed since", given=changed)


def assert_read_anew(
    tmp_path: Path, why: str, *, plots: str = PLOTS, options: Sequence[str] = (), given: Rows = ()
) -> None:
    """Kill a program, change something, and start it again: it makes what one makes that was never killed."""
    killed = program(tmp_path / "killed", "e.jsonl")
    as_lines(killed.directory / "e.jsonl", rows(1, 15_000))
    killed.killed_at(IN_THE_MIDDLE)
    (killed.directory / "my.py").write_text(plots)
    if given:
        as_lines(killed.directory / "e.jsonl", given)
    killed.arguments = (*killed.arguments, *options)
    ended = killed.run()
    assert (ended.status, ended.err.count("\n")) == (0, 1)
    assert why in ended.err
    [kept] = (killed.staging / "set-aside").iterdir()
    assert ended.err.endswith(f"; the checkpoint is kept as end_of_run/.staging/set-aside/{kept.name}\n")
    again = program(tmp_path / "u", *killed.arguments[:1], *options)
    (again.directory / "my.py").write_text(plots)
    shutil.copy(killed.directory / "e.jsonl", again.directory)
    assert again.run().status == 0
    assert killed.folders() == again.folders()
