"""What is in quarantine, and what lets it go."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from journals import Mover, mover, run_entry
from runfolio.mover.entries import RunState, State
from runfolio.mover.quarantine import Quarantined, quarantined, released_from_quarantine

SINCE = "1970-01-12T13:46:40Z"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mover]:
    """A mover of three runs, of which something is in quarantine."""
    with mover(tmp_path) as found:
        found.add(7, 8, 9, destinations=["tape", "disk"])
        found.journal.quarantine(found.claimed(), "differs", "Conflict")
        found.journal.quarantine_run("8", "run.json is damaged")
        yield found


def test_folders_come_first_then_deliveries(own: Mover) -> None:
    assert quarantined(own.journal) == [
        Quarantined(run="8", destination="", since=SINCE, reason="run.json is damaged"),
        Quarantined(run="7", destination="tape", since=SINCE, reason="differs"),
    ]


def test_a_delivery_that_is_released_is_tried_anew(own: Mover) -> None:
    run = run_entry(7)
    assert released_from_quarantine(own.journal, run, None) == ["run 7 to tape"]
    assert own.delivery("7").state is State.WAITING
    assert released_from_quarantine(own.journal, run, None) == []


def test_a_folder_that_is_released_is_looked_at_anew(own: Mover) -> None:
    run = own.journal.run("8")
    assert run is not None
    assert released_from_quarantine(own.journal, run, "tape") == []
    assert released_from_quarantine(own.journal, run, None) == ["run 8"]
    run = own.journal.run("8")
    assert run is not None
    assert run.state is RunState.SEALED


def test_what_was_removed_here_is_nothing_to_look_at(own: Mover) -> None:
    own.journal.run_removed("7")
    assert [each.run for each in quarantined(own.journal)] == ["8"]


@pytest.mark.parametrize(("destination", "released"), [("disk", []), ("tape", ["run 7 to tape"])])
def test_one_destination_may_be_chosen(own: Mover, destination: str, released: list[str]) -> None:
    assert released_from_quarantine(own.journal, run_entry(7), destination) == released
