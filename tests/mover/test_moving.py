"""The mover at work: what wakes it, what it does at the same time, how it ends."""

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from at_work import DEADLINE, World, at_work, carriers, failing, soon, stand_in
from mover.memory import MemoryPlace
from runfolio.errors import (
    FolderError,
    Interrupted,
    JournalError,
    JournalUnavailable,
    SettingsChanged,
    Unavailable,
)
from runfolio.folder import SealedRun, list_runs
from runfolio.mover import scanning
from runfolio.mover.entries import Delivery, State
from runfolio.mover.journal import Journal
from runfolio.mover.leases import living
from runfolio.mover.settings import MoveTable
from runfolio.watching import Operation, watched
from sealed_folders import IMAGES
from support import open_descriptors


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A directory that is looked at once a minute, without notices."""
    world = stand_in(monkeypatch, World(tmp_path), "carrier")
    world.end_of_run.mkdir()
    return world


def delivered(world: World, *runs: int, to: str = "tape") -> Callable[[], bool]:
    def there() -> bool:
        return all(world.states().get(f"{run} {to}") == "delivered" for run in runs)

    return there


class Gate:
    """Holds up puts until it is opened, and counts those that are under way."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.within = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, operation: str, _path: str) -> None:
        if operation != "put":
            return
        with self._lock:
            self.within += 1
            self.most = max(self.most, self.within)
        try:
            assert self.open.wait(DEADLINE)
        finally:
            with self._lock:
                self.within -= 1


# Waking


def test_a_run_that_is_sealed_meanwhile_wakes_it(world: World) -> None:
    world.add("tape")
    world.seal(7)
    with at_work(world.mover()):
        soon(delivered(world, 7), within=20)
        world.seal(8)
        soon(delivered(world, 8), within=20)


def test_what_is_tried_again_wakes_it(world: World) -> None:
    world.table = replace(world.table, first_pause=0.2)
    world.add("tape", failing(Interrupted("cut off"), "put", times=2))
    world.seal(7)
    with at_work(world.mover()):
        soon(delivered(world, 7), within=20)
    assert world.delivery().attempts == 3


def test_without_notices_it_looks_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(24, "no more watches")

    monkeypatch.setattr("watchfiles.watch", refuse)
    world.table = replace(world.table, scan_seconds=0.1)
    world.add("tape")
    with at_work(world.mover()):
        soon(world.journal.exists)
        world.seal(7)
        soon(delivered(world, 7))


def test_what_another_process_has_tried_again_is_seen_at_the_next_look(world: World) -> None:
    world.table = replace(world.table, scan_seconds=0.2)
    world.add("tape", failing(Unavailable("no route"), "make_folder", times=1))
    world.seal(7)
    with at_work(world.mover()):
        soon(lambda: world.deliveries() and world.delivery().error)
        with Journal(world.journal, clock=world.clock) as journal:
            journal.retry()
        soon(delivered(world, 7))


def test_a_directory_that_is_away_is_said_once_and_heard_of_again_once_it_is_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.table = MoveTable(scan_seconds=0.1, directory=str(world.directory / "journal"))
    world.add("tape")
    world.seal(7)
    with at_work(world.mover()):
        soon(delivered(world, 7))
        world.end_of_run.rename(world.directory / "away")
        soon(lambda: caplog.messages)
        time.sleep(0.5)  # some looks more
        world.seal(8)
        soon(delivered(world, 8))
    (line,) = caplog.messages
    assert line.startswith(f"cannot read {world.end_of_run}: No such file")


def test_notices_are_had_of_the_directory_that_came_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.table = replace(world.table, directory=str(world.directory / "journal"))
    world.add("tape")
    with at_work(world.mover()):
        soon(world.journal.exists)
        world.end_of_run.rename(world.directory / "away")
        soon(lambda: any(line.startswith("no notices of") for line in caplog.messages))
        world.seal(8)
        soon(delivered(world, 8), within=20)
        time.sleep(1.5)  # what was heard in the beginning is over
        world.seal(9)
        soon(delivered(world, 9), within=20)


def test_it_does_not_look_again_and_again_while_carriers_are_busy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []

    def look(directory: Path, *, but: Container[str] = ()) -> tuple[SealedRun, ...]:
        looks.append(directory)
        return list_runs(directory, but=but)

    monkeypatch.setattr(scanning, "list_runs", look)
    world.add("tape", MemoryPlace(happening=(gate := Gate())))
    world.seal(7, 8, 9)
    with at_work(world.mover()):
        soon(lambda: gate.within)
        time.sleep(1.5)  # that first notices are had is one look
        before = len(looks)
        time.sleep(1.0)
        assert len(looks) - before < 5
        gate.open.set()
        soon(delivered(world, 7, 8, 9))


# At the same time


