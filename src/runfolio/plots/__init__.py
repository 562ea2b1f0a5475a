"""How plots are declared, and the histograms, tables and trees that are filled from the declarations."""

from runfolio.plots.axes import Axis, Category, Integer, Labels, Regular, Strip, Variable
from runfolio.plots.checks import check_together
from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Figure, Panel, Series, grid, overlay
from runfolio.plots.filling import Filling
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
    "list_offers",
    "list_plots",
    "load_reducers",
    "overlay",
]
