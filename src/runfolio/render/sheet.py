"""A sheet: a picture measured in pixels from its lower left corner, on matplotlib's `Figure`.

It is drawn with single artists and no matplotlib axes. Those lay out, tick and clip anew at every
drawing: 4 x 2 axes with minor ticks took 190 ms to build and save, the same picture here takes 110.
"""

from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from runfolio.render.layout import Box
from runfolio.render.words import DPI, POINTS, font

Points = npt.NDArray[np.float64]

_NOT_OURS = frozenset({"backend", "backend_fallback", "interactive", "toolbar", "timezone"})


def fixed_style() -> Any:
    """Return a context with the settings matplotlib is shipped with, whatever a user's matplotlibrc says."""
    return mpl.rc_context(_settings())


@cache
def _settings() -> Any:
    # Key by key: looking at `backend`, as items() does, imports pyplot and tries for a screen.
    defaults: Any = mpl.rcParamsDefault
    shipped = {key: defaults[key] for key in defaults if key not in _NOT_OURS}
    # Text without hinting is as readable, takes a quarter less of a picture's time, and keeps its widths.
    return {**shipped, "svg.hashsalt": "runfolio", "svg.fonttype": "path", "text.hinting": "no_hinting"}


class Sheet:
    """A white sheet of exactly `size` pixels, width and height."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.figure = Figure(figsize=(self.width / DPI, self.height / DPI), dpi=DPI)
        self.canvas: Any = FigureCanvasAgg(self.figure)
        # The canvases of pdf, svg and eps set another dpi while they draw: pixels go by way of inches.
        self._pixels = Affine2D().scale(1 / DPI) + self.figure.dpi_scale_trans

    def text(
        self,
        at: tuple[float, float],
        words: str,
        size: float,
        *,
        align: tuple[Any, Any] = ("left", "baseline"),
        color: Any = "black",
        bold: bool = False,
        rotation: float = 0,
    ) -> None:
        """Write words that are plain already, aligned as (horizontal, vertical) at a point."""
        self._add(
            Text(
                *at,
                words,
                fontproperties=font(size, bold),
                color=color,
                horizontalalignment=align[0],
                verticalalignment=align[1],
                rotation=rotation,
                rotation_mode="anchor" if rotation else "default",
                parse_math=False,
            )
        )

    def segments(
        self, segments: Points, width: float, color: Any = "black", *, within: Box | None = None
    ) -> None:
        """Draw separate straight lines, shape (lines, 2 ends, 2), or what is of them within a box."""
        codes = np.tile([Path.MOVETO, Path.LINETO], len(segments))
        self._outline(Path(segments.reshape(-1, 2), codes), width, color, within)

    def line(self, points: Points, width: float, color: Any = "black", *, within: Box | None = None) -> None:
        """Draw one line through points, shape (points, 2), or what is of it within a box."""
        self._outline(Path(points), width, color, within)

    def markers(self, points: Points, size: float, color: Any) -> None:
        """Draw filled circles of a diameter around points, shape (points, 2)."""
        x, y = points.T
        marked = Line2D(x, y, linestyle="none", marker="o", color=color)
        marked.set_markersize(size * POINTS)
        marked.set_markeredgewidth(0)
        self._add(marked)

    def polygons(self, corners: Any, colors: Any) -> None:
        """Fill polygons, shape (polygons, corners, 2), without gaps between neighbours."""
        if len(corners):
            self._add(PolyCollection(corners, facecolors=colors, edgecolors="none", antialiaseds=False))

    def image(self, box: Box, colors: Points) -> None:
        """Fill a box with cells of one size, shape (rows from the bottom, columns, 4)."""
        image = BboxImage(self._place(box), interpolation="nearest", origin="lower")
        image.set_data(colors)
        self.figure.add_artist(image)

    def _outline(self, path: Path, width: float, color: Any, within: Box | None = None) -> None:
        # Lines along the pixels are sharp; by itself matplotlib does that only up to 1024 points.
        drawn = PathPatch(
            path, fill=False, edgecolor=color, linewidth=width * POINTS, snap=True, joinstyle="miter"
        )
        if within is not None:
            drawn.set_clip_box(self._place(within))
        self._add(drawn)

    def _place(self, box: Box) -> TransformedBbox:
        return TransformedBbox(Bbox.from_bounds(box.left, box.bottom, box.width, box.height), self._pixels)

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._pixels)
        self.figure.add_artist(artist)
