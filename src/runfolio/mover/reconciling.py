"""Rebuilding the journal: from the run folders that are here, and from what the destinations hold.

What is found at a destination is verified there as after a delivery; a receipt alone proves nothing. Runs
whose folder is no longer here are known from the receipts at the destinations.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from runfolio.clock import Clock, utc_text
from runfolio.errors import DeliveryError, FolderError, Interrupted, JournalError, Refused, SourceDamaged
from runfolio.folder import SealedRun, list_runs, time_seconds
from runfolio.mover.delivery import Arrived, compared
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination
from runfolio.mover.entries import RunEntry
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease, living
from runfolio.mover.packaging import packed
from runfolio.mover.receipts import FOLDER, Receipt, Receipts, made_receipt, parse_receipt, receipt_name
from runfolio.mover.scanning import run_entry
from runfolio.mover.settings import DestinationSettings, MoverSettings
from runfolio.mover.tables import JOURNAL
from runfolio.mover.verifying import still_there

__all__ = ["Reconciled", "rebuild_journal"]

log = logging.getLogger(__name__)

RECEIPT_LIMIT = 1 << 28
"""Bytes of a receipt, which is about as large as a manifest."""

_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part")


@dataclass(kw_only=True)
class Reconciled:
    """What was found."""

    set_aside: Path | None = None
    """Where the former journal is now."""

    runs: int = 0
    delivered: dict[str, int] = field(default_factory=dict)
    """By destination."""
    removed_here: set[str] = field(default_factory=set)
    """Runs that are at a destination only."""
    problems: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    """Temporary names at destinations: of deliveries that go on, of other movers, or of nobody any more."""


def rebuild_journal(
    end_of_run: Path,
    directory: Path,
    settings: MoverSettings,
    clock: Clock,
    advance: Callable[[str], object] = lambda _: None,
) -> Reconciled:
    """Make a new journal; the former one, whatever it is, is set aside.

    Args:
        end_of_run: the directory of the run folders.
        directory: of journal and receipts.
        settings: the destinations.
        clock: the time.
        advance: told of each run that is looked at.

    Raises:
        JournalError: a mover is at work, or the system refuses.
        FolderError: the end-of-run directory can't be read, or a receipt not be written.

    """
    if living(directory):
        raise JournalError(f"a mover is at work with {directory}: stop it first")
    aside = _set_aside(directory / JOURNAL, clock)
    with Journal(directory, clock=clock) as journal, Lease(directory):
        found = _Reconciling(
            end_of_run, directory, settings, journal, clock=clock, advance=advance
        ).reconcile()
    found.set_aside = aside
    return found


def _set_aside(journal: Path, clock: Clock) -> Path | None:
    """Give a journal, and what SQLite keeps beside it, other names."""
    stamp = re.sub(r"[^0-9TZ]", "", utc_text(clock.now()))
    aside = None
    for suffix in ("-wal", "-shm", ""):
        path = journal.with_name(journal.name + suffix)
        if path.exists():
            aside = journal.with_name(f"{journal.stem}.{stamp}{journal.suffix}{suffix}")
            path.rename(aside)
    return aside


class _Reconciling:
    """One pass over run folders and destinations."""

    def __init__(
        self,
        end_of_run: Path,
        directory: Path,
        settings: MoverSettings,
        journal: Journal,
        *,
        clock: Clock,
        advance: Callable[[str], object],
    ) -> None:
        self._end_of_run = end_of_run
        self._directory = directory
        self._settings = settings
        self._journal = journal
        self._clock = clock
        self._advance = advance
        self._receipts = Receipts(directory)
        self.found = Reconciled()

    def reconcile(self) -> Reconciled:
        """Look at everything, and enter it into the journal."""
        names = tuple(each.name for each in self._settings.destinations)
        runs = list_runs(self._end_of_run)
        self._journal.set_destinations({each.name: each.url for each in self._settings.destinations})
        for run in runs:
            try:
                self._journal.add_run(run_entry(run, self._clock), names)
            except FolderError as error:
                self.found.problems.append(f"run {run.name}: {error}")
        self.found.runs = len(runs)
        for settings in self._settings.destinations:
            self.found.delivered[settings.name] = 0
            try:
                with make_destination(settings) as place:
                    self._look_at(settings, place, runs)
            except DeliveryError as error:
                self.found.problems.append(f"{settings.name}: {error}")
        return self.found

    def _look_at(self, settings: DestinationSettings, place: Destination, runs: Iterable[SealedRun]) -> None:
        here = {run.name for run in runs}
        there = place.names("")
        for run in runs:
            self._advance(f"{run.name} at {settings.name}")
            if entry := self._journal.run(run.name):
                self._look_for(run, entry, settings, place)
        for name in sorted(place.names(FOLDER)):
            self._read_receipt(name, settings, place, here)
        self.found.unfinished += [
            f"{settings.name}: {name}" for name in sorted(there) if _UNFINISHED.fullmatch(name)
        ]

    def _look_for(
        self, run: SealedRun, entry: RunEntry, settings: DestinationSettings, place: Destination
    ) -> None:
        try:
            package = packed(run, settings.packaging, self._directory / "work")
        except SourceDamaged as error:
            self.found.problems.append(f"run {run.name}: {error}")
            self._journal.quarantine_run(run.name, str(error))
            return
        if place.look(package.name) is None:
            return
        comparison = compared(package, place, package.name)
        if comparison.same:
            arrived = Arrived(digests=comparison.digests, was_there=True)
            now = utc_text(self._clock.now())
            self._enter(made_receipt(entry, settings, package, arrived, now), settings)
        else:
            self.found.problems.append(
                f"run {run.name}: what is at {settings.name} differs ({comparison.words})"
            )

    def _read_receipt(
        self, name: str, settings: DestinationSettings, place: Destination, here: set[str]
    ) -> None:
        """Enter a run that is at a destination, and no longer here."""
        try:
            receipt = parse_receipt(_content(place, f"{FOLDER}/{name}"))
        except (FolderError, Interrupted, Refused) as error:  # of this one alone: the others are looked at
            self.found.problems.append(f"{settings.name}: {FOLDER}/{name}: {error}")
            return
        if (
            receipt.run in here
            or receipt.url != settings.url
            or receipt_name(receipt.name) != f"{FOLDER}/{name}"
        ):
            return
        self._advance(f"{receipt.run} at {settings.name}")
        if differs := still_there(receipt, place, deep=False):
            self.found.problems.append(f"run {receipt.run}: what is at {settings.name} differs ({differs})")
            return
        self._journal.add_run(_entry_of(receipt, self._clock), ())
        self._journal.run_removed(receipt.run)
        self.found.removed_here.add(receipt.run)
        self._enter(receipt, settings)

    def _enter(self, receipt: Receipt, settings: DestinationSettings) -> None:
        kept = self._receipts.keep(receipt)
        self._journal.restore(
            receipt.run,
            settings.name,
            number_of_bytes=kept.size(),
            delivered_at=time_seconds(kept.delivered_at),
        )
        self.found.delivered[settings.name] += 1


def _content(place: Destination, path: str) -> bytes:
    """Return what a receipt at a destination has in it.

    Raises:
        FolderError: that is more than any receipt has.
        Unavailable, Interrupted, Refused: see there.

    """
    content = bytearray()
    for block in place.read(path):
        content += block
        if len(content) > RECEIPT_LIMIT:
            raise FolderError(f"no receipt: it is larger than {RECEIPT_LIMIT} bytes")
    return bytes(content)


def _entry_of(receipt: Receipt, clock: Clock) -> RunEntry:
    return RunEntry(
        name=receipt.run,
        run_number=receipt.run_number,
        revision=receipt.revision,
        manifest_sha256=receipt.manifest_sha256,
        files=len(receipt.files),
        bytes=receipt.size(),
        sealed_at=receipt.sealed_at,
        seen_at=clock.now(),
    )
