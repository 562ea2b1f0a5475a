"""What a reducer can declare beside histograms, and that no two things of it share a name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from runfolio.errors import DeclarationError
from runfolio.plots.declared import Declared, function_or_columns
from runfolio.plots.figures import Figure, check_name
from runfolio.plots.functions import Function
from runfolio.plots.histogram import Histogram
from runfolio.plots.places import Place, declared_here
from runfolio.plots.reads import Reads
from runfolio.plots.table import Table, TableFigure, row_names
from runfolio.plots.tree import LIMIT, Tree


@dataclass(eq=False)
class Tabulating:
    """A reducer's names, and its tables and trees.

    Raises:
        DeclarationError: the name is no file name, or `reads` is no way of reading.

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
        check_name("reducer", self.name)
        if isinstance(self.keywords, str):
            raise DeclarationError(f"reducer {self.name!r}: keywords are a list: [{self.keywords!r}]")
        self.keywords = tuple(self.keywords)
        reads: object = self.reads
        if not isinstance(reads, Reads):
            raise DeclarationError(
                f"reducer {self.name!r}: reads={reads!r:.80}: Columns(...), Records(...) or Spills(...) is"
                " accepted"
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
        names, columns = row_names(rows)
        self.check_name("table", name)
        self.check_tag("table", tag or name)
        shown = TableFigure(
            tag=tag or name,
            description=title or name,
            keywords=tuple(keywords or self.keywords),
            size=size,
        )
        table = Table(
            name=name,
            title=title or name,
            function=function_or_columns(f"table {name!r}", values, (by, *columns)),
            place=declared_here(),
            rows=names,
            by=by,
            averaged=last,
            figure=shown,
        )
        self.tables[name] = table
        return _filled_by(table)

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
        self.check_name("tree", name)
        for other in self.trees.values():
            if other.file == file:
                raise DeclarationError(
                    f"tree {name!r} has the file {file!r}, as tree {other.name!r} has, declared"
                    f" {_seen_from_here(other.place)}"
                )
        tree = Tree(
            name=name,
            title=title or name,
            function=function_or_columns(f"tree {name!r}", values, tuple(branches)),
            place=declared_here(),
            file=file,
            branches=dict(branches),
            by=(by,) if isinstance(by, str) else tuple(by),
            limit=limit,
            keywords=tuple(keywords or self.keywords),
        )
        self.trees[name] = tree
        return _filled_by(tree)

    @property
    def table_tags(self) -> tuple[str, ...]:
        """The tags of the tables' pictures."""
        return tuple(table.figure.tag for table in self.tables.values())

    def check_name(self, what: str, name: str) -> None:
        """Refuse a name that something of the reducer has.

        Raises:
            DeclarationError: it has.

        """
        first = self.histograms.get(name) or self.tables.get(name) or self.trees.get(name)
        if first:
            raise DeclarationError(f"{what} {name!r} is declared twice, first {_seen_from_here(first.place)}")

    def check_tag(self, what: str, tag: str) -> None:
        """Refuse a tag that another picture of the reducer has, or its own file.

        Raises:
            DeclarationError: one has.

        """
        places = {table.figure.tag: table.place for table in self.tables.values()}
        places |= {figure.tag: figure.place for figure in self.figures.values()}
        if tag in places:
            raise DeclarationError(f"{what} {tag!r} is declared twice, first {_seen_from_here(places[tag])}")
        if tag == self.name:
            raise DeclarationError(f"{what} {tag!r} has the name of its reducer's own file")


def _seen_from_here(place: Place | None) -> str:
    return place.seen_from(declared_here()) if place else "somewhere else"


def _filled_by(declared: Declared) -> Callable[[Function], Function]:
    """Return a decorator that fills what is declared with a function."""

    def filled_by(function: Function) -> Function:
        declared.function = function
        return function

    return filled_by
