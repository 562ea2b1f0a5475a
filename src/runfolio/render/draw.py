"""A figure and its counts drawn on a sheet, with the caption that says which run it shows.

It knows nothing of files: `encode.py` turns a sheet into bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from runfolio.clock import utc_text
from runfolio.errors import DeclarationError
from runfolio.images import Caption
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel
from runfolio.render.colormap import draw_color_map
from runfolio.render.layout import LINE, Box, caption_size, frame, grid, text_size
from runfolio.render.outline import draw_outlines
from runfolio.render.panel import GREY, write_title
from runfolio.render.sheet import Sheet
from runfolio.render.words import fit, plain, width

_TITLE, _HEADING = 1.1, 1.08
"""The size of a panel's title, and that of the heading over several panels, in text sizes."""
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
    """Return the drawn figure. It is drawn and encoded within `sheet.fixed_style`.

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
    shown = [counts[each.histogram] for each in panel.series]
    dimensions = {len(each.axes) for each in shown}
    if dimensions not in ({1}, {2}) or (dimensions == {2} and len(shown) > 1):
        raise DeclarationError("a panel shows 1-D histograms overlaid, or a single 2-D one")
    return _Filled(panel, shown)


def _draw_row(sheet: Sheet, row: list[_Filled], boxes: list[Box], size: float) -> None:
    """Draw the panels of a row, their frames at one height."""
    frames = [frame(box, size, 0.0, each.is_map) for box, each in zip(boxes, row, strict=True)]
    titles = [fit(each.title, _TITLE * size, box.width, 2) for each, box in zip(row, frames, strict=True)]
    title_height = max(max(len(lines), 1) * LINE * smaller for lines, smaller in titles)
    for each, cell, (lines, smaller) in zip(row, boxes, titles, strict=True):
        box = frame(cell, size, title_height, each.is_map)
        if each.is_map:
            draw_color_map(sheet, box, size, each.panel, each.counts[0])
        else:
            draw_outlines(sheet, box, size, each.panel, each.counts)
        write_title(sheet, box, lines, smaller)


def write_heading(sheet: Sheet, area: Box, words: str, text: float | None = None) -> Box:
    """Write a heading over all panels, or over text of a given size; return the area that is left."""
    size = _HEADING * (text or text_size(area))
    lines, size = fit(plain(words), size, area.width - 2 * size, 1)
    for line in lines:
        sheet.text((area.width / 2, area.top - 1.5 * size), line, size, align=("center", "baseline"))
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
