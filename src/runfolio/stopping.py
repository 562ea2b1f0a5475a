"""Stopping on request: the first SIGINT or SIGTERM ends the reading, so that open runs are sealed."""

import signal
from types import FrameType, TracebackType
from typing import Self

STOPPED_SECONDS = 3.0
"""After a request to stop, pictures may take so long; the program is then given five seconds in all."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopOnSignal:
    """Is true once a signal has asked to stop; a second one has its usual effect, at once.

    A signal that is ignored already, as SIGINT by a job in the background, stays ignored.
    """

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        return self._asked

    def __enter__(self) -> Self:
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._ask) for number in heard}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._restore()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
