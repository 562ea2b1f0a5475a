"""Resuming: where a job begins, given what one with the same inputs has left behind when it was killed."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from runfolio.checkpoints import Checkpoints, JobState
from runfolio.clock import utc_text
from runfolio.errors import CheckpointError, InputError
from runfolio.plots import Reducer
from runfolio.plots.identity import identity
from runfolio.runs import EndedBy
from runfolio.settings import Settings
from runfolio.stream import BEGINNING, Place, Reader, fingerprint

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a job begins, and with what."""

    paths: Sequence[str]
    """All inputs of the job, those that were read already among them."""
    source: int = 0
    """The first of them that is to be read."""
    place: Place = BEGINNING
    """In that one."""
    state: JobState | None = None
    """What came of all before that; None where nothing did."""
    torn: bool = False
    """Whether data in between are lost."""
    crashed: bool = False
    """Whether what is lost may be the end of the open runs, so that they are over."""
    problem: str = ""
    """What is lost, told to the user."""

    @property
    def closing(self) -> EndedBy | None:
        """Why nothing is read, and all that is open is sealed."""
        return self.state.closing if self.state else None


@dataclass
class Reading:
    """How far a job's reading is, at the last moment at which it could be gone on from."""

    source: int
    """Which of the inputs is read."""
    place: Place
    """In it."""
    path: str = ""
    """Of it, empty where none was begun."""
    learned: dict[str, Any] = field(default_factory=dict)
    """What the reader knew at that moment."""
    reader: Reader | None = None

    def note(self, place: Place) -> None:
        """Take this for such a moment, at a place in the input."""
        self.place, self.learned = place, self.learned_by_now

    @property
    def learned_by_now(self) -> dict[str, Any]:
        """What the reader knows now."""
        return self.learned if self.reader is None else self.reader.state()

    @property
    def fingerprint(self) -> str:
        """What tells the input up to there from another, empty where it cannot be read or was not begun."""
        return (_fingerprint(self.path, self.place) or "") if self.path else ""


def identity_of(reducers: Sequence[Reducer], settings: Settings) -> str:
    """Return what tells apart jobs that make other folders of the same input."""
    shaping = msgspec.json.encode(settings.folder_settings())
    return hashlib.sha256(identity(reducers).encode() + shaping).hexdigest()


def find_start(checkpoints: Checkpoints, paths: Sequence[str], identity: str, *, follow: bool) -> Start:
    """Return where a job with these inputs begins.

    Args:
        checkpoints: of the job.
        paths: its inputs.
        identity: of its plots and settings.
        follow: whether the input is a file that grows, and is replaced now and then.

    Raises:
        FolderError: a checkpoint is there, and cannot be read or set aside.

    """
    try:
        state = checkpoints.read()
        if state is None:
            return Start(paths=paths)
        start = _of_state(state, paths, identity, follow=follow)
    except CheckpointError as error:
        kept = checkpoints.set_aside()
        problem = f"{error}: all is read from the beginning; what a job that was killed had left is {kept}"
        start = Start(paths=paths, problem=problem)
    log.warning("%s", start.problem or _told(start))
    return start


def _told(start: Start) -> str:
    state = start.state
    assert state is not None
    since = f"where a job that was killed was at {utc_text(state.written_at)}"
    if start.closing:
        return f"going on {since}: with the runs that it was about to seal"
    return f"going on {since}: {_reading_point(state)}"


def _of_state(state: JobState, paths: Sequence[str], identity: str, *, follow: bool) -> Start:
    """Return where a job begins that goes on from a state.

    Raises:
        CheckpointError: it cannot.

    """
    if state.identity != identity:
        raise CheckpointError("the plots, the settings or runfolio itself are others now")
    if state.closing:
        return Start(paths=state.inputs, source=len(state.inputs), state=state)
    return _go_on(state, paths, follow=follow)


def _go_on(state: JobState, paths: Sequence[str], *, follow: bool) -> Start:
    """Go on with the input that was being read, and then with those that were not read yet.

    Raises:
        CheckpointError: the input has changed.

    """
    read, present = state.inputs[: state.source], state.inputs[state.source]
    left = [path for path in paths if path not in read and path != present]
    here = Start(paths=[*read, present, *left], source=state.source, place=state.place, state=state)
    lost = replace(here, place=BEGINNING, torn=True)
    if present not in paths:
        problem = f"{present} is no longer an input: what it held after {_reading_point(state)} is lost"
        return replace(lost, source=state.source + 1, problem=problem)
    if present == "-" or not Path(present).is_file():
        name = "stdin" if present == "-" else present
        problem = f"{name} cannot be read again: what came after {_reading_point(state)} is lost"
        return replace(lost, crashed=True, problem=problem)
    if state.place == BEGINNING or _fingerprint(present, state.place) == state.fingerprint:
        return here
    if follow:
        problem = (
            f"{present} is another file now: what the former one held after {_reading_point(state)} is lost"
        )
        return replace(lost, problem=problem)
    raise CheckpointError(f"{present} has changed since it was read up to {_reading_point(state)}")


def _reading_point(state: JobState) -> str:
    """Return where in its inputs the job was, for people."""
    name, place = state.inputs[state.source], state.place
    where = f"byte {place.offset:,}" if place.line else f"row {place.offset:,}"
    return f"{where} of {'stdin' if name == '-' else name}"


def _fingerprint(path: str, place: Place) -> str | None:
    try:
        return fingerprint(path, place.offset)
    except InputError:
        return None
