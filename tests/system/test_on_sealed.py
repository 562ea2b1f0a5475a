"""--on-sealed with the real program: what a site's own script gets, and what its troubles cost."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from killing import Moment, Program
from processes import until
from support import Runfolio, left_in, mark, spill, stream

NO_PICTURES = ("--histogram-image-type", "none")
RUNS = [document for number in (1, 2) for document in (spill(number, 1), mark("RunFooter", number))]
NOTES = 'echo "$@" >> notes\n'

Script = Callable[[str], tuple[str, str]]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Write a script of these lines of shell and a stream of two runs; give the option that has it called."""
    (tmp_path / "spills.json").write_bytes(stream(*RUNS))

    def write(lines: str) -> tuple[str, str]:
        path = tmp_path / "hook.sh"
        path.write_text(f"#!/bin/sh\n{lines}")
        path.chmod(0o755)
        return "--on-sealed", f"{path} to tape"

    return write


def notes(directory: Path) -> list[str]:
    path = directory / "notes"
    return path.read_text().splitlines() if path.exists() else []


def line(directory: Path, name: str) -> str:
    """Return what a script gets for a folder."""
    folder = directory / "end_of_run" / name
    digest = sha256((folder / "manifest-sha256.txt").read_bytes()).hexdigest()
    return f"to tape {name.partition('.')[0]} {folder} {digest}"


def problems(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_script_gets_number_path_and_digest_of_each_folder(
    runfolio: Runfolio, script: Script, tmp_path: Path
) -> None:
    done = runfolio("run", "spills.json", *NO_PICTURES, *script(NOTES))
    assert done.stderr == ""
    assert notes(tmp_path) == [line(tmp_path, "1"), line(tmp_path, "2")]
    assert left_in(tmp_path / "end_of_run" / ".staging") == ["on-sealed"]


def test_it_is_set_in_the_environment_as_well(runfolio: Runfolio, script: Script, tmp_path: Path) -> None:
    _, command = script(NOTES)
    runfolio("run", "spills.json", *NO_PICTURES, env={"RUNFOLIO_ON_SEALED": command})
    assert notes(tmp_path) == [line(tmp_path, "1"), line(tmp_path, "2")]


def test_a_script_may_call_runfolio_for_the_folder(
    runfolio: Runfolio, script: Script, tmp_path: Path
) -> None:
    itself = f"{sys.executable} -m runfolio"
    lines = f'{itself} verify "$RUNFOLIO_FOLDER" > verified-$RUNFOLIO_RUN && {itself} plots --names > names'
    runfolio("run", "spills.json", *NO_PICTURES, *script(lines))
    assert "1: ok, " in (tmp_path / "verified-1").read_text()
    assert "mice.tof" in (tmp_path / "names").read_text()


def test_what_comes_late_makes_a_folder_that_is_told_of(
    runfolio: Runfolio, script: Script, tmp_path: Path
) -> None:
    (tmp_path / "spills.json").write_bytes(stream(*RUNS, spill(1, 2)))
    runfolio("run", "spills.json", *NO_PICTURES, *script("exit 0"), status=1)
    runfolio("run", "--include-late", *NO_PICTURES, *script(NOTES))
    assert notes(tmp_path) == [line(tmp_path, "1.r2")]


def test_what_a_script_prints_goes_nowhere(runfolio: Runfolio, script: Script, tmp_path: Path) -> None:
    lines = "head -c 5000000 /dev/zero; echo loudly; echo loudly >&2\n"
    quiet = runfolio("run", "spills.json", *NO_PICTURES, "--documents", "-", *script(lines + NOTES))
    assert len(notes(tmp_path)) == 2
    assert "loudly" not in quiet.stdout + quiet.stderr
    assert "\0" not in quiet.stdout + quiet.stderr


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("echo no route; exit 3", "1: --on-sealed ended with exit status 3: no route\n"),
        ("kill -9 $$", "1: --on-sealed was ended by signal 9\n"),
    ],
)
def test_a_script_that_fails_costs_nothing_but_the_exit_status(
    runfolio: Runfolio, script: Script, tmp_path: Path, lines: str, said: str
) -> None:
    done = runfolio("run", "spills.json", *NO_PICTURES, *script(lines), status=1)
    assert said in done.stderr
    assert said in done.stdout
    assert "--on-sealed is still to be done for 1, 2: the next start calls it" in done.stdout
    (tmp_path / "empty.json").touch()
    runfolio("run", "empty.json", *NO_PICTURES, *script(NOTES))
    assert notes(tmp_path) == [line(tmp_path, "1"), line(tmp_path, "2")]


