"""Trouble that may pass by itself: it is said once, however often it is met until it is over."""

import logging
import threading

__all__ = ["Trouble"]

log = logging.getLogger(__name__)


class Trouble:
    """Of one kind; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said = ""

    def met(self, error: Exception) -> None:
        """Say it, unless that was said last."""
        with self._lock:
            if self._said != (words := str(error)):
                log.warning("%s; it is tried again every few seconds", words)
            self._said = words

    def over(self) -> None:
        """Say it again should it come back."""
        with self._lock:
            self._said = ""
