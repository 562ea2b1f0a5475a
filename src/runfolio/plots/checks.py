"""Checks of what is declared that can only be made once all of it is, and before there are data."""

from collections.abc import Sequence
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.functions import arrays_of, check_callable, columns_of
from runfolio.plots.histogram import Histogram
from runfolio.plots.reads import Columns, Reads, Records, Spills
from runfolio.plots.reducer import Reducer

KEYS = ("run", "end", "number", "time", "tree")
"""What all reducers of a job that say it have to read alike: rows belong to one run, whoever plots them."""


def check_reducer(reducer: Reducer) -> None:
    """Check each histogram, table and tree of a reducer by itself, and its figures.

    Raises:
        DeclarationError: one would be filled with more or fewer columns than it takes, or by a function
            that can't be called with columns, or has the name of a figure or the reducer.

    """
    for histogram in reducer.histograms.values():
        check_callable(histogram.function)
        _check_arrays(histogram)
    for other in (*reducer.tables.values(), *reducer.trees.values()):
        check_callable(other.function)
    _ = reducer.shown


def check_together(reducers: Sequence[Reducer]) -> None:
    """Check that reducers can be filled from one stream and leave files of different names.

    Raises:
        DeclarationError: two have one name, or do not read the same kind of data, or take the run number,
            its end, the event's number, its time or the tree from different places.

    """
    known: dict[str, Reducer] = {}
    for reducer in reducers:
        other = known.setdefault(reducer.name, reducer)
        if other is not reducer:
            first = other.place.seen_from(reducer.place)
            raise DeclarationError(
                f"{reducer.place}: reducer {reducer.name!r} is declared twice, first {first};"
                " their files would have one name"
            )
    for reducer in reducers[1:]:
        _check_kind(reducers[0], reducer)
    for key in KEYS:
        given = [reducer for reducer in reducers if getattr(reducer.reads, key, None) is not None]
        for reducer in given[1:]:
            _check_key(key, given[0], reducer)


def keys_of(reducers: Sequence[Reducer]) -> dict[str, Any]:
    """Return what reducers that go together say of their keys: what one leaves open, another may say."""
    return {
        key: value
        for key in KEYS
        for reducer in reversed(reducers)
        if (value := getattr(reducer.reads, key, None)) is not None
    }


def _check_arrays(histogram: Histogram) -> None:
    given, needed = arrays_of(histogram.function), histogram.value_names
    if given is None or given == len(needed):
        return
    named = columns_of(histogram.function)
    filled = f"with {', '.join(named)}" if named else f"from {given} columns"
    raise DeclarationError(
        f"{histogram.place}: histogram {histogram.name!r} is filled {filled}, but what it takes is"
        f" {' and '.join(needed)}: give their columns as values=[...], or decorate a function"
    )


def _check_kind(one: Reducer, other: Reducer) -> None:
    if kind_of(one.reads) != kind_of(other.reads):
        raise DeclarationError(
            f"{other.place}: reducer {other.name!r} reads {kind_of(other.reads)}, but {_seen(one, other)},"
            f" reads {kind_of(one.reads)}; one job reads one kind of data"
        )


def _check_key(key: str, one: Reducer, other: Reducer) -> None:
    here, there = getattr(other.reads, key), getattr(one.reads, key)
    if here != there:
        raise DeclarationError(
            f"{other.place}: reducer {other.name!r} reads with {key}={here!r:.80}, but {_seen(one, other)},"
            f" with {key}={there!r:.80}; plots of one job read alike"
        )


def _seen(one: Reducer, other: Reducer) -> str:
    return f"{one.name!r}, declared {one.place.seen_from(other.place)}"


def kind_of(reads: Reads) -> str:
    """Return in one word what is read."""
    match reads:
        case Spills():
            return "spills"
        case Records():
            return "records"
        case Columns():
            return "columns"
