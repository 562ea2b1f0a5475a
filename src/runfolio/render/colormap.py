"""Panels of a 2-D histogram: a colour map with its colour bar, and on demand the numbers in its cells."""

from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Panel
from runfolio.render.cellnumbers import write_numbers
from runfolio.render.corner import left_out, sum_text
from runfolio.render.curves import PALE, say_if_empty
from runfolio.render.heat import heat_scale
from runfolio.render.heights import off_scale, within_reach
from runfolio.render.layout import Box, Frame
from runfolio.render.panel import (
    GREY,
    Scale,
    draw_frame,
    label_x,
    label_y,
    title_row,
    x_ticks,
    x_title,
    y_ticks,
    y_ticks_of,
)
from runfolio.render.sheet import Sheet, color_bytes
from runfolio.render.ticks import Ticks
from runfolio.render.view import along_x, along_y, in_view, out_of_view
from runfolio.render.words import plain, shorten, width

_COLORS = "viridis"
_BAR_LEFT, _BAR_WIDE, _BAR_LABELS, _BAR_TITLE = 0.6, 1.2, 2.1, 6.6
"""From the frame, in text sizes."""
_SHADES = 128
_MOST_NUMBERS = 5000
"""In the cells of a map."""


def draw_color_map(sheet: Sheet, box: Frame, size: float, panel: Panel, counts: Counts) -> None:
    """Draw cells with entries in the colour of what they show; the others stay white."""
    x_axis, y_axis = counts.axes
    across, up = along_x(panel, [x_axis], box), along_y(panel, y_axis, box)
    filled = _filled(counts, across, up)
    heat = heat_scale(counts, filled, box, log=panel.log_y)
    _draw_cells(sheet, panel, counts, filled, (across, up, heat))
    x = across, x_ticks(x_axis, across, size, box.room_below)
    y = up, y_ticks_of(y_axis, up, size, box.room_left)
    draw_frame(sheet, box, size, x, y, shorter=0.4 if panel.numbers else 0.8)
    label_x(sheet, box, size, x, x_axis.label)
    label_y(sheet, box, size, y, y_axis.label)
    _draw_bar(sheet, box, size, heat, counts)
    hidden = {
        "not in view": out_of_view(counts, across, up),
        "cells off scale": off_scale(counts.heights[tuple(filled.T)], heat.low, heat.high),
    }
    room = box.width - width(x_title(box, size, x[1], x_axis.label), size)
    if x[1].factor:
        room -= width(x[1].factor, size) + 0.8 * size
    _write_statistics(sheet, box, size, counts, hidden=hidden, room=room)
    say_if_empty(sheet, box, size, [counts], hidden["not in view"])


def _filled(counts: Counts, across: Scale, up: Scale) -> npt.NDArray[np.intp]:
    """Return the bin numbers of cells in view that have entries, shape (cells, 2)."""
    seen = np.logical_and.outer(in_view(counts.axes[0], across), in_view(counts.axes[1], up))
    return np.argwhere((counts.inside > 0) & np.isfinite(counts.heights) & seen)


def _draw_cells(
    sheet: Sheet,
    panel: Panel,
    counts: Counts,
    filled: npt.NDArray[np.intp],
    scales: tuple[Scale, Scale, Scale],
) -> None:
    across, up, heat = scales
    values = counts.heights[tuple(filled.T)]
    shades = _shades((heat(within_reach(values)) - heat.begin) / heat.length)
    if heat.log:
        shades[values <= 0] = color_bytes(PALE)
    x, y = across(counts.axes[0].edges), up(counts.axes[1].edges)
    colors = np.zeros((*counts.inside.shape, 4), np.uint8)
    colors[tuple(filled.T)] = shades
    sheet.cells(x, y, colors)
    if panel.numbers and len(filled) <= _MOST_NUMBERS:
        columns, rows = filled.T
        corners = [np.column_stack([x[columns + end], y[rows + end]]) for end in (0, 1)]
        write_numbers(sheet, np.stack(corners, axis=1), values, shades)


def _shades(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return the colours of values from 0 to 1, shape (values, 4)."""
    palette = _palette()
    return palette[np.clip(shares * len(palette), 0, len(palette) - 1).astype(np.intp)]


@cache
def _palette() -> npt.NDArray[np.uint8]:
    return mpl.colormaps[_COLORS](np.arange(256), bytes=True)


def _write_statistics(
    sheet: Sheet, box: Frame, size: float, counts: Counts, *, hidden: dict[str, int], room: float
) -> None:
    """Write the entries, and what isn't in the map, at the lower left if the axis title leaves room there."""
    small = 0.8 * size
    indent = (box.room_left - 0.6) * size
    numbers: dict[str, Any] = {"entries": counts.entries}
    if counts.kind is Kind.WEIGHTED:
        numbers["sum in range" if counts.entries > counts.in_range else "sum"] = sum_text(counts)
    numbers |= {label: number for label, number in (left_out(counts) | hidden).items() if number}
    words = " · ".join(f"{reason} {number}" for reason, number in numbers.items())
    shown = shorten(words, small, room + indent - size)
    if width(shown, small) <= room + indent - size:
        sheet.text((box.left - indent, title_row(box, size)), shown, small, color=GREY)


def _draw_bar(sheet: Sheet, box: Box, size: float, heat: Scale, counts: Counts) -> None:
    """Draw the colour bar right of the frame, with the same height."""
    bar = Box(box.right + _BAR_LEFT * size, box.bottom, _BAR_WIDE * size, box.height)
    shares = np.linspace(0, 1, _SHADES + 1)
    shades = _shades((shares[:-1] + shares[1:]) / 2)
    sheet.cells(np.array([bar.left, bar.right]), bar.bottom + bar.height * shares, shades[None])
    found = y_ticks(heat, size, whole=counts.kind is Kind.COUNT)
    nothing = (Scale(0, 1, bar.left, bar.width), Ticks(np.empty(0), np.empty(0), ()))
    draw_frame(sheet, bar, size, nothing, (heat, found), shorter=0.7)
    room = (_BAR_TITLE - _BAR_LABELS - 1.1) * size
    widest = max((width(label, size) for label in found.labels), default=0.0)
    small = size * min(1.0, room / max(widest, 1.0))
    for at, label in zip(heat(found.major), found.labels, strict=True):
        sheet.label((box.right + _BAR_LABELS * size, at), label, small, align=("left", "center_baseline"))
    if found.factor:
        sheet.label((bar.left, bar.top + 0.65 * size), found.factor, 0.9 * size)
    at = (box.right + _BAR_TITLE * size, box.top)
    title = shorten(plain(counts.label) or "entries", size, box.height + 2 * size)
    sheet.label(at, title, size, align=("right", "baseline"), upright=True)
