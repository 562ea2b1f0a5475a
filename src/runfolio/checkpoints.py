"""Checkpoints: what a job writes down of itself while it goes on, so that one that was killed can go on.

One file holds the counts of every open run and the exact place in the input, so that they belong
together whatever happens. A run that is over is in it before its folder is made, together with the
revision that the folder gets: after a kill it is clear whether that was done.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from runfolio.clock import Clock
from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import (
    EndOfRunDirectory,
    checkpoint_name,
    durable,
    read_checkpoint,
    set_checkpoint_aside,
    write_checkpoint,
)
from runfolio.retrying import Retries
from runfolio.run_plots import PlotsState
from runfolio.runs import EndedBy, RunState, TrackerState
from runfolio.stream import Place, WriterState

log = logging.getLogger(__name__)

MOST_OF_TIME = 100
"""A checkpoint is followed by a pause of so many times what it took, so that large ones are rarer and all
take less than a hundredth of the time; but with 0 seconds between two, there is one wherever one can be."""
SEALED_SECONDS = 1.0
"""After a run was sealed, the next checkpoint is due so soon."""


class RunAtEnd(Struct, frozen=True):
    """A run that is over, and not known to be sealed."""

    run: RunState
    plots: PlotsState
    revision: int
    """Of the folder that it gets."""


class Counted(Struct, frozen=True, kw_only=True):
    """What the job has counted over all runs."""

    documents: int = 0
    spills: int = 0
    bytes_read: int = 0
    """Of the inputs before the present one."""
    newest_run: int | None = None
    rejected: dict[str, int] = {}
    late: dict[int, int] = {}


class Included(Struct, frozen=True, kw_only=True):
    """Late documents that go into a new revision of their run."""

    lines: tuple[bytes, ...]
    """Digests of their lines in `late.jsonl`."""
    origin: int
    """The revision that they came too late for."""


class JobState(Struct, frozen=True, kw_only=True):
    """A job at a moment at which all that was read is counted, and all else is still to come."""

    identity: str
    """Of the plots and of the settings that shape folders."""
    written_at: float
    """Unix seconds, whatever SOURCE_DATE_EPOCH says: it is for people, and in no folder."""
    inputs: tuple[str, ...]
    """As they are called wherever the job is started."""
    source: int
    """Which of the inputs is read."""
    place: Place
    """In it."""
    fingerprint: str
    """Of it, up to there; empty where it is not known."""
    closing: EndedBy | None
    """Why all that is still open is over, and nothing more is read."""
    reader: dict[str, Any]
    tracker: TrackerState
    plots: dict[int, PlotsState]
    """Of the open runs."""
    over: tuple[RunAtEnd, ...]
    counted: Counted
    job_footers: tuple[bytes, ...]
    writer: WriterState
    documents: str
    """The file that the stream is written on to, empty if none."""
    image_directory: str
    rejected_size: int
    """Bytes of `rejected.jsonl`."""
    late_size: int
    """Bytes of `late.jsonl`."""
    problems: tuple[str, ...]
    revisions: dict[int, int]
    """Of the newest folder of each run that was sealed."""
    included: Included | None
    """Where the job reads no input, but what came late."""


def job_name(paths: Sequence[str], *, follow: bool) -> str:
    """Return 16 hex digits that stand for a job with these inputs, wherever it is started."""
    given = [absolute(path) for path in paths]
    return hashlib.sha256(msgspec.json.encode([given, follow])).hexdigest()[:16]


def absolute(path: str | Path) -> str:
    """Return what a path is called wherever a job is started; `-` stays."""
    return "-" if str(path) == "-" else os.path.abspath(path)  # noqa: PTH100 - no links followed


class Checkpoints:
    """The checkpoint of one job, and when the next one is due.

    Args:
        end_of_run: has the job's name, and the place where the checkpoint lies.
        seconds: between two of them.
        clock: measures that.

    """

    def __init__(self, end_of_run: EndOfRunDirectory, seconds: float, clock: Clock) -> None:
        self.path = end_of_run.staging / checkpoint_name(end_of_run.job)
        self._seconds = seconds
        self._clock = clock
        self._retries = Retries(clock)
        self._began = clock.monotonic()
        self._took = 0.0

    @property
    def is_there(self) -> bool:
        """Whether there is one to go on from."""
        return os.path.lexists(self.path)

    @property
    def trouble(self) -> FolderError | None:
        """Why the last one could not be written."""
        return self._retries.error

    @property
    def wait(self) -> float:
        """Seconds for which trouble keeps the next one waiting."""
        return self._retries.wait

    def due(self, *, urgent: bool, sealed: bool) -> bool:
        """Tell whether one is to be written now.

        Args:
            urgent: whether a run waits for it.
            sealed: whether a run was sealed since the last one.

        """
        if self.trouble is not None:
            return self.wait == 0
        seconds = min(self._seconds, SEALED_SECONDS) if sealed else self._seconds
        passed = self._clock.monotonic() - self._began
        pause = MOST_OF_TIME * self._took if self._seconds else 0.0
        return urgent or passed >= max(seconds, pause)

    def write(self, take: Callable[[], JobState], *, last: bool) -> bool:
        """Take the job's state and write it down; return whether that is done.

        After the `last` try no further one is announced.
        """
        self._began = self._clock.monotonic()
        state = take()
        try:
            write_checkpoint(self.path, msgspec.msgpack.encode(state))
        except FolderError as error:
            self._retries.failed(_unwritten(state), error, last=last)
            return False
        self._took = self._clock.monotonic() - self._began
        if self.trouble:
            log.warning("checkpoints are written again")
        self._retries.succeeded()
        return True

    def read(self) -> JobState | None:
        """Return what a former process has written down last, None if nothing.

        Raises:
            FolderError: it cannot be read.
            CheckpointError: it is damaged, or of another version.

        """
        if not self.is_there:
            return None
        try:
            return msgspec.msgpack.decode(read_checkpoint(self.path), type=JobState)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CheckpointError(f"{self.path} is of another version of runfolio: {error}") from error

    def set_aside(self) -> Path:
        """Move it out of the way, for a look at what it holds; return where it is then.

        Raises:
            FolderError: the system refuses.

        """
        return set_checkpoint_aside(self.path)

    def remove(self, *, last: bool) -> bool:
        """Remove it, since nothing is left to go on with, and return whether it is gone."""
        try:
            durable.remove_file(self.path)
            if os.path.lexists(self.path.parent):
                durable.fsync_directory(self.path.parent)
        except FolderError as error:
            self._retries.failed("all is done, but the checkpoint stays", error, last=last)
            return False
        self._retries.succeeded()
        return True

    def outlook(self) -> str:
        """Return what will be done by a job that is started again where this one was given up, for people."""
        again = "once the disk works, start runfolio again with the same input: it"
        if not self.is_there:
            return (
                f"{again} reads all from the beginning, since no checkpoint could be written;"
                " what came over stdin or a pipe is lost"
            )
        if self.trouble:
            return (
                f"{again} goes on from {self.path}, which could not be brought up to date, and reads again"
                " what came after it; of that, what came over stdin or a pipe is lost"
            )
        return f"{again} goes on from {self.path}"


def _unwritten(state: JobState) -> str:
    """Return what it means that there is no checkpoint."""
    if not state.over:
        return "there is no new checkpoint"
    first, others = state.over[0].run.number, len(state.over) - 1
    more = f" and {others} more" if others else ""
    return f"run {first}{more} cannot be sealed without a checkpoint"
