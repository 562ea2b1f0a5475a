"""The time, as a thing that can be handed over: the system's, or a test's.

With SOURCE_DATE_EPOCH set, `now` stands still at that moment, so that the same input gives the
same bytes; `monotonic`, which only measures pauses, goes on.
"""

import os
import re
import time
from datetime import UTC, datetime
from typing import Protocol

from runfolio.errors import SettingsError

EPOCH = re.compile(r"[0-9]{1,20}")
LAST_SECOND = 253402300799
"""Of the year 9999, which is as far as dates can be written."""


class Clock(Protocol):
    """Tells the date and measures pauses."""

    def now(self) -> float:
        """Unix seconds, for what is written down."""
        ...

    def monotonic(self) -> float:
        """Seconds since any moment, for pauses."""
        ...


class SystemClock:
    """The machine's clock, or SOURCE_DATE_EPOCH for what is written down."""

    def __init__(self) -> None:
        self._epoch = source_date_epoch()

    def now(self) -> float:
        return time.time() if self._epoch is None else float(self._epoch)

    def monotonic(self) -> float:
        return time.monotonic()


class TrueClock:
    """The machine's clock, whatever SOURCE_DATE_EPOCH says: for what is done now, or tried again later."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def source_date_epoch() -> int | None:
    """Return SOURCE_DATE_EPOCH in Unix seconds, None where it is not set.

    Raises:
        SettingsError: it is not a whole number of seconds, or beyond the year 9999.

    """
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None or text == "":
        return None
    if not EPOCH.fullmatch(text) or int(text) > LAST_SECOND:
        raise SettingsError(
            f"SOURCE_DATE_EPOCH in the environment is {text[:40]!a}: a whole number of seconds since 1970"
            " is accepted, up to the year 9999"
        )
    return int(text)


def utc_text(seconds: float) -> str:
    """Return Unix seconds as `2013-11-28T09:54:09Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
