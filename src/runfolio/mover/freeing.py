"""Freeing local space: what cleaning has to know, from the journal, the receipts and the destinations."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from runfolio.clock import Clock
from runfolio.errors import FolderError, JournalError, Refused, SettingsError
from runfolio.folder import SealedRun, durable, list_carried, list_runs, manifest_digest, time_seconds
from runfolio.mover.cleaning import Cleaned, LocalRun, StillThere, clean
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination
from runfolio.mover.entries import RunEntry, RunState, State
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from runfolio.mover.packaging import WORK
from runfolio.mover.places import Places
from runfolio.mover.receipts import Receipts
from runfolio.mover.settings import DestinationSettings
from runfolio.mover.tidying import tidy
from runfolio.mover.verifying import still_there

__all__ = ["free"]

LOCK = "cleaning"
"""Beside the journal; whoever cleans holds a lock on it."""


def free(places: Places, clock: Clock, *, deep: bool, dry_run: bool) -> Iterator[Cleaned]:
    """Remove the folders that the settings let go, and tell of each run what has become of it.

    Args:
        places: the directories, and the settings.
        clock: the time.
        deep: read every byte back from the destinations before.
        dry_run: remove nothing.

    Raises:
        SettingsError: there are no rules.
        FolderError: the end-of-run directory can't be read.
        JournalError: see there.

    """
    rules = places.settings.table.clean
    if rules is None:
        raise SettingsError(
            "nothing is removed without rules: runfolio.toml needs a table [move.clean],"
            " such as older_than_days = 30 and keep_newest = 100"
        )
    with Journal(places.directory, clock=clock) as journal, Lease(places.directory), ExitStack() as open_:
        if not dry_run:
            open_.enter_context(_alone(places.directory))
        _note_carried(places, journal)
        required = {
            each.name: _looking(each, Receipts(places.directory), places.end_of_run, open_)
            for each in places.settings.destinations
            if each.required
        }
        runs = [_local_run(run, journal) for run in list_runs(places.end_of_run)]
        for each in clean(places.end_of_run, runs, required, rules, clock.now(), deep=deep, dry_run=dry_run):
            if not each.reason and not dry_run:
                journal.run_removed(each.run.name)
                tidy(places.directory / WORK, journal, [each.run.name])
            yield each


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the lock of who cleans: another would take what this one is making for what was left half made.

    Raises:
        JournalError: somebody else has it; or the system refuses.

    """
    path = directory / LOCK
    try:
        lock = path.open("ab")
    except OSError as error:
        raise JournalError(f"cannot lock {path}: {error.strerror or error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalError("runfolio move clean is at work here already: let it end first") from error
        yield


def _note_carried(places: Places, journal: Journal) -> None:
    """Note what a former process had removed before it was killed."""
    for carried in list_carried(places.end_of_run):
        run = journal.run(carried.name)
        if run and run.state is RunState.SEALED and not (places.end_of_run / carried.name).exists():
            journal.run_removed(carried.name)


def _local_run(run: SealedRun, journal: Journal) -> LocalRun:
    entry = journal.run(run.name)
    deliveries = journal.deliveries(run=run.name) if entry else []
    return LocalRun(
        run=run,
        sealed_at=_sealed_at(entry),
        delivered=frozenset(each.destination for each in deliveries if each.state is State.DELIVERED),
        quarantined=entry is not None and entry.state is RunState.QUARANTINED,
    )


def _sealed_at(entry: RunEntry | None) -> float:
    """Return when a run was sealed; where that is not known, as if it were yet to come."""
    if entry is None or entry.sealed_at is None:
        return float("inf")
    try:
        return float(time_seconds(entry.sealed_at))
    except FolderError:
        return float("inf")


def _looking(
    settings: DestinationSettings, receipts: Receipts, end_of_run: Path, open_: ExitStack
) -> StillThere:
    """Return what looks at runs at a destination; it is connected to when the first is looked at."""
    connected: list[Destination] = []

    def look(run: SealedRun, deep: bool) -> str | None:
        receipt = receipts.find(run.name, settings.name)
        if receipt is None:
            return "there is no receipt that says what is to be there"
        if receipt.manifest_sha256 != manifest_digest(run.path):
            return "the folder here is another than the one that was delivered"
        if not connected:
            place = open_.enter_context(make_destination(settings))
            _refuse_the_same(place, end_of_run)
            connected.append(place)
        return still_there(receipt, connected[0], deep=deep)

    return look


def _refuse_the_same(place: Destination, end_of_run: Path) -> None:
    """Refuse a destination that is the end-of-run directory, by whatever link, mount or server.

    What is there is what would be removed.

    Raises:
        Refused: it is.
        FolderError: the directory can't be written to.

    """
    probe = end_of_run / f".clean.{secrets.token_hex(8)}"
    durable.write_new(probe, b"")
    try:
        if place.look(probe.name) is not None:
            raise Refused(f"it is the end-of-run directory {end_of_run} itself: there is no second copy")
    finally:
        durable.remove_file(probe)
