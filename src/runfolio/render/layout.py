"""Where things are on a picture: every measure follows from its size in pixels and its number of panels.

Nothing is measured after drawing, so a panel's frame stays where it is while its counts grow.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEFT, RIGHT, BOTTOM, TOP = 5.6, 1.2, 3.9, 0.7
"""Margins of a frame, in text sizes: tick labels and axis titles go there."""
COLOR_BAR = 7.4
"""The right margin of a colour map, in text sizes."""
WIDE_LEFT, DEEP_BOTTOM = 10.4, 10.0
"""The margins where words stand beside an axis instead of numbers, in text sizes."""
LINE = 1.3
"""From one line of text to the next, in text sizes."""
_LEAST = 8.0


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the lower left corner of the sheet."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def top(self) -> float:
        return self.bottom + self.height

    @property
    def corners(self) -> npt.NDArray[np.float64]:
        """Shape (4, 2)."""
        x, y = (self.left, self.right), (self.bottom, self.top)
        return np.array([(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])])


@dataclass(frozen=True)
class Frame(Box):
    """The frame of a panel's data, and how much room there is left of it and below, in text sizes."""

    room_left: float = LEFT
    room_below: float = BOTTOM


def text_size(box: Box) -> float:
    """Return the size of tick labels and titles, 17 pixels in a panel of 800 x 800, 11 in 300 x 350."""
    return round(7.2 + 0.0125 * math.sqrt(max(box.width * box.height, 0)), 1)


def caption_size(width: float) -> float:
    return min(max(0.017 * width, 9.0), 13.0)


def grid(area: Box, rows: int, columns: int) -> list[list[Box]]:
    """Return the cells of a grid, the first row on top."""
    width, height = area.width / columns, area.height / rows
    return [
        [
            Box(area.left + column * width, area.top - (row + 1) * height, width, height)
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def frame(
    cell: Box,
    size: float,
    title_height: float,
    color_bar: bool,
    *,
    room_left: float = LEFT,
    room_below: float = BOTTOM,
) -> Frame:
    """Return the frame of the data within a panel's cell; it keeps a few pixels however small the cell is."""
    left, bottom = room_left * size, room_below * size
    right, top = (COLOR_BAR if color_bar else RIGHT) * size, TOP * size + title_height
    return Frame(
        cell.left + left,
        cell.bottom + bottom,
        max(cell.width - left - right, _LEAST),
        max(cell.height - bottom - top, _LEAST),
        room_left,
        room_below,
    )