@pytest.mark.parametrize("what", ["not executable", "not there"])
def test_a_script_that_cannot_be_started_is_named(
    runfolio: Runfolio, script: Script, tmp_path: Path, what: str
) -> None:
    option = script("exit 0")
    if what == "not executable":
        (tmp_path / "hook.sh").chmod(0o644)
    else:
        (tmp_path / "hook.sh").unlink()
    done = runfolio("run", "spills.json", *NO_PICTURES, *option, status=1)
    assert f"2: --on-sealed could not be started: {tmp_path}/hook.sh: " in done.stdout
    assert {"1", "2"} <= {path.name for path in (tmp_path / "end_of_run").iterdir()}


def test_a_script_that_hangs_holds_up_no_run_and_not_the_end_after_a_signal(
    script: Script, tmp_path: Path
) -> None:
    option = script("echo $$ > hangs; sleep 1000")
    program = Program(tmp_path, ("spills.json", "--follow", "--grace", "0", *NO_PICTURES, *option))
    process = program.start()
    until((tmp_path / "hangs").exists)
    until((tmp_path / "end_of_run" / "2").exists)
    process.send_signal(signal.SIGTERM)
    ended = program.wait(process)
    assert ended.status == 1
    assert "--on-sealed is still to be done for 1, 2: the next start calls it" in ended.out
    assert not Path("/proc", (tmp_path / "hangs").read_text().strip()).exists()


def test_killed_while_it_waits_for_a_call_the_job_is_not_begun_anew(script: Script, tmp_path: Path) -> None:
    option = script(f"touch called; while [ ! -e go ]; do sleep 0.05; done; {NOTES}")
    program = Program(tmp_path, ("spills.json", *NO_PICTURES, *option))
    process = program.start()
    until(lambda: program.checkpoint and program.checkpoint.closing and (tmp_path / "called").exists())
    process.kill()
    (tmp_path / "go").touch()
    program.wait(process)
    assert program.run().status == 0
    assert [*program.folders()] == ["1", "2"]
    assert set(notes(tmp_path)) == {line(tmp_path, "1"), line(tmp_path, "2")}


@pytest.mark.parametrize(
    ("moment", "most"),
    [
        (Moment("create", "1"), 1),
        (Moment("rename", "1", when="before"), 1),
        (Moment("rename", "1"), 1),
        (Moment("remove", "1", when="before"), 2),
        (Moment("remove", "1"), 1),
        (Moment("remove", "checkpoint.", when="before"), 1),
    ],
    ids=["noted down", "before its seal", "sealed", "called for", "struck out", "all is sealed"],
)
def test_killed_at_any_moment_and_started_again_each_folder_is_told_of(
    script: Script, tmp_path: Path, moment: Moment, most: int
) -> None:
    option = script(NOTES)
    arguments: Sequence[str] = ("spills.json", "--checkpoint-seconds", "0", *NO_PICTURES, *option)
    program = Program(tmp_path, arguments)
    process = program.start(moment)
    process.wait()
    program.wait(process)
    assert process.returncode == -signal.SIGKILL
    assert program.run().status == 0
    called = notes(tmp_path)
    assert set(called) == {line(tmp_path, "1"), line(tmp_path, "2")}
    assert 1 <= called.count(line(tmp_path, "1")) <= most
    assert list((tmp_path / "end_of_run" / ".staging" / "on-sealed").iterdir()) == []
