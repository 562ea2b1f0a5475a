"""What the renderer is given, and what it gives back: plain data that crosses processes."""

from collections.abc import Mapping
from dataclasses import dataclass

from runfolio.images import Caption, Image
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure
from runfolio.plots.table import TableFigure
from runfolio.plots.tree import TreeRows
from runfolio.readings import Readings


@dataclass(frozen=True, kw_only=True)
class TableView:
    """One table at one moment, and how to show it."""

    figure: TableFigure
    readings: Readings


@dataclass(frozen=True, kw_only=True)
class TreeView:
    """One tree, and the file that it is written to."""

    tag: str
    """The file's name, without its type."""
    rows: TreeRows
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReducerView:
    """One reducer at one moment: its counts in the order of declaration, and how to show them."""

    name: str
    counts: Mapping[str, Counts]
    figures: tuple[Figure, ...]
    keywords: tuple[str, ...] = ()
    """The keywords of the reducer's file of histograms."""
    tables: tuple[TableView, ...] = ()
    trees: tuple[TreeView, ...] = ()
    """At the end of a run only."""


@dataclass(frozen=True, kw_only=True)
class RenderJob:
    """Draw every figure and table of these reducers in each image type, and write their .root files."""

    caption: Caption
    reducers: tuple[ReducerView, ...]
    image_types: tuple[str, ...] = ("png",)
    """Of `png`, `pdf`, `svg`, `eps`; empty for none."""
    written_at: float
    """Unix seconds, for files that carry a date."""


TOLD_TO_STOP = "the program was told to stop"
"""Why a picture is missing that was not there in time."""


@dataclass(frozen=True)
class Failure:
    """An image that could not be made, and why."""

    tag: str
    image_type: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The images of one job, in the order of declaration, and what could not be drawn."""

    images: tuple[Image, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def cut_short(self) -> bool:
        """Whether pictures are missing since the program was told to stop."""
        return any(each.reason == TOLD_TO_STOP for each in self.failures)
