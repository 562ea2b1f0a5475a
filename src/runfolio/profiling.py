"""Profiling: how long this process is at each stage of a spill's way.

Each moment counts for one stage alone: the innermost that was entered and is not yet left. Like logging, it
belongs to the process; where nobody asked for it, a stage costs a tenth of a microsecond.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from types import TracebackType
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Stage(StrEnum):
    """What a process is at, in the order of a spill's way."""

    STARTING = "starting"
    """Modules are imported, settings and plots loaded."""
    READING = "reading"
    """Bytes of the input, cut into lines; of files of columns, their columns."""
    DECODING = "decoding"
    """Lines into documents."""
    COLUMNS = "columns"
    """What a reducer makes of a batch."""
    FILLING = "filling"
    """Columns into histograms, tables and trees."""
    DRAWING = "drawing"
    """Copies of the counts, and handing them to the process that draws."""
    WRITING = "writing"
    """Live files, run folders, checkpoints, what is set aside or written on."""
    WAITING = "waiting"
    """For input that comes as it is made, for the disk, and for the last pictures."""
    WORKERS = "workers"
    """Waiting for other processes, which read, decode and fill with `--workers`."""
    OTHER = "other"
    """All else: following the runs, and what holds the stages together."""


class Profile:
    """The seconds of one thread, by stage.

    Args:
        now: the time in seconds, from any beginning.

    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._seconds = dict.fromkeys(Stage, 0.0)
        self._entered = [Stage.OTHER]
        self._since = now()

    def seconds(self) -> Mapping[Stage, float]:
        """Return what each stage has taken up to now; together, all the time there was."""
        self._count()
        return dict(self._seconds)

    def enter(self, stage: Stage) -> None:
        self._count()
        self._entered.append(stage)

    def leave(self) -> None:
        self._count()
        self._entered.pop()

    def _count(self) -> None:
        now = self._now()
        self._seconds[self._entered[-1]] += now - self._since
        self._since = now


class _Within:
    """The time between the beginning and the end of a `with`."""

    def __init__(self, profile: Profile, stage: Stage) -> None:
        self._profile = profile
        self._stage = stage

    def __enter__(self) -> None:
        self._profile.enter(self._stage)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._profile.leave()


_NOTHING = nullcontext()
_profile: Profile | None = None


@contextmanager
def profiled(profile: Profile | None) -> Iterator[Profile | None]:
    """Have all stages that begin within the `with` counted, if anywhere; they are those of its thread."""
    global _profile  # noqa: PLW0603 - of the process, as the module says
    before, _profile = _profile, profile
    try:
        yield profile
    finally:
        _profile = before


def stage(which: Stage) -> AbstractContextManager[None]:
    """Count what is within the `with` for a stage."""
    return _NOTHING if _profile is None else _Within(_profile, which)


def timed(which: Stage, function: Callable[P, T]) -> Callable[P, T]:
    """Return a function whose calls count for a stage."""
    profile = _profile
    if profile is None:
        return function

    def counted(*args: P.args, **kwargs: P.kwargs) -> T:
        profile.enter(which)
        try:
            return function(*args, **kwargs)
        finally:
            profile.leave()

    return counted


def timed_steps(which: Stage, items: Iterable[T]) -> Iterator[T]:
    """Give items, each step to the next of which counts for a stage.

    After a None, which says that nothing more is there for now, the next step counts as waiting.
    """
    profile = _profile
    return iter(items) if profile is None else _steps(profile, which, items)


def _steps(profile: Profile, which: Stage, items: Iterable[T]) -> Iterator[T]:
    item: T | None = None
    waited = False
    steps = iter(items)
    while True:
        profile.enter(Stage.WAITING if waited else which)
        try:
            item = next(steps)
        except StopIteration:
            return
        finally:
            profile.leave()
        waited = item is None
        yield item
