"""What was found, as text on the screen and as a document."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import machine, versions
from benchmarks.rows import Row

BEGIN, END = "<!-- figures of make bench -->", "<!-- end of the figures -->"
WORDS = {True: "yes", False: "NO", None: ""}
WIDTH = 110


def lines(row: Row) -> Iterator[str]:
    """Give a row as text, what it rests on below it."""
    verdict = {True: " (reached)", False: " (NOT REACHED)", None: ""}[row.met]
    aim = f"; target {row.target}" if row.target else ""
    yield f"{row.what}: {row.reached}{aim}{verdict}"
    for figure in row.figures:
        yield from textwrap.wrap(figure, WIDTH, initial_indent="    ", subsequent_indent="      ")


def write(path: Path, rows: Sequence[Row], command: str) -> None:
    """Put the figures into a document, in place of those that it has."""
    before, rest = path.read_text().split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{_figures(rows, command)}\n{END}{after}")


def _figures(rows: Sequence[Row], command: str) -> str:
    aimed_at = [row for row in rows if row.target]
    reached = sum(row.met is True for row in aimed_at)
    return "\n".join(
        (
            f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, on: {machine()}.",
            "",
            f"{', '.join(versions())}.",
            "",
            f"{reached} of {len(aimed_at)} targets are reached.",
            "",
            *_table(rows),
        )
    )


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| what | target | measured | reached | absolute figures |"
    yield "|---|---|---|---|---|"
    for row in rows:
        cells = (row.what, row.target, row.reached, WORDS[row.met], "<br>".join(row.figures))
        yield f"| {' | '.join(cells)} |"
