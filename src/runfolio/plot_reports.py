"""What plots declare, told to a user: a line a histogram and a figure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from runfolio.console import Column, counted, say, size_text, table

if TYPE_CHECKING:  # loading them takes longer than all else here
    from runfolio.plots.listed import (
        ListedFigure,
        ListedHistogram,
        ListedReducer,
        ListedTable,
        ListedTree,
        Listing,
    )
    from runfolio.plots.offers import Offer

__all__ = ["show_offers", "show_plots"]

HISTOGRAM_COLUMNS = (
    Column("histogram"),
    Column("kind"),
    Column("memory", right=True),
    Column("filled with"),
    Column("figure"),
    Column("axes"),
)
FARTHEST_WHOLE = 1e15
"""Beyond it, whole numbers are shown as they were written: 1e+20."""
TABLE_COLUMNS = (Column("table"), Column("by"), Column("filled with"), Column("figure"), Column("rows"))
TREE_COLUMNS = (
    Column("tree"),
    Column("rows", right=True),
    Column("memory", right=True),
    Column("filled with"),
    Column("branches"),
)
FIGURE_COLUMNS = (Column("figure"), Column("pixels", right=True), Column("panels, row by row"))


def show_offers(console: Console, offers: "Sequence[Offer]") -> None:
    """Write the names that --plots takes, and what each is."""
    table(
        console,
        (Column("name"), Column("plots")),
        [(offer.name, offer.description or offer.value) for offer in offers],
        fold=True,
    )
    say(console, "")
    say(console, "--plots takes these names, and files of your own; runfolio init writes one to start from.")


def show_plots(console: Console, listing: "Listing") -> None:
    """Write each reducer with its histograms and figures, what they come to, and what looks odd."""
    for reducer in listing.reducers:
        say(console, f"{reducer.name}  {reducer.place}", "bold")
        say(console, f"reads {_reads(reducer.reads)}")
        for columns, rows in (
            (HISTOGRAM_COLUMNS, [_histogram(reducer, each) for each in reducer.histograms]),
            (TABLE_COLUMNS, [_table(each) for each in reducer.tables]),
            (TREE_COLUMNS, [_tree(each) for each in reducer.trees]),
            (FIGURE_COLUMNS, [_figure(each) for each in reducer.figures if not each.own]),
        ):
            if rows:
                say(console, "")
                table(console, columns, rows, fold=True)
        say(console, "")
    counts = [(listing.histograms, "histogram"), (listing.tables, "table"), (listing.trees, "tree")]
    parts = [counted(count, what) for count, what in counts if count or what == "histogram"]
    most = "up to " if listing.tables or listing.trees else ""
    parts += [counted(listing.figures, "figure"), f"{most}{size_text(listing.memory)} a run"]
    say(console, ", ".join(parts), "dim")
    for problem in listing.problems:
        say(console, problem, "yellow")


def _reads(reads: Mapping[str, Any]) -> str:
    """Return in words what is read and which columns say where it belongs."""
    words = str(reads["kind"])
    if "type" in reads:
        words += f" of type {reads['type']}"
    if "tree" in reads:
        words += f" of the tree {reads['tree']}"
    names = {"run": "run number", "end": "run's end", "number": "event number", "time": "time"}
    for key, what in names.items():
        match reads.get(key):
            case None:
                continue
            case {"file_name": pattern}:
                words += f", {what} from the file's name, {pattern}"
            case (column, value):
                words += f", {what} where {column} is {value!r}"
            case column:
                words += f", {what} from {column}"
    return words


def _histogram(reducer: "ListedReducer", histogram: "ListedHistogram") -> tuple[str, ...]:
    own = {figure.tag for figure in reducer.figures if figure.own}
    figures = ["own" if tag in own else tag for tag in histogram.figures]
    return (
        histogram.name,
        histogram.kind,
        size_text(histogram.memory),
        _filled_with(histogram),
        ", ".join(figures) or "none",
        "; ".join(_axes(histogram)),
    )


def _table(listed: "ListedTable") -> tuple[str, ...]:
    return listed.name, listed.by, _filled_with(listed), listed.figure, ", ".join(listed.rows)


def _tree(tree: "ListedTree") -> tuple[str, ...]:
    branches = ", ".join(f"{name} ({kind})" for name, kind in tree.branches.items())
    rows, memory = f"up to {tree.limit:,}", f"up to {size_text(tree.memory)}"
    return tree.name, rows, memory, _filled_with(tree), branches


def _filled_with(listed: "ListedHistogram | ListedTable | ListedTree") -> str:
    if listed.columns:
        return ", ".join(listed.columns)
    function = listed.function
    assert function is not None
    name = "lambda" if function.name == "<lambda>" else f"{function.name}()"
    if function.place is None:
        return name
    same = listed.place is not None and function.place.file == listed.place.file
    return f"{name}, {f'line {function.place.line}' if same else function.place}"


def _axes(histogram: "ListedHistogram") -> Iterator[str]:
    for axis in histogram.axes:
        yield _axis(axis)
    if histogram.kind != "count":
        yield histogram.label


def _axis(axis: Mapping[str, Any]) -> str:
    match axis["kind"]:
        case "Regular":
            bins = f"{counted(axis['bins'], 'bin')}, {_number(axis['start'])} to {_number(axis['stop'])}"
        case "Integer":
            bins = f"{counted(axis['bins'], 'bin')}, whole numbers {axis['start']} to {axis['stop'] - 1}"
        case "Variable":
            first, *_, last = axis["edge_values"]
            bins = f"{counted(axis['bins'], 'bin')} of their own widths, {_number(first)} to {_number(last)}"
        case "Category":
            bins = f"up to {counted(axis['bins'], 'word')}"
        case _:
            bins = f"up to {counted(axis['bins'], 'bin')} of {_number(axis['step'])} or wider"
    return f"{bins}, {axis['label']}" if axis["label"] else bins


def _number(number: float) -> str:
    return f"{number:.0f}" if number == int(number) and abs(number) < FARTHEST_WHOLE else str(number)


def _figure(figure: "ListedFigure") -> tuple[str, str, str]:
    rows = (f"[{', '.join(' + '.join(panel) for panel in row)}]" for row in figure.panels)
    return figure.tag, f"{figure.size[0]} x {figure.size[1]}", " ".join(rows)
