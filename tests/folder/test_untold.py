"""Untold folders: what is noted down lasts, and only what is there is told of."""

from pathlib import Path

import pytest

from runfolio.errors import FolderError
from runfolio.folder import Untold
from runfolio.folder.faults import Recorder
from runfolio.watching import watched


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    for name in ("9", "10", "10.r2", ".staging"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def untold(end_of_run: Path) -> Untold:
    return Untold(end_of_run, end_of_run / ".staging")


def test_without_any_nothing_is_made(untold: Untold, end_of_run: Path) -> None:
    assert untold.there() == []
    assert list((end_of_run / ".staging").iterdir()) == []


def test_they_come_in_the_order_of_the_runs_until_they_are_struck_out(untold: Untold) -> None:
    for name in ("10.r2", "10", "9", "10"):
        untold.add(name)
    assert untold.there() == ["9", "10", "10.r2"]
    untold.remove("10")
    untold.remove("10")
    assert untold.there() == ["9", "10.r2"]


def test_one_that_is_not_there_is_struck_out(untold: Untold, end_of_run: Path) -> None:
    untold.add("9")
    untold.add("11")
    assert untold.there() == ["9"]
    (end_of_run / "11").mkdir()
    assert untold.there() == ["9"]


def test_what_others_have_put_there_stays(untold: Untold, end_of_run: Path) -> None:
    untold.add("9")
    kept = end_of_run / ".staging" / "on-sealed"
    (kept / "notes.txt").touch()
    assert untold.there() == ["9"]
    assert {path.name for path in kept.iterdir()} == {"9", "notes.txt"}


def test_what_was_noted_down_is_on_the_disk(untold: Untold, end_of_run: Path) -> None:
    untold.add("10")
    with watched(recorder := Recorder()):
        untold.add("9")
    kept = end_of_run / ".staging" / "on-sealed"
    assert recorder.operations == [
        ("create", kept / "9"),
        ("fsync_file", kept / "9"),
        ("fsync_directory", kept),
    ]


def test_what_the_disk_refuses_is_told(untold: Untold, end_of_run: Path) -> None:
    (end_of_run / ".staging" / "on-sealed").write_text("in the way")
    with pytest.raises(FolderError):
        untold.add("9")
    with pytest.raises(FolderError):
        untold.there()
