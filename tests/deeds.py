"""Figures that do something to the process that draws them: end it, hold it up, or note that they are drawn.

In a module of its own, which the drawing process can import.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runfolio.plots.figures import Figure, grid

Deed = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Acting(Figure):
    """A figure that notes each time when another process draws it, and does something the first times."""

    notes: Path
    deed: Deed
    times: int
    home: int = field(default_factory=os.getpid)

    def __getattribute__(self, name: str) -> Any:
        if name == "rows" and os.getpid() != self.home:
            self._act()
        return super().__getattribute__(name)

    def _act(self) -> None:
        with self.notes.open("a") as notes:
            notes.write(f"{self.tag}\n")
        if noted(self.notes).count(self.tag) <= self.times:
            self.deed()


def acting(tag: str, notes: Path, deed: Deed = int, times: int = 0) -> Acting:
    """Return a figure of the histogram `mass`."""
    return Acting(
        tag=tag,
        description=tag,
        rows=grid(["mass"], 1),
        size=(200, 150),
        notes=notes,
        deed=deed,
        times=times,
    )


def noted(notes: Path) -> list[str]:
    """Return the tags of the figures in the order in which they were drawn, or begun to be."""
    return notes.read_text().split() if notes.exists() else []


def exits() -> None:
    os._exit(3)


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def has_no_memory() -> None:
    raise MemoryError("all of it is used")


def hangs() -> None:
    time.sleep(1e6)


def stands_still() -> None:
    """Stop all threads of the process, as a debugger does."""
    os.kill(os.getpid(), signal.SIGSTOP)
