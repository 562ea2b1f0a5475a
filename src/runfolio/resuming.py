"""Resuming: where a job begins, given what one with the same inputs has left behind when it was killed."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from runfolio.checkpoints import Checkpoints, JobState, absolute
from runfolio.clock import utc_text
from runfolio.errors import CheckpointError, FolderError, InputError
from runfolio.plots import Reducer
from runfolio.plots.identity import identity
from runfolio.runs import EndedBy
from runfolio.settings import Settings
from runfolio.stream import BEGINNING, Place, Reader, fingerprint

log = logging.getLogger(__name__)

ANEW = "all is read from the beginning, and a run that is sealed already gets another folder"
LOST = "the runs that were open are lost, since {} cannot be read again"


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
    over: EndedBy | None = None
    """Why the runs that were open are over, where the input cannot go on with them."""
    closing: EndedBy | None = None
    """Why nothing is read, and all that is open is sealed."""
    problem: str = ""
    """What is lost, told to the user."""


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
    def place_now(self) -> Place | None:
        """Where one could go on now, None while that is nowhere."""
        return None if self.reader is None else self.reader.place

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
        return _anew(paths, str(error), checkpoints.set_aside())
    except FolderError as error:
        raise FolderError(f"{error}; to read all from the beginning, move it away") from error
    log.warning("%s", start.problem or _told(start))
    return start


def _anew(paths: Sequence[str], why: str, kept: Path) -> Start:
    """Begin at the beginning, which is a loss only where that is gone."""
    pipes = [_name(path) for path in paths if not _is_file(path)]
    told = f"{why}: {LOST.format(' and '.join(pipes)) if pipes else ANEW}; the checkpoint is kept as {kept}"
    log.warning("%s", told)
    return Start(paths=paths, problem=told if pipes else "")


def _told(start: Start) -> str:
    """Return where a job goes on, for people."""
    state = start.state
    assert state is not None
    since = f"this job was killed: going on from its checkpoint of {utc_text(state.written_at)}"
    if state.closing is None:
        return f"{since}, after {_point(start.paths[start.source], start.place)}"
    why = "it was told to stop" if state.closing is EndedBy.INTERRUPTED else "all was read"
    return f"{since}: {why}, and what was not sealed by then is sealed now"


def _of_state(state: JobState, paths: Sequence[str], identity: str, *, follow: bool) -> Start:
    """Return where a job begins that goes on from a state.

    Raises:
        CheckpointError: it cannot.

    """
    if state.identity != identity:
        raise CheckpointError(
            "this job was killed, and since then its plots, settings or runfolio have changed"
        )
    return _close(state, paths) if state.closing else _go_on(state, paths, follow=follow)


def _close(state: JobState, paths: Sequence[str]) -> Start:
    """Seal what was read; what comes out of a pipe now is another stream, and is read after that."""
    pipes = [path for path in paths if not _is_file(path)]
    if pipes:
        return Start(paths=pipes, state=state, over=state.closing)
    return Start(paths=state.inputs, source=len(state.inputs), state=state, closing=state.closing)


def _go_on(state: JobState, paths: Sequence[str], *, follow: bool) -> Start:
    """Go on with the input that was being read, and then with those that were not read yet.

    Raises:
        CheckpointError: the input has changed.

    """
    given = {absolute(path): path for path in paths}
    read, at = state.inputs[: state.source], state.inputs[state.source]
    left = [path for name, path in given.items() if name not in read and name != at]
    present = given.get(at, at)
    point = _point(present, state.place)
    here = Start(paths=[*read, present, *left], source=state.source, place=state.place, state=state)
    lost = replace(here, place=BEGINNING, torn=True)
    if at not in given:
        problem = f"{present} is no longer an input: what it held after {point} is lost"
        return replace(lost, source=state.source + 1, problem=problem)
    if not _is_file(present):
        why = f"this job was killed, and {_name(present)} cannot be read again"
        problem = f"{why}: what came after {point} is lost{_open_runs(state)}"
        return replace(lost, over=EndedBy.CRASHED, problem=problem)
    if state.place == BEGINNING or _fingerprint(present, state.place) == state.fingerprint:
        return here
    if follow:
        problem = f"{present} is another file now: what the former one held after {point} is lost"
        return replace(lost, problem=problem)
    raise CheckpointError(f"this job was killed after {point}, which has changed since")


def _point(path: str, place: Place) -> str:
    """Return up to where a job had read an input, for people."""
    if place == BEGINNING:
        return f"the beginning of {_name(path)}"
    rows = place.offset == place.line - 1  # of a file of columns: a line has a byte at least, and its end
    return f"{'row' if rows else 'line'} {place.line - 1:,} of {_name(path)}"


def _open_runs(state: JobState) -> str:
    """Return what becomes of the runs that were open, for people."""
    numbers = [str(run.number) for run in state.tracker.open_runs]
    if not numbers:
        return ""
    runs = f"run {numbers[0]} is" if len(numbers) == 1 else f"runs {', '.join(numbers)} are"
    return f"; {runs} sealed without it"


def _name(path: str) -> str:
    return "stdin" if path == "-" else path


def _is_file(path: str) -> bool:
    """Tell whether an input can be read again."""
    return path != "-" and Path(path).is_file()


def _fingerprint(path: str, place: Place) -> str | None:
    try:
        return fingerprint(path, place.offset)
    except InputError:
        return None
