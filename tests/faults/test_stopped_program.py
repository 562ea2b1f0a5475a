"""The real program told to stop: what is open is sealed as interrupted, soon, whatever holds it up."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from following import footer, header
from killing import Program
from own_data import NO_PICTURES
from processes import children, until
from runfolio.runs import EndedBy
from support import record, spill, stream

SOON = 15.0
"""Seconds, of a machine that does other work meanwhile; it is to take five."""
OPTIONS = ("--refresh-seconds", "0", "--checkpoint-seconds", "0", "--grace", "3600")


@contextmanager
def reading(program: Program, *documents: object) -> Iterator[subprocess.Popen[str]]:
    """Give a program that has shown these documents' spills, and waits for more."""
    process = program.start(stdin=subprocess.PIPE)
    try:
        if process.stdin and program.arguments[0] == "-":
            process.stdin.write(stream(*documents).decode())  # type: ignore[arg-type]  # they are documents
            process.stdin.flush()
        until(lambda: program.checkpoint and program.checkpoint.counted.documents == len(documents))
        until(lambda: any((program.directory / "live").glob("image*")))
        yield process
    finally:
        for each in program.processes():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def stopped(program: Program, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> dict[str, str]:
    """Tell a program to stop, and return the status of each run."""
    began = time.monotonic()
    process.send_signal(number)
    ended = program.wait(process)
    assert time.monotonic() - began < SOON
    assert (ended.status, ended.err) == (1, "")
    assert program.left() == []
    return {name: record(program.end_of_run / name)["status"] for name in program.folders()}


def test_with_all_pictures_of_an_experiment_on_a_silent_pipe(tmp_path: Path) -> None:
    program = Program(tmp_path, ("-", "--plots", "mice", *OPTIONS))
    with reading(program, header(1), spill(1, 1)) as process:
        assert stopped(program, process) == {"1": "interrupted"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_the_drawing_process_hangs(tmp_path: Path, number: int) -> None:
    program = Program(tmp_path, ("-", *OPTIONS))
    with reading(program, header(1), spill(1, 1)) as process:
        os.kill(children(process.pid)[0], signal.SIGSTOP)
        assert stopped(program, process, number) == {"1": "interrupted"}
    assert "images could not be drawn: the program was told to stop" in program.said[-1].out
    data = {"imageReducePyTOFPlot.root", "imageReducePyCkovPlot.root"}
    assert data & set(program.folders()["1"])


def test_with_several_runs_open(tmp_path: Path) -> None:
    program = Program(tmp_path, ("-", *OPTIONS, *NO_PICTURES))
    runs = [each for run in range(1, 7) for each in (header(run), spill(run, 1), footer(run))]
    with reading(program, *runs, spill(7, 1)) as process:
        statuses = stopped(program, process)
    assert statuses == {**dict.fromkeys("123456", "complete"), "7": "interrupted"}


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["a second SIGINT", "SIGKILL"]
)
def test_one_that_is_ended_while_it_seals_has_it_sealed_by_the_next(
    tmp_path: Path, number: int, status: int
) -> None:
    (tmp_path / "s.json").write_bytes(stream(header(1), spill(1, 1), footer(1), header(2), spill(2, 1)))
    program = Program(tmp_path, ("s.json", "--follow", *OPTIONS))
    with reading(program, *range(5)) as process:
        drawing = children(process.pid)[0]
        os.kill(drawing, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        until(lambda: program.checkpoint and program.checkpoint.closing is EndedBy.INTERRUPTED)
        process.send_signal(number)
        assert process.wait(SOON) == status
        with suppress(ProcessLookupError):
            os.kill(drawing, signal.SIGCONT)  # only then can it see that it is to end
        assert program.wait(process).err == ""
    ended = program.run()
    assert ended.status == 1
    assert ended.err.endswith(": it was told to stop, and what was not sealed by then is sealed now\n")
    assert {name: record(program.end_of_run / name)["ended_by"] for name in program.folders()} == {
        "1": "run_footer",
        "2": "interrupted",
    }
    assert not any(record(program.end_of_run / name)["images_failed"] for name in program.folders())
    assert program.left() == []
