"""Stopping on request: the first SIGINT or SIGTERM ends the reading, so that open runs are sealed."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

STOPPED_SECONDS = 2.5
"""After a request to stop, pictures may take so long; the program is then given five seconds in all."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopOnSignal:
    """Is true once a signal has asked to stop; a second one has its usual effect, at once.

    A signal that is ignored already, as SIGINT by a job in the background, stays ignored.
    """

    def __init__(self) -> None:
        self._asked = False
        self._asked_at = 0.0
        self._then: Callable[[], object] = bool

    def __call__(self) -> bool:
        return self._asked

    def since(self, seconds: float) -> bool:
        """Tell whether it was asked to stop so many seconds ago, or more."""
        return self._asked and time.monotonic() - self._asked_at >= seconds

    def then(self, act: Callable[[], object]) -> None:
        """Have something done as soon as it is asked to stop, also while the program waits."""
        self._then = act
        if self._asked:
            act()

    def __enter__(self) -> Self:
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._ask) for number in heard}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._restore()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked, self._asked_at = True, time.monotonic()
        self._restore()
        self._then()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def leave(status: int) -> NoReturn:
    """End the process at once, with what it has started, not waiting for threads that hang."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    for child in _children():
        with suppress(ProcessLookupError, PermissionError):
            # Not yet waited for, so its number is nobody else's.
            os.killpg(child, signal.SIGKILL) if os.getpgid(child) == child else os.kill(child, signal.SIGKILL)
    os._exit(status)


def _children() -> list[int]:
    """Return the processes that this one has started, as far as the system says."""
    with suppress(OSError):
        tasks = Path("/proc/self/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]
    return []
