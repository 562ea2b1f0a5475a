"""Points of profiles: the mean in each bin that has entries, with its standard error."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgb

from runfolio.plots.axes import Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.render.heights import within_reach
from runfolio.render.layout import Box
from runfolio.render.panel import Scale, stroke
from runfolio.render.sheet import Sheet
from runfolio.render.view import in_view

_MARKER = 0.5
"""A point's diameter, in text sizes."""
_NARROW = 0.5
"""The width of bins, in text sizes, from which on they are shown as horizontal bars."""
_CLOSE, _LEAST = 0.8, 2.5
"""Points of narrower bins: their diameter in widths of a bin, and in pixels at the least."""
_PALE = 0.55

Pixels = npt.NDArray[np.float64]


def draw_points(
    sheet: Sheet, box: Box, size: float, counts: Counts, *, scales: tuple[Scale, Scale], color: Any
) -> None:
    """Draw a profile. Where bins are narrow, neighbouring points are joined, with pale errors behind."""
    across, up = scales
    edges = across.beyond(counts.axes[0].edges)
    seen = in_view(counts.axes[0], across)
    there = np.flatnonzero((counts.inside > 0) & np.isfinite(counts.heights) & seen)
    if not len(there):
        return
    left, right = edges[there], edges[there + 1]
    means, errors = within_reach(counts.heights)[there], within_reach(counts.errors)[there]
    x, y = (left + right) / 2, up.beyond(means)
    bars = _segments((x, up.beyond(means - errors)), (x, up.beyond(means + errors)))
    bin_width = float(np.median(np.diff(edges)[seen]))
    even = isinstance(counts.axes[0], Integer | Regular) and not across.log
    if bin_width > _NARROW * size or not even:
        sheet.segments(_segments((left, y), (right, y)), stroke(size), color, within=box)
        sheet.segments(bars, stroke(size), color, within=box)
    else:
        sheet.segments(bars, stroke(size), _paler(color), within=box)
        next_to = np.flatnonzero(np.diff(there) == 1)
        joined = _segments((x[next_to], y[next_to]), (x[next_to + 1], y[next_to + 1]))
        sheet.segments(joined, 1.0, color, within=box)
    inside = (x >= box.left) & (x <= box.right) & (y >= box.bottom) & (y <= box.top)
    diameter = min(_MARKER * size, max(_CLOSE * bin_width, _LEAST)) if even else _MARKER * size
    sheet.markers(np.column_stack([x, y])[inside], diameter, color)


def _segments(begin: tuple[Pixels, Pixels], end: tuple[Pixels, Pixels]) -> Pixels:
    """Return lines from point to point, shape (lines, 2 ends, 2)."""
    return np.stack([np.column_stack(begin), np.column_stack(end)], axis=1)


def _paler(color: Any) -> tuple[float, ...]:
    """Return a colour mixed with white; EPS has no transparency."""
    return tuple(_PALE + (1 - _PALE) * part for part in to_rgb(color))
