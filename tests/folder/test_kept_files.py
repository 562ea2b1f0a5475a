"""Kept files: the newest of each run, and no more than there may be."""

import errno
import os
from pathlib import Path

import pytest

from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import KeptFiles, durable
from runfolio.folder.faults import Fail, Recorder
from runfolio.watching import watched


def names(files: KeptFiles) -> set[str]:
    return {path.name for path in files.directory.iterdir()}


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    files.write(4235, b"first")
    files.write(4235, b"second")
    assert (files.read(4235), files.read(4236)) == (b"second", None)


def test_the_oldest_makes_room(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, most=2)
    for number in (3, 1, 2):
        files.write(number, b"state")
    assert names(files) == {"1", "2"}


def test_a_run_that_is_written_again_is_the_newest(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, most=2)
    for number in (1, 2, 1, 3):
        files.write(number, b"state")
    assert names(files) == {"1", "3"}


def test_all_together_have_so_many_bytes(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, most_bytes=3000)
    for number in (1, 2, 3):
        files.write(number, os.urandom(1200))
    assert names(files) == {"2", "3"}


def test_those_of_a_former_process_count_by_their_age(tmp_path: Path) -> None:
    KeptFiles(tmp_path).write(7, b"newer")
    KeptFiles(tmp_path).write(8, b"older")
    os.utime(tmp_path / "kept" / "8", (1, 1))
    files = KeptFiles(tmp_path, most=2)
    files.write(9, b"state")
    assert names(files) == {"7", "9"}


def test_what_is_not_finished_is_cleared_away_and_what_is_of_others_stays(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, most=1)
    files.directory.mkdir()
    for name in (durable.temporary_name("7"), "notes.txt"):
        (files.directory / name).touch()
    files.write(8, b"state")
    assert names(files) == {"8", "notes.txt"}


def test_nothing_is_forced_to_the_disk_but_the_new_directory(tmp_path: Path) -> None:
    recorder = Recorder()
    with watched(recorder):
        KeptFiles(tmp_path).write(7, b"state")
    assert [name for name, _ in recorder.operations] == [
        "mkdir",
        "fsync_directory",
        "create",
        "write",
        "rename",
    ]


def test_what_is_no_longer_the_newest_is_gone_when_the_newest_cannot_be_written(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    files.write(7, b"old")
    with watched(Fail(0, errno.ENOSPC)), pytest.raises(FolderError, match="No space left"):
        files.write(7, b"new")
    assert files.read(7) is None


def test_damage_is_found(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    files.write(7, b"state")
    path = files.directory / "7"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="damaged"):
        files.read(7)
