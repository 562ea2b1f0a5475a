"""How far the mover is: a line that lives on a terminal, and a line for each delivery anywhere else."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from runfolio.console import counted, printable, say, size_text
from runfolio.mover.entries import Delivery

__all__ = ["LookProgress", "MoveProgress"]

LIVE_INTERVAL = 0.2
"""Seconds between two updates on a terminal."""
PLAIN_INTERVAL = 10.0
"""Seconds in which, without a terminal, more than so many deliveries are summed up in one line."""
PLAIN_LINES = 20

log = logging.getLogger(__name__)


class MoveProgress:
    """Told of each delivery, by any thread."""

    def __init__(
        self, console: Console, *, quiet: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._quiet = quiet
        self._live = _live(console, quiet=quiet)
        self._lock = threading.Lock()
        self._now = now
        self._begun = self._next = now()
        self._count = self._bytes = self._unsaid = self._said = 0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
        if not self._quiet and self._count:
            seconds = self._now() - self._begun
            done = counted(self._count, "delivery", "deliveries")
            with self._while_it_can_be_written():
                say(self._console, f"{done}, {size_text(self._bytes)} in {seconds:.1f} s", "dim")

    def __call__(self, delivery: Delivery, size: int, left: Callable[[], int]) -> None:
        """Show that a delivery is made, and now and then how many are left."""
        with self._lock:
            self._count += 1
            self._bytes += size
            if self._quiet:
                return
            with self._while_it_can_be_written():
                if self._live:
                    self._show(self._live, delivery, left)
                else:
                    self._say(delivery, size, left)

    @contextmanager
    def _while_it_can_be_written(self) -> Iterator[None]:
        """Show no more once the output is refused: that nobody can watch is no reason to deliver nothing."""
        try:
            yield
        except OSError as error:
            self._quiet = True
            log.warning("deliveries are no longer told: cannot write the output: %s", error.strerror or error)
        except SystemExit:  # so rich has it where a pipe is closed
            self._quiet = True
            log.warning("deliveries are no longer told: nobody reads the output any more")

    def _show(self, live: Live, delivery: Delivery, left: Callable[[], int]) -> None:
        now = self._now()
        if now < self._next:
            return
        self._next = now + LIVE_INTERVAL
        rate = size_text(self._bytes / max(now - self._begun, LIVE_INTERVAL))
        last = f"{printable(delivery.run)} to {printable(delivery.destination)}"
        live.update(Text(f"{self._count:,} delivered, {left():,} to do, {rate}/s; last {last}"))

    def _say(self, delivery: Delivery, size: int, left: Callable[[], int]) -> None:
        """Write a line; of many in a short time only a sum now and then, as a log has to be read."""
        now = self._now()
        if now >= self._next:
            self._next, self._said = now + PLAIN_INTERVAL, 0
            if self._unsaid:
                say(self._console, f"runfolio: {self._unsaid:,} more delivered, {left():,} to do")
                self._unsaid = 0
        if self._said >= PLAIN_LINES:
            self._unsaid += 1
            return
        self._said += 1
        say(
            self._console,
            f"runfolio: run {delivery.run} delivered to {delivery.destination}, {size_text(size)}",
        )


class LookProgress:
    """Told of each thing that is looked at; shows the last one on a terminal."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._live = _live(console, quiet=quiet)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def look_at(self, what: str) -> None:
        """Show what is looked at now."""
        if self._live:
            self._live.update(Text(f"looking at {printable(what)}"))


def _live(console: Console, *, quiet: bool) -> Live | None:
    shown = console.is_terminal and not quiet
    return Live(console=console, transient=True, refresh_per_second=5) if shown else None
