"""Movers at work in a test: runs that are sealed, destinations in memory or on the disk."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mover.memory import MemoryPlace
from runfolio.clock import Clock, TrueClock
from runfolio.errors import JournalError
from runfolio.folder import SealedRun
from runfolio.images import Image
from runfolio.mover.destinations import make_destination
from runfolio.mover.entries import Delivery, DestinationEntry, RunEntry
from runfolio.mover.moving import Mover
from runfolio.mover.reading import JournalReader
from runfolio.mover.settings import DestinationSettings, FileDestination, MoverSettings, MoveTable
from sealed_folders import IMAGES, seal_run

TABLE = MoveTable(scan_seconds=60.0)
DEADLINE = 30.0
"""Seconds that something may take on a machine that does other work, too."""


def destination(name: str, **settings: Any) -> DestinationSettings:
    """Return the settings of a destination; where it is stands for a directory that nobody made."""
    return FileDestination(**{"name": name, "url": f"file:///nowhere/{name}", "parallel": 1, **settings})


@dataclass
class World:
    """An end-of-run directory, and destinations; those that have a place in memory are there."""

    directory: Path
    clock: Clock = field(default_factory=TrueClock)
    table: MoveTable = TABLE
    destinations: list[DestinationSettings] = field(default_factory=list)
    places: dict[str, MemoryPlace] = field(default_factory=dict)

    @property
    def end_of_run(self) -> Path:
        return self.directory / "end_of_run"

    @property
    def settings(self) -> MoverSettings:
        return MoverSettings(table=self.table, destinations=tuple(self.destinations))

    @property
    def journal(self) -> Path:
        return self.settings.directory(self.end_of_run)

    def add(self, name: str, place: MemoryPlace | None = None, **settings: Any) -> MemoryPlace:
        """Add a destination in memory."""
        self.destinations.append(destination(name, **settings))
        return self.places.setdefault(name, place or MemoryPlace())

    def add_directory(self, name: str, **settings: Any) -> Path:
        """Add a destination that is a directory."""
        path = self.directory / name
        path.mkdir()
        self.destinations.append(destination(name, url=f"file://{path}", **settings))
        return path

    def seal(self, *numbers: int, images: Sequence[Image] = IMAGES[:1]) -> list[SealedRun]:
        """Seal runs."""
        return [seal_run(self.end_of_run, number, images) for number in numbers]

    def mover(self, **options: Any) -> Mover:
        return Mover(self.end_of_run, self.settings, self.clock, **options)

    def once(self) -> None:
        """Deliver all that is due."""
        self.mover().run(once=True)

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries, none where there is no journal yet."""
        try:
            with JournalReader(self.journal) as journal:
                return journal.deliveries()
        except JournalError:
            return []

    def delivery(self, run: str = "7", to: str = "tape") -> Delivery:
        (found,) = (each for each in self.deliveries() if (each.run, each.destination) == (run, to))
        return found

    def states(self) -> dict[str, str]:
        """Return the states of all deliveries, by `7 tape`."""
        return {f"{each.run} {each.destination}": str(each.state) for each in self.deliveries()}

    def run(self, name: str = "7") -> RunEntry:
        with JournalReader(self.journal) as journal:
            found = journal.run(name)
        assert found is not None
        return found

    def destination(self, name: str = "tape") -> DestinationEntry:
        with JournalReader(self.journal) as journal:
            found = journal.destination(name)
        assert found is not None
        return found

    def make(self, settings: DestinationSettings, lease: int | None = None) -> Any:
        """Stand in for `make_destination`: places in memory, else the true one."""
        return self.places.get(settings.name) or make_destination(settings, lease)


def stand_in(monkeypatch: pytest.MonkeyPatch, world: World, *modules: str) -> World:
    """Have modules connect to the places of a world."""
    for module in modules:
        monkeypatch.setattr(f"runfolio.mover.{module}.make_destination", world.make)
    return world


@contextmanager
def at_work(mover: Mover) -> Iterator[None]:
    """Have a mover go on in a thread, until the `with` is over; what ended it before is raised."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            mover.run(once=False)
        except BaseException as error:  # noqa: BLE001 - raised in the test
            errors.append(error)

    thread = threading.Thread(target=work, name="mover")
    thread.start()
    try:
        yield
    finally:
        mover.stop()
        thread.join(DEADLINE)
    assert not thread.is_alive(), "the mover does not end"
    if errors:
        raise errors[0]


def soon(true: Callable[[], object], *, within: float = DEADLINE) -> None:
    """Wait until something is true."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.01)


def failing(error: Exception, operation: str, path: str = "", times: int = 1_000_000) -> MemoryPlace:
    """Return a place where an operation fails, on names that contain the path, so many times."""
    left = [times]

    def fail(doing: str, name: str) -> None:
        if doing == operation and path in name and left[0] > 0:
            left[0] -= 1
            raise error

    return MemoryPlace(happening=fail)


def carriers() -> list[str]:
    """Return the names of the threads that movers have started, and that live."""
    return [each.name for each in threading.enumerate() if each.name.startswith(("carrier", "notices"))]
