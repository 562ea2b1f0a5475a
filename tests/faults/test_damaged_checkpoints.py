"""A checkpoint that is damaged, or is none at all: the program says so in a line and loses nothing."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from killing import Folders, Moment, Program
from own_data import NO_PICTURES

PLOTS = """
from runfolio import Columns, Reducer, Regular
events = Reducer("Events", reads=Columns(run="run"))
events.hist("x", Regular(10, 0, 10))
"""


@dataclass
class Killed:
    """What a program has left that was killed, and what it would have come to."""

    directory: Path
    arguments: tuple[str, ...]
    folders: Folders


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    data = tmp_path_factory.mktemp("data")
    (data / "my.py").write_text(PLOTS)
    (data / "e.jsonl").write_text("".join(f'{{"run": 1, "x": {n % 10}}}\n' for n in range(15_000)))
    arguments = (
        str(data / "e.jsonl"),
        "--plots",
        str(data / "my.py"),
        *NO_PICTURES,
        "--checkpoint-seconds",
        "0",
    )
    undisturbed = Program(tmp_path_factory.mktemp("undisturbed"), arguments)
    assert undisturbed.run().status == 0
    left = Program(tmp_path_factory.mktemp("left"), arguments)
    left.killed_at(Moment("rename", "checkpoint."))
    return Killed(left.directory, arguments, undisturbed.folders())


def is_cut(checkpoint: Path) -> None:
    os.truncate(checkpoint, checkpoint.stat().st_size - 7)


def has_a_flipped_bit(checkpoint: Path) -> None:
    data = bytearray(checkpoint.read_bytes())
    data[-9] ^= 1
    checkpoint.write_bytes(data)


def is_of_another_version(checkpoint: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"checkpoint 1\n", b"checkpoint 9\n"))


def is_empty(checkpoint: Path) -> None:
    checkpoint.write_bytes(b"")


def is_huge(checkpoint: Path) -> None:
    os.truncate(checkpoint, 1 << 42)


def is_a_directory(checkpoint: Path) -> None:
    checkpoint.unlink()
    checkpoint.mkdir()


def is_a_fifo(checkpoint: Path) -> None:
    checkpoint.unlink()
    os.mkfifo(checkpoint)


def is_a_link(checkpoint: Path) -> None:
    checkpoint.unlink()
    checkpoint.symlink_to("/dev/zero")


def is_kept_secret(checkpoint: Path) -> None:
    checkpoint.chmod(0)


DAMAGES = {
    is_cut: "is damaged: its ",
    has_a_flipped_bit: "is damaged: ",
    is_of_another_version: "is damaged, or of another version of runfolio: ",
    is_empty: "is damaged, or of another version of runfolio: ",
    is_huge: "is damaged: its 4398046511104 bytes are not as many as were written: ",
}
UNREADABLE = {
    is_a_directory: "it is no regular file",
    is_a_fifo: "it is no regular file",
    is_a_link: "it is no regular file",
    is_kept_secret: "Permission denied",
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.items(), ids=[each.__name__ for each in DAMAGES])
def test_all_is_read_anew(tmp_path: Path, killed: Killed, damage: Callable[[Path], None], said: str) -> None:
    shutil.copytree(killed.directory, tmp_path, dirs_exist_ok=True)
    program = Program(tmp_path, killed.arguments)
    [checkpoint] = program.staging.glob("checkpoint.*")
    damage(checkpoint)
    ended = program.run()
    [line] = ended.err.splitlines()
    kept = f"end_of_run/.staging/set-aside/{checkpoint.name}.1"
    assert line.startswith(f"runfolio: end_of_run/.staging/{checkpoint.name} {said}")
    assert line.endswith(f"; the checkpoint is kept as {kept}")
    assert os.path.lexists(tmp_path / kept)
    assert ended.status == 0
    assert program.folders() == killed.folders
    assert program.left() == ["set-aside"]


@pytest.mark.parametrize(("damage", "said"), UNREADABLE.items(), ids=[each.__name__ for each in UNREADABLE])
def test_what_cannot_be_read_is_told_and_stays(
    tmp_path: Path, killed: Killed, damage: Callable[[Path], None], said: str
) -> None:
    shutil.copytree(killed.directory, tmp_path, dirs_exist_ok=True)
    program = Program(tmp_path, killed.arguments, powers=False)
    [checkpoint] = program.staging.glob("checkpoint.*")
    damage(checkpoint)
    ended = program.run()
    [line] = ended.err.splitlines()
    assert line == (
        f"runfolio: cannot read end_of_run/.staging/{checkpoint.name}: {said};"
        " to read all from the beginning, move it away"
    )
    assert (ended.status, program.folders(), program.left()) == (2, {}, [checkpoint.name])