def test_several_go_to_a_destination_at_a_time_and_no_more(world: World) -> None:
    world.add("tape", MemoryPlace(happening=(gate := Gate())), parallel=3)
    world.seal(*range(1, 8))
    with at_work(world.mover()):
        soon(lambda: gate.within == 3)
        time.sleep(0.2)
        gate.open.set()
        soon(delivered(world, *range(1, 8)))
    assert gate.most == 3


def test_a_destination_that_hangs_holds_up_no_other(world: World) -> None:
    world.add("tape", MemoryPlace(happening=(gate := Gate())))
    world.add("disk")
    world.seal(7, 8)
    with at_work(world.mover()):
        soon(delivered(world, 7, 8, to="disk"))
        assert world.states()["7 tape"] == "sending"
        world.seal(9)
        soon(delivered(world, 9, to="disk"))
        gate.open.set()
        soon(delivered(world, 7, 8, 9))


def test_all_deliveries_to_a_destination_share_its_rate(world: World) -> None:
    world.seal(*range(1, 5))
    world.add("tape", parallel=4, rate=10_000)
    begun = time.monotonic()
    world.once()
    sent = sum(each.bytes for each in world.deliveries())
    assert time.monotonic() - begun >= 0.9 * sent / 10_000


def test_two_movers_share_the_work(world: World) -> None:
    place = world.add("tape", parallel=2)
    world.seal(*range(1, 11))
    with at_work(world.mover()), at_work(world.mover()):
        soon(delivered(world, *range(1, 11)))
    renamed = [each for each in place.done if each.startswith("rename") and "receipts" not in each]
    assert sorted(renamed) == sorted(f"rename {run}" for run in range(1, 11))


# One pass


def test_once_delivers_all_that_is_due_to_all(world: World) -> None:
    archive = world.add_directory("archive", parallel=2)
    world.add("tape")
    world.seal(*range(1, 6))
    world.once()
    assert set(world.states().values()) == {"delivered"}
    assert sorted(path.name for path in archive.iterdir()) == [*map(str, range(1, 6)), "receipts"]


def test_once_does_not_wait_for_what_is_due_later(world: World) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put"))
    world.seal(7)
    world.once()
    assert world.delivery().state is State.WAITING


def test_once_says_that_the_directory_cannot_be_read(world: World) -> None:
    world.table = replace(world.table, directory=str(world.directory / "journal"))
    world.add("tape")
    world.end_of_run.rmdir()
    with pytest.raises(FolderError, match="end_of_run"):
        world.once()


def test_without_destinations_there_is_nothing_to_do(world: World) -> None:
    world.seal(7)
    world.once()
    with at_work(world.mover()):
        time.sleep(0.1)
    assert world.deliveries() == []


def test_new_settings_take_effect_with_the_next_mover(world: World) -> None:
    world.add("tape")
    world.seal(7)
    world.once()
    world.add("disk")
    del world.destinations[0]
    world.once()
    assert world.states() == {"7 tape": "delivered", "7 disk": "delivered"}
    assert not world.destination("tape").in_settings


# The end


def test_stopped_in_the_middle_of_a_file_it_lets_go_and_the_next_goes_on(world: World) -> None:
    def stop(operation: str, path: str) -> None:
        if operation == "put" and path.endswith(".root"):
            mover.stop()

    place = world.add("tape", MemoryPlace(happening=stop))
    mover = world.mover()
    world.seal(7, images=IMAGES)
    mover.run(once=True)
    delivery = world.delivery()
    assert (delivery.state, delivery.attempts, delivery.error) == (State.WAITING, 0, "")
    *whole, half = (each for each in place.done if each.startswith("put"))
    assert whole
    assert half.startswith(f"put {delivery.temporary}/")
    place.done.clear()
    world.once()
    again = [each for each in place.done if each.startswith("put") and "receipts" not in each]
    assert again[0] == half
    assert not set(again) & set(whole)
    assert world.delivery().state is State.DELIVERED


def test_a_long_pause_that_a_rate_asks_for_does_not_keep_it(world: World) -> None:
    world.add("tape", rate=1)
    world.seal(7)
    with at_work(world.mover()):
        soon(lambda: world.states().get("7 tape") == "sending")
        time.sleep(0.3)
        begun = time.monotonic()
    assert time.monotonic() - begun < 20
    assert (world.delivery().state, world.delivery().attempts) == (State.WAITING, 0)


def test_it_is_stopped_also_while_it_compares(world: World) -> None:
    digests: list[str] = []

    def stop(operation: str, path: str) -> None:
        if operation == "digest":
            digests.append(path)
            mover.stop()

    world.add("tape", MemoryPlace(happening=stop))
    mover = world.mover()
    world.seal(7)
    mover.run(once=True)
    assert len(digests) == 1
    assert world.delivery().state is State.WAITING


