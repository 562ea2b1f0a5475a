"""Late documents put in by processes that are killed, or refused by the disk, at one of their operations.

Run as a program it makes every trial of a part of them, as `trials.py` does, from whose words it is made.
"""

import base64
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runfolio import including
from runfolio.errors import RunfolioError
from runfolio.folder.faults import Recorder
from runfolio.watching import Watcher, watched
from support import mark, spill, stream
from trials import (
    Drawn,
    at_home_in,
    digests,
    in_a_process,
    job,
    reducer,
    tell_operations,
    visible,
    watcher_for,
)

FAILED = 2
"""The exit status of a process that could not go on."""


@dataclass
class LateOutcome:
    """What came of a trial, right after it and in the end."""

    happening: str
    operation: str = ""
    visible: dict[str, bool] = field(default_factory=dict)
    folders: dict[str, dict[str, str]] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    staging: list[str] = field(default_factory=list)
    status: int = 0


def images(run: int) -> dict[str, Any]:
    """Return a document of an image, and one that is none."""
    data = base64.b64encode(b"sent late").decode()
    entries = [{"tag": tag, "image_type": "txt", "data": data} for tag in ("late", "../../bad")]
    return {"maus_event_type": "Image", "run_number": run, "image_list": entries}


def with_late_ones() -> bytes:
    """Return a stream in which things come for two runs that are sealed, one of them written over lines."""
    over_lines = json.dumps(spill(1, 8, at=8, hits=[1, 2 / 7]), indent=1).encode()
    return stream(
        *(spill(1, n, at=n, hits=[n, 0.1]) for n in (2, 1)),
        mark("RunFooter", 1),
        spill(2, 1, at=1, hits=[1]),
        spill(1, 9, at=9, hits=[2]),
        images(1),
        over_lines,
        mark("RunFooter", 2),
        spill(3, 1, at=1, hits=[3]),
        spill(2, 5, at=5, hits=[0]),
        spill(3, 2, at=2, hits=[3]),
    )


@dataclass
class LateTrials:
    """Trials in one directory, each on a copy of what a job has left."""

    directory: Path

    def __post_init__(self) -> None:
        self._sealed = self.directory / "sealed"
        self._sealed.mkdir()
        (self._sealed / "s.json").write_bytes(with_late_ones())
        in_a_process(lambda: job(self._sealed, Recorder()))
        with (self._sealed / "live" / "late.jsonl").open("a") as file:
            file.write("half a lin")

    def undisturbed(self) -> tuple[LateOutcome, list[str]]:
        """Return what comes of it when nothing happens, and the operations."""
        found = self.directory / "operations"
        return self.trial("nothing", Recorder(), found), found.read_text().splitlines()

    def trial(self, happening: str, watcher: Watcher, tell: Path | None = None) -> LateOutcome:
        """Have the late ones put in by a process that is disturbed, and then by one that is not."""
        work = self.directory / "work"
        shutil.copytree(self._sealed, work)
        status = in_a_process(lambda: include(work, watcher, tell))
        outcome = LateOutcome(happening, visible=visible(work), status=status)
        if status < 0 or status == FAILED:
            outcome.status = in_a_process(lambda: include(work, Recorder()))
        outcome.folders = digests(work / "end_of_run")
        outcome.late = _lines(work / "live" / "late.jsonl")
        outcome.rejected = _lines(work / "live" / "rejected.jsonl")
        staging = work / "end_of_run" / ".staging"
        outcome.staging = sorted(path.name for path in staging.rglob("*"))
        shutil.rmtree(work)
        return outcome


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def include(work: Path, watcher: Watcher, tell: Path | None = None) -> int:
    """Put in what came late; return the exit status."""
    settings, clock = at_home_in(work)
    vars(including)["Renderer"] = Drawn
    with watched(watcher):
        try:
            summary = including.include_late(settings, [reducer()], clock=clock)
        except RunfolioError:
            return FAILED
    if tell is not None and isinstance(watcher, Recorder):
        tell_operations(watcher, tell)
    return summary.exit_status


def main(directory: Path, happenings: Sequence[str], part: int, parts: int) -> None:
    """Write down the outcome where nothing happens, and of each trial of a part."""
    trials = LateTrials(directory)
    outcome, operations = trials.undisturbed()
    _write(outcome)
    for at, operation in enumerate(operations):
        for happening in happenings:
            if at % parts == part:
                found = trials.trial(happening, watcher_for(at, happening))
                found.operation = f"{at} {operation}"
                _write(found)


def _write(found: LateOutcome) -> None:
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4]))
