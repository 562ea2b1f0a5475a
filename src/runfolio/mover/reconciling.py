"""Rebuilding the journal: from the run folders that are here, and from what the destinations hold.

What is found at a destination is verified there as after a delivery; a receipt alone proves nothing. Runs
whose folder is no longer here are known from the receipts at the destinations.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

from msgspec.structs import replace

from runfolio.clock import Clock, utc_text
from runfolio.errors import DeliveryError, FolderError, Interrupted, JournalError, Refused, SourceDamaged
from runfolio.folder import SealedRun, list_runs, time_seconds
from runfolio.mover.delivery import Arrived, compared
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination
from runfolio.mover.entries import RunEntry, RunState, State
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease, living
from runfolio.mover.package import Package
from runfolio.mover.packaging import WORK, packed
from runfolio.mover.receipts import (
    FOLDER,
    Receipt,
    Receipts,
    beginning,
    made_receipt,
    parse_receipt,
    receipt_names,
)
from runfolio.mover.scanning import run_entry
from runfolio.mover.settings import DestinationSettings, MoverSettings
from runfolio.mover.tables import JOURNAL, told
from runfolio.mover.tidying import drop
from runfolio.mover.verifying import still_there

__all__ = ["Reconciled", "rebuild_journal"]

_UNFINISHED = re.compile(rf"({FOLDER}/)?\..+\.[0-9a-f]{{8}}\.part")


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
    runs = list_runs(end_of_run)  # before anything is set aside: it may not be mounted
    aside = _set_aside(directory / JOURNAL, clock)
    with Journal(directory, clock=clock) as journal, Lease(directory):
        found = _Reconciling(directory, settings, journal, clock=clock, advance=advance).reconcile(runs)
    found.set_aside = aside
    return found


def _set_aside(journal: Path, clock: Clock) -> Path | None:
    """Give a journal, and what SQLite keeps beside it, names that nothing has; return that of the journal."""
    stamp = re.sub(r"[^0-9TZ]", "", utc_text(clock.now()))
    numbered = chain([""], (f".{number}" for number in count(2)))
    names = (f"{journal.stem}.{stamp}{each}{journal.suffix}" for each in numbered)
    aside = next(path for path in map(journal.with_name, names) if not os.path.lexists(path))
    found = None
    with told(journal):
        for suffix in ("-wal", "-shm", ""):
            path = journal.with_name(journal.name + suffix)
            if os.path.lexists(path):
                found = path.rename(aside.with_name(aside.name + suffix))
    return found


class _Reconciling:
    """One pass over run folders and destinations."""

    def __init__(
        self,
        directory: Path,
        settings: MoverSettings,
        journal: Journal,
        *,
        clock: Clock,
        advance: Callable[[str], object],
    ) -> None:
        self._work = directory / WORK
        self._settings = settings
        self._journal = journal
        self._clock = clock
        self._advance = advance
        self._receipts = Receipts(directory)
        self.found = Reconciled()

    def reconcile(self, runs: Sequence[SealedRun]) -> Reconciled:
        """Look at everything, and enter it into the journal."""
        names = tuple(each.name for each in self._settings.destinations)
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

    def _look_at(self, settings: DestinationSettings, place: Destination, runs: Sequence[SealedRun]) -> None:
        here = {run.name for run in runs}
        receipts = place.names(FOLDER)
        paths = place.names("") | {f"{FOLDER}/{name}" for name in receipts}
        for run in runs:
            self._advance(f"{run.name} at {settings.name}")
            entry = self._journal.run(run.name)
            if entry and entry.state is RunState.SEALED:
                self._look_for(run, entry, settings, place)
        unfinished = {path for path in paths if _UNFINISHED.fullmatch(path)}
        self.found.unfinished += [f"{settings.name}: {path}" for path in sorted(unfinished)]
        for name in sorted(receipts):  # 7.0123abcd.json comes before 7.json
            if f"{FOLDER}/{name}" not in unfinished:
                self._read_receipt(name, settings, place, here)

    def _look_for(
        self, run: SealedRun, entry: RunEntry, settings: DestinationSettings, place: Destination
    ) -> None:
        try:
            package = packed(run, settings.packaging, self._work)
        except SourceDamaged as error:
            self.found.problems.append(f"run {run.name}: {error}")
            self._journal.quarantine_run(run.name, str(error))
            return
        except FolderError as error:
            self.found.problems.append(f"run {run.name}: {error}")
            return
        try:
            self._compare(entry, package, settings, place)
        finally:
            drop(run, self._work)

    def _compare(
        self, entry: RunEntry, package: Package, settings: DestinationSettings, place: Destination
    ) -> None:
        if place.look(package.name) is None:
            return
        comparison = compared(package, place, package.name)
        if comparison.same:
            arrived = Arrived(digests=comparison.digests, was_there=True)
            now = utc_text(self._clock.now())
            self._enter(made_receipt(entry, settings, package, arrived, now), settings)
        else:
            self.found.problems.append(
                f"run {entry.name}: what is at {settings.name} differs ({comparison.words})"
            )

    def _read_receipt(
        self, name: str, settings: DestinationSettings, place: Destination, here: set[str]
    ) -> None:
        """Enter a run that is at a destination, and no longer here."""
        try:
            receipt = parse_receipt(beginning(place.read(f"{FOLDER}/{name}")))
        except (FolderError, Interrupted, Refused) as error:  # of this one alone: the others are looked at
            self.found.problems.append(f"{settings.name}: {FOLDER}/{name}: {error}")
            return
        if (
            receipt.run in here
            or receipt.url != settings.url
            or f"{FOLDER}/{name}" not in receipt_names(receipt)
        ):
            return
        self._advance(f"{receipt.run} at {settings.name}")
        if differs := still_there(receipt, place, deep=False):
            if self._is_known_there(receipt.run, settings.name):
                return  # by its other receipt; this one tells of what had the place before
            self.found.problems.append(f"run {receipt.run}: what is at {settings.name} differs ({differs})")
            return
        known = self._journal.add_run(_entry_of(receipt, self._clock), ())
        if known.manifest_sha256 != receipt.manifest_sha256:
            self.found.problems.append(
                f"run {receipt.run}: what is at {settings.name} is another than what is elsewhere"
            )
            return
        self._journal.run_removed(receipt.run)
        self.found.removed_here.add(receipt.run)
        # Who left it there may call the destination by another name.
        self._enter(replace(receipt, destination=settings.name), settings)

    def _is_known_there(self, run: str, destination: str) -> bool:
        return bool(self._journal.deliveries(run, destination, {State.DELIVERED}))

    def _enter(self, receipt: Receipt, settings: DestinationSettings) -> None:
        kept = self._receipts.keep(receipt)
        self._journal.restore(
            receipt.run,
            settings.name,
            number_of_bytes=kept.size(),
            delivered_at=time_seconds(kept.delivered_at),
        )
        self.found.delivered[settings.name] += 1


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
