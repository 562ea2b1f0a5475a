"""Keeping to a rate: bytes go out no faster than a destination is to get them."""

import threading
from collections.abc import Callable

__all__ = ["Rate"]


class Rate:
    """Bytes per second that several threads share.

    Args:
        rate: bytes per second; None: as many as go.
        now: seconds, of a clock that is never set.
        wait: sleeps for so many seconds, or raises to give up.

    """

    def __init__(
        self, rate: float | None, *, now: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        self._rate = rate
        self._now = now
        self._wait = wait
        self._free_at = 0.0
        self._lock = threading.Lock()

    def sent(self, count: int) -> None:
        """Account for bytes that went out, and wait until the next may."""
        if self._rate is None or count == 0:
            self._wait(0.0)
            return
        with self._lock:
            now = self._now()
            self._free_at = max(self._free_at, now) + count / self._rate
            pause = self._free_at - now
        self._wait(pause)
