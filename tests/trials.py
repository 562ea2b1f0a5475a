"""Jobs in processes of their own that are killed, or refused by the disk, at one of their durable operations.

Run as a program it makes every trial of a part of them: it forks a process for each job, which needs no
start-up, and writes what came of each trial as a line of JSON, first of all that of an undisturbed job.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import msgspec
import numpy as np

from runfolio import pipeline
from runfolio.errors import RunfolioError
from runfolio.folder import verify
from runfolio.folder.faults import Fail, Kill, Recorder
from runfolio.images import Image
from runfolio.plots import Category, Integer, Reducer, Spills, Strip
from runfolio.render import Rendered, RenderJob
from runfolio.settings import Settings
from runfolio.watching import Watcher, watched
from support import FakeClock, contents, left_in, mark, spill, stream

KILLS = ("before", "after")
REFUSALS = ("ENOSPC", "EIO", "EACCES")
THROUGH = " from here on"
"""Added to a refusal: all operations after it are refused too, and the job is to stop."""


@dataclass
class Outcome:
    """What came of a trial: what was there right after it, and what once a job was started again."""

    at: int
    """The number of the operation, from 0."""
    happening: str
    """One of KILLS or REFUSALS."""
    operation: str = ""
    visible: dict[str, bool] = field(default_factory=dict)
    """The folders right after it, and whether each was whole."""
    folders: dict[str, dict[str, str]] = field(default_factory=dict)
    """At the end the digests of the files of each folder, by name."""
    staging: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    """The lines of `rejected.jsonl` and `late.jsonl`."""
    written_on: str = ""
    status: int = 0
    """Of the job that came to its end."""


class Hits(msgspec.Struct):
    """What is plotted of a spill."""

    at: int = 0
    hits: tuple[float, ...] = ()


def columns(spills: Sequence[Hits]) -> Any:
    """Return all hits, and the numbers of their spills."""
    values = np.array([hit for each in spills for hit in each.hits], np.float64)
    at = np.repeat([each.at for each in spills], [len(each.hits) for each in spills])
    return SimpleNamespace(hits=values, at=at)


def reducer() -> Reducer:
    """Return plots of each kind of which a state is kept."""
    made = Reducer("Mine", reads=Spills(Hits, columns))
    made.hist("hits", Integer(0, 4))
    made.hist("words", Category(limit=3), values=lambda c: [f"w{hit}" for hit in c.hits])
    made.profile("along", Strip(step=1.0, bins=4), values=lambda c: (c.at, c.hits / 3), label="hits")
    made.table("newest", ["hits"], by="at", last=2)
    made.tree("rows", {"at": "int32", "hits": "float64"}, file="rows_{run}", by=["at"], limit=9)
    return made


def input_of_all_sorts() -> bytes:
    """Return a stream of three runs with whatever makes a job write something."""
    sent = {"tag": "sent", "image_type": "txt", "data": "c2VudA=="}
    documents: list[Any] = [{"maus_event_type": "JobHeader", "start_of_job": {"date_time": ""}}]
    for run in (1, 2, 3):
        documents += [
            mark("RunHeader", run),
            *(spill(run, n, at=n, hits=[n, n / 10, 0.1]) for n in (2, 1)),
            {"maus_event_type": "Image", "run_number": run, "image_list": [sent]},
            b"garbage",
            *(spill(run, n, at=n, hits=[n, n / 7]) for n in (4, 3)),
            *([mark("RunFooter", run)] if run != 2 else []),
        ]
    return stream(
        *documents,
        spill(1, 9, at=9, hits=[1]),
        {"maus_event_type": "JobFooter", "end_of_job": {"date_time": ""}},
    )


class Drawn:
    """Gives images that hold all that there is to draw, in no time."""

    seconds_at_work = 0.0

    def __init__(self, image_types: object = (), *, started: object = None) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, job: RenderJob, *, live: bool = False) -> Future[Rendered]:  # noqa: ARG002
        """Return the images of a job at once."""
        made = [
            Image(tag=view.name, image_type="root", producer=view.name, data=repr(_plain(view)).encode())
            for view in job.reducers
        ]
        future: Future[Rendered] = Future()
        future.set_result(Rendered(images=tuple(made)))
        return future

    def hurry(self, seconds: float) -> None:
        """All is drawn as soon as it is asked for."""


def _plain(value: Any) -> Any:
    """Return all that a view holds in a form whose text has every bit of it."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes().hex()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    fields = getattr(value, "__dataclass_fields__", None) or getattr(value, "__struct_fields__", None)
    if fields:
        return {name: _plain(getattr(value, name)) for name in fields}
    return value if isinstance(value, str | int | float | None) else type(value).__name__


class OneDay(FakeClock):
    """Measures pauses, and always writes down the same date."""

    def now(self) -> float:
        return 1_000_000.0


