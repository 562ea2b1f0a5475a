"""runfolio watches an experiment's stream and leaves one sealed folder of plots a run.

What a plots file is written with is imported from here: `from runfolio import Columns, Reducer, Regular`.
"""

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
    "overlay",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        """Import a name when it is first asked for: the command line must not wait for numpy."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from runfolio import plots  # noqa: PLC0415

        return getattr(plots, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
