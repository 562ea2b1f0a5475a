"""Words for tests of histograms of all kinds: filled ones, pictures of them, and what can be read there."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from runfolio.images import Caption
from runfolio.plots import Counts, Figure, Histogram, Kind, Panel, Series
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.contents import Contents
from runfolio.render.draw import draw
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


def texts(sheet: Sheet) -> list[Text]:
    found: list[Any] = sheet.figure.findobj(Text)
    return [each for each in found if each.get_text()]


def words(sheet: Sheet) -> set[str]:
    return {each.get_text() for each in texts(sheet)}


def assert_readable(sheet: Sheet) -> None:
    """Fail where a text overlaps another one, or reaches out of the picture."""
    renderer = sheet.canvas.get_renderer()
    boxes = {each: each.get_window_extent(renderer) for each in texts(sheet)}
    for text, box in boxes.items():
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= sheet.width, text
        assert box.y1 <= sheet.height, text
    for (text, box), (other, other_box) in combinations(boxes.items(), 2):
        shared = Bbox.intersection(box, other_box)
        assert shared is None or min(shared.width, shared.height) < 1.5, (text, other)
