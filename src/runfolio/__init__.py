"""runfolio watches an experiment's stream and leaves one sealed folder of plots a run.

What a plots file is written with is imported from here, as `from runfolio import Columns, Reducer, Regular`,
and what looks at runs in Python: `open_run` and `process`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runfolio.plots import (
        Category,
        Columns,
        FileName,
        Integer,
        Panel,
        Records,
        Reducer,
        Regular,
        Series,
        Spills,
        Strip,
        Variable,
        grid,
        overlay,
    )
    from runfolio.plotted import open_run
    from runfolio.processing import process

__version__ = "0.1.0"

__all__ = [
    "Category",
    "Columns",
    "FileName",
    "Integer",
    "Panel",
    "Records",
    "Reducer",
    "Regular",
    "Series",
    "Spills",
    "Strip",
    "Variable",
    "grid",
    "open_run",
    "overlay",
    "process",
]

_ELSEWHERE = {"open_run": "runfolio.plotted", "process": "runfolio.processing"}
"""Modules of what is not declared with."""

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        """Import a name when it is first asked for: the command line must not wait for numpy."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(_ELSEWHERE.get(name, "runfolio.plots"))
        found: object = getattr(module, name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
