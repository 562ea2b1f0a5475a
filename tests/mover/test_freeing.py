"""Freeing local space: nothing goes that has no second copy, and by one process at a time."""

from pathlib import Path

import pytest

from runfolio.errors import JournalError
from runfolio.folder import verify
from runfolio.mover.freeing import free
from runfolio.mover.moving import Mover
from runfolio.mover.places import Places
from runfolio.mover.settings import CleanSettings, FileDestination, MoverSettings, MoveTable
from sealed_folders import IMAGES, seal_run
from support import FakeClock

CLOCK = FakeClock(1.7e9)
RULES = CleanSettings(older_than_days=0, keep_newest=0)


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    seal_run(tmp_path / "end_of_run", 4235, IMAGES[:1])
    return tmp_path / "end_of_run"


def places(end_of_run: Path, archive: Path) -> Places:
    """Return where a run has been delivered to an archive."""
    destination = FileDestination(name="archive", url=archive.as_uri())
    settings = MoverSettings(table=MoveTable(clean=RULES), destinations=(destination,))
    Mover(end_of_run, settings, CLOCK).run(once=True)
    return Places(end_of_run=end_of_run, settings=settings)


def reasons(given: Places, *, dry_run: bool = False) -> list[str]:
    """Return why each run stays."""
    return [each.reason for each in free(given, CLOCK, deep=True, dry_run=dry_run)]


def test_what_is_delivered_goes(tmp_path: Path, end_of_run: Path) -> None:
    (tmp_path / "archive").mkdir()
    assert reasons(places(end_of_run, tmp_path / "archive")) == [""]
    assert not (end_of_run / "4235").exists()
    assert verify(tmp_path / "archive" / "4235").whole


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_destination_that_is_the_directory_itself_is_no_second_copy(
    tmp_path: Path, end_of_run: Path, *, dry_run: bool
) -> None:
    (tmp_path / "archive").symlink_to(end_of_run)
    given = places(end_of_run, tmp_path / "archive")
    before = sorted(path.name for path in end_of_run.iterdir())
    (reason,) = reasons(given, dry_run=dry_run)
    assert "it is the end-of-run directory" in reason
    assert verify(end_of_run / "4235").whole
    assert sorted(path.name for path in end_of_run.iterdir()) == before


def test_one_process_cleans_at_a_time(tmp_path: Path, end_of_run: Path) -> None:
    (tmp_path / "archive").mkdir()
    seal_run(end_of_run, 4236, IMAGES[:1])
    given = places(end_of_run, tmp_path / "archive")
    first = free(given, CLOCK, deep=False, dry_run=False)
    next(first)
    with pytest.raises(JournalError, match="runfolio move clean is at work here already"):
        reasons(given)
    assert reasons(given, dry_run=True) == [""]
    assert [each.reason for each in first] == [""]
    assert reasons(given) == []


def test_of_a_run_that_no_mover_has_seen_it_is_not_known_when_it_was_sealed(
    tmp_path: Path, end_of_run: Path
) -> None:
    (tmp_path / "archive").mkdir()
    given = places(end_of_run, tmp_path / "archive")
    seal_run(end_of_run, 4236, IMAGES[:1])
    assert reasons(given) == ["", "not delivered at archive, not known when it was sealed"]