def test_stopped_before_it_begins_it_does_nothing(world: World) -> None:
    place = world.add("tape")
    world.seal(7)
    mover = world.mover()
    mover.stop()
    mover.run(once=False)
    mover.run(once=True)
    assert place.done == []


def test_a_journal_that_fails_ends_it_at_once_whatever_others_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add("tape", MemoryPlace(happening=(gate := Gate())))
    world.add("disk", failing(Interrupted("cut off"), "put"))
    world.seal(7)

    def damaged(_self: Journal, delivery: Delivery, *_: object, **__: object) -> None:
        assert delivery.destination == "disk"
        soon(lambda: gate.within)
        threading.Timer(0.5, gate.open.set).start()
        raise JournalError("the journal is damaged")

    monkeypatch.setattr(Journal, "failed", damaged)
    begun = time.monotonic()
    with pytest.raises(JournalError, match="is damaged"), at_work(world.mover()):
        soon(lambda: not any(each.name == "mover" for each in threading.enumerate()))
    assert time.monotonic() - begun < 40  # and not at its next look
    assert world.delivery().state is State.WAITING
    assert carriers() == []


def test_who_is_told_of_deliveries_may_fail_and_ends_it(world: World) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError

    world.add("tape")
    world.seal(7)
    with pytest.raises(BrokenPipeError), at_work(world.mover(delivered=fail)):
        soon(lambda: not any(each.name == "mover" for each in threading.enumerate()))
    assert world.delivery().state is State.DELIVERED


def test_nothing_of_it_is_left(world: World) -> None:
    world.add("tape", parallel=4)
    world.add_directory("archive", parallel=4)
    world.seal(7)
    world.once()  # what the first one loads stays open
    with at_work(world.mover()):
        time.sleep(0.2)
    before = open_descriptors()
    for number in range(8, 12):
        world.seal(number)
        with at_work(world.mover()):
            soon(delivered(world, number))
    soon(lambda: carriers() == [])
    soon(lambda: open_descriptors() <= before)
    assert living(world.journal) == frozenset()


def test_what_a_mover_that_was_killed_left_of_packages_goes(world: World) -> None:
    world.add("tape", packaging="tar")
    world.seal(7)
    world.once()
    left = world.journal / "work"
    for name in ("7.tar", ".7.tar.0123abcd.new"):
        (left / name).write_bytes(b"")
    (left / "7.bag").mkdir()
    (left / "8.tar").write_bytes(b"of a run that nobody knows")
    world.once()
    assert [path.name for path in left.iterdir()] == ["8.tar"]


@pytest.mark.parametrize("once", [True, False])
def test_a_url_that_another_process_has_changed_ends_it_and_what_it_was_sending_is_not_its_own(
    world: World, caplog: pytest.LogCaptureFixture, once: bool
) -> None:
    def change(operation: str, _path: str) -> None:
        if operation == "rename":
            with Journal(world.journal, clock=world.clock) as journal:
                journal.set_destinations({"tape": "file:///elsewhere"})

    world.add("tape", MemoryPlace(happening=change))
    world.seal(7, 8)
    with pytest.raises(SettingsChanged, match=r"file:///elsewhere, .* started with file:///nowhere/tape"):
        world.mover().run(once=once)
    assert [each.state for each in world.deliveries()] == [State.WAITING] * 2
    assert ["no longer this mover's" in line for line in caplog.messages] == [True]


@dataclass
class FullDisk:
    """Has no room for a kind of changes of the journal, nor then for any other."""

    change: str
    refused: int = 0

    def before(self, operation: Operation, path: Path) -> None:
        if operation == "commit" and (self.refused or path.name.startswith(f"{self.change} ")):
            self.refused += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def after(self, operation: Operation, path: Path) -> None:
        """It was done."""


@pytest.mark.parametrize("change", ["add", "claim", "send", "receipt", "delivered", "waiting"])
def test_a_full_disk_under_the_journal_is_waited_for_and_said_once(
    world: World, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    world.table = replace(world.table, scan_seconds=0.05, first_pause=0.05)
    world.add("tape", failing(Interrupted("cut off"), "put", times=change == "waiting"))
    disk = FullDisk(change)
    with at_work(world.mover()):
        soon(lambda: world.journal.exists() and world.journal.joinpath("journal.sqlite").exists())
        with watched(disk):
            world.seal(7)
            soon(lambda: disk.refused >= 3)
        soon(delivered(world, 7))
    lines = [line for line in caplog.messages if "No space left" in line]
    assert len(lines) == 1
    assert lines[0].endswith("it is tried again every few seconds")


def test_with_once_a_full_disk_under_the_journal_ends_it(world: World) -> None:
    world.add("tape")
    world.seal(7)
    with watched(FullDisk("delivered")), pytest.raises(JournalUnavailable, match="No space left"):
        world.once()
    assert world.delivery().state is State.SENDING
    world.once()
    assert world.delivery().state is State.DELIVERED
