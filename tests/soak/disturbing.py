"""What befalls a job: one thing after the other, in an order that a seed gives."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from soak.disk import Disk
from soak.job import Job

EVERY = (1.0, 3.0)
"""Seconds from one thing to the next, and for which a disk gives trouble."""
KILLS = 0.4
"""The share of what happens that is a kill of the program, where it is killed at all."""
READABLE, WRITABLE = 0o555, 0o755


class Disturber:
    """Disturbs a job.

    Args:
        job: is disturbed.
        disk: where its run folders are.
        seed: what happens when.
        kills: whether the program itself is killed, too.

    """

    def __init__(self, job: Job, disk: Disk, seed: int, *, kills: bool) -> None:
        self.done: Counter[str] = Counter()
        """How often each thing was done."""
        self._job = job
        self._disk = disk
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._kills = kills
        self._acts: list[Callable[[], None]] = [self._kill_drawing, self._forbid]
        self._acts += [self._fill] if disk.can_be_full else []
        self._directories = (job.end_of_run, job.staging)
        self._undo: Callable[[], None] | None = None
        self._next = self._time_of_next()

    def _time_of_next(self) -> float:
        return time.monotonic() + self._chance.uniform(*EVERY)

    def go_on(self) -> None:
        """Do the next thing, if it is time."""
        if time.monotonic() < self._next:
            return
        if self._kills and self._job.may_be_killed and self._chance.random() < KILLS:
            self._kill()
        elif self._undo is not None:
            self.calm()
        elif self._job.is_at_work:
            self._chance.choice(self._acts)()
        self._next = self._time_of_next()

    def calm(self) -> None:
        """End what still lasts."""
        if self._undo is not None:
            self._undo()
            self._undo = None

    def _kill(self) -> None:
        """Kill the program, whatever it or the disk does; it can't start while that refuses its lock."""
        self.done["program killed and started again"] += 1
        self._job.kill()
        self.calm()
        self._job.start()

    def _kill_drawing(self) -> None:
        for process in self._job.drawing:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                self.done["drawing process killed"] += 1

    def _forbid(self) -> None:
        self.done["no permission"] += 1
        self._undo = self._allow
        for each in self._directories:
            each.chmod(READABLE)

    def _allow(self) -> None:
        for each in self._directories:
            each.chmod(WRITABLE)

    def _fill(self) -> None:
        self.done["disk full"] += 1
        self._undo = self._disk.free
        self._disk.fill()
