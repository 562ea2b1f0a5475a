"""A sheet as a PDF, SVG or EPS file, by way of matplotlib's artists.

There are no matplotlib axes: those lay out, tick and clip anew at every drawing.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import BboxImage
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from runfolio.render.lettering import font_file
from runfolio.render.marks import Cells, Colors, Dots, Lines, Mark, Points, Words
from runfolio.render.sheet import Sheet
from runfolio.render.words import DPI, POINTS

_MOST_CELLS = 5000
"""That are drawn one by one: a million of them take a minute and 100 MB."""
_OVERLAP = 0.5
"""Pixels."""
_FINE = 2
"""Cells of an image to a pixel, where a map's cells differ in size."""


def save(sheet: Sheet, image_type: str, metadata: dict[str, object]) -> bytes:
    """Return the bytes of a file of one of matplotlib's types; within `fixed_style`."""
    figure = Figure(figsize=(sheet.width / DPI, sheet.height / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    # The canvases set another dpi while they draw: pixels go by way of inches.
    pixels = Affine2D().scale(1 / DPI) + figure.dpi_scale_trans
    for mark in sheet.marks:
        artist = _artist(mark, pixels)
        artist.set_transform(pixels)
        figure.add_artist(artist)
    file = BytesIO()
    figure.savefig(file, format=image_type, metadata=metadata)
    return file.getvalue()


def _artist(mark: Mark, pixels: Any) -> Artist:
    match mark:
        case Words():
            return _text(mark)
        case Lines():
            return _patch(mark, pixels)
        case Dots():
            return _marked(mark)
        case Cells() if np.count_nonzero(mark.colors[:, :, 3]) > _MOST_CELLS:
            return _image(mark, pixels)
        case Cells():
            return _polygons(mark)


def _text(words: Words) -> Text:
    return Text(
        *words.at,
        words.words,
        fontproperties=_font(words.size, words.bold),
        color=words.color,
        horizontalalignment=words.align,
        verticalalignment="baseline",
        rotation=90 if words.upright else 0,
        rotation_mode="anchor",
        parse_math=False,
    )


@lru_cache(maxsize=256)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(fname=font_file(bold), size=size * POINTS)


def _patch(lines: Lines, pixels: Any) -> PathPatch:
    codes = np.tile([Path.MOVETO, Path.LINETO], len(lines.points) // 2) if lines.apart else None
    drawn = PathPatch(
        Path(lines.points, codes),
        fill=False,
        edgecolor=lines.color,
        linewidth=lines.width * POINTS,
        snap=True,
        joinstyle="miter",
    )
    if lines.within is not None:
        box = lines.within
        drawn.set_clip_box(_placed((box.left, box.bottom, box.width, box.height), pixels))
    return drawn


def _marked(dots: Dots) -> Line2D:
    x, y = dots.points.T
    marked = Line2D(x, y, linestyle="none", marker="o", color=dots.color)
    marked.set_markersize(dots.size * POINTS)
    marked.set_markeredgewidth(0)
    return marked


def _polygons(cells: Cells) -> PolyCollection:
    """Return cells as polygons.

    Each reaches a little below its neighbours to the right and above, which are drawn later: viewers
    would otherwise show white lines between them.
    """
    filled = np.nonzero(cells.colors[:, :, 3])
    (left, right), (bottom, top) = (
        (edges[:-1][numbers], _overlapping(edges)[numbers])
        for edges, numbers in zip((cells.x, cells.y), filled, strict=True)
    )
    corners = np.stack([left, bottom, right, bottom, right, top, left, top], axis=1).reshape(-1, 4, 2)
    colors = cells.colors[filled] / 255
    return PolyCollection(list(corners), facecolors=colors, edgecolors="none", antialiaseds=False)


def _overlapping(edges: Points) -> Points:
    """Return the upper edges of cells, beyond the lower ones of their neighbours."""
    return np.append(edges[1:-1] + _OVERLAP, edges[-1])


def _image(cells: Cells, pixels: Any) -> BboxImage:
    (left, right), (bottom, top) = (cells.x[[0, -1]], cells.y[[0, -1]])
    place = _placed((left, bottom, right - left, top - bottom), pixels)
    image = BboxImage(place, interpolation="nearest", origin="lower")
    white = np.where(cells.colors[:, :, 3:] > 0, cells.colors, 255)  # EPS has no transparency
    image.set_data(_even(_even(white, cells.x).swapaxes(0, 1), cells.y))
    return image


def _even(colors: Colors, edges: Points) -> Colors:
    """Return colours of cells that are all of one size along the first axis.

    Args:
        colors: of the cells between the edges, along their first axis.
        edges: in pixels, equal for cells that aren't shown.

    """
    sizes = np.diff(edges)
    if np.allclose(sizes, sizes[0]):
        return colors
    fine = int(np.ceil(_FINE * (edges[-1] - edges[0])))
    middles = edges[0] + (np.arange(fine) + 0.5) * (edges[-1] - edges[0]) / fine
    shown: Colors = colors[np.searchsorted(edges, middles, side="right") - 1]
    return shown


def _placed(bounds: tuple[float, float, float, float], pixels: Any) -> TransformedBbox:
    return TransformedBbox(Bbox.from_bounds(*bounds), pixels)
