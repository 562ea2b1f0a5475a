"""A figure and its counts drawn on a sheet, with the caption that says which run it shows.

It knows nothing of files: `encode.py` turns a sheet into bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from runfolio.clock import utc_text
from runfolio.errors import DeclarationError
from runfolio.images import Caption
from runfolio.plots.axes import Labels
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, cannot_share
from runfolio.render.colormap import draw_color_map
from runfolio.render.commonwords import on_common_words
from runfolio.render.curves import draw_curves
from runfolio.render.layout import (
    BOTTOM,
    DEEP_BOTTOM,
    LEFT,
    LINE,
    WIDE_LEFT,
    Box,
    Frame,
    caption_size,
    frame,
    grid,
    text_size,
)
from runfolio.render.panel import GREY, are_long, write_title, x_ticks, y_ticks_of
from runfolio.render.sheet import Sheet
from runfolio.render.view import along_x, along_y
from runfolio.render.words import fit, plain, width

_TITLE, _HEADING = 1.1, 1.08
"""The size of a panel's title, and that of the heading over several panels, in text sizes."""
_MOST_MARGIN = 0.45
"""The most of a panel that goes to words beside it."""
_STATE_COLORS = {"final": "black", "live": "#b34700"}


@dataclass(frozen=True)
class _Filled:
    """A panel with what it shows."""

    panel: Panel
    counts: list[Counts]

    @property
    def is_map(self) -> bool:
        return len(self.counts[0].axes) > 1

    @property
    def title(self) -> str:
        return plain(self.panel.title or self.counts[0].title)


def draw(figure: Figure, counts: Mapping[str, Counts], caption: Caption) -> Sheet:
    """Return the drawn figure. It is encoded within `style.fixed_style`.

    Raises:
        DeclarationError: a panel names a histogram that isn't there, or shows what can't be overlaid.
        ValueError: matplotlib doesn't know a colour.

    """
    rows = [[_fill(panel, counts) for panel in row] for row in figure.rows]
    sheet = Sheet(figure.size)
    bottom = write_caption(sheet, caption)
    area = Box(0, bottom, sheet.width, sheet.height - bottom)
    if sum(map(len, rows)) > 1:
        area = write_heading(sheet, area, figure.description)
    cells = grid(area, len(rows), len(rows[0]))
    size = text_size(cells[0][0])
    for row, boxes in zip(rows, cells, strict=True):
        _draw_row(sheet, row, boxes, size)
    return sheet


def _fill(panel: Panel, counts: Mapping[str, Counts]) -> _Filled:
    missing = [each.histogram for each in panel.series if each.histogram not in counts]
    if missing or not panel.series:
        raise DeclarationError(
            f"a panel shows {missing[0]!r}, no histogram" if missing else "a panel shows nothing"
        )
    shown = on_common_words([counts[each.histogram] for each in panel.series])
    wrong = cannot_share(
        [len(each.axes) for each in shown],
        [each.kind for each in shown],
        [isinstance(each.axes[0], Labels) for each in shown],
    )
    if wrong:
        raise DeclarationError(wrong)
    return _Filled(panel, shown)


def _draw_row(sheet: Sheet, row: list[_Filled], boxes: list[Box], size: float) -> None:
    """Draw the panels of a row, their frames at one height."""
    lefts = [_room_left(each, box, size) for each, box in zip(row, boxes, strict=True)]
    frames = [
        frame(box, size, 0.0, each.is_map, room_left=left)
        for each, box, left in zip(row, boxes, lefts, strict=True)
    ]
    below = max(_room_below(each, box, size) for each, box in zip(row, frames, strict=True))
    titles = [fit(each.title, _TITLE * size, box.width, 2) for each, box in zip(row, frames, strict=True)]
    title_height = max(max(len(lines), 1) * LINE * smaller for lines, smaller in titles)
    for each, cell, left, (lines, smaller) in zip(row, boxes, lefts, titles, strict=True):
        box = frame(cell, size, title_height, each.is_map, room_left=left, room_below=below)
        if each.is_map:
            draw_color_map(sheet, box, size, each.panel, each.counts[0])
        else:
            draw_curves(sheet, box, size, each.panel, each.counts)
        write_title(sheet, box, lines, smaller)


def _room_left(filled: _Filled, cell: Box, size: float) -> float:
    """Return the left margin in text sizes: wide for the words or times along a colour map's y axis."""
    if not filled.is_map or WIDE_LEFT * size > _MOST_MARGIN * cell.width:
        return LEFT
    up = along_y(filled.panel, filled.counts[0].axes[1], cell)
    found = y_ticks_of(filled.counts[0].axes[1], up, size, WIDE_LEFT)
    return WIDE_LEFT if are_long(found, size) else LEFT


def _room_below(filled: _Filled, box: Frame, size: float) -> float:
    """Return the bottom margin in text sizes: deep where words stand upright."""
    axes = [each.axes[0] for each in filled.counts]
    turned = x_ticks(axes[0], along_x(filled.panel, axes, box), size).turned
    return DEEP_BOTTOM if turned and DEEP_BOTTOM * size < _MOST_MARGIN * box.height else BOTTOM


def write_heading(sheet: Sheet, area: Box, words: str, text: float | None = None) -> Box:
    """Write a heading over all panels, or over text of a given size; return the area that is left."""
    size = _HEADING * (text or text_size(area))
    lines, size = fit(plain(words), size, area.width - 2 * size, 1)
    for line in lines:
        sheet.label((area.width / 2, area.top - 1.5 * size), line, size, align=("center", "baseline"))
    return Box(area.left, area.bottom, area.width, area.height - 1.8 * size * len(lines))


def write_caption(sheet: Sheet, caption: Caption) -> float:
    """Write the run along the bottom and its state at the right end; return the height they take."""
    size = caption_size(sheet.width)
    state = state_text(caption)
    right = sheet.width - size
    sheet.text(
        (right, 0.75 * size), state, size, align=("right", "baseline"), bold=True, color=_STATE_COLORS[state]
    )
    words = " · ".join((f"run {caption.run_number}", spills_text(caption), last_spill_text(caption)))
    lines, size = fit(words, size, right - 2 * size - width(state, size, bold=True), 2)
    for row, line in enumerate(reversed(lines)):
        sheet.text((size, (0.75 + LINE * row) * size), line, size, color=GREY)
    return (0.8 + LINE * len(lines)) * size


def state_text(caption: Caption) -> str:
    return "final" if caption.final else "live"


def spills_text(caption: Caption) -> str:
    return f"{caption.spills} {caption.unit}{'' if caption.spills == 1 else 's'}"


def last_spill_text(caption: Caption) -> str:
    dated = caption.last_spill_time is not None
    return f"last {caption.unit} {last_spill_words(caption)}" if dated else last_spill_words(caption)


def last_spill_words(caption: Caption) -> str:
    """Return the time of the last spill as a date in UTC; one that no calendar has, as it is."""
    seconds = caption.last_spill_time
    if seconds is None:
        return "no time stamps"
    try:
        return utc_text(seconds).replace("T", " ").replace("Z", " UTC")
    except (ValueError, OverflowError, OSError):
        return f"at {seconds:g} s"
