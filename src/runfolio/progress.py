"""How far a job is: a bar on a terminal, plain lines anywhere else."""

import time
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column as TableColumn

from runfolio.console import say, size_text

__all__ = ["JobProgress"]

WIDE = 75
"""Columns of a terminal that has room for rate and time left."""
LIVE_DELAY = 0.3
"""Seconds before the first display."""
LIVE_INTERVAL = 0.1
"""Seconds between two updates of the display; more often than that, an update costs a comparison."""
PLAIN_INTERVAL = 30.0
"""Seconds between two lines of progress where there is no terminal, as in a log file."""


class JobProgress:
    """Shows how far a job is: a bar on a terminal, elsewhere a line now and then, or nothing.

    `update` may be called for each document. What takes no time shows nothing.
    """

    def __init__(self, console: Console, *, quiet: bool = False, unit: str = "spill") -> None:
        self._console = console
        self._unit = unit
        self._bar = _bar(console) if console.is_terminal and not quiet else None
        self._task: TaskID | None = None
        self._bytes = 0
        self._interval = LIVE_INTERVAL if self._bar else PLAIN_INTERVAL
        wait = float("inf") if quiet else LIVE_DELAY if self._bar else PLAIN_INTERVAL
        self._next = time.monotonic() + wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar and self._task is not None:
            self._bar.stop()

    def update(self, bytes_read: int, bytes_total: int | None, spills: int, run_number: int | None) -> None:
        """Show how far a stream is read or written, unless something was shown only just now."""
        finishing = self._task is not None and bytes_read == bytes_total
        if finishing or self._due():
            run = "" if run_number is None else f"run {run_number}, "
            end = ", finishing" if finishing else ""  # what is left, such as sealing, has no figures
            self._show(f"{run}{spills:,} {self._unit}s{end}", bytes_read, bytes_total)

    def advance(self, count: int) -> None:
        """Show that so many bytes more are read, unless something was shown only just now."""
        self._bytes += count
        if self._due():
            self._show("reading", self._bytes, None)

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._interval
        return True

    def _show(self, where: str, bytes_done: int, bytes_total: int | None) -> None:
        if self._bar:
            if self._task is None:
                self._task = self._bar.add_task(where, completed=bytes_done, total=bytes_total)
                self._bar.start()
            self._bar.update(self._task, completed=bytes_done, total=bytes_total, description=where)
        else:
            of = f" of {size_text(bytes_total)}" if bytes_total else ""
            say(self._console, f"runfolio: {where}, {size_text(bytes_done)}{of}")


def _bar(console: Console) -> Progress:
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", table_column=TableColumn(no_wrap=True)),
        BarColumn(bar_width=None),
        DownloadColumn(table_column=TableColumn(no_wrap=True)),
    ]
    if console.width >= WIDE:
        columns += [TransferSpeedColumn(), TimeRemainingColumn(compact=True)]
    return Progress(*columns, console=console, transient=True, expand=True, refresh_per_second=5)
