"""Writing to a user: tables on a terminal, plain lines anywhere else.

Whatever comes from outside (names, tags, reasons, log messages) goes through `printable`: no
control character of a stream or file name ever reaches a terminal.
"""

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = [
    "Column",
    "counted",
    "log_to",
    "open_console",
    "printable",
    "say",
    "show_traceback",
    "size_text",
    "table",
]

GAP = 3
"""Columns between those of a drawn table."""
MOST_DRAWN = 200
"""Rows of a drawn one: each takes rich a millisecond, and by then nobody sees the heading."""


def printable(text: object) -> str:
    """Return text with each control, format or undecodable character as its Python escape."""
    text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def size_text(count: float) -> str:
    """Return a number of bytes as `999 B` or `1.2 MB`, in powers of 1000."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.95:  # noqa: PLR2004 - what would be shown as 1000.0
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def counted(count: int, thing: str, several: str = "") -> str:
    """Return `1 file` or `2 files`; what `several` are called may be given."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {several or f'{thing}s'}"


def open_console(stream: TextIO) -> Console:
    """Return a console that takes no markup, emoji names or colours from the text it is given."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def say(console: Console, line: str, style: str = "") -> None:
    """Write one line, whole, however narrow the terminal is."""
    console.print(Text(printable(line), style), soft_wrap=True)


def show_traceback(console: Console, error: BaseException) -> None:
    """Write an error's traceback; its words may quote anything of the data."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        say(console, line)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str
    right: bool = False


def table(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[object]], *, fold: bool = False
) -> None:
    """Write a table: drawn on a terminal that has room; else aligned with spaces, no line broken.

    With `fold`, on a terminal without room the last column goes below the others, without its heading.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    headings = [printable(column.heading) for column in columns]
    lines = [headings, *cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    fits = sum(widths) + GAP * len(widths) <= console.width
    if console.is_terminal and fits and len(rows) <= MOST_DRAWN:
        drawn = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
        for column, heading in zip(columns, headings, strict=True):
            drawn.add_column(Text(heading), justify="right" if column.right else "left")
        for row in cells:
            drawn.add_row(*map(Text, row))
        console.print(drawn)
        return
    below = [line.pop() for line in lines] if fold and console.is_terminal and not fits else []
    if below:
        below[0] = ""
    text = []
    for number, line in enumerate(lines):
        parts = (
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, width, column in zip(line, widths, columns, strict=False)
        )
        text.append("  ".join(parts).rstrip())
        if below and below[number]:
            text.append(f"    {below[number]}")
    console.print(Text("\n".join(text)), soft_wrap=True)


class _Handler(logging.Handler):
    """Writes `runfolio: message` to a console, above a live display if there is one."""

    def __init__(self, console: Console, *, tracebacks: bool) -> None:
        super().__init__()
        self._console = console
        self._tracebacks = tracebacks

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(self._console, f"runfolio: {record.getMessage()}")
            if record.exc_info and record.exc_info[1] and self._tracebacks:
                show_traceback(self._console, record.exc_info[1])
        except Exception:  # noqa: BLE001 - as logging's own handlers do: a log line never ends the run
            self.handleError(record)


@contextmanager
def log_to(console: Console, *, verbose: bool) -> Iterator[None]:
    """Send warnings, and with `verbose` also what runfolio does, to a console for a while."""
    handler = _Handler(console, tracebacks=verbose)
    root, own = logging.getLogger(), logging.getLogger("runfolio")
    level = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO if verbose else logging.WARNING)
    try:
        yield
    finally:
        own.setLevel(level)
        root.removeHandler(handler)
