"""Listing: what reducers declare, made into plain data, and what looks odd about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.checks import kind_of
from runfolio.plots.figures import Figure
from runfolio.plots.functions import Function, columns_of, name_of, place_in
from runfolio.plots.histogram import Histogram
from runfolio.plots.listed import (
    ListedFigure,
    ListedFunction,
    ListedHistogram,
    ListedReducer,
    ListedTable,
    ListedTree,
    Listing,
)
from runfolio.plots.reads import FileName, Reads, Records
from runfolio.plots.reducer import Reducer
from runfolio.plots.table import Table
from runfolio.plots.tree import Tree
from runfolio.stream import Keys

MUCH_MEMORY = 1_000_000_000
"""Bytes that one run takes and hardly anybody means to."""


def list_plots(reducers: Sequence[Reducer]) -> Listing:
    """Return what reducers declare; they have to have passed their checks."""
    listed = [_reducer(each) for each in reducers]
    return Listing(
        reducers=listed,
        histograms=sum(len(each.histograms) for each in listed),
        tables=sum(len(each.tables) for each in listed),
        trees=sum(len(each.trees) for each in listed),
        figures=sum(len(each.figures) for each in listed),
        memory=sum(each.memory for each in listed),
        problems=list(_problems(listed)),
    )


def _reducer(reducer: Reducer) -> ListedReducer:
    shown = reducer.shown
    tags: dict[str, list[str]] = defaultdict(list)
    for figure in shown:
        for name in dict.fromkeys(figure.histograms):
            tags[name].append(figure.tag)
    return ListedReducer(
        name=reducer.name,
        reads=_reads(reducer.reads),
        histograms=[_histogram(each, tags[each.name]) for each in reducer.histograms.values()],
        tables=[_table(each) for each in reducer.tables.values()],
        trees=[_tree(each) for each in reducer.trees.values()],
        figures=[_figure(each, own=each.tag not in reducer.figures) for each in shown],
        memory=reducer.memory,
        place=reducer.place,
    )


def _reads(reads: Reads) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": kind_of(reads)}
    if isinstance(reads, Records):
        found["type"] = reads.record.__name__
    if isinstance(reads, Keys):
        for key in ("tree", "run", "end", "number", "time"):
            value = getattr(reads, key, None)
            if value is not None:
                found[key] = {"file_name": value.pattern} if isinstance(value, FileName) else value
    return found


def _histogram(histogram: Histogram, tags: list[str]) -> ListedHistogram:
    columns, function = _filled_with(histogram.function)
    return ListedHistogram(
        name=histogram.name,
        title=histogram.title,
        kind=str(histogram.kind),
        label=histogram.label,
        axes=[_axis(axis) for axis in histogram.axes],
        memory=histogram.memory,
        columns=columns,
        function=function,
        figures=tags,
        place=histogram.place,
    )


def _filled_with(function: Function) -> tuple[tuple[str, ...] | None, ListedFunction | None]:
    columns = columns_of(function)
    return columns, None if columns else ListedFunction(name_of(function), place_in(function))


def _table(table: Table) -> ListedTable:
    columns, function = _filled_with(table.function)
    return ListedTable(
        name=table.name,
        title=table.title,
        by=table.by,
        rows=table.rows,
        columns=columns,
        function=function,
        figure=table.figure.tag,
        place=table.place,
    )


def _tree(tree: Tree) -> ListedTree:
    columns, function = _filled_with(tree.function)
    return ListedTree(
        name=tree.name,
        title=tree.title,
        file=tree.file,
        branches=tree.branches,
        by=tree.by,
        limit=tree.limit,
        memory=tree.memory,
        columns=columns,
        function=function,
        place=tree.place,
    )


def _axis(axis: DeclaredAxis) -> dict[str, Any]:
    fields = {"kind": type(axis).__name__, "bins": axis.bins} | asdict(axis)
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in fields.items()}


def _figure(figure: Figure, *, own: bool) -> ListedFigure:
    return ListedFigure(
        tag=figure.tag,
        description=figure.description,
        keywords=figure.keywords,
        size=figure.size,
        panels=[[[series.histogram for series in panel.series] for panel in row] for row in figure.rows],
        own=own,
        place=figure.place,
    )


def _problems(reducers: Sequence[ListedReducer]) -> Iterator[str]:
    """Give what is no mistake, but can hardly be meant."""
    memory = sum(reducer.memory for reducer in reducers)
    if memory > MUCH_MEMORY:
        yield (
            f"each open run takes up to {memory / 1e9:.1f} GB: the bins of all histograms together, and what"
            " tables and trees hold at most"
        )
    known: dict[str, tuple[str, str]] = {}
    for reducer in reducers:
        if not (reducer.histograms or reducer.tables or reducer.trees):
            yield f"{reducer.place}: reducer {reducer.name!r} declares no histogram, table or tree"
        for figure in reducer.figures:
            tag, owner = known.setdefault(figure.tag.casefold(), (figure.tag, reducer.name))
            if tag != figure.tag:
                yield (
                    f"{figure.place}: figures {tag!r} and {figure.tag!r} differ only in case: where files are"
                    " copied to a system that does not tell these apart, one of them is lost"
                )
            elif owner != reducer.name:
                yield (
                    f"{figure.place}: figure {tag!r} of {reducer.name} gets another name, {tag}_2 or so:"
                    f" {owner} has one of that name"
                )
