"""Listing: what reducers declare, as plain data for whoever shows it, and what looks odd about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np

from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.checks import kind_of
from runfolio.plots.figures import Figure
from runfolio.plots.functions import columns_of, name_of, place_in
from runfolio.plots.histogram import Histogram
from runfolio.plots.places import Place
from runfolio.plots.reads import FileName, Reads, Records
from runfolio.plots.reducer import Reducer
from runfolio.stream import Keys

MUCH_MEMORY = 1_000_000_000
"""Bytes that one run takes and hardly anybody means to."""


class ListedFunction(msgspec.Struct, frozen=True):
    """A function that a histogram is filled by, and where it begins, if that is known."""

    name: str
    place: Place | None


class ListedHistogram(msgspec.Struct, frozen=True, kw_only=True):
    """One histogram; it is filled with `columns` as they are or, where they are None, by `function`."""

    name: str
    title: str
    kind: str
    label: str
    axes: list[dict[str, Any]]
    """The fields of each, with its `kind` and `bins`."""
    memory: int
    """Bytes in each run."""
    columns: tuple[str, ...] | None
    function: ListedFunction | None
    figures: list[str]
    place: Place | None


class ListedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure; `own` ones were not declared, but made for a histogram that is in no other."""

    tag: str
    description: str
    keywords: tuple[str, ...]
    size: tuple[int, int]
    panels: list[list[list[str]]]
    """Rows of panels of histograms' names."""
    own: bool
    place: Place | None


class ListedReducer(msgspec.Struct, frozen=True, kw_only=True):
    """One reducer."""

    name: str
    reads: dict[str, Any]
    histograms: list[ListedHistogram]
    figures: list[ListedFigure]
    place: Place


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Reducers, and what they come to together."""

    reducers: list[ListedReducer]
    histograms: int
    figures: int
    memory: int
    """Bytes that the histograms take in each run."""
    problems: list[str]


def list_plots(reducers: Sequence[Reducer]) -> Listing:
    """Return what reducers declare; they have to have passed their checks."""
    listed = [_reducer(each) for each in reducers]
    return Listing(
        reducers=listed,
        histograms=sum(len(each.histograms) for each in listed),
        figures=sum(len(each.figures) for each in listed),
        memory=sum(histogram.memory for each in listed for histogram in each.histograms),
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
        figures=[_figure(each, own=each.tag not in reducer.figures) for each in shown],
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
    columns = columns_of(histogram.function)
    return ListedHistogram(
        name=histogram.name,
        title=histogram.title,
        kind=str(histogram.kind),
        label=histogram.label,
        axes=[_axis(axis) for axis in histogram.axes],
        memory=histogram.memory,
        columns=columns,
        function=None
        if columns
        else ListedFunction(name_of(histogram.function), place_in(histogram.function)),
        figures=tags,
        place=histogram.place,
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
    memory = sum(histogram.memory for reducer in reducers for histogram in reducer.histograms)
    if memory > MUCH_MEMORY:
        yield f"each open run takes {memory / 1e9:.1f} GB: the bins of all histograms together"
    known: dict[str, tuple[str, str]] = {}
    for reducer in reducers:
        if not reducer.histograms:
            yield f"{reducer.place}: reducer {reducer.name!r} has no histograms"
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
