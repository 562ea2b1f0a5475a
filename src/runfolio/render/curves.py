"""Panels of 1-D histograms, overlaid: outlines of counts and sums, or points of profiles."""

import numpy as np

from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Panel
from runfolio.render.corner import corner, draw_corner
from runfolio.render.heights import off_scale, scale_up, start_of
from runfolio.render.layout import Box, Frame
from runfolio.render.outline import draw_outline
from runfolio.render.panel import GREY, Scale, draw_frame, label_x, label_y, stroke, x_ticks, y_ticks
from runfolio.render.points import draw_points
from runfolio.render.sheet import Sheet
from runfolio.render.view import along_x, in_view, out_of_view
from runfolio.render.words import width, wrap

PALE = "0.7"


def draw_curves(sheet: Sheet, box: Frame, size: float, panel: Panel, counts: list[Counts]) -> None:
    """Draw histograms over each other in their order, then the frame, so that it stays black."""
    axis = counts[0].axes[0]
    across = along_x(panel, [each.axes[0] for each in counts], box)
    start = start_of(panel, counts, across)
    high = panel.y_range[1] if panel.y_range else np.inf
    shown = corner(panel.series, counts, box, size, _hidden(counts[0], across, (start.low, high)))
    up = scale_up(panel, counts, across, box, corner=shown, start=start)
    if up.low < 0 < up.high:
        _draw_zero(sheet, box, size, up)
    within = box if panel.log_x or panel.x_range or panel.y_range else None
    for series, each in zip(panel.series, counts, strict=True):
        if each.kind is Kind.PROFILE:
            draw_points(sheet, box, size, each, scales=(across, up), color=series.color)
        else:
            draw_outline(sheet, each, size, scales=(across, up), color=series.color, within=within)
    whole = all(each.kind is Kind.COUNT for each in counts)
    x, y = (across, x_ticks(axis, across, size, box.room_below)), (up, y_ticks(up, size, whole))
    draw_frame(sheet, box, size, x, y)
    label_x(sheet, box, size, x, axis.label)
    label_y(sheet, box, size, y, ", ".join(dict.fromkeys(each.label or "entries" for each in counts)))
    if shown:
        draw_corner(sheet, shown)
    say_if_empty(sheet, box, size, counts, sum(out_of_view(each, across) for each in counts))


def _hidden(counts: Counts, across: Scale, limits: tuple[float, float]) -> dict[str, int]:
    """Return what a histogram has and the panel doesn't show."""
    there = in_view(counts.axes[0], across) & (counts.inside > 0)
    return {
        "not in view": out_of_view(counts, across),
        "bins off scale": off_scale(counts.heights[there], *limits),
    }


def _draw_zero(sheet: Sheet, box: Box, size: float, up: Scale) -> None:
    zero = float(up(0))
    sheet.segments(np.array([[(box.left, zero), (box.right, zero)]]), stroke(size), PALE)


def say_if_empty(sheet: Sheet, box: Box, size: float, counts: list[Counts], out_of_view: int = 0) -> None:
    """Write into the middle of the frame that there is nothing in it, and why."""
    in_range = sum(each.in_range for each in counts)
    if in_range > out_of_view:
        return
    words = "no entries"
    if in_range:
        words = f"no entries in view: {in_range} elsewhere"
    elif any(each.entries for each in counts):
        below, above = sum(each.underflow for each in counts), sum(each.overflow for each in counts)
        words = f"no entries in range: {below} below, {above} above"
    larger = 1.2 * size
    lines = wrap(words, larger, max(0.85 * box.width, width("entries", larger)))
    for row, line in enumerate(lines):
        middle = box.bottom + 0.45 * box.height + (len(lines) / 2 - row) * 1.4 * larger
        sheet.text((box.left + box.width / 2, middle), line, larger, align=("center", "center"), color=GREY)
