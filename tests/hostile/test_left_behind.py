"""What stands in the place of a checkpoint or a lock, whoever put it there, is read as data or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio import cli
from runfolio.checkpoints import job_name
from runfolio.folder.checkpoint_file import FORMAT, write_checkpoint
from runfolio.folder.names import LOCK, checkpoint_name
from support import record, spill, stream

DAMAGED: dict[str, bytes] = {
    "nothing": b"",
    "a head alone": FORMAT,
    "controls": b"\x1b]0;owned\x07" * 1000,
}
UNREADABLE: dict[str, bytes] = {
    "no msgpack": b"\xc1",
    "a number": b"\x01",
    "an empty map": b"\x80",
    "lists in lists": b"\x91" * 100_000,
    "maps in maps": b"\x81\xa1x" * 100_000 + b"\xc0",
    "a word that is not UTF-8": b"\x81\xa8identity\xa2\xff\xfe",
    "4 thousand million entries": b"\xdf\xff\xff\xff\xff",
    "4 GB of bytes": b"\x81\xa8identity\xc6\xff\xff\xff\xff",
    "100 MB of zeros": b"\0" * 100_000_000,
}
"""Sealed as a checkpoint is, with the right digest."""
NO_FILES: dict[str, Callable[[Path], object]] = {
    "a directory": Path.mkdir,
    "a pipe": os.mkfifo,
    "a link": lambda path: path.symlink_to("/etc/passwd"),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
}
LOCKS = {
    "nothing": b"",
    "controls": b"\x1b]0;owned\x07",
    "a host of controls": b'{"process":1,"host":"\\u001b]0;owned","process_started":null,"since":"x"}',
    "process 0": b'{"process":0,"host":"x","process_started":null,"since":"x"}',
    "a process of 4,000 digits": b'{"process":' + b"9" * 4_000 + b"}",
    "lists in lists": b"[" * 4_000,
    "a megabyte": b" " * 1_000_000,
}


@pytest.fixture
def staging(place: Path) -> Path:
    """The staging of a job on a file of one spill, which nobody has begun."""
    (place / "spills.json").write_bytes(stream(spill(1, 1)))
    staging = place / "end_of_run" / ".staging"
    staging.mkdir(parents=True)
    return staging


@pytest.fixture
def checkpoint(staging: Path) -> Path:
    return staging / checkpoint_name(job_name(["spills.json"], follow=False))


def run(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the job; return its status and what it said, which is printable."""
    status = cli.main(["run", "spills.json", "--quiet", "--histogram-image-type", "none"])
    said = capsys.readouterr().err
    assert all(line.isprintable() for line in said.splitlines())
    assert "mistake" not in said
    return status, said


def assert_begun_anew(place: Path, checkpoint: Path, status: int) -> None:
    assert status == 0
    assert record(place / "end_of_run" / "1")["documents"]["filled"] == 1
    assert [path for path in checkpoint.parent.rglob(f"{checkpoint.name}.1") if path.is_file()]


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_checkpoint_is_set_aside(
    place: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    checkpoint.write_bytes(data)
    assert_begun_anew(place, checkpoint, run(capsys)[0])


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_a_checkpoint_of_something_else_is_set_aside(
    place: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    write_checkpoint(checkpoint, data)
    assert_begun_anew(place, checkpoint, run(capsys)[0])


@pytest.mark.parametrize("made", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_checkpoint_is_not_read(
    place: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Path], object]
) -> None:
    made(checkpoint)
    status, said = run(capsys)
    assert status == 2
    assert f"{checkpoint.name}: it is no regular file" in said
    assert not (place / "end_of_run" / "1").exists()


@pytest.mark.parametrize("data", LOCKS.values(), ids=LOCKS)
def test_a_lock_that_nobody_holds_is_taken_whatever_it_says(
    place: Path, staging: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    (staging / LOCK).write_bytes(data)
    assert run(capsys)[0] == 0
    assert (place / "end_of_run" / "1").is_dir()
