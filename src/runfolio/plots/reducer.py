"""Reducers: how plots are declared. A histogram is one declaration and one function of columns.

tof = Reducer("ReducePyTOFPlot", reads=Spills(TofSpill, tof_columns))
tof.hist("spx0", Integer(0, 10, label="SlabX"))          # filled with the column `spx0`

@tof.hist("ht01", Regular(200, 20, 40, label="Time (ns)"))
def ht01(columns):
    return columns.t1 - columns.t0
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runfolio.errors import DeclarationError, DocumentError
from runfolio.images import check_tag
from runfolio.plots.axes import Category, DeclaredAxis
from runfolio.plots.counts import Kind
from runfolio.plots.figures import Figure, Panel, cannot_share
from runfolio.plots.histogram import Function, Histogram, Names, function_of, with_weights
from runfolio.plots.places import declared_here
from runfolio.plots.reads import Reads

OWN_SIZE = (700, 500)
"""Pixels of a histogram's own figure."""


@dataclass(eq=False)
class Reducer:
    """The histograms and figures of one detector.

    Raises:
        DeclarationError: the name is no file name.

    """

    name: str
    reads: Reads = field(kw_only=True)
    keywords: tuple[str, ...] = field(default=(), kw_only=True)
    histograms: dict[str, Histogram] = field(default_factory=dict, init=False)
    figures: dict[str, Figure] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        try:
            check_tag(self.name)
        except DocumentError as error:
            raise DeclarationError(f"reducer {self.name!r}: {error.detail}") from None

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
                f"{self.name}: histogram {name!r}: weights={weights!r:.80}: a name or function is accepted"
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
        if histogram.name in self.histograms:
            raise DeclarationError(f"{self.name}: histogram {histogram.name!r} is declared twice")
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
        if isinstance(panels, str) or any(isinstance(row, (str, Panel)) for row in panels):
            raise DeclarationError(f"{self.name}: figure {tag!r}: panels are a list of rows: [[...], [...]]")
        if isinstance(keywords, str):
            raise DeclarationError(f"{self.name}: figure {tag!r}: keywords are a list: [{keywords!r}]")
        rows = tuple(tuple(Panel.of(panel) for panel in row) for row in panels)
        figure = Figure(
            tag=tag, description=description or tag, keywords=tuple(keywords), rows=rows, size=size
        )
        if tag in self.figures:
            raise DeclarationError(f"{self.name}: figure {tag!r} is declared twice")
        if tag == self.name:
            raise DeclarationError(f"{self.name}: figure {tag!r} has the name of its reducer's own file")
        for row in rows:
            for panel in row:
                self._check_panel(tag, panel)
        self.figures[tag] = figure

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
        if histogram.name == self.name or histogram.name in self.figures:
            what = "figure" if histogram.name in self.figures else "reducer"
            raise DeclarationError(
                f"{self.name}: histogram {histogram.name!r} has the name of a {what}, which its own figure's"
                " files would have; rename it, show it in a figure, or declare it with figure=False"
            )
        return Figure(
            tag=histogram.name,
            description=histogram.title,
            keywords=self.keywords,
            rows=((Panel.of(histogram.name),),),
            size=OWN_SIZE,
        )

    def _check_panel(self, tag: str, panel: Panel) -> None:
        for series in panel.series:
            if series.histogram not in self.histograms:
                raise DeclarationError(
                    f"{self.name}: figure {tag!r} shows {series.histogram!r}, which is not declared"
                )
        shown = [self.histograms[series.histogram] for series in panel.series]
        wrong = cannot_share(
            [len(each.axes) for each in shown],
            [each.kind for each in shown],
            [isinstance(each.axes[0], Category) for each in shown],
        )
        if wrong:
            raise DeclarationError(f"{self.name}: figure {tag!r}: {wrong}")
