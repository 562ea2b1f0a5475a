"""Passes of a mover, one after the other, over runs that are sealed; and what is at their destinations."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from runfolio.folder.faults import Recorder
from runfolio.mover.entries import Delivery, State
from runfolio.mover.journal import Journal
from runfolio.mover.moving import Mover
from runfolio.mover.quarantine import Quarantined, quarantined, released_from_quarantine
from runfolio.mover.reading import JournalReader
from runfolio.mover.receipts import Receipts, parse_receipt
from runfolio.mover.settings import DestinationSettings, MoverSettings, MoveTable
from runfolio.mover.verifying import Verified, verify_deliveries
from runfolio.watching import Operation, Watcher, watched
from sealed_folders import IMAGES, seal_run
from servers.place import Place
from support import contents

LARGE, LARGE_BYTES = "imageReducePyTOFPlot.root", 1_200_000
"""By far the largest file of a run."""

MOST_PASSES = 4
"""Without faults all is delivered by then; some servers take a while to see that a writer is gone."""


@dataclass
class SetClock:
    """A clock that goes on only when it is set."""

    seconds: float = 1_800_000_000.0
    since_start: float = 0.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.since_start

    def pass_by(self, seconds: float) -> None:
        """Let time go by."""
        self.seconds += seconds
        self.since_start += seconds


@dataclass
class Passes:
    """Passes of one mover after the other, each an hour after the one before.

    Args:
        directory: takes runs, journal and receipts.
        destinations: their settings.
        journal: the directory of the journal, for movers that know nothing of each other.

    """

    directory: Path
    destinations: tuple[DestinationSettings, ...]
    journal: str = "journal"
    clock: SetClock = field(default_factory=SetClock)

    @property
    def end_of_run(self) -> Path:
        return self.directory / "end_of_run"

    @property
    def settings(self) -> MoverSettings:
        table = MoveTable(directory=str(self.directory / self.journal))
        return MoverSettings(table=table, destinations=self.destinations)

    def seal(self, *numbers: int, **changes: str) -> None:
        """Seal runs, with the record's fields changed so."""
        for number in numbers:
            seal_run(self.end_of_run, number, IMAGES, **changes)

    def make(self, *watchers: Watcher, after: float = 3600.0) -> list[str]:
        """Make a pass so many seconds later; return what was put, as `<destination>/<path>`."""
        self.clock.pass_by(after)
        recorder = Recorder()
        with ExitStack() as stack:
            for each in (recorder, *watchers):
                stack.enter_context(watched(each))
            Mover(self.end_of_run, self.settings, self.clock).run(once=True)
        return [str(path) for operation, path in recorder.operations if operation == "put"]

    def make_until_delivered(self, after_each: Callable[[], object] = list) -> list[str]:
        """Make passes until all is delivered; return what was put.

        After each that has left something, something may be done, such as starting a server anew.
        """
        put: list[str] = []
        for _ in range(MOST_PASSES):
            put += self.make()
            if not self.left():
                return put
            after_each()
        raise AssertionError(self.left())

    def deliveries(self, run: int | None = None) -> list[Delivery]:
        """Return what the journal has of them."""
        with JournalReader(self.directory / self.journal) as journal:
            return journal.deliveries(None if run is None else str(run))

    def left(self) -> list[Delivery]:
        """Return what is not delivered."""
        return [each for each in self.deliveries() if each.state is not State.DELIVERED]

    def errors(self) -> set[tuple[str, State, str]]:
        """Return of each delivery that was tried the destination, its state, and its last error's kind."""
        tried = [each for each in self.deliveries() if each.error_kind or each.state is not State.WAITING]
        return {(each.destination, each.state, each.error_kind) for each in tried}

    def failures(self, destination: str) -> int:
        """Return how often in a row a destination as a whole has failed."""
        with JournalReader(self.directory / self.journal) as journal:
            found = journal.destination(destination)
            assert found is not None
            return found.failures

    def paused(self) -> list[str]:
        """Return the destinations that are paused."""
        with JournalReader(self.directory / self.journal) as journal:
            return [each.name for each in journal.destinations() if each.paused]

    def resume(self, destination: str) -> None:
        """Have a destination that was paused be delivered to again."""
        with Journal(self.directory / self.journal, clock=self.clock) as journal:
            journal.resume(destination)

    def release(self, run: int) -> None:
        """Have what is in quarantine of a run tried again."""
        with Journal(self.directory / self.journal, clock=self.clock) as journal:
            entry = journal.run(str(run))
            assert entry is not None
            assert released_from_quarantine(journal, entry, None, self.end_of_run, self.clock)

    def quarantined(self) -> list[Quarantined]:
        """Return what is in quarantine."""
        with JournalReader(self.directory / self.journal) as journal:
            return quarantined(journal)

    def verify_deep(self) -> list[Verified]:
        """Read back all that is delivered."""
        delivered = [(each.run, each.destination) for each in self.deliveries()]
        receipts = Receipts(self.directory / self.journal)
        return list(verify_deliveries(delivered, self.settings, receipts, deep=True))

    def sealed(self) -> dict[str, bytes]:
        """Return the files of all runs, by path."""
        return {
            f"{folder.name}/{name}": data
            for folder in self.end_of_run.glob("[0-9]*")
            for name, data in contents(folder).items()
        }


@dataclass
class Stop:
    """Stops a server as soon as bytes of a file have gone out; keeps what was put before it."""

    place: Place
    name: str
    arrived: list[str] = field(default_factory=list)
    done: bool = False

    def before(self, operation: Operation, path: Path) -> None:
        if operation == "sent" and path.name == self.name and not self.done:
            self.done = True
            self.place.stop()

    def after(self, operation: Operation, path: Path) -> None:
        if operation == "put":
            self.arrived.append(str(path))


def with_final_names(place: Place) -> dict[str, bytes]:
    """Return the files that have their final names, but for the receipts, each of which has to be one."""
    found = {}
    for path, data in place.files().items():
        if path.startswith("receipts/"):
            assert path.startswith("receipts/.") or parse_receipt(data).name in path
        elif not path.startswith("."):
            found[path] = data
    return found


def assert_only_verified(place: Place, sealed: Mapping[str, bytes]) -> None:
    """Hold that what has a final name is as it was sealed, and that folders that are renamed are whole."""
    final = with_final_names(place)
    assert {path: sealed.get(path) for path in final} == final
    if place.settings.schemes != ("s3",):
        tops = {path.partition("/")[0] for path in final}
        assert {path for path in sealed if path.partition("/")[0] in tops} == final.keys()


def assert_all_there(place: Place, sealed: Mapping[str, bytes]) -> None:
    """Hold that each run is there, once, with its receipt, and that nothing else is."""
    receipts = {f"receipts/{path.partition('/')[0]}.json" for path in sealed}
    files = place.files()
    assert files.keys() == sealed.keys() | receipts
    assert {path: files[path] for path in sealed} == sealed
