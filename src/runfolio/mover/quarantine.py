"""What people have to look at: damaged run folders, and deliveries that met something else at their place."""

from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from runfolio.clock import Clock, utc_text
from runfolio.errors import FolderError
from runfolio.folder import SealedRun
from runfolio.mover.entries import RunEntry, RunState, State
from runfolio.mover.journal import Journal
from runfolio.mover.reading import JournalReader
from runfolio.mover.scanning import run_entry

__all__ = ["Quarantined", "quarantined", "released_from_quarantine"]


class Quarantined(Struct, frozen=True, kw_only=True):
    """Something in quarantine."""

    run: str
    destination: str
    """Empty where it is the run folder itself."""
    since: str
    """For a folder, when it was first seen."""
    reason: str


def quarantined(journal: JournalReader) -> list[Quarantined]:
    """Return what is in quarantine, the run folders first."""
    folders = [
        Quarantined(run=each.name, destination="", since=utc_text(each.seen_at), reason=each.reason)
        for each in journal.runs()
        if each.state is RunState.QUARANTINED
    ]
    return folders + [
        Quarantined(run=each.run, destination=each.destination, since=utc_text(each.since), reason=each.error)
        for each in journal.undelivered()
        if each.state is State.QUARANTINED
    ]


def released_from_quarantine(
    journal: Journal, run: RunEntry, destination: str | None, end_of_run: Path, clock: Clock
) -> list[str]:
    """Have a run tried again, all of it or at one destination; return what was in quarantine.

    Its folder is taken as it is now: whoever releases it has looked at it.

    Raises:
        JournalError: the folder is another than the one that was delivered elsewhere.

    """
    released = []
    if run.state is RunState.QUARANTINED and destination is None:
        _take_as_it_is(journal, run, end_of_run, clock)
        journal.release_run(run.name)
        released.append(f"run {run.name}")
    deliveries = journal.deliveries(run.name, destination, {State.QUARANTINED})
    return released + [
        f"run {run.name} to {each.destination}"
        for each in deliveries
        if journal.release(run.name, each.destination)
    ]


def _take_as_it_is(journal: Journal, run: RunEntry, end_of_run: Path, clock: Clock) -> None:
    with suppress(FolderError):  # what can't be read is told at the next attempt
        found = run_entry(SealedRun(run.run_number, run.revision, end_of_run / run.name), clock)
        if found.manifest_sha256 != run.manifest_sha256:
            journal.take_anew(found)
