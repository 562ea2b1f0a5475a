"""Reducers: how plots are declared. A histogram is one declaration and one function of columns.

tof = Reducer("ReducePyTOFPlot", reads=Spills(TofSpill, tof_columns))
tof.hist("spx0", Integer(0, 10, label="SlabX"))          # filled with the column `spx0`

@tof.hist("ht01", Regular(200, 20, 40, label="Time (ns)"))
def ht01(columns):
    return columns.t1 - columns.t0
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runfolio.errors import DeclarationError
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.counts import Kind
from runfolio.plots.figures import Figure, Panel
from runfolio.plots.functions import Function, Names, function_of, with_weights
from runfolio.plots.histogram import Histogram
from runfolio.plots.places import declared_here
from runfolio.plots.showing import checked_figure, own_figure
from runfolio.plots.tabulating import Tabulating


@dataclass(eq=False)
class Reducer(Tabulating):
    """The histograms, tables, trees and figures of one detector.

    Raises:
        DeclarationError: the name is no file name, or `reads` is no way of reading.

    """

    def hist(
        self,
        name: str,
        *axes: DeclaredAxis,
        title: str = "",
        values: Function | Names | None = None,
        weights: Function | str | bool = False,
        figure: bool = True,
    ) -> Callable[[Function], Function]:
        """Declare a histogram of one or two axes.

        It is filled by the function `values`, or the one that this decorates, or else with the
        column of its own name, or with the columns that `values` names, one an axis.

        Args:
            name: its name in files; also the column's, where nothing else is given.
            *axes: Regular, Integer, Variable, Category or Strip.
            title: of its picture; the name, if there is none.
            values: takes columns, returns an array or a tuple of them, one an axis; flattened if jagged.
            weights: the name of a column, or a function that returns them; True where they are the last
                of the arrays that `values` gives.
            figure: whether it gets a figure of its own where it is in no other.

        Raises:
            DeclarationError: the name is taken or is none, `values` or `weights` are no function and no
                names, there are not one or two axes, or they have too many bins together.

        """
        function = function_of(name, values)
        if not (isinstance(weights, str | bool) or callable(weights)):
            raise DeclarationError(
                f"histogram {name!r}: weights={weights!r:.80}: a name or function is accepted"
            )
        kind = Kind.WEIGHTED if weights else Kind.COUNT
        histogram = Histogram(
            name,
            axes,
            title or name,
            function,
            kind,
            "sum of weights" if weights else "",
            figure,
            declared_here(),
        )
        return self._declare(histogram, None if isinstance(weights, bool) else weights)

    def profile(
        self,
        name: str,
        *axes: DeclaredAxis,
        label: str,
        title: str = "",
        values: Function | Names | None = None,
        figure: bool = True,
    ) -> Callable[[Function], Function]:
        """Declare the mean of a quantity in bins of one or two others.

        Along a Strip axis it is a strip chart.

        Args:
            name: its name in files.
            *axes: as for `hist`.
            label: the quantity and its unit.
            title: of its picture; the name, if there is none.
            values: the names of the columns along the axes and of the quantity, or a function that
                returns them; or it decorates such a function.
            figure: whether it gets a figure of its own where it is in no other.

        Raises:
            DeclarationError: as for `hist`.

        """
        function = function_of(name, values)
        histogram = Histogram(
            name, axes, title or name, function, Kind.PROFILE, label, figure, declared_here()
        )
        return self._declare(histogram, None)

    def _declare(
        self, histogram: Histogram, weights: Function | str | None
    ) -> Callable[[Function], Function]:
        self.check_name("histogram", histogram.name)
        self.histograms[histogram.name] = histogram

        def fill_with(function: Function) -> None:
            histogram.function = with_weights(function, weights) if weights else function

        def filled_by(function: Function) -> Function:
            fill_with(function)
            return function

        fill_with(histogram.function)
        return filled_by

    def figure(
        self,
        tag: str,
        description: str = "",
        *,
        panels: Sequence[Sequence[str | Panel]],
        keywords: Sequence[str] = (),
        size: tuple[int, int] = (800, 800),
    ) -> None:
        """Declare a figure: rows of panels, each a histogram's name or a Panel.

        Raises:
            DeclarationError: the tag is taken or is no file name, or the panels are no rows of
                declared histograms that can be shown together.

        """
        self.check_tag("figure", tag)
        self.figures[tag] = checked_figure(
            self.name,
            tag,
            panels,
            description=description,
            keywords=keywords,
            size=size,
            histograms=self.histograms,
        )

    @property
    def shown(self) -> tuple[Figure, ...]:
        """All figures: those declared, then one for each histogram that is in none of them.

        Raises:
            DeclarationError: the name of such a histogram is that of the reducer or of a figure.

        """
        drawn = {name for figure in self.figures.values() for name in figure.histograms}
        alone = [each for each in self.histograms.values() if each.own_figure and each.name not in drawn]
        return (*self.figures.values(), *map(self._own_figure, alone))

    def _own_figure(self, histogram: Histogram) -> Figure:
        if histogram.name in (self.name, *self.figures, *self.table_tags):
            what = "reducer" if histogram.name == self.name else "figure"
            raise DeclarationError(
                f"{histogram.place}: histogram {histogram.name!r} has the name of a {what}, as the files of"
                " its own figure would; rename it, show it in a figure, or declare it with figure=False"
            )
        return own_figure(histogram, tuple(self.keywords))
