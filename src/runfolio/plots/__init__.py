"""How plots are declared, and the histograms that are filled from the declarations."""

from runfolio.plots.axes import Axis, Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, Series, grid
from runfolio.plots.filling import Filling
from runfolio.plots.loading import DEFAULT, load_reducers
from runfolio.plots.reducer import Reducer, Spills

__all__ = [
    "DEFAULT",
    "Axis",
    "Counts",
    "Figure",
    "Filling",
    "Integer",
    "Panel",
    "Reducer",
    "Regular",
    "Series",
    "Spills",
    "grid",
    "load_reducers",
]
