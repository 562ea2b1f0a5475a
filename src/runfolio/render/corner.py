"""The upper right corner of a panel: the legend, and for a single histogram its statistics."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runfolio.clock import utc_text
from runfolio.plots.axes import Regular
from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Series
from runfolio.render.layout import Box
from runfolio.render.panel import stroke
from runfolio.render.sheet import Sheet
from runfolio.render.words import plain, shorten, width

_LINE, _PAD, _SAMPLE, _GAP, _INSET = 1.35, 0.5, 2.2, 1.2, 0.8
"""Of text: from line to line, around it, a legend's line, between columns, from the frame."""
_MOST_DIGITS = 7
_DAY = 86400
_MOST_WIDE, _MOST_HIGH = 0.62, 0.6
"""The most of a panel's frame that it may take."""


@dataclass(frozen=True)
class Row:
    label: str
    value: str = ""
    color: Any = None
    """Of the line drawn beside a legend's name."""
    point: bool = False
    """Whether there is a point on that line, as in the drawing."""


@dataclass(frozen=True)
class Corner:
    """Rows of text and the box they take, which is drawn where there are statistics."""

    rows: tuple[Row, ...]
    box: Box
    size: float
    framed: bool


def corner(
    series: tuple[Series, ...],
    counts: list[Counts],
    frame: Box,
    size: float,
    hidden: Mapping[str, int] | None = None,
) -> Corner | None:
    """Return what is to be shown, fitted into the frame; None for several histograms without names.

    Args:
        series: with the names for the legend.
        counts: one for each of them.
        frame: the panel's.
        size: of text, in pixels.
        hidden: what a single histogram has that the panel doesn't show, and how many of it.

    """
    points = counts[0].kind is Kind.PROFILE
    legend = [Row(plain(each.label), color=each.color, point=points) for each in series if each.label]
    statistics = _statistics(counts[0], hidden or {}) if len(counts) == 1 else []
    small = 0.9 * size
    rows = _cut(legend + statistics, int((_MOST_HIGH * frame.height - 2 * _PAD * small) / (_LINE * small)))
    if not rows:
        return None
    most_wide = _MOST_WIDE * frame.width
    sample = _SAMPLE * small if legend else 0.0
    rows = [_narrow(row, small, most_wide - sample - 2 * _PAD * small) for row in rows]
    wide = max(_row_width(row, small) for row in rows) + sample + 2 * _PAD * small
    high = (len(rows) * _LINE + 2 * _PAD - 0.3) * small
    inset = _INSET * size
    box = Box(frame.right - inset - wide, frame.top - inset - high, wide, high)
    return Corner(tuple(rows), box, small, bool(statistics))


def _statistics(counts: Counts, hidden: Mapping[str, int]) -> list[Row]:
    rows = [Row("entries", str(counts.entries))]
    if counts.kind is Kind.WEIGHTED:
        rows.append(Row("sum in range" if counts.entries > counts.in_range else "sum", sum_text(counts)))
    if counts.mean is not None:
        rows.append(Row("mean", _mean(counts, counts.mean)))
    missing = {**left_out(counts), **hidden}
    return rows + [Row(label, str(number)) for label, number in missing.items() if number]


def sum_text(counts: Counts) -> str:
    """Return the sum of the weights in range."""
    with np.errstate(over="ignore", invalid="ignore"):  # beyond floating point it is inf or nan, and shown so
        return _with_minus(f"{float(counts.heights.sum()):.6g}")


def _mean(counts: Counts, mean: float) -> str:
    axis = counts.axes[0]
    span = float(axis.edges[-1] - axis.edges[0])
    if isinstance(axis, Regular) and axis.time:
        return time_text(mean, span)
    return mean_text(mean, span)


def time_text(seconds: float, span: float) -> str:
    """Return Unix seconds as a time of day, with the date where an axis spans more than a day."""
    try:
        text = utc_text(seconds)
    except (ValueError, OverflowError, OSError):
        return mean_text(seconds, span)
    return text[11:19] if span <= _DAY else text[:16].replace("T", " ")


def mean_text(mean: float, span: float) -> str:
    """Return a mean to about a thousandth of the span of its axis."""
    decimals = 3 - math.floor(math.log10(span))
    text = f"{mean:.{max(decimals, 0)}f}" if -_MOST_DIGITS < decimals < _MOST_DIGITS else f"{mean:.4g}"
    return _with_minus(text)


def _with_minus(text: str) -> str:
    return text.replace("-", "\u2212")


def left_out(counts: Counts) -> dict[str, int]:
    """Return how many entries a picture doesn't show, by reason; reasons without any are left out."""
    numbers = {
        "underflow": counts.underflow,
        "overflow": counts.overflow,
        "not a number": counts.not_a_number,
        "spills lost": counts.lost_spills,
    }
    return {reason: number for reason, number in numbers.items() if number}


def _cut(rows: list[Row], most: int) -> list[Row]:
    if len(rows) <= most:
        return rows
    return [*rows[: most - 1], Row(f"and {len(rows) - most + 1} more")] if most > 1 else []


def _narrow(row: Row, size: float, room: float) -> Row:
    taken = width(row.value, size) + _GAP * size if row.value else 0.0
    return replace(row, label=shorten(row.label, size, room - taken))


def _row_width(row: Row, size: float) -> float:
    return width(row.label, size) + (width(row.value, size) + _GAP * size if row.value else 0.0)


def draw_corner(sheet: Sheet, corner: Corner) -> None:
    """Draw the rows from the top; a legend's names stand right of their lines."""
    box, size = corner.box, corner.size
    if corner.framed:
        sheet.fill(box, "white")
        sheet.line(np.vstack([box.corners, box.corners[:1]]), 1.0)
    indent = _SAMPLE * size if any(row.color is not None for row in corner.rows) else 0.0
    left = box.left + _PAD * size
    for number, row in enumerate(corner.rows):
        base = box.top - (_PAD + 0.85 + number * _LINE) * size
        if row.color is not None:
            middle = base + 0.35 * size
            sheet.line(
                np.array([(left, middle), (left + indent - 0.5 * size, middle)]),
                1.5 * stroke(size),
                row.color,
            )
        if row.point:
            sheet.markers(np.array([(left + indent / 2 - 0.25 * size, middle)]), 0.45 * size, row.color)
        sheet.text((left + (indent if row.color is not None else 0.0), base), row.label, size)
        if row.value:
            sheet.text((box.right - _PAD * size, base), row.value, size, align=("right", "baseline"))
