"""The figures of a soak, as text and as a section of a document."""

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from runfolio import __version__
from soak.phases import Phase

BEGIN, END = "<!-- figures of make soak -->", "<!-- end of the figures -->"


def lines(phase: Phase) -> Iterator[str]:
    """Give the figures of a phase, a line for each."""
    yield f"{phase.name}: {phase.runs:,} runs, {phase.folders:,} folders in {phase.seconds:.0f} s"
    yield f"  started    {phase.starts} times in {phase.jobs} job{'s' if phase.jobs > 1 else ''}"
    yield f"  documents  {phase.documents.total():,}: {_listed(phase.documents)}"
    yield f"  runs ended {_listed(phase.ended_by)}"
    yield f"  set aside  {_listed(phase.set_aside)}"
    yield f"  disturbed  {_listed(phase.disturbances)}"
    if phase.stops:
        yield f"  stopped    within {max(phase.stops):.1f} s"
    yield from _flatness(phase)
    for problem in phase.problems:
        yield f"  WRONG      {problem}"
    yield f"  {'all is accounted for' if phase.good else 'not all is as it should be'}"


def _flatness(phase: Phase) -> Iterator[str]:
    if not phase.flatness:
        return
    yield f"  {'median in each third of the time':34}{'first':>9}{'second':>9}{'third':>9}{'allowed':>9}"
    for each in phase.flatness:
        name = f"{each.figure.name}, {each.figure.unit}" if each.figure.unit else each.figure.name
        digits = 2 if each.figure.unit else 0
        figures = (*each.thirds, each.figure.allowed(each.thirds[1]))
        cells = "".join(f"{figure:>9.{digits}f}" for figure in figures)
        yield f"  {name:34}{cells}{'' if each.flat else '  NOT FLAT'}"
    yield f"  memory grows by {phase.growth:.1f} MB in 10,000 runs"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "nothing"


def write(path: Path, phases: Sequence[Phase], command: str) -> None:
    """Put the figures into a document, in place of those that it has."""
    text = path.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    figures = "\n".join(line for phase in phases for line in lines(phase))
    linux = platform.release().split("-")[0]
    made = (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, on {os.cpu_count()} cores: runfolio {__version__},"
        f" Python {platform.python_version()}, Linux {linux}."
    )
    path.write_text(f"{before}{BEGIN}\n{made}\n\n```\n{figures}\n```\n{END}{after}")
