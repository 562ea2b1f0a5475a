"""Figures: how histograms are shown. Plain data, so that another process can draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from runfolio.errors import DeclarationError, DocumentError
from runfolio.images import check_tag

LONGEST_SIDE = 10_000
"""Of a figure, in pixels."""


@dataclass(frozen=True)
class Series:
    """One histogram in a panel: its line's colour, and its name in the legend."""

    histogram: str
    label: str = ""
    color: str = "black"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One frame: a 2-D histogram as a colour map, or one or more 1-D histograms overlaid.

    Titles that are left empty are the first histogram's own.
    """

    series: tuple[Series, ...]
    title: str = ""
    log_y: bool = False
    """Show counts on a logarithmic scale: along y, or in the colours of a colour map."""
    numbers: bool = False
    """Write the count into each filled cell of a colour map."""

    @classmethod
    def of(cls, histogram: "str | Panel") -> Self | "Panel":
        """Return a panel as it is, or one that shows the named histogram."""
        return histogram if isinstance(histogram, Panel) else cls(series=(Series(histogram),))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture: rows of panels, under a tag that names its files.

    Raises:
        DeclarationError: the tag is no file name, the grid is empty or ragged, or the size is none.

    """

    tag: str
    description: str
    keywords: tuple[str, ...] = ()
    rows: tuple[tuple[Panel, ...], ...]
    size: tuple[int, int] = (800, 800)
    """Width and height in pixels."""

    def __post_init__(self) -> None:
        try:
            check_tag(self.tag)
        except DocumentError as error:
            raise DeclarationError(f"figure {self.tag!r}: {error.detail}") from None
        if not self.rows or any(len(row) != len(self.rows[0]) or not row for row in self.rows):
            raise DeclarationError(f"figure {self.tag!r}: its panels are no grid of rows of one length")
        if not all(1 <= length <= LONGEST_SIDE for length in self.size):
            raise DeclarationError(
                f"figure {self.tag!r}: a size of {self.size}: 1 to {LONGEST_SIDE} pixels are accepted"
            )

    @property
    def histograms(self) -> tuple[str, ...]:
        """The names of all histograms shown, row by row."""
        return tuple(series.histogram for row in self.rows for panel in row for series in panel.series)


def grid(panels: Sequence["str | Panel"], columns: int) -> tuple[tuple[Panel, ...], ...]:
    """Return panels laid out row by row, `columns` to a row.

    Raises:
        DeclarationError: there is no column.

    """
    if columns < 1:
        raise DeclarationError(f"a grid of {columns} columns: at least one is accepted")
    cells = [Panel.of(panel) for panel in panels]
    return tuple(tuple(cells[start : start + columns]) for start in range(0, len(cells), columns))
