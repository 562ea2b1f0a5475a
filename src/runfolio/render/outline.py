"""Panels of 1-D histograms: outlines without fill, on a scale that leaves room for the legend."""

import math

import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts
from runfolio.plots.figures import Panel
from runfolio.render.corner import Corner, corner, draw_corner
from runfolio.render.layout import Box
from runfolio.render.panel import GREY, Scale, draw_frame, label_x, label_y, stroke, x_ticks, y_ticks
from runfolio.render.sheet import Sheet
from runfolio.render.words import width, wrap

_LOG_LOW = 0.5
"""Where a logarithmic axis of counts begins: below one."""
_NICE = (
    1.0,
    1.1,
    1.25,
    1.4,
    1.6,
    1.8,
    2.0,
    2.25,
    2.5,
    2.8,
    3.2,
    3.6,
    4.0,
    4.5,
    5.0,
    5.6,
    6.3,
    7.0,
    8.0,
    9.0,
    10.0,
)
_AIR = 1.06
_BESIDE = 6
"""Pixels from the legend that are kept free."""
_DENSE = 3
"""Pixels to a bin."""


def draw_outlines(sheet: Sheet, box: Box, size: float, panel: Panel, counts: list[Counts]) -> None:
    """Draw histograms over each other in their order, then the frame, so that it stays black."""
    axis = counts[0].axes[0]
    low = min(float(each.axes[0].edges[0]) for each in counts)
    high = max(float(each.axes[0].edges[-1]) for each in counts)
    across = Scale(low, high, box.left, box.width)
    shown = corner(panel.series, counts, box, size)
    bottom = _LOG_LOW if panel.log_y else 0.0
    up = Scale(
        bottom, top_of(counts, across, box, shown, log=panel.log_y), box.bottom, box.height, panel.log_y
    )
    for series, each in zip(panel.series, counts, strict=True):
        sheet.line(outline(each, across, up), _line_width(each, box, size), series.color)
    x, y = (across, x_ticks(axis, across, size)), (up, y_ticks(up, size, whole=True))
    draw_frame(sheet, box, size, x, y)
    label_x(sheet, box, size, x, axis.label)
    label_y(sheet, box, size, y, "entries")
    if shown:
        draw_corner(sheet, shown)
    say_if_empty(sheet, box, size, counts)


def _line_width(counts: Counts, box: Box, size: float) -> float:
    """Return the width of an outline, in pixels: thin where bins are hardly wider than the line."""
    return 1.5 * stroke(size) if box.width > _DENSE * counts.axes[0].bins else 1.0


def outline(counts: Counts, across: Scale, up: Scale) -> npt.NDArray[np.float64]:
    """Return the corners of the steps, in pixels, from the bottom at the first edge to that at the last."""
    x = np.repeat(across(counts.axes[0].edges), 2)
    y = np.concatenate([[up.begin], np.repeat(up(counts.inside), 2), [up.begin]])
    return np.column_stack([x, y])


def top_of(counts: list[Counts], across: Scale, box: Box, shown: Corner | None, *, log: bool) -> float:
    """Return where the axis of counts ends: some air above all, and nothing behind the legend.

    It moves in steps of about a tenth, so that a growing histogram doesn't shift its axis at each refresh.
    """
    highest = max(_highest(each, across, -math.inf) for each in counts)
    beside = max(_highest(each, across, shown.box.left - _BESIDE) for each in counts) if shown else 0
    free = (shown.box.bottom - box.bottom) / box.height - 0.04 if shown else 1.0
    if log:
        needed = max(_log_top(highest, 1 / _AIR), _log_top(beside, free))
    else:
        needed = max(highest * _AIR, beside / max(free, 0.1))
    return nice_top(max(needed, 10.0 if log else 1.2))


def _log_top(value: float, share: float) -> float:
    """Return the end of a logarithmic axis on which a value lies at this share of its length."""
    return _LOG_LOW * math.pow(max(value, 1.0) / _LOG_LOW, 1 / max(share, 0.1))


def _highest(counts: Counts, across: Scale, from_pixel: float) -> float:
    """Return the largest count in the bins that reach right of a pixel."""
    right = across(counts.axes[0].edges[1:])
    return float(counts.inside[right > from_pixel].max(initial=0))


def nice_top(value: float) -> float:
    """Return the next of about 20 round numbers in a decade that is not smaller."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(nice * decade for nice in _NICE if nice * decade >= value * (1 - 1e-12))


def say_if_empty(sheet: Sheet, box: Box, size: float, counts: list[Counts]) -> None:
    """Write into the middle of the frame that there is nothing in it, and why."""
    if any(each.in_range for each in counts):
        return
    words = "no entries"
    if any(each.entries for each in counts):
        below, above = sum(each.underflow for each in counts), sum(each.overflow for each in counts)
        words = f"no entries in range: {below} below, {above} above"
    larger = 1.2 * size
    lines = wrap(words, larger, max(0.85 * box.width, width("entries", larger)))
    for row, line in enumerate(lines):
        middle = box.bottom + 0.45 * box.height + (len(lines) / 2 - row) * 1.4 * larger
        sheet.text((box.left + box.width / 2, middle), line, larger, align=("center", "center"), color=GREY)