@dataclass
class Trials:
    """Trials in one directory, each in one of its own.

    Args:
        directory: takes the jobs' directories, and is left empty.
        settings: of all jobs, beside the directories.

    """

    directory: Path
    documents: bytes = field(default_factory=input_of_all_sorts)

    def undisturbed(self) -> tuple[Outcome, list[str]]:
        """Return the outcome of a job to which nothing happens, and its operations."""
        found = self.directory / "operations"
        outcome = self.trial(-1, "nothing", Recorder(), found)
        return outcome, found.read_text().splitlines()

    def trial(self, at: int, happening: str, watcher: Watcher, tell: Path | None = None) -> Outcome:
        """Have a job disturbed, then start it again as often as it takes."""
        work = self.directory / f"{at}.{happening.replace(' ', '_')}"
        work.mkdir(parents=True)
        (work / "s.json").write_bytes(self.documents)
        stop = happening.endswith(THROUGH)
        status = in_a_process(lambda: job(work, watcher, stop=stop, tell=tell))
        outcome = Outcome(at, happening, visible=visible(work), status=status)
        if not _is_done(work):
            outcome.status = in_a_process(lambda: job(work, Recorder()))
        self._look(work, outcome)
        shutil.rmtree(work)
        return outcome

    def _look(self, work: Path, outcome: Outcome) -> None:
        end_of_run, live = work / "end_of_run", work / "live"
        outcome.folders = digests(end_of_run)
        staging = end_of_run / ".staging"
        outcome.staging = left_in(staging)
        outcome.set_aside = [
            line
            for name in ("rejected.jsonl", "late.jsonl")
            if (live / name).exists()  # not where it was refused
            for line in (live / name).read_text().splitlines()
        ]
        outcome.written_on = (work / "out.json").read_text()


def in_a_process(act: Callable[[], int]) -> int:
    """Return the exit status of a process that does something, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = act()
        except BaseException:  # noqa: BLE001 - the parent's code is not to go on in here
            traceback.print_exc()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_home_in(work: Path, *, stop: bool = False) -> tuple[Settings, FakeClock]:
    """Return what jobs of a directory have in common; from now on, this process works there."""
    clock = OneDay()
    vars(time)["sleep"] = clock.sleep
    os.chdir(work)
    return Settings(
        image_directory=Path("live"),
        end_of_run_image_directory=Path("end_of_run"),
        documents=Path("out.json"),
        histogram_image_type=(),
        checkpoint_seconds=0,
        refresh_seconds=86_400,
        on_disk_trouble="stop" if stop else "wait",
    ), clock


def job(work: Path, watcher: Watcher, *, stop: bool = False, tell: Path | None = None) -> int:
    """Run a job in a directory of its own; return its exit status, and tell of its operations."""
    settings, clock = at_home_in(work, stop=stop)
    vars(pipeline)["Renderer"] = Drawn
    with watched(watcher):
        try:
            summary = pipeline.run(["s.json"], settings, [reducer()], clock=clock)
        except RunfolioError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    if tell is not None and isinstance(watcher, Recorder):
        tell_operations(watcher, tell)
    return summary.exit_status


def tell_operations(watcher: Recorder, tell: Path) -> None:
    """Write the operations of a process for others to read."""
    tell.write_text("".join(f"{name} {path.name}\n" for name, path in watcher.operations))


def digests(end_of_run: Path) -> dict[str, dict[str, str]]:
    """Return the digests of the files of each folder."""
    return {
        path.name: {name: hashlib.sha256(data).hexdigest() for name, data in contents(path).items()}
        for path in sorted(end_of_run.iterdir())
        if not path.name.startswith(".")
    }


def visible(work: Path) -> dict[str, bool]:
    """Return the folders that are to be seen, and whether each is whole."""
    end_of_run = work / "end_of_run"
    if not end_of_run.is_dir():
        return {}
    return {
        path.name: verify(path).whole
        for path in sorted(end_of_run.iterdir())
        if not path.name.startswith(".")
    }


def _is_done(work: Path) -> bool:
    """Tell whether a job has come to its end: nothing is left to go on with, and what it makes is there."""
    staging = work / "end_of_run" / ".staging"
    left = list(staging.glob("checkpoint.*")) if staging.is_dir() else []
    return len(visible(work)) == RUNS and not left


RUNS = 3


def watcher_for(at: int, happening: str) -> Watcher:
    """Return what makes something happen at an operation."""
    if happening == "before":
        return Kill(at, "before")
    if happening == "after":
        return Kill(at, "after")
    name = happening.removesuffix(THROUGH)
    return Fail(at, getattr(errno, name), through=happening.endswith(THROUGH))


def main(directory: Path, happenings: Sequence[str], part: int, parts: int) -> None:
    """Write down the outcome of an undisturbed job, and of each trial of a part."""
    trials = Trials(directory)
    outcome, operations = trials.undisturbed()
    _write(asdict(outcome))
    for at, operation in enumerate(operations):
        for happening in happenings:
            if (at + happenings.index(happening)) % parts == part:
                found = trials.trial(at, happening, watcher_for(at, happening))
                found.operation = operation
                _write(asdict(found))


def _write(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4]))
