"""Keeping: the states of runs that were sealed, so that what comes late can still be put in."""

import logging
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from runfolio.clock import Clock
from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import KeptFiles
from runfolio.run_plots import PlotsState, RunPlots
from runfolio.runs import RunState

log = logging.getLogger(__name__)


class KeptRun(Struct, frozen=True, kw_only=True):
    """A run as it was sealed."""

    identity: str
    """Of its plots and of the settings that shape its folder."""
    run: RunState
    plots: PlotsState
    reader: dict[str, Any]
    """What the reader of its data had learned."""
    revision: int
    """Of its folder."""
    origin: int
    """Of its folder before anything late was put in: what came too late for that one belongs here."""


class Kept:
    """The newest state of each run that was sealed, beside the end-of-run directory; see `KeptFiles`.

    Args:
        staging: of that directory.
        identity: of the plots and settings of the runs that are kept.
        clock: measures how long ago things were.
        origin: of all that is kept; where it is None, each run's folder is the first of its own.

    """

    def __init__(self, staging: Path, identity: str, clock: Clock, origin: int | None = None) -> None:
        self._files = KeptFiles(staging)
        self._identity = identity
        self._clock = clock
        self._origin = origin
        self._failed = False

    def keep(self, plots: RunPlots, reader: dict[str, Any], revision: int) -> None:
        """Keep a run's state. What goes wrong is logged once, and stops nothing."""
        kept = KeptRun(
            identity=self._identity,
            run=plots.run.state(self._clock.monotonic()),
            plots=plots.state(),
            reader=reader,
            revision=revision,
            origin=revision if self._origin is None else self._origin,
        )
        try:
            self._files.write(kept.run.number, msgspec.msgpack.encode(kept))
        except FolderError as error:
            if not self._failed:
                self._failed = True
                log.warning("what comes late for a run that is sealed cannot be put in any more: %s", error)

    def read(self, number: int) -> KeptRun | None:
        """Return the state of a run, None where none is kept.

        Raises:
            FolderError: it cannot be read.
            CheckpointError: it is damaged, or of another version.

        """
        data = self._files.read(number)
        if data is None:
            return None
        try:
            return msgspec.msgpack.decode(data, type=KeptRun)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CheckpointError(f"its state is of another version of runfolio: {error}") from error
