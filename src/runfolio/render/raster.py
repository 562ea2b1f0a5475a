"""A sheet's pixels, drawn by matplotlib's Agg renderer and numpy without any of matplotlib's artists.

Those take several times as long as the drawing: 14 ms for a plain picture of 800 x 800 pixels, which here
takes 1.
"""

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform

from runfolio.render.lettering import outline
from runfolio.render.marks import Cells, Colors, Dots, Lines, Words
from runfolio.render.sheet import Sheet
from runfolio.render.words import DPI, POINTS, width

_BACK = {"left": 0.0, "center": 0.5, "right": 1.0}
"""How far before the point at which they are aligned words begin, in their lengths."""
_AS_IS = IdentityTransform()


def pixels(sheet: Sheet) -> Colors:
    """Return red, green, blue and an opacity of 255 of each pixel from the top; shape (height, width, 4).

    Words are drawn after all else: nothing lies on them.

    Raises:
        ValueError: matplotlib doesn't know a colour.

    """
    renderer: Any = RendererAgg(sheet.width, sheet.height, DPI)  # type: ignore[no-untyped-call]
    canvas: Colors = np.asarray(renderer.buffer_rgba())
    canvas.fill(255)
    texts: defaultdict[Any, list[Words]] = defaultdict(list)
    for mark in sheet.marks:
        match mark:
            case Words():
                texts[mark.color].append(mark)
            case Lines():
                _draw_lines(renderer, mark)
            case Dots():
                _draw_dots(renderer, mark)
            case Cells():
                _fill_cells(canvas, mark)
    for color, words in texts.items():
        _write(renderer, words, color)
    return canvas


def _draw_lines(renderer: Any, lines: Lines) -> None:
    pen = renderer.new_gc()
    pen.set_foreground(to_rgba(lines.color), isRGBA=True)
    pen.set_linewidth(lines.width * POINTS)
    pen.set_joinstyle("miter")
    pen.set_snap(
        True
    )  # Lines along the pixels are sharp; by itself matplotlib does that only up to 1024 points.
    if lines.within is not None:
        box = lines.within
        pen.set_clip_rectangle(Bbox.from_bounds(box.left, box.bottom, box.width, box.height))
    codes = None
    if lines.apart:
        codes = np.tile(np.array([Path.MOVETO, Path.LINETO], np.uint8), len(lines.points) // 2)
    renderer.draw_path(pen, Path(lines.points, codes), _AS_IS)


def _draw_dots(renderer: Any, dots: Dots) -> None:
    pen = renderer.new_gc()
    pen.set_linewidth(0)
    pen.set_snap(False)
    circle = Affine2D().scale(dots.size / 2)
    renderer.draw_markers(pen, Path.unit_circle(), circle, Path(dots.points), _AS_IS, to_rgba(dots.color))


def _fill_cells(canvas: Colors, cells: Cells) -> None:
    """Give each pixel the colour of the cell that its middle is in."""
    height, width, _ = canvas.shape
    left, columns = _cells_along(cells.x, width)
    bottom, rows = _cells_along(cells.y, height)
    below = height - bottom
    area = canvas.view(np.uint32)[below - len(rows) : below, left : left + len(columns), 0]
    drawn = cells.colors[:, :, 3].T > 0
    colors = np.ascontiguousarray(cells.colors.swapaxes(0, 1)).view(np.uint32)[:, :, 0]
    enlarged = (each.take(columns, axis=1).take(rows[::-1], axis=0) for each in (colors, drawn))
    np.copyto(area, next(enlarged), where=True if drawn.all() else next(enlarged))


def _cells_along(edges: npt.NDArray[np.float64], pixels: int) -> tuple[int, npt.NDArray[np.intp]]:
    """Return the first pixel between the outer edges, and the number of the cell for each from there on."""
    first, end = (int(np.clip(np.ceil(edge - 0.5), 0, pixels)) for edge in (edges[0], edges[-1]))
    return first, np.searchsorted(edges, np.arange(first, end) + 0.5, side="right") - 1


def _write(renderer: Any, texts: list[Words], color: Any) -> None:
    """Write words of one colour as a single path; they begin at whole pixels, to look alike anywhere."""
    outlines = [outline(each.words, each.bold, each.upright) for each in texts]
    lengths = [len(each.codes) for each in outlines]
    vertices = np.concatenate([each.vertices for each in outlines], dtype=np.float64)
    vertices *= np.repeat([each.size for each in texts], lengths)[:, None]
    vertices += np.repeat(np.rint([begin(each) for each in texts]), lengths, axis=0)
    pen = renderer.new_gc()
    pen.set_linewidth(0)
    pen.set_snap(False)
    path = Path(vertices, np.concatenate([each.codes for each in outlines]))
    renderer.draw_path(pen, path, _AS_IS, to_rgba(color))


def begin(words: Words) -> tuple[float, float]:
    x, y = words.at
    back = _BACK[words.align] * width(words.words, words.size, words.bold)
    return (x, y - back) if words.upright else (x - back, y)
