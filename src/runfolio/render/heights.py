"""How high the y axis of a panel of 1-D histograms reaches: all of the data, and room for the legend.

Its ends move in steps of about a tenth, so that a growing histogram doesn't shift its axis at each
refresh. Counts and sums are seen from 0, means from where they are.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Panel
from runfolio.render.corner import Corner
from runfolio.render.layout import Box
from runfolio.render.panel import Scale
from runfolio.render.view import in_view

LOG_LOW = 0.5
"""Where a logarithmic axis of counts begins: below one."""
MOST_DECADES = 15
"""Of a logarithmic axis: floating point has no more digits."""
_NICE = (
    *(1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0, 2.25, 2.5, 2.8, 3.2, 3.6, 4.0, 4.5, 5.0, 5.6, 6.3, 7.0, 8.0, 9.0),
    10.0,
)
_AIR = 1.06
_BESIDE = 6
"""Pixels from the legend that are kept free."""
_LEAST_SPAN = 1e-6
"""Of means, beside their size: what differs by less, differs by rounding."""
LARGEST, _FARTHEST = 1e300, 1e305
"""Of what is drawn, and of the axis above it: floating point ends there."""


@dataclass(frozen=True)
class Start:
    """Where a y axis begins, and whether it is logarithmic."""

    low: float
    log: bool = False


def start_of(panel: Panel, counts: list[Counts], across: Scale) -> Start:
    """Return the lower end of the y axis. It is linear where nothing is above 0."""
    low, high = panel.y_range or (0.0, math.inf)
    if panel.log_y and high > 0:
        above = _above_zero(counts, across)
        counting = any(each.kind is Kind.COUNT for each in counts)
        if low > 0:
            return Start(low, log=True)
        if counting or len(above):
            return Start(min(log_low(above, counting=counting), high / 10), log=True)
    if panel.y_range:
        return Start(low)
    if counts[0].kind is Kind.PROFILE:
        return Start(_below_means(*_reach(counts, across)[:2]))
    lowest = min(float(_finite(each).min(initial=0)) for each in counts)
    return Start(-nice_top(-lowest * _AIR) if lowest < 0 else 0.0)


def _above_zero(counts: list[Counts], across: Scale) -> npt.NDArray[np.float64]:
    seen = np.concatenate([_finite(each)[in_view(each.axes[0], across)] for each in counts])
    return seen[seen > 0]


def log_low(above: npt.NDArray[np.float64], *, counting: bool) -> float:
    """Return where a logarithmic axis begins: below the least above 0, at most 15 decades from the top."""
    if counting and not len(above[above < 1]):
        return LOG_LOW
    below = max(float(above.min()), float(above.max()) / 10**MOST_DECADES) / 2
    decade = 10.0 ** math.floor(math.log10(below))
    return max(nice * decade for nice in (1, 2, 5) if nice * decade <= max(below, decade))


def scale_up(
    panel: Panel, counts: list[Counts], across: Scale, box: Box, *, corner: Corner | None, start: Start
) -> Scale:
    """Return the scale of the y axis, from `start` to above all that is drawn."""
    if panel.y_range:
        high = panel.y_range[1]
    elif counts[0].kind is Kind.PROFILE and not start.log:
        high = _above_means(counts, across, box, corner, start)
    else:
        high = top_of(counts, across, box, corner, start)
    return Scale(start.low, high, box.bottom, box.height, start.log)


def top_of(counts: list[Counts], across: Scale, box: Box, corner: Corner | None, start: Start) -> float:
    """Return where an axis of counts or sums ends: some air above all, and nothing behind the legend."""
    low, log = start.low, start.log
    _, highest, right = _reach(counts, across)
    top = float(highest.max(initial=0 if not log else -math.inf))
    free, beside = _beside(highest, right, box, corner)
    beside = max(beside, 0.0)
    if log:
        needed = max(_log_top(low, top, 1 / _AIR), _log_top(low, beside, free))
    else:
        needed = max(low + (top - low) * _AIR, low + (beside - low) / free)
    if all(each.kind is Kind.COUNT for each in counts):
        needed = max(needed, 10.0 if log else 1.2)
    if needed <= max(low, 0.0):
        needed = 10 * low if log else 1.0
    return nice_top(min(needed, _FARTHEST))


def _log_top(low: float, value: float, share: float) -> float:
    """Return the end of a logarithmic axis on which a value lies at this share of its length."""
    least = max(value, 2 * low)
    return low * math.pow(least / low, 1 / share)


def _beside(
    highest: npt.NDArray[np.float64], right: npt.NDArray[np.float64], box: Box, corner: Corner | None
) -> tuple[float, float]:
    """Return the share of the axis's length below the legend, and how high the bins reach that lie there."""
    if corner is None:
        return 1.0, -math.inf
    free = (corner.box.bottom - box.bottom) / box.height - 0.04
    return max(free, 0.1), float(highest[right > corner.box.left - _BESIDE].max(initial=-math.inf))


