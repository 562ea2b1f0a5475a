"""Ticks of axes of words: each at the middle of its bin, as many as can be read."""

import math
from dataclasses import replace

import numpy as np

from runfolio.plots.axes import MAX_CATEGORIES, Labels
from runfolio.render.ticks import Ticks
from runfolio.render.words import plain, shorten_inside, width

_APART = 0.7
"""Between words side by side, in text sizes."""
_LINE = 1.15
"""From one word to the next above it or, upright, beside it."""
_EVERY = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def words_across(axis: Labels, limits: tuple[float, float], pixels: float, size: float, room: float) -> Ticks:
    """Return the words below an x axis: lying, or upright where more of them have room like that.

    Upright they have `room` pixels each. Where there are more words than have room side by side, every
    2nd, 5th, 10th ... is named.
    """
    bin_width = pixels / (limits[1] - limits[0])
    shown = _shown(axis, limits)
    longest = max((width(plain(axis.names[number]), size) for number in shown), default=0.0)
    lying, upright = (_every(length / bin_width) for length in (longest + _APART * size, _LINE * size))
    if lying <= upright:
        return _named(axis, shown, lying, longest, size)
    return replace(_named(axis, shown, upright, room, size), turned=True)


def words_up(axis: Labels, limits: tuple[float, float], pixels: float, size: float, room: float) -> Ticks:
    """Return the words beside a y axis, with `room` pixels each; of many, every 2nd, 5th, 10th ...."""
    bin_height = pixels / (limits[1] - limits[0])
    return _named(axis, _shown(axis, limits), _every(_LINE * size / bin_height), room, size)


def _shown(axis: Labels, limits: tuple[float, float]) -> list[int]:
    """Return the numbers of the bins whose middle is within limits."""
    first, last = max(math.ceil(limits[0]), 0), min(math.floor(limits[1]), axis.bins - 1)
    return list(range(first, last + 1))


def _every(bins: float) -> int:
    """Return which bins are named, so that they are so far apart: each, every 2nd, 5th, 10th ...."""
    return next((each for each in _EVERY if each >= bins), MAX_CATEGORIES)


def _named(axis: Labels, shown: list[int], every: int, room: float, size: float) -> Ticks:
    named = [number for number in shown if number % every == 0]
    labels = tuple(shorten_inside(plain(axis.names[number]), size, room) for number in named)
    note = f"every {every}{'nd' if every == 2 else 'th'} named" if every > 1 else ""  # noqa: PLR2004 - 2nd
    return Ticks(np.array(named, np.float64), np.empty(0), labels, note=note)
