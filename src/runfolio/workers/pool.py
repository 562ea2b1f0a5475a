"""The pool: workers, each with a thread that asks it for one block after the other.

A worker that dies or hangs is replaced, and costs nothing but time: what it has not sent yet is read again.
"""

import logging
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Any

from runfolio.children import Child, Lost, shield_children
from runfolio.workers.blocks import Block
from runfolio.workers.messages import Done, GivenUp, Setup, Step, Task

log = logging.getLogger(__name__)

HANGS_AFTER = 60.0
"""Seconds without a word after which a worker that is asked for something counts as hung."""
ATTEMPTS = 3
"""Workers that may be lost over a block before it is left to the program itself."""
MOST_WAITING = 8
"""Messages of a block that wait to be taken; with more, its worker waits."""

Message = list[Step] | Done | GivenUp


class Reading:
    """What a worker makes of a block: put here by its thread, taken by whoever asked for it.

    Args:
        block: which one.
        learned: what the reader knows where it begins.
        at: the path by which its file is opened, where that is another one.

    """

    def __init__(self, block: Block, learned: dict[str, Any], *, at: str = "") -> None:
        self.block = block
        self.learned = learned
        self._left = Task(block.path, at or block.path, block.start, block.end, learned)
        self._messages: deque[Message] = deque()
        self._changed = Condition()
        self._wanted = True

    @property
    def left(self) -> Task:
        """What of the block has not been put here yet."""
        return self._left

    @property
    def wanted(self) -> bool:
        return self._wanted

    def put(self, message: Message) -> None:
        """Add what came next, once there is room for it."""
        if isinstance(message, list):
            self._left = self._left._replace(start=message[-1].place, learned=message[-1].learned)
        with self._changed:
            self._changed.wait_for(lambda: len(self._messages) < MOST_WAITING or not self._wanted)
            self._messages.append(message)
            self._changed.notify_all()

    def take(self, *, within: float) -> Message | None:
        """Return what comes next; None where nothing does within so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages, within):
                return None
            self._changed.notify_all()
            return self._messages.popleft()

    def drop(self) -> None:
        """Say that nothing more of it is wanted."""
        with self._changed:
            self._wanted = False
            self._changed.notify_all()


class Pool:
    """Workers, which start at once.

    Args:
        workers: how many.
        setup: what each is told first.
        hangs_after: seconds without a word after which one is replaced.

    """

    def __init__(self, workers: int, setup: Setup, *, hangs_after: float = HANGS_AFTER) -> None:
        self.workers = workers
        self._readings: SimpleQueue[Reading | None] = SimpleQueue()
        self._threads = [_Worker(self._readings, setup, hangs_after) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, reading: Reading) -> None:
        """Have a block read once those before it are begun; return at once."""
        self._readings.put(reading)

    def close(self) -> None:
        """End all workers, whatever they do."""
        for thread in self._threads:
            thread.leave()
            self._readings.put(None)
        for thread in self._threads:
            thread.join()


class _Worker(Thread):
    """Asks one process after the other."""

    def __init__(self, readings: SimpleQueue[Reading | None], setup: Setup, hangs_after: float) -> None:
        super().__init__(name="worker", daemon=True)
        self._readings = readings
        self._setup = setup
        self._hangs_after = hangs_after
        self._child: Child | None = None
        self._reading: Reading | None = None
        self._refusal = ""
        self._leaving = False

    def leave(self) -> None:
        """End the process, and then the thread."""
        self._leaving = True
        child, reading = self._child, self._reading
        if child is not None:
            child.kill()
        if reading is not None:
            reading.drop()

    def run(self) -> None:
        shield_children()
        with suppress(Lost):  # the first block will tell
            self._ready()
        while (reading := self._readings.get()) is not None:
            self._reading = reading
            if reading.wanted and not self._leaving:
                reading.put(self._ended(reading))
        self._close()

    def _ended(self, reading: Reading) -> Done | GivenUp:
        """Have a block read; return how that ended."""
        for _ in range(ATTEMPTS):
            try:
                return self._read(reading)
            except Lost as lost:
                self._close()
                if self._leaving or not reading.wanted:
                    break
                log.warning("a worker %s; what it had in hand is read again", lost)
            except Exception as error:  # noqa: BLE001  (what it sent is none of what it can send)
                self._close()
                return GivenUp(f"{type(error).__name__}: {error}")
        return GivenUp("")

    def _read(self, reading: Reading) -> Done | GivenUp:
        child = self._ready()
        if self._refusal:
            return GivenUp(self._refusal, for_good=True)
        child.send(reading.left, within=self._hangs_after)
        while not isinstance(message := child.receive(within=self._hangs_after), Done | GivenUp):
            reading.put(message)
            if not reading.wanted and reading.block.end is None:
                raise Lost("is not wanted any more")  # it may have a whole file left
        return message

    def _ready(self) -> Child:
        """Return a process that waits for what to read.

        Raises:
            Lost: it died or hung while it started, or is not wanted any more.

        """
        if self._child is None:
            self._child = Child("runfolio.workers.worker", heard=True)
            if self._leaving:  # only now: whoever says so before this can't kill it
                raise Lost("is not wanted any more")
            self._child.send(self._setup, within=self._hangs_after)
            self._refusal = self._child.receive(within=self._hangs_after)
        return self._child

    def _close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()
