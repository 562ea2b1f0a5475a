"""Checkpoint files: whole or told to be damaged, whatever was done to them, and never waited for."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import read_checkpoint, set_checkpoint_aside, write_checkpoint
from runfolio.folder.checkpoint_file import FORMAT, HEAD

NAME = "checkpoint.0123456789abcdef"
CONTENTS = bytes(range(256)) * 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / ".staging" / NAME
    write_checkpoint(path, CONTENTS)
    return path


@given(contents=st.binary(max_size=4000))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, contents: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    write_checkpoint(path, contents)
    assert read_checkpoint(path) == contents


def test_it_is_replaced_and_nothing_else_is_left(path: Path) -> None:
    write_checkpoint(path, b"newer")
    assert read_checkpoint(path) == b"newer"
    assert list(path.parent.iterdir()) == [path]


def test_it_takes_less_room_than_what_it_holds(path: Path) -> None:
    assert path.stat().st_size < len(CONTENTS) / 4


def test_each_byte_of_it_counts(path: Path) -> None:
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :])
        with pytest.raises(CheckpointError, match="is damaged"):
            read_checkpoint(path)


def test_no_byte_may_be_missing_and_none_be_added(path: Path) -> None:
    data = path.read_bytes()
    for other in (*(data[:size] for size in range(len(data))), data + b"\0"):
        path.write_bytes(other)
        with pytest.raises(CheckpointError, match="is damaged"):
            read_checkpoint(path)


def test_a_huge_one_is_not_read(path: Path) -> None:
    os.truncate(path, 1 << 42)
    with pytest.raises(CheckpointError, match="its 4398046511104 bytes are not as many as were written"):
        read_checkpoint(path)


def test_what_is_packed_otherwise_is_told(path: Path) -> None:
    packed = b"no Zstandard"
    path.write_bytes(HEAD.pack(FORMAT, len(packed), hashlib.sha256(packed).digest()) + packed)
    with pytest.raises(CheckpointError, match="cannot be unpacked"):
        read_checkpoint(path)


def test_what_is_no_file_is_told_and_not_waited_for(path: Path, tmp_path: Path) -> None:
    path.unlink()
    makes: list[Callable[[Path], None]] = [Path.mkdir, os.mkfifo, lambda name: name.symlink_to(tmp_path)]
    for make in makes:
        make(path)
        with pytest.raises(FolderError, match="it is no regular file"):
            read_checkpoint(path)
        set_checkpoint_aside(path)


def test_one_that_is_not_there_is_the_system_s_word(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="No such file"):
        read_checkpoint(tmp_path / NAME)


def test_each_that_is_set_aside_has_a_name_of_its_own(path: Path) -> None:
    kept = []
    for _ in range(3):
        write_checkpoint(path, CONTENTS)
        kept.append(set_checkpoint_aside(path))
        assert not path.exists()
    assert [each.name for each in kept] == [f"{NAME}.{number}" for number in (1, 2, 3)]
    assert {read_checkpoint(each) for each in kept} == {CONTENTS}
