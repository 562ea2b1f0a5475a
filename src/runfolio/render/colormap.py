"""Panels of a 2-D histogram: a colour map with its colour bar, and on demand the counts in its cells."""

import math

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts
from runfolio.plots.figures import Panel
from runfolio.render.corner import left_out
from runfolio.render.layout import LEFT, Box
from runfolio.render.outline import nice_top, say_if_empty
from runfolio.render.panel import GREY, Scale, draw_frame, label_x, label_y, x_ticks, y_ticks
from runfolio.render.sheet import Points, Sheet
from runfolio.render.ticks import Ticks, whole_numbers
from runfolio.render.words import plain, shorten, width

_COLORS = "viridis"
_BAR_LEFT, _BAR_WIDE, _BAR_LABELS, _BAR_TITLE = 0.6, 1.2, 2.1, 6.6
"""From the frame, in text sizes."""
_SHADES = 128
_MOST_CELLS = 5000
_OVERLAP = 0.5
"""Pixels."""
_LEAST_NUMBER = 7.0
"""Pixels; smaller digits can't be read."""
_THOUSANDS = "kMGTPE"
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_DARK = 0.45


def draw_color_map(sheet: Sheet, box: Box, size: float, panel: Panel, counts: Counts) -> None:
    """Draw filled cells in the colour of their count; empty ones stay white."""
    x_axis, y_axis = counts.axes
    across = Scale(float(x_axis.edges[0]), float(x_axis.edges[-1]), box.left, box.width)
    up = Scale(float(y_axis.edges[0]), float(y_axis.edges[-1]), box.bottom, box.height)
    heat = _heat_scale(counts, box, log=panel.log_y)
    _draw_cells(sheet, panel, counts, (across, up, heat))
    x, y = (across, x_ticks(x_axis, across, size)), (up, y_ticks(up, size, whole_numbers(y_axis)))
    draw_frame(sheet, box, size, x, y, shorter=0.4 if panel.numbers else 0.8)
    label_x(sheet, box, size, x, x_axis.label)
    label_y(sheet, box, size, y, y_axis.label)
    _draw_bar(sheet, box, size, heat)
    _write_statistics(sheet, box, size, counts)
    say_if_empty(sheet, box, size, [counts])


def _draw_cells(sheet: Sheet, panel: Panel, counts: Counts, scales: tuple[Scale, Scale, Scale]) -> None:
    """Draw filled cells one by one, or many as an image: a million take a minute and 100 MB in PDF or SVG."""
    across, up, heat = scales
    filled = np.argwhere(counts.inside > 0)
    values = counts.inside[tuple(filled.T)]
    shades = mpl.colormaps[_COLORS]((heat(values) - heat.begin) / heat.length)
    if len(filled) > _MOST_CELLS:
        colors = np.ones((*counts.inside.shape, 4))
        colors[tuple(filled.T)] = shades
        sheet.image(Box(across.begin, up.begin, across.length, up.length), colors.swapaxes(0, 1))
        return
    cells = _cells(filled, across(counts.axes[0].edges), up(counts.axes[1].edges))
    sheet.polygons(cells, shades)
    if panel.numbers:
        _write_numbers(sheet, cells, values, shades)


def _write_statistics(sheet: Sheet, box: Box, size: float, counts: Counts) -> None:
    """Write the entries, and what isn't in the map, at the lower left if the axis title leaves room there."""
    small = 0.8 * size
    left = box.left - (LEFT - 0.6) * size
    room = box.right - width(plain(counts.axes[0].label), size) - size - left
    numbers = {"entries": counts.entries, **left_out(counts)}
    words = " · ".join(f"{reason} {number}" for reason, number in numbers.items())
    sheet.text((left, box.bottom - 2.9 * size), shorten(words, small, room), small, color=GREY)


def _heat_scale(counts: Counts, box: Box, *, log: bool) -> Scale:
    top = nice_top(max(float(counts.inside.max()), 1.0))
    if log:
        return Scale(1.0, max(top, 10.0), box.bottom, box.height, log=True)
    return Scale(0.0, top, box.bottom, box.height)


