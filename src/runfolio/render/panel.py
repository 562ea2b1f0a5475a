"""What every panel has: a frame with ticks inside on all four sides, labels, axis titles and a title."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis, Labels, Regular
from runfolio.render import ticks
from runfolio.render.clockticks import clock
from runfolio.render.layout import BOTTOM, LEFT, LINE, RIGHT, Box, Frame
from runfolio.render.sheet import Sheet
from runfolio.render.ticks import Ticks
from runfolio.render.words import plain, shorten, width
from runfolio.render.wordticks import words_across, words_up

GREY = "0.35"
_MAJOR, _MINOR = 0.55, 0.28
"""Lengths of ticks, in text sizes."""
_FROM_EDGE = 0.1
"""The least from a number to the sheet's edge, in text sizes."""
_MOST_Y, _MOST_X, _MOST_WHOLE = 8, 10, 22
_AROUND_WORDS = 2.6
"""Below upright words, for the axis title, and above them, in text sizes."""
_BESIDE_NUMBERS = 2.2
"""Of the margin left of a frame, what numbers and words don't take, in text sizes."""
SMALLEST = 0.8
"""The least size of words beside an axis, in text sizes."""
_FAR = 2.0
"""How far outside the frame is what is clipped, in lengths of the axis."""


@dataclass(frozen=True)
class Scale:
    """From values on an axis to pixels; what lies outside the limits is put on the nearer one."""

    low: float
    high: float
    begin: float
    length: float
    log: bool = False

    def __call__(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        clipped = np.minimum(np.maximum(np.asarray(values, np.float64), self.low), self.high)
        if self.log:
            share = np.log(clipped / self.low) / np.log(self.high / self.low)
        else:
            share = (clipped - self.low) / (self.high - self.low)
        return np.asarray(self.begin + self.length * share)

    def beyond(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return pixels also for values outside the limits, where what is drawn is clipped at the frame."""
        given = np.asarray(values, np.float64)
        with np.errstate(all="ignore"):
            if self.log:
                share = np.log(given / self.low) / np.log(self.high / self.low)
                share = np.where(given > 0, share, -np.inf)
            else:
                share = (given - self.low) / (self.high - self.low)
        return np.asarray(self.begin + self.length * np.minimum(np.maximum(share, -_FAR), 1 + _FAR))


def stroke(size: float) -> float:
    """Return the width of lines, in pixels, beside text of this size."""
    return max(1.0, 0.085 * size)


def x_ticks(axis: Axis, scale: Scale, size: float, room_below: float = BOTTOM) -> Ticks:
    """Return as many ticks as have room for their labels side by side."""
    if isinstance(axis, Labels):
        room = (room_below - _AROUND_WORDS) * size / SMALLEST
        return words_across(axis, (scale.low, scale.high), scale.length, size, room)
    whole = ticks.whole_numbers(axis)
    most = axis.bins if whole and axis.bins <= _MOST_WHOLE else _MOST_X
    return _spaced(scale, size, most, whole=whole, time=isinstance(axis, Regular) and axis.time)


@lru_cache(maxsize=256)
def _spaced(scale: Scale, size: float, most: int, *, whole: bool, time: bool) -> Ticks:
    """Return at most about so many ticks, fewer where they have no room; each refresh asks for them again."""
    found = _ticks_of(scale, most, whole=whole, time=time)
    while most > 1 and not _fit(found, scale, size):
        most -= 1
        found = _ticks_of(scale, most, whole=whole, time=time)
    return found


def _ticks_of(scale: Scale, most: int, *, whole: bool, time: bool) -> Ticks:
    if scale.log:
        return ticks.logarithmic(scale.low, scale.high, most)
    if time:
        return clock(scale.low, scale.high, most)
    return ticks.linear(scale.low, scale.high, most, whole)


def _fit(found: Ticks, scale: Scale, size: float) -> bool:
    """Tell whether labels have room side by side, also where the last one is moved onto the sheet."""
    wide = np.array([width(label, size) for label in found.labels])
    if not scale.log and float((wide + 0.8 * size).sum()) > scale.length:
        return False
    end = scale.begin + scale.length + RIGHT * size
    middles = np.minimum(scale(found.major), end - wide / 2)
    gaps = np.diff(middles) - (wide[1:] + wide[:-1]) / 2
    return bool(np.all(gaps >= (0.8 if scale.log else 0.2) * size))


@lru_cache(maxsize=256)
def y_ticks(scale: Scale, size: float, whole: bool) -> Ticks:
    """Return as many ticks as have room above each other."""
    if scale.log:
        return ticks.logarithmic(scale.low, scale.high)
    few = whole and scale.high - scale.low <= _MOST_WHOLE
    most = int(min(_MOST_WHOLE if few else _MOST_Y, scale.length / (2 * size)))
    return ticks.linear(scale.low, scale.high, max(most, 2), whole)


def y_ticks_of(axis: Axis, scale: Scale, size: float, room_left: float) -> Ticks:
    """Return the ticks of a colour map's y axis."""
    if isinstance(axis, Labels):
        room = (room_left - _BESIDE_NUMBERS) * size / SMALLEST
        return words_up(axis, (scale.low, scale.high), scale.length, size, room)
    if isinstance(axis, Regular) and axis.time:
        return clock(scale.low, scale.high, max(int(min(_MOST_Y, scale.length / (2 * size))), 2))
    return y_ticks(scale, size, ticks.whole_numbers(axis))


def are_long(found: Ticks, size: float) -> bool:
    """Tell whether a y axis's labels need more room than numbers do."""
    room = (LEFT - _BESIDE_NUMBERS) * size / SMALLEST
    return any(width(label, size) > room for label in found.labels)


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
    corners = box.corners
    parts = [corners[[0, 1, 1, 2, 2, 3, 3, 0]].reshape(4, 2, 2)]
    for along, (scale, found) in enumerate((x, y)):
        low, high = ((box.bottom, box.top), (box.left, box.right))[along]
        for positions, share in ((found.major, _MAJOR), (found.minor, _MINOR)):
            length = share * shorter * size
            at = scale(positions)
            parts += [_ticks(at, ends, along) for ends in ((low, low + length), (high, high - length))]
    sheet.segments(np.concatenate(parts), stroke(size))


def _ticks(at: npt.NDArray[np.float64], ends: tuple[float, float], along: int) -> npt.NDArray[np.float64]:
    """Return ticks on one side, shape (ticks, 2 ends, 2), of the x axis (`along` 0) or the y axis (1)."""
    lines = np.empty((len(at), 2, 2))
    lines[:, :, along] = at[:, None]
    lines[:, :, 1 - along] = ends
    return lines


def label_x(sheet: Sheet, box: Frame, size: float, x: tuple[Scale, Ticks], title: str) -> None:
    """Write the numbers below the frame, and the axis title at its right end.

    A number at an end of the axis may be wider than the margin: it is moved onto the sheet.
    """
    scale, found = x
    small = _fitting(found, size, (box.room_below - _AROUND_WORDS) * size) if found.turned else size
    for place, label in zip(scale(found.major), found.labels, strict=True):
        if found.turned:
            at = (float(place), box.bottom - 0.6 * size)
            sheet.label(at, label, small, align=("right", "center"), upright=True)
            continue
        half = width(label, size) / 2 + _FROM_EDGE * size
        at = (min(max(float(place), half), sheet.width - half), box.bottom - 0.6 * size)
        sheet.label(at, label, size, align=("center", "top"))
    row, right = title_row(box, size), box.right
    if found.factor:
        sheet.label((right, row), found.factor, size, align=("right", "baseline"))
        right -= width(found.factor, size) + 0.8 * size
    sheet.label((right, row), x_title(box, size, found, title), size, align=("right", "baseline"))


def title_row(box: Frame, size: float) -> float:
    """Return the baseline of the x axis's title."""
    return box.bottom - (box.room_below - 1) * size


def x_title(box: Frame, size: float, found: Ticks, title: str) -> str:
    """Return the x axis's title as it has room."""
    room = box.width + (box.room_left - 1) * size
    if found.factor:
        room -= width(found.factor, size) + 0.8 * size
    return _with_note(title, found.note, size, room)


def _with_note(title: str, note: str, size: float, room: float) -> str:
    """Return a title with what is to be said beside it; if there is no room, the title is what is cut."""
    if not note:
        return shorten(plain(title), size, room)
    left = room - width(f", {note}", size)
    if not plain(title) or left < 2 * size:
        return shorten(note, size, room)
    return f"{shorten(plain(title), size, left)}, {note}"


def _fitting(found: Ticks, size: float, room: float) -> float:
    """Return the size at which all labels are at most so many pixels wide."""
    widest = max((width(label, size) for label in found.labels), default=room)
    return min(size, size * room / max(widest, 1.0))


def label_y(sheet: Sheet, box: Frame, size: float, y: tuple[Scale, Ticks], title: str) -> None:
    """Write the numbers left of the frame, and the axis title upright at its upper end."""
    scale, found = y
    small = _fitting(found, size, (box.room_left - _BESIDE_NUMBERS) * size)
    for at, label in zip(scale(found.major), found.labels, strict=True):
        sheet.label((box.left - 0.45 * size, at), label, small, align=("right", "center_baseline"))
    if found.factor:
        at = (box.left - 0.3 * size, box.top + 0.65 * size)
        sheet.label(at, found.factor, 0.9 * size, align=("right", "baseline"))
    at = (box.left - (box.room_left - 1.3) * size, box.top)
    words = _with_note(title, found.note, size, box.height + 2 * size)
    sheet.label(at, words, size, align=("right", "baseline"), upright=True)


def write_title(sheet: Sheet, box: Box, lines: tuple[str, ...], size: float) -> None:
    """Write a panel's title above the middle of its frame."""
    for row, line in enumerate(reversed(lines)):
        at = (box.left + box.width / 2, box.top + (0.55 + row * LINE) * size)
        sheet.label(at, line, size, align=("center", "baseline"))
