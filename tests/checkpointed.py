"""The state of a job, of which a test names what matters to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from runfolio.checkpoints import Checkpoints, Counted, JobState
from runfolio.folder import EndOfRunDirectory
from runfolio.runs import Run, TrackerState
from runfolio.stream import BEGINNING, WriterState
from support import FakeClock

IDENTITY = "these plots"

NOTHING = JobState(
    identity=IDENTITY,
    written_at=0.0,
    inputs=("-",),
    source=0,
    place=BEGINNING,
    fingerprint="",
    closing=None,
    reader={},
    tracker=TrackerState(open_runs=(), sealed=(), anew={}, job_marks=0, stray={}),
    plots={},
    over=(),
    counted=Counted(),
    job_footers=(),
    writer=WriterState(position=None, runs=[], problem="", given_up=False),
    documents="",
    image_directory="",
    rejected_size=0,
    late_size=0,
    problems=(),
    revisions={},
    included=None,
)


def job_state(**changes: Any) -> JobState:
    """Return the state of a job that has read nothing, but for what is named."""
    return msgspec.structs.replace(NOTHING, **changes)


def with_open_runs(*numbers: int) -> Mapping[str, TrackerState]:
    """Return what is changed in a state by runs that are open."""
    runs = tuple(Run(number, opened_at=0.0).state(when=0.0) for number in numbers)
    return {"tracker": msgspec.structs.replace(NOTHING.tracker, open_runs=runs)}


def checkpoints_in(directory: Path, clock: FakeClock | None = None, *, seconds: float = 10.0) -> Checkpoints:
    """Return the checkpoints of a job that has nothing yet."""
    end_of_run = EndOfRunDirectory(directory, job="0123456789abcdef")
    end_of_run.prepare()
    return Checkpoints(end_of_run, seconds, clock or FakeClock())
