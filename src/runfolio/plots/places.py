"""Places: where in a user's file something was declared, so that a mistake can be shown there."""

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = str(Path(__file__).parent) + os.sep
_GENERATED = "<string>"
"""What dataclasses call the file of the __init__ that they write."""


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"

    def seen_from(self, other: "Place") -> str:
        """Return where it is for someone who looks at another place: `on line 3` of the same file."""
        return f"on line {self.line}" if self.file == other.file else f"in {self}"


def declared_here() -> Place:
    """Return the place that called into this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads every source file on the way
    while frame.f_back is not None and frame.f_code.co_filename.startswith((_HERE, _GENERATED)):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)


def place_of(function: Callable[..., Any]) -> Place | None:
    """Return where a function begins; None for one that is not written in Python."""
    function = getattr(function, "func", function)  # a functools.partial
    code = getattr(inspect.unwrap(function), "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code else None
