"""Looking for sealed folders: the directory itself is the truth, and is looked at every few seconds."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

from runfolio.clock import Clock
from runfolio.errors import FolderError
from runfolio.folder import MANIFEST, SealedRun, list_runs, open_folder
from runfolio.mover.entries import RunEntry
from runfolio.mover.journal import Journal

__all__ = ["Scanner", "run_entry"]

log = logging.getLogger(__name__)

TOGETHER = 100
"""Runs that one change of the journal enters: each such change waits for the disk."""


class Scanner:
    """Enters into a journal what an end-of-run directory holds.

    Args:
        end_of_run: the directory.
        journal: gets each sealed folder once.
        destinations: the names of those that each run is to go to.
        clock: tells when a run was first seen.

    """

    def __init__(
        self, end_of_run: Path, journal: Journal, destinations: tuple[str, ...], clock: Clock
    ) -> None:
        self._end_of_run = end_of_run
        self._journal = journal
        self._destinations = destinations
        self._clock = clock
        self._known: set[str] | None = None
        """What needs no second look; None before the first one."""
        self._told: dict[str, str] = {}

    def scan(self) -> int:
        """Enter what is new, and return how many runs that is.

        What the journal has already is not read again, as there may be very many: that a folder is still
        what it was is looked at when it is sent, and when it is removed.

        Raises:
            FolderError: the directory cannot be listed.

        """
        if self._known is None:
            self._known = self._journal.runs_sent_to(self._destinations)
        new = list_runs(self._end_of_run, but=self._known)
        return sum(self._enter(new[first : first + TOGETHER]) for first in range(0, len(new), TOGETHER))

    def _enter(self, runs: Sequence[SealedRun]) -> int:
        """Enter several runs at once, and return how many could be."""
        entries = [entry for run in runs if (entry := self._read(run))]
        for entry, known in zip(entries, self._journal.add_runs(entries, self._destinations), strict=True):
            if known.manifest_sha256 != entry.manifest_sha256:
                folder = self._end_of_run / entry.name
                reason = f"{folder} is another folder than the one of this name that was seen first"
                log.warning("run %s is quarantined: %s", entry.name, reason)
                self._journal.quarantine_run(entry.name, reason)
        assert self._known is not None
        self._known.update(each.name for each in entries)
        return len(entries)

    def _read(self, run: SealedRun) -> RunEntry | None:
        try:
            return run_entry(run, self._clock)
        except FolderError as error:
            # What can't be read now may be readable at the next look; it is told once.
            if self._told.get(run.name) != str(error):
                log.warning("run %s is not delivered: %s", run.name, error)
                self._told[run.name] = str(error)
            return None


def run_entry(run: SealedRun, clock: Clock) -> RunEntry:
    """Return what a journal has of a run.

    One that is damaged is entered, too, as far as it can be read: so people are told of it wherever they
    look, once it was verified.

    Raises:
        FolderError: its manifest or `run.json` is there, and cannot be read.

    """
    manifest = _manifest(run)
    try:
        folder = open_folder(run.path)
    except FolderError as error:
        if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
            raise
        files, size, sealed_at = 0, 0, None
    else:
        files, size, sealed_at = len(folder.sizes), folder.bytes, folder.record.sealed_at
    return RunEntry(
        name=run.name,
        run_number=run.run_number,
        revision=run.revision,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        files=files + 1,
        bytes=size + len(manifest),
        sealed_at=sealed_at,
        seen_at=clock.now(),
    )


def _manifest(run: SealedRun) -> bytes:
    try:
        return (run.path / MANIFEST).read_bytes()
    except OSError as error:
        raise FolderError(f"cannot read {run.path / MANIFEST}: {error.strerror}") from error
