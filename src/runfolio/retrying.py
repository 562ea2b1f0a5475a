"""Retrying: what the system refuses is tried again after pauses that grow, until it works."""

import logging

from runfolio.clock import Clock
from runfolio.errors import FolderError

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds; each pause is twice the one before."""


class Retries:
    """The tries of one thing, or of several that have the same trouble.

    Args:
        clock: measures the pauses.

    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._next = 0.0
        self.error: FolderError | None = None
        """What went wrong the last time; None while all is well."""

    @property
    def wait(self) -> float:
        """Seconds until the next try, 0 where it may be now."""
        return 0.0 if self.error is None else max(self._next - self._clock.monotonic(), 0.0)

    def failed(self, what: str, error: FolderError, *, last: bool) -> None:
        """Note a failure, and say when there is another try; after the last one there is none."""
        again = "" if last else f"; tried again in {self._pause:g} s"
        log.warning("%s: %s%s", what, error, again)
        self.error = error
        self._next = self._clock.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def succeeded(self) -> None:
        """Note that it has worked: the next failure is a first one."""
        self.error, self._pause = None, FIRST_PAUSE


def is_disk_trouble(error: FolderError) -> bool:
    """Tell what the system refused, which may pass, from what can never work."""
    return isinstance(error.__cause__, OSError)
