"""Stopping on request: the first SIGINT or SIGTERM ends the reading, so that open runs are sealed."""

import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

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
