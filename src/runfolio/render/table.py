"""A table drawn on a sheet: a row for each quantity, numbers right-aligned, and the caption of all pictures.

The columns' places follow from the sheet's size alone, so that they stay where they are while numbers grow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from runfolio.images import Caption
from runfolio.plots.table import TableFigure
from runfolio.readings import Reading, Readings, number_text
from runfolio.render.draw import write_caption, write_heading
from runfolio.render.layout import LINE, Box, caption_size, text_size
from runfolio.render.panel import GREY, stroke
from runfolio.render.sheet import Sheet
from runfolio.render.words import fit, plain, shorten, width

_WIDTH, _ROW = 800, 32
"""Pixels of a picture's width, and of one row, where no size was declared."""
_AROUND = 170
"""Pixels of all that is not a row."""
_SHADE = "#f2f2f2"
_SHARES = (0.35, 0.165, 0.175, 0.175, 0.135)
"""Of the width: the row's name, then the columns of numbers."""
_MARGIN, _GAP = 1.6, 0.7
"""Left and right of the table, and between its columns, in text sizes."""
_TEXT = 1 / 47
"""Size of the text, as a share of the picture's width, at most."""
_LEAST = 0.8
"""The smallest text of a row's name, in text sizes; longer ones are cut off."""
_HEAD = 2 * LINE + 0.9
"""Height of the headings, in text sizes."""


@dataclass(frozen=True)
class _Grid:
    """Where the rows and columns are."""

    box: Box
    size: float
    row: float
    """Height of a row, in pixels."""

    @property
    def columns(self) -> list[tuple[float, float]]:
        """Return each column's left and right end."""
        ends = self.box.left + self.box.width * np.cumsum((0, *_SHARES))
        gap = _GAP * self.size
        return [(left + gap, right - gap) for left, right in pairwise(ends)]

    def top(self, row: int) -> float:
        return self.box.top - _HEAD * self.size - row * self.row


def draw_table(figure: TableFigure, readings: Readings, caption: Caption) -> Sheet:
    """Return the drawn table. It is encoded within `style.fixed_style`."""
    sheet = Sheet(figure.size or (_WIDTH, _AROUND + _ROW * len(readings.rows)))
    bottom = write_caption(sheet, caption) + 1.8 * caption_size(sheet.width)
    text = min(text_size(Box(0, 0, sheet.width, sheet.width)), _TEXT * sheet.width)
    area = write_heading(sheet, Box(0, bottom, sheet.width, sheet.height - bottom), readings.title, text)
    grid = _grid(area, len(readings.rows), text)
    _draw_lines(sheet, grid, len(readings.rows))
    _write_headings(sheet, grid, readings.averaged)
    _write_rows(sheet, grid, [_cells(row) for row in readings.rows])
    lines, size = fit(", ".join(_notes(readings)), caption_size(sheet.width), grid.box.width, 1)
    for line in lines:
        below = grid.top(len(readings.rows)) - 1.5 * size
        sheet.text((grid.box.left, below), line, size, color=GREY)
    return sheet


def _cells(row: Reading) -> tuple[str, ...]:
    numbers = (row.last, row.mean_of_last, row.mean, row.values)
    return (plain(row.row), *map(number_text, numbers))


def _notes(readings: Readings) -> Iterator[str]:
    """Yield what was passed over, if anything was."""
    missing = sum(row.not_a_number for row in readings.rows)
    for count, one, more in (
        (missing, "1 value is missing", "values are missing"),
        (readings.without_number, "1 entry without a number", "entries without a number"),
        (readings.lost_spills, "1 spill lost to an error", "spills lost to errors"),
    ):
        if count:
            yield one if count == 1 else f"{count:,} {more}"


def _grid(area: Box, rows: int, text: float) -> _Grid:
    """Return the rows' places, closer together and in smaller text where there is no room."""
    size = min(text, area.height / (_HEAD + 1.5 * rows))
    row = min(2.2 * size, (area.height - _HEAD * size) / rows)
    margin = _MARGIN * size
    return _Grid(Box(margin, area.bottom, area.width - 2 * margin, area.height), size, row)


def _draw_lines(sheet: Sheet, grid: _Grid, rows: int) -> None:
    """Shade every other row, and draw a line below the headings and one below the rows."""
    box = grid.box
    for row in range(0, rows, 2):
        sheet.fill(Box(box.left, grid.top(row + 1), box.width, grid.row), _SHADE)
    heights = (grid.top(0), grid.top(rows))
    sheet.segments(np.array([[(box.left, at), (box.right, at)] for at in heights]), stroke(grid.size))


def _write_headings(sheet: Sheet, grid: _Grid, averaged: int) -> None:
    headings = (("last",), (f"last {averaged:,}", "mean of the"), ("the run", "mean over"), ("values",))
    for lines, (left, right) in zip(headings, grid.columns[1:], strict=True):
        size = _fitting(lines, 0.9 * grid.size, right - left)
        for row, line in enumerate(lines):
            at = (right, grid.top(0) + 0.6 * grid.size + LINE * row * size)
            sheet.text(at, line, size, align=("right", "baseline"), color=GREY)


def _write_rows(sheet: Sheet, grid: _Grid, rows: Sequence[tuple[str, ...]]) -> None:
    """Write names and numbers, all names in one size and all numbers in one."""
    names, *numbers = zip(*rows, strict=True)
    (left, right), *columns = grid.columns
    in_names = max(_fitting(names, grid.size, right - left), _LEAST * grid.size)
    in_numbers = min(
        _fitting(cells, grid.size, right - left)
        for cells, (left, right) in zip(numbers, columns, strict=True)
    )
    for row, (name, *cells) in enumerate(rows):
        middle = grid.top(row) - grid.row / 2
        words = shorten(name, in_names, right - left)
        sheet.text((left, middle), words, in_names, align=("left", "center_baseline"))
        for cell, (_, end) in zip(cells, columns, strict=True):
            sheet.text((end, middle), cell, in_numbers, align=("right", "center_baseline"))


def _fitting(words: Sequence[str], size: float, room: float) -> float:
    """Return the size, smaller where the widest of the words would not fit."""
    return size * min(1.0, room / max(width(each, size) for each in words))
