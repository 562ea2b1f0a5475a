"""How plots are declared, and the histograms, tables and trees that are filled from the declarations.

Each name is imported when it is first asked for: the process that draws needs only a few of them, and its
start holds up the first pictures.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runfolio.plots.axes import Axis, Category, Integer, Labels, Regular, Strip, Variable
    from runfolio.plots.checks import check_together, keys_of
    from runfolio.plots.counts import Counts, Kind
    from runfolio.plots.figures import Figure, Panel, Series, grid, overlay
    from runfolio.plots.filling import Filling, FillingState
    from runfolio.plots.histogram import Histogram
    from runfolio.plots.listed import Listing
    from runfolio.plots.listing import list_plots
    from runfolio.plots.loading import DEFAULT, checked, load_reducers
    from runfolio.plots.offers import Offer, list_offers
    from runfolio.plots.probing import check_functions
    from runfolio.plots.reads import Columns, FileName, Records, Spills
    from runfolio.plots.reducer import Reducer
    from runfolio.plots.table import Table, TableFigure
    from runfolio.plots.tree import Tree, TreeRows

__all__ = [
    "DEFAULT",
    "Axis",
    "Category",
    "Columns",
    "Counts",
    "Figure",
    "FileName",
    "Filling",
    "FillingState",
    "Histogram",
    "Integer",
    "Kind",
    "Labels",
    "Listing",
    "Offer",
    "Panel",
    "Records",
    "Reducer",
    "Regular",
    "Series",
    "Spills",
    "Strip",
    "Table",
    "TableFigure",
    "Tree",
    "TreeRows",
    "Variable",
    "check_functions",
    "check_together",
    "checked",
    "grid",
    "keys_of",
    "list_offers",
    "list_plots",
    "load_reducers",
    "overlay",
]

_NAMES = {
    "axes": "Axis Category Integer Labels Regular Strip Variable",
    "checks": "check_together keys_of",
    "counts": "Counts Kind",
    "figures": "Figure Panel Series grid overlay",
    "filling": "Filling FillingState",
    "histogram": "Histogram",
    "listed": "Listing",
    "listing": "list_plots",
    "loading": "DEFAULT checked load_reducers",
    "offers": "Offer list_offers",
    "probing": "check_functions",
    "reads": "Columns FileName Records Spills",
    "reducer": "Reducer",
    "table": "Table TableFigure",
    "tree": "Tree TreeRows",
}
"""By module."""

if not TYPE_CHECKING:  # a type checker would take any name for one of these
    _MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
