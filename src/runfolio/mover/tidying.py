"""Tidying up: what was written for a run's packages goes once no delivery needs it any more."""

import logging
from collections.abc import Iterable
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder import SealedRun
from runfolio.mover.packaging import discard, runs_in
from runfolio.mover.reading import JournalReader

__all__ = ["drop", "tidy"]

log = logging.getLogger(__name__)


def tidy(work: Path, journal: JournalReader, runs: Iterable[str] | None = None) -> None:
    """Remove what was written for packages of runs that are at all destinations, or no longer here.

    Args:
        work: where it lies.
        journal: says which runs those are.
        runs: their names; None: all that something lies there for, as a mover that was killed left it.

    """
    for name in runs_in(work) if runs is None else runs:
        if not journal.undelivered(name) and (run := journal.run(name)):
            drop(SealedRun(run.run_number, run.revision, work), work)


def drop(run: SealedRun, work: Path) -> None:
    """Remove what was written for a run's packages; what can't be removed stays, and all goes on."""
    try:
        discard(run, work)
    except FolderError as error:  # also where another carrier is at it
        log.info("left behind: %s", error)
