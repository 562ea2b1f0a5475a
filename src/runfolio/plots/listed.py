"""What reducers declare as plain data, for whoever shows it: a reader of its JSON, or the command line."""

from typing import Any

import msgspec

from runfolio.plots.places import Place


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


class ListedTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table; it is filled as a histogram is, first with what it goes by, then with a column a row."""

    name: str
    title: str
    by: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] | None
    function: ListedFunction | None
    figure: str
    place: Place | None


class ListedTree(msgspec.Struct, frozen=True, kw_only=True):
    """One tree; it is filled as a histogram is, with a column a branch."""

    name: str
    title: str
    file: str
    branches: dict[str, str]
    """Types by name."""
    by: tuple[str, ...]
    limit: int
    """Rows, at most."""
    memory: int
    """Bytes in each run, at most."""
    columns: tuple[str, ...] | None
    function: ListedFunction | None
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
    tables: list[ListedTable]
    trees: list[ListedTree]
    figures: list[ListedFigure]
    memory: int
    """Bytes in each run, at most."""
    place: Place


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Reducers, and what they come to together."""

    reducers: list[ListedReducer]
    histograms: int
    tables: int
    trees: int
    figures: int
    memory: int
    """Bytes that all of it takes in each run, at most: with as many rows of trees as their limits allow."""
    problems: list[str]
