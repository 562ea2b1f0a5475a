"""A job within the test's process that holds still wherever it would wait, and that can die at any step.

It goes on in a thread of its own, in turns with the test: never both at once. What dies with it is all that
it would still do to the disk, and its lock.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import msgspec
import pytest

from processes import DEADLINE
from reckoning import Close, Idle, Moment, Read, Wait
from runfolio import job, pipeline
from runfolio.checkpoints import JobState
from runfolio.errors import FolderError
from runfolio.folder import read_checkpoint
from runfolio.settings import Settings
from runfolio.stopping import StopOnSignal
from runfolio.stream import BEGINNING, Decoder, DocumentReader, Place, Source, Stop, sources
from runfolio.stream import Read as Item
from runfolio.summary import Summary
from runfolio.watching import Operation, watched
from sendable import LINE_LIMIT
from trials import Drawn, Hits, OneDay, reducer


class Killed(BaseException):
    """The job is dead. No code is to notice, but all of it unwinds."""


@dataclass
class Disk:
    """What lies under a job: refuses for a while, and takes nothing any more once the job is dead.

    Appended lines are never refused, since of those that are nothing is tried again.
    """

    dies_in: int | None = None
    """So many steps; None to live on. A step is an operation begun, or done, or something read."""
    dead: bool = False
    refuses: int = 0
    """The number of the error that operations end with; 0 for none."""
    refused: Sequence[str] = ()
    """What of: `checkpoint` and `the rest`."""
    was_refused: bool = False
    """Whether a checkpoint could not be written since the job began."""
    checkpointed: Callable[[Path], None] = lambda _: None
    """Is called when a checkpoint is in its place, and when it is gone."""

    def step(self) -> None:
        """Die here, if it is time."""
        if self.dies_in is not None:
            self.dead |= self.dies_in <= 0
            self.dies_in -= 1
        if self.dead:
            raise Killed

    def before(self, operation: Operation, path: Path) -> None:
        self.step()
        what = "checkpoint" if "checkpoint." in path.name else "the rest"
        if self.refuses and what in self.refused and operation != "append":
            self.was_refused |= what == "checkpoint"
            raise OSError(self.refuses, os.strerror(self.refuses), os.fspath(path))

    def after(self, operation: Operation, path: Path) -> None:
        if path.name.startswith("checkpoint.") and operation in ("rename", "remove"):
            self.checkpointed(path)
        if self._tears(operation):
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size - 1)
        self.step()

    def _tears(self, operation: Operation) -> bool:
        """Tell whether the job dies within this operation, so that only a part of a line is there."""
        return operation == "append" and self.dies_in == 0


@dataclass
class Task:
    """What a job is given to do, and how one after the other has done it."""

    paths: Sequence[Path]
    follow: bool
    settings: Settings
    history: list[Moment] = field(default_factory=list)
    """How the inputs were read, but for what was in vain."""
    kept: list[Moment] = field(default_factory=list)
    """The history up to the last checkpoint."""
    lost: list[list[Moment]] = field(default_factory=list)
    """The histories that jobs have come to which did not keep them, or somewhat more."""
    lost_all: list[list[Moment]] = field(default_factory=list)
    """Those of jobs whose disk took no checkpoint at all."""
    done: bool = False
    """Whether a job has come to its end."""

    def place(self, source: int, offset: int) -> Read:
        """Return a place in one of the inputs as one in all of them together."""
        return Read(sum(path.stat().st_size for path in self.paths[:source]) + offset)


class _Reader(DocumentReader):
    """Tells what it is about to give."""

    def __init__(self, stop: Stop, disk: Disk) -> None:
        super().__init__(Decoder([Hits]), LINE_LIMIT, stop, pytest.fail)
        self._disk = disk
        self.idle = False

    def items(self, source: Source, start: Place = BEGINNING) -> Iterator[Item]:
        for item in super().items(source, start):
            self.idle = item is None
            self._disk.step()
            yield item


class _Asked(StopOnSignal):
    """Is asked to stop by whoever steps the job, and by no signal."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        super().__init__()
        self._is_asked = asked

    def __call__(self) -> bool:
        return self._is_asked()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class SteppedJob:
    """A job that goes on step by step, from one moment at which it waits to the next.

    Args:
        task: is told how it was read.
        disk: is told what becomes of the job.

    """

    def __init__(self, task: Task, disk: Disk) -> None:
        self.summary: Summary | None = None
        self.ended = False
        self._task = task
        self._disk = disk
        self.clock = OneDay(seconds=1000)
        self._stopped = False
        self._reader = _Reader(self._is_stopped, disk)
        self._error: BaseException | None = None
        self._tests_turn, self._jobs_turn = threading.Semaphore(0), threading.Semaphore(0)
        disk.dead, disk.was_refused, disk.checkpointed = False, False, self._note_checkpoint
        if not task.follow and not _is_closed(task.history):
            task.history += [task.place(len(task.paths), 0), Close("end_of_input")]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._wait_for(self._tests_turn)
        self._look()

    def go_on(self) -> None:
        """Let it do whatever it finds to do."""
        self._jobs_turn.release()
        self._wait_for(self._tests_turn)
        self._look()

    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.clock.sleep(seconds)
        self._task.history.append(Wait(seconds))
        self.go_on()

    def stop(self) -> None:
        """Ask it to end, as SIGTERM does."""
        self._stopped = True
        if not _is_closed(self._task.history):
            self._task.history.append(Close("interrupted"))
        self.go_on()

    def kill(self) -> None:
        self._disk.dead = True
        self.go_on()

    def _is_stopped(self) -> bool:
        return self._stopped

    def _look(self) -> None:
        """Take note of how the job has ended, if it has; what it had not kept was in vain."""
        if self._error is not None:
            raise self._error
        if self.ended:
            self._thread.join()
            if not self._task.done:
                task = self._task
                lost = task.lost_all if self._disk.was_refused and not task.kept else task.lost
                lost.append([*task.history, task.place(len(task.paths), 0), Idle()])
                task.history = task.kept[:]

    @staticmethod
    def _wait_for(turn: threading.Semaphore) -> None:
        assert turn.acquire(timeout=DEADLINE)

    # What follows is done in the job's thread.

    def _run(self) -> None:
        try:
            with pytest.MonkeyPatch.context() as patch, watched(self._disk):
                patch.setattr(os, "fsync", lambda _: None)  # which nobody but a power cut would miss
                patch.setattr(pipeline, "Renderer", Drawn)
                patch.setattr(pipeline, "StopOnSignal", lambda: _Asked(self._is_stopped))
                patch.setattr(pipeline, "reader_for", lambda *_: self._reader)
                patch.setattr(sources, "time", SimpleNamespace(sleep=self._pause_in_reading))
                patch.setattr(job, "time", SimpleNamespace(sleep=self._pause, time=self.clock.now))
                paths = [str(path) for path in self._task.paths]
                self.summary = pipeline.run(
                    paths, self._task.settings, [reducer()], follow=self._task.follow, clock=self.clock
                )
        except (Killed, FolderError):
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised in the test's thread
            self._error = error
        self.ended = True
        self._tests_turn.release()

    def _pause(self, _seconds: float) -> None:
        self._tests_turn.release()
        self._wait_for(self._jobs_turn)
        if self._disk.dead:
            raise Killed

    def _pause_in_reading(self, seconds: float) -> None:
        assert self._reader.place is not None
        self._task.history += [Read(self._reader.place.offset), Idle()]
        self._pause(seconds)

    def _note_checkpoint(self, path: Path) -> None:
        """Keep the history up to where a checkpoint is of; without one there is no way back."""
        if not path.exists():
            self._task.done = True
            return
        state = msgspec.msgpack.decode(read_checkpoint(path), type=JobState)
        if state.closing:
            self._task.kept = self._task.history[:]
            return
        before = self._task.history if self._task.follow else []
        idle = [Idle()] if self._reader.idle else []
        self._task.kept = [*before, self._task.place(state.source, state.place.offset), *idle]


def _is_closed(history: Sequence[Moment]) -> bool:
    return any(isinstance(moment, Close) for moment in history)
