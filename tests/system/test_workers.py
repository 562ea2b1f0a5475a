"""The real program with workers: the folders of one process, also where it, or they, are killed."""

import gzip
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from drawing import drawn_here
from killing import Folders, Moment, Program
from processes import children, until
from shared_out import left, process, small_blocks
from support import PROGRAM, clean_environment, rejected

OPTIONS = ("--histogram-image-type", "none", "--checkpoint-seconds", "0")
PLOTS = """
from runfolio import Category, Columns, Reducer, Regular, Strip
events = Reducer("Events", reads=Columns(run="run", number="n"))
events.hist("x", Regular(10, 0, 10))
events.hist("weighted", Regular(10, 0, 10), values="x", weights="w")
events.hist("kind", Category(limit=3))
events.profile("drift", Strip("n", step=100, bins=8), values=["n", "x"], label="x")
events.table("newest", ["x"], by="n", last=3)
events.tree("rows", {"n": "int32", "x": "float64"}, file="rows_{run}", by=["n"], limit=3000)
"""


def simulated(path: Path, *how: str) -> Path:
    command = [*PROGRAM, "simulate", "--events-per-spill", "6", *how, "--quiet", "--output", str(path)]
    subprocess.run(command, env=clean_environment(), check=True)
    return path


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of simulated runs, untidy and tidy, one of them compressed, and one that comes late."""
    directory = tmp_path_factory.mktemp("streams")
    untidy = simulated(directory / "1.json", "--runs", "2", "--spills", "20", "--untidy")
    packed = directory / "2.json.gz"
    packed.write_bytes(
        gzip.compress(simulated(directory / "2.json", "--run-number", "3", "--spills", "9").read_bytes())
    )
    late = directory / "3.json"
    late.write_bytes(
        b"".join(line for line in untidy.read_bytes().splitlines(keepends=True) if b"physics_event" in line)
    )
    return [untidy, packed, late]


def program(directory: Path, streams: list[Path], workers: int) -> Program:
    directory.mkdir(exist_ok=True)
    return Program(directory, (*map(str, streams), *OPTIONS, "--plots", "mice", "--workers", str(workers)))


@pytest.fixture(scope="module")
def expected(streams: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Folders, list[str]]:
    """What one process makes of them, and what it sets aside."""
    alone = program(tmp_path_factory.mktemp("alone"), streams, 1)
    assert alone.run().status == 1
    return alone.folders(), late(alone)


def late(program: Program) -> list[str]:
    return [each["raw"] for each in rejected(program.directory / "live", "late.jsonl")]


@pytest.mark.parametrize("workers", [2, 3])
def test_folders_are_those_of_one_process(
    tmp_path: Path, streams: list[Path], expected: tuple[Folders, list[str]], workers: int
) -> None:
    shared = program(tmp_path, streams, workers)
    assert shared.run().status == 1
    assert (shared.folders(), late(shared)) == expected
    assert len(expected[1]) > 20


@pytest.mark.parametrize("ways", [(2, 2, 1), (1, 3, 3), (2, 5, 2)])
def test_a_killed_job_goes_on_with_any_number_of_workers(
    tmp_path: Path, streams: list[Path], expected: tuple[Folders, list[str]], ways: tuple[int, int, int]
) -> None:
    first, number, then = ways
    program(tmp_path, streams, first).killed_at(Moment("rename", "checkpoint.", number))
    again = program(tmp_path, streams, then)
    assert "going on from its checkpoint" in again.run().err
    assert (again.folders(), late(again)) == expected


def test_a_killed_program_leaves_no_workers(tmp_path: Path, streams: list[Path]) -> None:
    shared = program(tmp_path, streams, 2)
    running = shared.start()
    until(lambda: len(children(running.pid)) == 3)  # one of them draws
    running.kill()
    shared.wait(running)  # all that it has started


def test_workers_that_are_killed_cost_nothing(
    tmp_path: Path, streams: list[Path], expected: tuple[Folders, list[str]]
) -> None:
    shared = program(tmp_path, streams, 2)
    running = shared.start()
    until(lambda: len(children(running.pid)) == 3)
    for pid in children(running.pid):
        os.kill(pid, signal.SIGKILL)
    assert shared.wait(running).status == 1
    assert (shared.folders(), late(shared)) == expected


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_read_is_sealed_where_the_whole_group_is_asked_to_stop(
    tmp_path: Path, streams: list[Path], number: signal.Signals
) -> None:
    shared = program(tmp_path, streams, 2)
    running = subprocess.Popen(
        [*PROGRAM, "run", *shared.arguments],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: len(children(running.pid)) == 3)
    os.killpg(running.pid, number)
    _, said = running.communicate(timeout=60)
    assert running.returncode in {0, 1}, said
    assert not shared.checkpoint


@pytest.fixture
def in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("workers", [2, 3])
def test_one_file_is_read_in_blocks(tmp_path: Path, streams: list[Path], workers: int) -> None:
    with small_blocks(100_000, 50_000):
        for count in (1, workers):
            process(tmp_path / str(count), streams[:1], count, "mice")
    assert left(tmp_path / str(workers)) == left(tmp_path / "1")


@pytest.mark.usefixtures("in_this_process")
def test_files_of_columns(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(PLOTS)
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.root")
        n = np.arange(3000) + 3000 * number
        columns: Mapping[str, np.ndarray] = {
            "run": n // 5000,
            "n": n,
            "x": n % 97 / 9,
            "w": n / 7,
            "kind": n % 5,
        }
        with uproot.recreate(paths[-1]) as file:
            file.mktree("Events", {name: each.dtype for name, each in columns.items()})
            file["Events"].extend(columns)
    for workers in (1, 2):
        process(tmp_path / str(workers), paths, workers, str(tmp_path / "my.py"))
    assert left(tmp_path / "2") == left(tmp_path / "1")
