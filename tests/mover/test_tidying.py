"""Which packages are needed no more."""

from pathlib import Path

import pytest

from journals import Mover, mover
from runfolio.mover.tidying import tidy


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a directory with packages of two runs."""
    work = tmp_path / "work"
    (work / "8.bag").mkdir(parents=True)
    for name in ("7.tar", "8.tar", ".7.tar.0123abcd.new"):
        (work / name).touch()
    return work


def deliver(own: Mover, destination: str = "tape") -> None:
    own.journal.delivered(own.claimed(destination), 1)


def left(work: Path) -> set[str]:
    return {path.name for path in work.iterdir()}


def test_packages_stay_as_long_as_a_delivery_is_to_be_made(tmp_path: Path, work: Path) -> None:
    with mover(tmp_path) as own:
        own.add(7, 8, destinations=["tape", "disk"])
        deliver(own)
        tidy(work, own.journal)
        assert left(work) == {"7.tar", ".7.tar.0123abcd.new", "8.tar", "8.bag"}
        deliver(own, "disk")
        tidy(work, own.journal)
        assert left(work) == {"8.tar", "8.bag"}


def test_only_those_go_that_are_asked_for(tmp_path: Path, work: Path) -> None:
    with mover(tmp_path) as own:
        own.add(7, 8)
        deliver(own)
        deliver(own)
        tidy(work, own.journal, ["8"])
        assert left(work) == {"7.tar", ".7.tar.0123abcd.new"}


def test_what_is_in_quarantine_may_need_them(tmp_path: Path, work: Path) -> None:
    with mover(tmp_path) as own:
        own.add(7)
        own.journal.quarantine(own.claimed(), "differs", "Conflict")
        tidy(work, own.journal)
        assert "7.tar" in left(work)


def test_a_run_that_was_removed_here_needs_none(tmp_path: Path, work: Path) -> None:
    with mover(tmp_path) as own:
        own.add(7, 8, destinations=["tape", "disk"])
        deliver(own)
        own.journal.run_removed("7")
        tidy(work, own.journal)
        assert left(work) == {"8.tar", "8.bag"}


def test_what_nobody_knows_stays(tmp_path: Path, work: Path) -> None:
    before = left(work)
    with mover(tmp_path) as own:
        tidy(work, own.journal)
        tidy(tmp_path / "elsewhere", own.journal)
    assert left(work) == before
