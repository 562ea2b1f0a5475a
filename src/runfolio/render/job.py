"""What the renderer is given, and what it gives back: plain data that crosses processes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Self

from runfolio.images import Caption, Image
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure
from runfolio.plots.snapshot import Snapshot
from runfolio.plots.table import TableFigure
from runfolio.plots.tree import TreeRows
from runfolio.readings import Readings

ROOT = "root"
"""The type of a file of histograms or of a tree's rows."""
_LONGEST_REASON = 300


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

    @property
    def lasting(self) -> tuple[object, ...]:
        """What does not change while the run goes on."""
        return (self.figures, self.counts.layout) if isinstance(self.counts, Snapshot) else (self.figures,)

    def images(self, image_types: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Give the tag and type of each image that is made of it, in the order of declaration."""
        if self.counts:
            yield self.name, ROOT
        tags = [figure.tag for figure in self.figures] + [table.figure.tag for table in self.tables]
        yield from product(tags, image_types)
        for tree in self.trees:
            yield tree.tag, ROOT


@dataclass(frozen=True, kw_only=True)
class RenderJob:
    """Draw every figure and table of these reducers in each image type, and write their .root files."""

    caption: Caption
    reducers: tuple[ReducerView, ...]
    image_types: tuple[str, ...] = ("png",)
    """Of `png`, `pdf`, `svg`, `eps`; empty for none."""
    written_at: float
    """Unix seconds, for files that carry a date."""

    @property
    def lasting(self) -> tuple[object, ...]:
        """What does not change while the run goes on: it need not cross to another process in each job."""
        return tuple(each for view in self.reducers for each in view.lasting)

    @property
    def images(self) -> list[tuple[str, str]]:
        """The tag and type of each image, in the order of declaration."""
        return [image for view in self.reducers for image in view.images(self.image_types)]


TOLD_TO_STOP = "the program was told to stop"
"""Why a picture is missing that was not there in time."""


@dataclass(frozen=True)
class Failure:
    """An image that could not be made, and why, in one short line."""

    tag: str
    image_type: str
    reason: str

    @classmethod
    def of(cls, tag: str, image_type: str, reason: str) -> Self:
        return cls(tag, image_type, " ".join(reason.split())[:_LONGEST_REASON])


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The images of one job, in the order of declaration, and what could not be drawn."""

    images: tuple[Image, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def cut_short(self) -> bool:
        """Whether pictures are missing since the program was told to stop."""
        return any(each.reason == TOLD_TO_STOP for each in self.failures)
