"""A sheet: the one description of a picture, measured in pixels from its lower left corner.

It's a list of plain marks, which costs next to nothing to make; pixels or a vector file are made of it
elsewhere.
"""

from typing import Any, Literal

import numpy as np
from matplotlib.colors import to_rgba

from runfolio.render.layout import Box
from runfolio.render.marks import Across, Cells, Colors, Dots, Lines, Mark, Points, Words
from runfolio.render.words import ASCENT, DESCENT

Up = Literal["baseline", "top", "center", "center_baseline"]

_BASELINE = {
    "baseline": 0.0,
    "top": ASCENT,
    "center": (ASCENT - DESCENT) / 2,
    "center_baseline": ASCENT / 2,
}
"""How far below the point at which words are aligned their baseline is, in text sizes."""


def color_bytes(color: Any) -> Colors:
    """Return red, green, blue and opacity of a colour from 0 to 255."""
    return np.array([round(255 * part) for part in to_rgba(color)], np.uint8)


class Sheet:
    """A white sheet of exactly `size` pixels, width and height."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.marks: list[Mark] = []
        """In the order in which they are drawn."""

    def text(
        self,
        at: tuple[float, float],
        words: str,
        size: float,
        *,
        align: tuple[Across, Up] = ("left", "baseline"),
        color: Any = "black",
        bold: bool = False,
        upright: bool = False,
        beneath: bool = False,
    ) -> None:
        """Write words that are plain already, aligned along their direction and across it at a point.

        All words of a size have the same height for this, so that neighbours are on one line.
        """
        if words:
            below = _BASELINE[align[1]] * size
            x, y = at
            at = (x + below, y) if upright else (x, y - below)
            self.marks.append(Words(at, words, size, align[0], color, bold, upright, beneath))

    def label(self, at: tuple[float, float], words: str, size: float, **how: Any) -> None:
        """Write words as `text` does, where nothing else is drawn: as they seldom change, that is quick."""
        self.text(at, words, size, beneath=True, **how)

    def segments(
        self, segments: Points, width: float, color: Any = "black", *, within: Box | None = None
    ) -> None:
        """Draw separate straight lines, shape (lines, 2 ends, 2), or what is of them within a box."""
        self.marks.append(Lines(segments.reshape(-1, 2), True, width, color, within))

    def line(self, points: Points, width: float, color: Any = "black", *, within: Box | None = None) -> None:
        """Draw one line through points, shape (points, 2), or what is of it within a box."""
        self.marks.append(Lines(points, False, width, color, within))

    def markers(self, points: Points, size: float, color: Any) -> None:
        """Draw filled circles of a diameter around points, shape (points, 2)."""
        self.marks.append(Dots(points, size, color))

    def fill(self, box: Box, color: Any) -> None:
        """Fill a box with a colour."""
        x, y = np.array([box.left, box.right]), np.array([box.bottom, box.top])
        self.cells(x, y, color_bytes(color)[None, None])

    def cells(self, x: Points, y: Points, colors: Colors) -> None:
        """Fill the cells between edges, shape (columns, rows, 4), without gaps between neighbours."""
        self.marks.append(Cells(x, y, colors))
