"""The real program on simulated spills, pictures and all: killed, and started again until it is done."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from killing import Folders, Moment, Program
from support import PROGRAM, clean_environment

AT_ONCE = ("--checkpoint-seconds", "0", "--refresh-seconds", "0", "--documents", "out.json")
GOES_ON = "runfolio: this job was killed: going on from its checkpoint of "

MOMENTS = {
    "the first checkpoint is there": Moment("rename", "checkpoint."),
    "a checkpoint in the middle is there": Moment("rename", "checkpoint.", 3),
    "a checkpoint is half written": Moment("create", ".checkpoint.", 2),
    "live plots are half replaced": Moment("rename", "imagetof", 5),
    "a run begins to be built": Moment("mkdir", "1."),
    "a run is half built": Moment("write", "imagetof_time_tof0-tof1.png"),
    "a run lacks its manifest": Moment("write", "run.json"),
    "a run is built": Moment("rename", "1", when="before"),
    "a run is in its place": Moment("rename", "1"),
    "all is sealed": Moment("remove", "checkpoint.", when="before"),
}


@dataclass
class Spills:
    """A simulated stream, and what an undisturbed program makes of it."""

    path: Path
    plots: str
    folders: Folders
    written_on: list[Any]
    seconds: float

    def program(self, directory: Path) -> Program:
        return Program(directory, (str(self.path), "--plots", self.plots, *AT_ONCE))


def undisturbed(directory: Path, plots: str, *how: str) -> Spills:
    path = directory / "spills.json"
    size = ("--runs", "2", "--spills", "14", "--events-per-spill", "8")
    simulate = [*PROGRAM, "simulate", *size, *how, "--quiet", "--output", str(path)]
    subprocess.run(simulate, env=clean_environment(), check=True)
    spills = Spills(path, plots, {}, [], 0)
    program = spills.program(directory)
    began = time.monotonic()
    assert program.run().status == 0
    spills.seconds = time.monotonic() - began
    spills.folders, spills.written_on = program.folders(), written_on(program)
    assert len(spills.folders) == 2
    return spills


@pytest.fixture(scope="module")
def tidy(tmp_path_factory: pytest.TempPathFactory) -> Spills:
    return undisturbed(tmp_path_factory.mktemp("tidy"), "mice.tof")


@pytest.fixture(scope="module")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> Spills:
    return undisturbed(tmp_path_factory.mktemp("untidy"), "default", "--untidy")


def written_on(program: Program) -> list[Any]:
    """Return the documents that were written on, of the images the last ones of each run."""
    found = [json.loads(line) for line in (program.directory / "out.json").read_text().splitlines()]
    last = {each["run_number"]: each for each in found if each["maus_event_type"] == "Image"}
    return [each for each in found if each["maus_event_type"] != "Image" or each is last[each["run_number"]]]


def assert_undisturbed(program: Program, spills: Spills) -> None:
    """Start it once more: all is there, byte for byte and once, and nothing else."""
    ended = program.run()
    assert (ended.status, ended.err.count("\n")) == (0, 1), ended
    assert ended.err.startswith(GOES_ON)
    assert "2013-" not in ended.err  # what SOURCE_DATE_EPOCH says: nobody would know when
    assert program.folders() == spills.folders
    assert written_on(program) == spills.written_on
    assert program.left() == []


@pytest.mark.parametrize("name", MOMENTS)
def test_killed_once(tmp_path: Path, tidy: Spills, name: str) -> None:
    program = tidy.program(tmp_path)
    program.killed_at(MOMENTS[name])
    assert_undisturbed(program, tidy)


def test_killed_again_and_again_also_while_it_starts_again(tmp_path: Path, untidy: Spills) -> None:
    program = untidy.program(tmp_path)
    for name in (
        "the first checkpoint is there",
        "the first checkpoint is there",
        "a run is half built",
        "a run is built",
        "a run is in its place",
        "all is sealed",
    ):
        program.killed_at(MOMENTS[name])
    assert_undisturbed(program, untidy)


@pytest.mark.parametrize("part", [0.15, 0.4, 0.6, 0.8])
def test_killed_at_any_time(tmp_path: Path, untidy: Spills, part: float) -> None:
    program = untidy.program(tmp_path)
    program.killed_after(part * untidy.seconds)
    if program.checkpoint is None:  # too early, or too late
        assert program.folders() in ({}, untidy.folders)
    else:
        assert_undisturbed(program, untidy)
