"""Rebuilding the journal where what is at a destination is damaged, or was never a receipt."""

import os
import shutil
from pathlib import Path

import pytest

from runfolio.mover.moving import Mover
from runfolio.mover.reconciling import Reconciled, rebuild_journal
from runfolio.mover.settings import FileDestination, MoverSettings, MoveTable
from sealed_folders import IMAGES, seal_run
from support import FakeClock

CLOCK = FakeClock(1.7e9)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return where a run was delivered that is no longer here."""
    (tmp_path / "archive").mkdir()
    seal_run(tmp_path / "end_of_run", 4235, IMAGES[:1])
    Mover(tmp_path / "end_of_run", settings(tmp_path), CLOCK).run(once=True)
    shutil.rmtree(tmp_path / "end_of_run")
    (tmp_path / "end_of_run").mkdir()
    return tmp_path / "archive"


def settings(directory: Path) -> MoverSettings:
    destination = FileDestination(name="archive", url=(directory / "archive").as_uri())
    return MoverSettings(table=MoveTable(), destinations=(destination,))


def rebuilt(directory: Path) -> Reconciled:
    return rebuild_journal(
        directory / "end_of_run", directory / "end_of_run" / ".mover", settings(directory), CLOCK
    )


def test_what_is_no_receipt_hides_none(tmp_path: Path, archive: Path) -> None:
    receipts = archive / "receipts"
    (receipts / "1.json").symlink_to("/etc/passwd")
    (receipts / "2.json").mkdir()
    os.mkfifo(receipts / "3.json")
    (receipts / "4.json").write_text('{"run": "../../4"}')
    found = rebuilt(tmp_path)
    assert found.removed_here == {"4235"}
    assert found.delivered == {"archive": 1}
    assert [words.partition(":")[2].split(":")[0] for words in found.problems] == [
        f" receipts/{number}.json" for number in (1, 2, 3, 4)
    ]
