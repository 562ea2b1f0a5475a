"""A sheet's pixels, drawn by matplotlib's Agg renderer and numpy without any of matplotlib's artists.

Those take several times as long as the drawing: 14 ms for a plain picture of 800 x 800 pixels, which here
takes 1. Which pixels words cover follows from the words alone, and is remembered: most are the same at each
refresh. Words that nothing else lies on are written first, on white.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform

from runfolio.render.lettering import outline
from runfolio.render.marks import Cells, Colors, Dots, Lines, Words
from runfolio.render.sheet import Sheet, color_bytes
from runfolio.render.words import DPI, POINTS, width

_BACK = {"left": 0.0, "center": 0.5, "right": 1.0}
"""How far before the point at which they are aligned words begin, in their lengths."""
_AS_IS = IdentityTransform()
_HALF = 127

Pixels = npt.NDArray[np.int32]


def pixels(sheet: Sheet) -> Colors:
    """Return red, green, blue and an opacity of 255 of each pixel from the top; shape (height, width, 4).

    Words that others may lie on are drawn first, all others last.

    Raises:
        ValueError: matplotlib doesn't know a colour.

    """
    renderer, canvas = _white(sheet.width, sheet.height)
    words = [mark for mark in sheet.marks if isinstance(mark, Words)]
    _write(canvas, [each for each in words if each.beneath], on_white=True)
    for mark in sheet.marks:
        match mark:
            case Lines():
                _draw_lines(renderer, mark)
            case Dots():
                _draw_dots(renderer, mark)
            case Cells():
                _fill_cells(canvas, mark)
    _write(canvas, [each for each in words if not each.beneath], on_white=False)
    return canvas


def _white(width: int, height: int) -> tuple[Any, Colors]:
    """Return a renderer and its pixels, which are white."""
    renderer: Any = RendererAgg(width, height, DPI)  # type: ignore[no-untyped-call]
    canvas: Colors = np.asarray(renderer.buffer_rgba())
    canvas.fill(255)
    return renderer, canvas


class _Shape(NamedTuple):
    """The pixels that words cover, few of all there are, from where they begin."""

    right: npt.NDArray[np.int32]
    down: npt.NDArray[np.int32]
    cover: npt.NDArray[np.uint8]
    """How much of each, up to 255."""


class _Covered(NamedTuple):
    """The pixels of a sheet that words cover."""

    rows: Pixels
    columns: Pixels
    cover: npt.NDArray[np.uint8]


def _write(canvas: Colors, words: Sequence[Words], *, on_white: bool) -> None:
    """Write words, those of one colour together; where they leave the sheet they are cut off."""
    by_color: defaultdict[Any, list[Words]] = defaultdict(list)
    for each in words:
        by_color[each.color].append(each)
    height, width, _ = canvas.shape
    for color, texts in by_color.items():
        if on_white:
            rows, columns, cover = _labelled(tuple(texts), height, width)
            canvas.view(np.uint32)[rows, columns, 0] = _on_white(color)[cover]
        else:
            rows, columns, cover = _covered(texts, height, width)
            canvas[rows, columns] = _mixed(canvas[rows, columns], color, cover)


@lru_cache(maxsize=128)
def _labelled(texts: tuple[Words, ...], height: int, width: int) -> _Covered:
    """Return what all labels of a sheet cover, the same at most refreshes."""
    return _covered(texts, height, width)


def _covered(texts: Sequence[Words], height: int, width: int) -> _Covered:
    shapes = [_shape(each._replace(at=(0.0, 0.0), align="left", color="black")) for each in texts]
    begins = np.rint([begin(each) for each in texts]).astype(np.int32)
    lengths = [len(shape.cover) for shape in shapes]
    rows = np.concatenate([shape.down for shape in shapes]) + np.repeat(height - begins[:, 1], lengths)
    columns = np.concatenate([shape.right for shape in shapes]) + np.repeat(begins[:, 0], lengths)
    cover = np.concatenate([shape.cover for shape in shapes])
    on_sheet = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return _Covered(rows[on_sheet], columns[on_sheet], cover[on_sheet])


@lru_cache(maxsize=64)
def _on_white(color: Any) -> npt.NDArray[np.uint32]:
    """Return what white becomes with each cover."""
    white = np.full((256, 4), 255, np.uint8)
    return _mixed(white, color, np.arange(256, dtype=np.uint8)).view(np.uint32)[:, 0]


def _mixed(under: Colors, color: Any, cover: npt.NDArray[np.uint8]) -> Colors:
    """Return colours, shape (pixels, 4), with another one over them that covers each to some part of 255."""
    share, below = cover[:, None].astype(np.int32), under.astype(np.int32)
    return (below + ((color_bytes(color) - below) * share + _HALF) // 255).astype(np.uint8)


@lru_cache(maxsize=2048)
def _shape(words: Words) -> _Shape:
    """Return what words at (0, 0) cover: as all begin at whole pixels, it is the same anywhere."""
    around = math.ceil(words.size) + 2
    sides = math.ceil(width(words.words, words.size, words.bold)) + 2 * around, 2 * around
    renderer, canvas = _white(*(sides[::-1] if words.upright else sides))
    path = outline(words.words, words.bold, words.upright)
    pen = renderer.new_gc()
    pen.set_linewidth(0)
    pen.set_snap(False)
    vertices = path.vertices.astype(np.float64) * words.size + around
    renderer.draw_path(pen, Path(vertices, path.codes), _AS_IS, (0, 0, 0, 1))
    cover = 255 - canvas[:, :, 0]
    rows, columns = np.nonzero(cover)
    bottom = len(canvas) - around
    return _Shape((columns - around).astype(np.int32), (rows - bottom).astype(np.int32), cover[rows, columns])


def _draw_lines(renderer: Any, lines: Lines) -> None:
    pen = renderer.new_gc()
    pen.set_foreground(to_rgba(lines.color), isRGBA=True)
    pen.set_linewidth(lines.width * POINTS)
    pen.set_joinstyle("miter")
    pen.set_snap(True)  # lines along the pixels are sharp; by itself matplotlib stops at 1024 points
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


def begin(words: Words) -> tuple[float, float]:
    x, y = words.at
    back = _BACK[words.align] * width(words.words, words.size, words.bold)
    return (x, y - back) if words.upright else (x - back, y)