def _below_means(lowest: npt.NDArray[np.float64], highest: npt.NDArray[np.float64]) -> float:
    if not len(lowest):
        return 0.0
    least, span = float(lowest.min()), _span(lowest, highest)
    low = _outward(least - 0.08 * span, span, math.floor)
    return max(low, 0.0) if least >= 0 else low


def _above_means(counts: list[Counts], across: Scale, box: Box, corner: Corner | None, start: Start) -> float:
    lowest, highest, right = _reach(counts, across)
    if not len(lowest):
        return start.low + 1
    span = _span(lowest, highest)
    free, beside = _beside(highest, right, box, corner)
    needed = max(float(highest.max()) + 0.08 * span, start.low + (beside - start.low) / free)
    return _outward(max(needed, start.low + span), span, math.ceil)


def _span(lowest: npt.NDArray[np.float64], highest: npt.NDArray[np.float64]) -> float:
    """Return how far means reach; a tenth of their size where they are all the same."""
    low, high = float(lowest.min()), float(highest.max())
    size = max(abs(low), abs(high))
    return high - low if high - low > _LEAST_SPAN * size else (size / 10 or 1.0)


def _outward(value: float, span: float, to_whole: Callable[[float], int]) -> float:
    """Round to about a twentieth of the span: down or up, to 1, 2 or 5 times a power of ten."""
    step = nice_step(span / 20)
    return to_whole(value / step) * step


def nice_step(value: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the next that is not smaller."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(nice * decade for nice in (1, 2, 5, 10) if nice * decade >= value * (1 - 1e-12))


def _reach(
    counts: list[Counts], across: Scale
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return of all bins in view how low and how high they reach, and their right ends in pixels."""
    lows, highs, rights = [], [], []
    for each in counts:
        shown = in_view(each.axes[0], across) & np.isfinite(each.heights)
        heights = _finite(each)[shown]
        errors = within_reach(each.errors)[shown] if each.kind is Kind.PROFILE else np.zeros_like(heights)
        lows.append(heights - errors)
        highs.append(heights + errors)
        rights.append(across.beyond(each.axes[0].edges[1:])[shown])
    return np.concatenate(lows), np.concatenate(highs), np.concatenate(rights)


def _finite(counts: Counts) -> npt.NDArray[np.float64]:
    return within_reach(counts.heights)


def within_reach(heights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return heights as an axis can hold them: 0 where there is none, or next to none."""
    given = np.asarray(heights)
    if given.dtype.kind in "iu":
        return given.astype(np.float64)
    finite = np.clip(np.nan_to_num(given.astype(np.float64)), -LARGEST, LARGEST)
    return np.where(np.abs(finite) < 1 / LARGEST, 0.0, finite)


def nice_top(value: float) -> float:
    """Return the next of about 20 round numbers in a decade that is not smaller."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(nice * decade for nice in _NICE if nice * decade >= value * (1 - 1e-12))


def off_scale(heights: npt.NDArray[np.float64], low: float, high: float) -> int:
    """Return how many heights aren't between the ends of an axis."""
    return len(heights) - int(((heights >= low) & (heights <= min(high, LARGEST))).sum())