def _cells(filled: npt.NDArray[np.intp], x: Points, y: Points) -> Points:
    """Return the corners of cells given by their bin numbers, shape (cells, 4, 2).

    Each reaches a little below its neighbours to the right and above, which are drawn later: viewers
    of PDF and SVG would otherwise show white lines between them.
    """
    column, row = filled.T
    left, right = x[column], x[column + 1] + _OVERLAP
    bottom, top = y[row], y[row + 1] + _OVERLAP
    return np.stack([left, bottom, right, bottom, right, top, left, top], axis=1).reshape(-1, 4, 2)


def _write_numbers(sheet: Sheet, cells: Points, values: npt.NDArray[np.int64], shades: Points) -> None:
    """Write each count into its cell, all of one size; none where that would be too small."""
    if not len(values):
        return
    wide, high = cells[0, 2] - cells[0, 0]
    labels, size, rotation = fit_numbers(values, wide, high)
    if size < _LEAST_NUMBER:
        return
    dark = shades[:, :3] @ _LUMINANCE < _DARK
    for label, (x, y), is_dark in zip(labels, cells.mean(axis=1), dark, strict=True):
        # Upright digits have their baseline on the right.
        at = (x + 0.36 * size, y) if rotation else (x, y - 0.36 * size)
        color = "white" if is_dark else "black"
        sheet.text(at, label, size, align=("center", "baseline"), color=color, rotation=rotation)


def fit_numbers(values: npt.NDArray[np.int64], wide: float, high: float) -> tuple[list[str], float, float]:
    """Return labels, size in pixels and rotation: rounded where whole numbers don't fit a cell."""
    for labels in ([str(value) for value in values], [rounded(int(value)) for value in values]):
        longest = max(width(label, 10.0) for label in labels) / 10
        along, upright = (min(0.9 * a / longest, 0.75 * b, 16.0) for a, b in ((wide, high), (high, wide)))
        size, rotation = (along, 0.0) if along >= min(upright, 9.0) else (upright, 90.0)
        if size >= _LEAST_NUMBER:
            break
    return labels, size, rotation


def rounded(value: int) -> str:
    """Return 12345 as `12k`, 1234567 as `1.2M`."""
    if value < 1000:  # noqa: PLR2004 - the thousand of the docstring
        return str(value)
    power = min(int(math.log10(value) / 3), len(_THOUSANDS))
    share = value / 1000**power
    digits = f"{share:.0f}" if share >= 10 else f"{share:.1f}".removesuffix(".0")  # noqa: PLR2004 - two digits
    return digits + _THOUSANDS[power - 1]


def _draw_bar(sheet: Sheet, box: Box, size: float, heat: Scale) -> None:
    """Draw the colour bar right of the frame, with the same height."""
    bar = Box(box.right + _BAR_LEFT * size, box.bottom, _BAR_WIDE * size, box.height)
    shares = np.linspace(0, 1, _SHADES + 1)
    filled = np.column_stack([np.zeros(_SHADES, np.intp), np.arange(_SHADES)])
    steps = _cells(filled, np.array([bar.left, bar.right]), bar.bottom + bar.height * shares)
    sheet.polygons(steps, mpl.colormaps[_COLORS]((shares[:-1] + shares[1:]) / 2))
    found = y_ticks(heat, size, whole=True)
    nothing = (Scale(0, 1, bar.left, bar.width), Ticks(np.empty(0), np.empty(0), ()))
    draw_frame(sheet, bar, size, nothing, (heat, found), shorter=0.7)
    for at, label in zip(heat(found.major), found.labels, strict=True):
        sheet.text((box.right + _BAR_LABELS * size, at), label, size, align=("left", "center_baseline"))
    if found.factor:
        sheet.text((bar.left, bar.top + 0.65 * size), found.factor, 0.9 * size)
    at = (box.right + _BAR_TITLE * size, box.top)
    sheet.text(at, "entries", size, align=("right", "baseline"), rotation=90)
