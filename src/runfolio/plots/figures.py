"""Figures: how histograms are shown. Plain data, so that another process can draw them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Self

from runfolio.errors import DeclarationError
from runfolio.plots.counts import Kind
from runfolio.plots.given import check_color, check_file_name, check_text, size_of, texts
from runfolio.plots.places import Place

_FINEST = 1e-12
"""The least part of an axis, beside its distance from 0: of narrower ones, not all numbers exist."""


PALETTE = ("black", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that colour-blind people can tell apart (M. Okabe and K. Ito, 2008), black first."""


@dataclass(frozen=True)
class Series:
    """One histogram in a panel: its line's colour, and its name in the legend.

    Raises:
        DeclarationError: one of them is no text, or no colour.

    """

    histogram: str
    label: str = ""
    color: str = ""
    """Any that matplotlib knows; where it is left empty, a panel gives it one of PALETTE."""

    def __post_init__(self) -> None:
        check_text("a series", "histogram", self.histogram)
        check_text(f"series {self.histogram!r:.80}", "label", self.label)
        check_color(f"series {self.histogram!r:.80}", self.color)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One frame: a 2-D histogram as a colour map, or one or more 1-D histograms overlaid.

    Titles that are left empty are the first histogram's own.

    Raises:
        DeclarationError: the title is no text, or a range is none.

    """

    series: tuple[Series, ...]
    title: str = ""
    log_x: bool = False
    log_y: bool = False
    """Show counts on a logarithmic scale: along y, or in the colours of a colour map."""
    numbers: bool = False
    """Write the count into each filled cell of a colour map."""
    x_range: tuple[float, float] | None = None
    """The part of the x axis that is shown; all of it where none is given."""
    y_range: tuple[float, float] | None = None
    """The heights that are shown, or a colour map's part of the y axis; else as much as there is."""

    def __post_init__(self) -> None:
        check_text("a panel", "title", self.title)
        series: object = self.series
        if not (isinstance(series, Sequence) and all(isinstance(each, Series) for each in series)):
            raise DeclarationError(f"a panel: series={series!r:.80}: a tuple of Series is accepted")
        colored = (
            replace(each, color=each.color or PALETTE[number % len(PALETTE)])
            for number, each in enumerate(self.series)
        )
        object.__setattr__(self, "series", tuple(colored))
        for name, limits in (("x_range", self.x_range), ("y_range", self.y_range)):
            if limits is not None and not _is_range(limits):
                raise DeclarationError(
                    f"a panel's {name} of {limits!r:.80}: two numbers that rise are accepted"
                )

    @classmethod
    def of(cls, histogram: "str | Panel") -> Self | "Panel":
        """Return a panel as it is, or one that shows the named histogram.

        Raises:
            DeclarationError: it is neither.

        """
        if not isinstance(histogram, str | Panel):
            raise DeclarationError(f"{histogram!r:.80} is no panel: a histogram's name or a Panel is")
        return histogram if isinstance(histogram, Panel) else cls(series=(Series(histogram),))


def _is_range(limits: Any) -> bool:
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError, OverflowError):
        return False
    return -inf < low < high < inf and _FINEST * max(abs(low), abs(high)) < high - low < inf


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture: rows of panels, under a tag that names its files.

    Raises:
        DeclarationError: the tag is no file name, the description or the keywords are no text, the grid
            is empty or ragged, or the size is none.

    """

    tag: str
    description: str
    keywords: tuple[str, ...] = ()
    rows: tuple[tuple[Panel, ...], ...]
    size: tuple[int, int] = (800, 800)
    """Width and height in pixels."""
    place: Place | None = field(default=None, compare=False, repr=False)
    """Where it is declared."""

    def __post_init__(self) -> None:
        check_file_name("figure", self.tag)
        what = f"figure {self.tag!r}"
        check_text(what, "description", self.description)
        object.__setattr__(self, "keywords", texts(what, "keywords", self.keywords))
        object.__setattr__(self, "size", size_of(what, self.size))
        if not self.rows or any(len(row) != len(self.rows[0]) or not row for row in self.rows):
            raise DeclarationError(f"{what}: its panels are no grid of rows of one length")

    @property
    def histograms(self) -> tuple[str, ...]:
        """The names of all histograms shown, row by row."""
        return tuple(series.histogram for row in self.rows for panel in row for series in panel.series)


def cannot_share(dimensions: Sequence[int], kinds: Sequence[Kind], words: Sequence[bool]) -> str:
    """Tell why one panel can't show some histograms together; an empty text if it can.

    Args:
        dimensions: the number of axes of each.
        kinds: the kind of each.
        words: whether the x axis of each is one of words.

    """
    if list(dimensions) != [2] and set(dimensions) != {1}:
        return "a panel shows 1-D histograms overlaid, or a single 2-D one"
    if len({kind is Kind.PROFILE for kind in kinds}) > 1:
        return "a panel shows profiles overlaid, or counts and sums of weights"
    if len(set(words)) > 1:
        return "a panel shows histograms along words overlaid, or along numbers"
    return ""


def overlay(*series: str | Series, **how: Any) -> Panel:
    """Return a panel of histograms, one over the other; `how` are more fields of Panel, as log_y=True."""
    return Panel(
        series=tuple(
            each if isinstance(each, Series) else Series(each, label=each if len(series) > 1 else "")
            for each in series
        ),
        **how,
    )


def grid(panels: Sequence["str | Panel"], columns: int) -> tuple[tuple[Panel, ...], ...]:
    """Return panels laid out row by row, `columns` to a row.

    Raises:
        DeclarationError: there is no column.

    """
    given: object = columns
    if not (isinstance(given, int) and given >= 1):
        raise DeclarationError(f"a grid of {given!r:.80} columns: at least one is accepted")
    cells = [Panel.of(panel) for panel in panels]
    return tuple(tuple(cells[start : start + columns]) for start in range(0, len(cells), columns))
