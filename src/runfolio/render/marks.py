"""What lies on a sheet, as plain data: words, lines, dots and coloured cells.

All is measured in pixels from the sheet's lower left corner. How it's drawn is another's business:
`raster.py` makes pixels of it, `vector.py` lines and fonts.
"""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from runfolio.render.layout import Box

Across = Literal["left", "center", "right"]
Colors = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


class Words(NamedTuple):
    """Words that are plain already."""

    at: tuple[float, float]
    """On their baseline."""
    words: str
    size: float
    align: Across
    """What of them is there: their `left` end, `center` or `right` end, along the direction of writing."""
    color: Any
    bold: bool
    upright: bool
    """Whether they are read from below upwards."""
    beneath: bool = False
    """Whether they may be drawn before all else, as nothing else is where they are."""


class Lines(NamedTuple):
    """One line through points or, where they are `apart`, one from each second point to the next."""

    points: Points
    apart: bool
    width: float
    color: Any
    within: Box | None
    """What lies outside this box is cut off."""


class Dots(NamedTuple):
    """Filled circles of a diameter around points, shape (points, 2)."""

    points: Points
    size: float
    color: Any


class Cells(NamedTuple):
    """A grid of rectangles between edges, each of one colour."""

    x: Points
    y: Points
    """Edges that don't fall, the one above or right of the other."""
    colors: Colors
    """Red, green, blue and opacity, shape (columns, rows, 4). With opacity 0 nothing is drawn."""


Mark = Words | Lines | Dots | Cells
