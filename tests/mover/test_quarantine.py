"""What is in quarantine, and what lets it go."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from at_work import World, failing, stand_in
from journals import Mover, mover, run_entry
from runfolio.errors import Interrupted, JournalError
from runfolio.folder import manifest_digest
from runfolio.mover.entries import RunEntry, RunState, State
from runfolio.mover.journal import Journal
from runfolio.mover.quarantine import Quarantined, quarantined, released_from_quarantine
from support import FakeClock

SINCE = "1970-01-12T13:46:40Z"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mover]:
    """A mover of three runs, of which something is in quarantine."""
    with mover(tmp_path) as found:
        found.add(7, 8, 9, destinations=["tape", "disk"])
        found.journal.quarantine(found.claimed(), "differs", "Conflict")
        found.journal.quarantine_run("8", "run.json is damaged")
        yield found


def released(own: Mover, run: RunEntry, destination: str | None = None) -> list[str]:
    return released_from_quarantine(own.journal, run, destination, own.journal.directory, own.clock)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two runs, of which the first does not get to the tape at once."""
    world = stand_in(monkeypatch, World(tmp_path, clock=FakeClock()), "carrier")
    world.add("tape", failing(Interrupted("cut off"), "put", ".7.", times=1))
    world.seal(7, 8)
    return world


def exchange(world: World) -> None:
    """Have the folder of run 7 be another one, and the mover see that."""
    world.once()
    (world.end_of_run / "7").rename(world.directory / "away")
    (world.end_of_run / "8").rename(world.end_of_run / "7")
    with Journal(world.journal, clock=world.clock) as journal:
        journal.retry()
    world.once()
    assert world.run().state is RunState.QUARANTINED


def release(world: World) -> list[str]:
    with Journal(world.journal, clock=world.clock) as journal:
        return released_from_quarantine(journal, world.run(), None, world.end_of_run, world.clock)


def test_a_folder_is_taken_as_it_is_when_it_is_released(world: World) -> None:
    exchange(world)
    assert release(world) == ["run 7"]
    world.once()
    assert world.states()["7 tape"] == "delivered"
    digest = manifest_digest(world.end_of_run / "7")
    assert world.run().manifest_sha256 == digest


def test_a_folder_is_not_taken_for_another_that_was_delivered(world: World) -> None:
    world.add("disk")
    exchange(world)
    with pytest.raises(JournalError, match=r"at disk is the folder .* or rename this one to 7\.r2"):
        release(world)
    assert world.run().state is RunState.QUARANTINED
    shutil.rmtree(world.end_of_run / "7")
    (world.directory / "away").rename(world.end_of_run / "7")
    assert release(world) == ["run 7"]
    world.once()
    assert world.states()["7 tape"] == "delivered"


def test_a_folder_is_not_taken_while_the_former_one_is_being_sent(own: Mover) -> None:
    own.claimed("disk")
    with pytest.raises(JournalError, match="7 is being sent to disk"):
        own.journal.take_anew(run_entry(7))


def test_folders_come_first_then_deliveries(own: Mover) -> None:
    assert quarantined(own.journal) == [
        Quarantined(run="8", destination="", since=SINCE, reason="run.json is damaged"),
        Quarantined(run="7", destination="tape", since=SINCE, reason="differs"),
    ]


def test_a_delivery_that_is_released_is_tried_anew(own: Mover) -> None:
    run = run_entry(7)
    assert released(own, run) == ["run 7 to tape"]
    assert own.delivery("7").state is State.WAITING
    assert released(own, run) == []


def test_a_folder_that_is_released_is_looked_at_anew(own: Mover) -> None:
    run = own.journal.run("8")
    assert run is not None
    assert released(own, run, "tape") == []
    assert released(own, run) == ["run 8"]
    run = own.journal.run("8")
    assert run is not None
    assert run.state is RunState.SEALED


def test_what_was_removed_here_is_nothing_to_look_at(own: Mover) -> None:
    own.journal.run_removed("7")
    assert [each.run for each in quarantined(own.journal)] == ["8"]


@pytest.mark.parametrize(("destination", "names"), [("disk", []), ("tape", ["run 7 to tape"])])
def test_one_destination_may_be_chosen(own: Mover, destination: str, names: list[str]) -> None:
    assert released(own, run_entry(7), destination) == names
