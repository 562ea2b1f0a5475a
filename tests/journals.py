"""Journals for tests: one with destinations and runs, whatever is tried on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runfolio.mover.entries import Delivery, RunEntry
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from support import FakeClock

DESTINATIONS = {"tape": "root://eos//tape", "disk": "file:///disk"}
LONGEST_PAUSE = 3600.0


@dataclass
class Mover:
    """What a process of the mover holds."""

    journal: Journal
    lease: Lease
    clock: FakeClock

    def add(self, *numbers: int, destinations: Sequence[str] = ("tape",)) -> None:
        """Note runs of these numbers."""
        for number in numbers:
            self.journal.add_run(run_entry(number), destinations)

    def claim(self, destination: str = "tape") -> Delivery | None:
        """Take up the next delivery."""
        url = DESTINATIONS[destination]
        return self.journal.claim(destination, url, self.lease.token, LONGEST_PAUSE)

    def claimed(self, destination: str = "tape") -> Delivery:
        """Take up the next delivery, which there is."""
        found = self.claim(destination)
        assert found is not None
        return found

    def delivery(self, run: str = "4235", destination: str = "tape") -> Delivery:
        """Return a delivery as it is noted."""
        (found,) = self.journal.deliveries(run, destination)
        return found

    def said(self, run: str = "") -> list[str]:
        """Return what happened."""
        return [each.what for each in self.journal.events(run)]


@contextmanager
def mover(directory: Path, clock: FakeClock | None = None) -> Iterator[Mover]:
    """Open a journal with destinations, and hold a lease."""
    clock = clock or FakeClock()
    with Journal(directory, clock=clock) as journal, Lease(directory) as lease:
        journal.set_destinations(DESTINATIONS)
        yield Mover(journal, lease, clock)


def run_entry(number: int, revision: int = 1) -> RunEntry:
    """Return a run as it is first seen."""
    return RunEntry(
        name=str(number) if revision == 1 else f"{number}.r{revision}",
        run_number=number,
        revision=revision,
        manifest_sha256=f"{number:064x}",
        files=3,
        bytes=1000,
        sealed_at="2013-11-28T09:54:09Z",
        seen_at=1_000_000.0,
    )
