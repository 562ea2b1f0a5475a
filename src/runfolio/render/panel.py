"""What every panel has: a frame with ticks inside on all four sides, labels, axis titles and a title."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis
from runfolio.render import ticks
from runfolio.render.layout import LEFT, LINE, Box
from runfolio.render.sheet import Sheet
from runfolio.render.ticks import Ticks
from runfolio.render.words import plain, shorten, width

GREY = "0.35"
_MAJOR, _MINOR = 0.55, 0.28
"""Lengths of ticks, in text sizes."""
_FROM_EDGE = 0.1
"""The least from a number to the sheet's edge, in text sizes."""
_MOST_Y, _MOST_X, _MOST_WHOLE = 8, 10, 22


@dataclass(frozen=True)
class Scale:
    """From values on an axis to pixels; what lies outside the limits is put on the nearer one."""

    low: float
    high: float
    begin: float
    length: float
    log: bool = False

    def __call__(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        clipped = np.clip(np.asarray(values, np.float64), self.low, self.high)
        if self.log:
            share = np.log(clipped / self.low) / np.log(self.high / self.low)
        else:
            share = (clipped - self.low) / (self.high - self.low)
        return np.asarray(self.begin + self.length * share)


def stroke(size: float) -> float:
    """Return the width of lines, in pixels, beside text of this size."""
    return max(1.0, 0.085 * size)


def x_ticks(axis: Axis, scale: Scale, size: float) -> Ticks:
    """Return as many ticks as have room for their labels side by side."""
    whole = ticks.whole_numbers(axis)
    most = axis.bins if whole and axis.bins <= _MOST_WHOLE else _MOST_X
    while True:
        found = ticks.linear(scale.low, scale.high, most, whole)
        taken = sum(width(label, size) + 0.8 * size for label in found.labels)
        if taken <= scale.length or most <= 1:
            return found
        most -= 1


def y_ticks(scale: Scale, size: float, whole: bool) -> Ticks:
    """Return as many ticks as have room above each other."""
    if scale.log:
        return ticks.logarithmic(scale.low, scale.high)
    few = whole and scale.high - scale.low <= _MOST_WHOLE
    most = int(min(_MOST_WHOLE if few else _MOST_Y, scale.length / (2 * size)))
    return ticks.linear(scale.low, scale.high, max(most, 2), whole)


def draw_frame(
    sheet: Sheet,
    box: Box,
    size: float,
    x: tuple[Scale, Ticks],
    y: tuple[Scale, Ticks],
    *,
    shorter: float = 1.0,
) -> None:
    """Draw the frame and its ticks, `shorter` times as long as usual, as one path."""
    sides = np.stack([box.corners, np.roll(box.corners, -1, axis=0)], axis=1)
    parts = [sides]
    for along, (scale, found) in enumerate((x, y)):
        low, high = ((box.bottom, box.top), (box.left, box.right))[along]
        for positions, share in ((found.major, _MAJOR), (found.minor, _MINOR)):
            length = share * shorter * size
            both = ((low, low + length), (high, high - length))
            parts += [_ticks(scale(positions), ends, along) for ends in both]
    sheet.segments(np.concatenate(parts), stroke(size))


def _ticks(at: npt.NDArray[np.float64], ends: tuple[float, float], along: int) -> npt.NDArray[np.float64]:
    """Return ticks on one side, shape (ticks, 2 ends, 2), of the x axis (`along` 0) or the y axis (1)."""
    lines = np.empty((len(at), 2, 2))
    lines[:, :, along] = at[:, None]
    lines[:, :, 1 - along] = ends
    return lines


def label_x(sheet: Sheet, box: Box, size: float, x: tuple[Scale, Ticks], title: str) -> None:
    """Write the numbers below the frame, and the axis title at its right end.

    A number at an end of the axis may be wider than the margin: it is moved onto the sheet.
    """
    scale, found = x
    for place, label in zip(scale(found.major), found.labels, strict=True):
        half = width(label, size) / 2 + _FROM_EDGE * size
        at = min(max(float(place), half), sheet.width - half)
        sheet.text((at, box.bottom - 0.6 * size), label, size, align=("center", "top"))
    row, right = box.bottom - 2.9 * size, box.right
    if found.factor:
        sheet.text((right, row), found.factor, size, align=("right", "baseline"))
        right -= width(found.factor, size) + 0.8 * size
    room = right - box.left + (LEFT - 1) * size
    sheet.text((right, row), shorten(plain(title), size, room), size, align=("right", "baseline"))


def label_y(sheet: Sheet, box: Box, size: float, y: tuple[Scale, Ticks], title: str) -> None:
    """Write the numbers left of the frame, and the axis title upright at its upper end."""
    scale, found = y
    room = (LEFT - 2.2) * size
    small = min(size, size * room / max([width(label, size) for label in found.labels], default=room))
    for at, label in zip(scale(found.major), found.labels, strict=True):
        sheet.text((box.left - 0.45 * size, at), label, small, align=("right", "center_baseline"))
    if found.factor:
        at = (box.left - 0.3 * size, box.top + 0.65 * size)
        sheet.text(at, found.factor, 0.9 * size, align=("right", "baseline"))
    at = (box.left - (LEFT - 1.3) * size, box.top)
    words = shorten(plain(title), size, box.height + 2 * size)
    sheet.text(at, words, size, align=("right", "baseline"), rotation=90)


def write_title(sheet: Sheet, box: Box, lines: tuple[str, ...], size: float) -> None:
    """Write a panel's title above the middle of its frame."""
    for row, line in enumerate(reversed(lines)):
        at = (box.left + box.width / 2, box.top + (0.55 + row * LINE) * size)
        sheet.text(at, line, size, align=("center", "baseline"))
