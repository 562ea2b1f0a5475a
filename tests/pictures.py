"""Words for tests of histograms of all kinds: filled ones, pictures of them, and what can be read there."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.transforms import Bbox

from runfolio.images import Caption
from runfolio.plots import Counts, Figure, Histogram, Kind, Panel, Series
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.contents import Contents
from runfolio.render.draw import draw
from runfolio.render.lettering import outline
from runfolio.render.marks import Cells, Words
from runfolio.render.raster import begin
from runfolio.render.sheet import Sheet

CAPTION = Caption(run_number=4235, spills=1250, last_spill_time=None, final=True)


def contents(kind: Kind, *axes: DeclaredAxis, name: str = "h", label: str = "") -> Contents:
    """Return a histogram without entries, which is filled with arrays."""
    return Contents(Histogram(name, axes, "a title", lambda arrays: arrays, kind, label))


def filled(
    kind: Kind, axes: Sequence[DeclaredAxis], *arrays: Any, name: str = "h", label: str = ""
) -> Counts:
    """Return the counts of a histogram that was filled with arrays."""
    histogram = contents(kind, *axes, name=name, label=label)
    with np.errstate(all="ignore"):
        histogram.fill(arrays)
    return histogram.snapshot()


def picture(*counts: Counts, size: tuple[int, int] = (500, 400), named: bool = False, **how: Any) -> Sheet:
    """Return the drawn picture of one panel; `how` are fields of Panel."""
    series = tuple(Series(each.name, each.name if named else "") for each in counts)
    figure = Figure(tag="t", description="", rows=((Panel(series=series, **how),),), size=size)
    return draw(figure, {each.name: each for each in counts}, CAPTION)


def texts(sheet: Sheet) -> list[Words]:
    return [mark for mark in sheet.marks if isinstance(mark, Words)]


def words(sheet: Sheet) -> set[str]:
    return {each.words for each in texts(sheet)}


def grids(sheet: Sheet) -> list[Cells]:
    """Return coloured cells: of a map the first, then those of its colour bar."""
    return [mark for mark in sheet.marks if isinstance(mark, Cells)]


def filled_colors(sheet: Sheet) -> npt.NDArray[np.uint8]:
    """Return the colours of a map's filled cells, shape (cells, 4), column by column."""
    colors = grids(sheet)[0].colors
    return colors[colors[:, :, 3] > 0]


def box_of(text: Words) -> Bbox:
    """Return what words cover."""
    vertices = text.size * outline(text.words, text.bold, text.upright).vertices
    place = np.array(begin(text))
    return Bbox([place + vertices.min(axis=0), place + vertices.max(axis=0)])


def assert_readable(sheet: Sheet) -> None:
    """Fail where a text overlaps another one, or reaches out of the picture."""
    boxes = {each: box_of(each) for each in texts(sheet)}
    for text, box in boxes.items():
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= sheet.width, text
        assert box.y1 <= sheet.height, text
    for (text, box), (other, other_box) in combinations(boxes.items(), 2):
        shared = Bbox.intersection(box, other_box)
        assert shared is None or min(shared.width, shared.height) < 1.5, (text, other)
