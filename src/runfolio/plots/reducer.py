"""Reducers: how plots are declared. A histogram is one declaration and one function of columns.

tof = Reducer("ReducePyTOFPlot", reads=Spills(TofSpill, tof_columns))
tof.hist("spx0", Integer(0, 10, label="SlabX"))          # filled with the column `spx0`

@tof.hist("ht01", Regular(200, 20, 40, label="Time (ns)"))
def ht01(columns):
    return columns.t1 - columns.t0

Declarations themselves are made and checked where they are defined: `declare_histogram` and so on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from runfolio.errors import DeclarationError
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.counts import Kind
from runfolio.plots.figures import Figure, Panel
from runfolio.plots.functions import Function, Names
from runfolio.plots.given import check_file_name, texts
from runfolio.plots.histogram import Histogram, declare_histogram
from runfolio.plots.places import Place, declared_here
from runfolio.plots.reads import Reads
from runfolio.plots.showing import checked_figure, own_figure
from runfolio.plots.table import Table, declare_table
from runfolio.plots.tree import LIMIT, Tree, declare_tree

_Made = TypeVar("_Made", Histogram, Table, Tree)


@dataclass(eq=False)
class Reducer:
    """The histograms, tables, trees and figures of one detector.

    Raises:
        DeclarationError: the name is no file name, the keywords are no texts, or `reads` is no way to read.

    """

    name: str
    reads: Reads = field(kw_only=True)
    keywords: Sequence[str] = field(default=(), kw_only=True)
    histograms: dict[str, Histogram] = field(default_factory=dict, init=False)
    figures: dict[str, Figure] = field(default_factory=dict, init=False)
    tables: dict[str, Table] = field(default_factory=dict, init=False)
    trees: dict[str, Tree] = field(default_factory=dict, init=False)

    place: Place = field(init=False, repr=False)
    """Where it is declared."""

    def __post_init__(self) -> None:
        self.place = declared_here()
        check_file_name("reducer", self.name)
        self.keywords = texts(f"reducer {self.name!r}", "keywords", self.keywords)
        reads: object = self.reads
        if not isinstance(reads, Reads):
            raise DeclarationError(
                f"reducer {self.name!r}: reads={reads!r:.80}: Columns(...), Records(...) or Spills(...) is"
                " accepted"
            )

    def hist(
        self,
        name: str,
        *axes: DeclaredAxis,
        title: str = "",
        values: Function | Names | None = None,
        weights: Function | str | bool = False,
        label: str = "",
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
            label: of what the bins show; `entries`, or `sum of weights`, if there is none.
            figure: whether it gets a figure of its own where it is in no other.

        Raises:
            DeclarationError: the name is taken or is none, `values` or `weights` are no function and no
                names, there are not one or two axes, or they have too many bins together.

        """
        return self._declared(
            declare_histogram(
                name, axes, title=title, values=values, weights=weights, label=label, figure=figure
            ),
            self.histograms,
        )

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
        return self._declared(
            declare_histogram(
                name, axes, title=title, values=values, kind=Kind.PROFILE, label=label, figure=figure
            ),
            self.histograms,
        )

    def table(
        self,
        name: str,
        rows: Mapping[str, str] | Sequence[str],
        *,
        by: str,
        last: int = 10,
        title: str = "",
        values: Function | None = None,
        tag: str = "",
        keywords: Sequence[str] = (),
        size: tuple[int, int] | None = None,
    ) -> Callable[[Function], Function]:
        """Declare a table: a few quantities, each as its last value and as means over some and over all.

        It is filled by the function `values`, or the one that this decorates, or else with the columns
        that are named. Numbers beyond 2^53 are rounded.

        Args:
            name: its name in files.
            rows: the names of the quantities, with their units, and of the column that each shows; or the
                names of both alike.
            by: the column of the numbers that say what is last: of the spill, or the event.
            last: over how many of the highest numbers the first mean is taken.
            title: the heading of its picture, and its description; the name, if there is none.
            values: takes columns, returns arrays of one length: of `by`, then one a row; or by name.
            tag: of its picture; the name, if there is none.
            keywords: of its picture; the reducer's, if there are none.
            size: of its picture, in pixels; if there is none, as much as the rows need.

        Raises:
            DeclarationError: the name or the tag is taken or is none, or the rows are.

        """
        table = declare_table(
            name,
            rows,
            by=by,
            last=last,
            title=title,
            values=values,
            tag=tag,
            keywords=keywords or self.keywords,
            size=size,
        )
        self._check_tag("table", table.figure.tag)
        return self._declared(table, self.tables)

    def tree(
        self,
        name: str,
        branches: Mapping[str, str],
        *,
        file: str,
        by: Sequence[str],
        limit: int = LIMIT,
        title: str = "",
        values: Function | None = None,
        keywords: Sequence[str] = (),
    ) -> Callable[[Function], Function]:
        """Declare a tree: rows that are written at the end of a run, as a TTree in a .root file of its own.

        It is filled by the function `values`, or the one that this decorates, or else with the columns
        of its branches' names.

        Args:
            name: of the TTree.
            branches: their types by name: `int32`, `float64`, `bool` and so on.
            file: the file's name in the run folder, without `.root`; `{run}` at its end is the run number.
            by: the branches, of whole numbers, that the rows are sorted by: of spill and event, for example.
            limit: of the rows; those beyond it, in their order, are counted and lost.
            title: of the TTree; the name, if there is none.
            values: takes columns, returns arrays of one length, one a branch, in their order or by name.
            keywords: of its file; the reducer's, if there are none.

        Raises:
            DeclarationError: the name or the file is taken or is none, or the branches are.

        """
        tree = declare_tree(
            name,
            branches,
            file=file,
            by=by,
            limit=limit,
            title=title,
            values=values,
            keywords=keywords or self.keywords,
        )
        self._check_file(tree)
        return self._declared(tree, self.trees)

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
        figure = checked_figure(
            self.name,
            tag,
            panels,
            description=description,
            keywords=keywords,
            size=size,
            histograms=self.histograms,
        )
        self._check_tag("figure", tag)
        self.figures[tag] = figure
        self._changed()

    @property
    def memory(self) -> int:
        """Bytes that its plots take in each run, at most: a tree as many rows as its limit allows."""
        bins = sum(each.memory for each in self.histograms.values())
        return bins + sum(each.memory for each in (*self.tables.values(), *self.trees.values()))

    def _changed(self) -> None:
        self.__dict__.pop("shown", None)

    @cached_property
    def shown(self) -> tuple[Figure, ...]:
        """All figures: those declared, then one for each histogram that is in none of them.

        They are the same ones in each run, so that the process that draws can keep them.

        Raises:
            DeclarationError: the name of such a histogram is that of the reducer or of a figure.

        """
        drawn = {name for figure in self.figures.values() for name in figure.histograms}
        alone = [each for each in self.histograms.values() if each.own_figure and each.name not in drawn]
        return (*self.figures.values(), *map(self._own_figure, alone))

    def _own_figure(self, histogram: Histogram) -> Figure:
        if histogram.name in (self.name, *self._pictures):
            what = "reducer" if histogram.name == self.name else "figure"
            raise DeclarationError(
                f"{histogram.place}: histogram {histogram.name!r} has the name of a {what}, as the files of"
                " its own figure would; rename it, show it in a figure, or declare it with figure=False"
            )
        return own_figure(histogram, tuple(self.keywords))

    def _declared(self, made: _Made, others: dict[str, _Made]) -> Callable[[Function], Function]:
        """Keep what is declared beside others of its kind; return the decorator of a function that fills it.

        Raises:
            DeclarationError: something of the reducer has its name.

        """
        name = made.name
        first = self.histograms.get(name) or self.tables.get(name) or self.trees.get(name)
        if first:
            raise DeclarationError(
                f"{made.what} {name!r} is declared twice, first {_seen_from_here(first.place)}"
            )
        others[name] = made
        self._changed()

        def filled_by(function: Function) -> Function:
            made.fill_with(function)
            return function

        return filled_by

    @property
    def _pictures(self) -> dict[str, Place | None]:
        """The tags of declared figures and tables, and where these are declared."""
        places = {table.figure.tag: table.place for table in self.tables.values()}
        return places | {figure.tag: figure.place for figure in self.figures.values()}

    def _check_tag(self, what: str, tag: str) -> None:
        """Refuse a tag that another picture of the reducer has, or its own file."""
        if tag in self._pictures:
            first = _seen_from_here(self._pictures[tag])
            raise DeclarationError(f"{what} {tag!r} is declared twice, first {first}")
        if tag == self.name:
            raise DeclarationError(f"{what} {tag!r} has the name of its reducer's own file")

    def _check_file(self, tree: Tree) -> None:
        """Refuse a file that another tree of the reducer has."""
        for other in self.trees.values():
            if other.file == tree.file and other.name != tree.name:
                raise DeclarationError(
                    f"tree {tree.name!r} has the file {tree.file!r}, as tree {other.name!r} has, declared"
                    f" {_seen_from_here(other.place)}"
                )


def _seen_from_here(place: Place | None) -> str:
    return place.seen_from(declared_here()) if place else "somewhere else"
