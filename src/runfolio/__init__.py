"""runfolio watches an experiment's stream and leaves one sealed folder of plots a run.

What a plots file is written with is imported from here: `from runfolio import Columns, Reducer, Regular`.
In Python and notebooks, `open_run` gives a sealed run, and `process` the runs of data, writing nothing.
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

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        """Import a name when it is first asked for: the command line must not wait for numpy."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_ELSEWHERE.get(name, "runfolio.plots")), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
