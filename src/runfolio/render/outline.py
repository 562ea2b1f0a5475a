"""Outlines of 1-D histograms: the steps of counts and of sums of weights, without fill."""

from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts
from runfolio.render.heights import within_reach
from runfolio.render.layout import Box
from runfolio.render.panel import Scale, stroke
from runfolio.render.sheet import Sheet
from runfolio.render.view import in_view

_DENSE = 3
"""Pixels to a bin."""


def draw_outline(
    sheet: Sheet,
    counts: Counts,
    size: float,
    *,
    scales: tuple[Scale, Scale],
    color: Any,
    within: Box | None = None,
) -> None:
    """Draw a histogram's steps; those that reach out of the frame `within` are cut off there."""
    across, up = scales
    points = outline(counts, across, up, cut=within is not None)
    sheet.line(points, line_width(across, counts, size), color, within=within)


def line_width(across: Scale, counts: Counts, size: float) -> float:
    """Return the width of an outline, in pixels: thin where bins are hardly wider than the line."""
    bins = int(in_view(counts.axes[0], across).sum())
    return 1.5 * stroke(size) if across.length > _DENSE * bins else 1.0


def outline(counts: Counts, across: Scale, up: Scale, cut: bool = False) -> npt.NDArray[np.float64]:
    """Return the corners of the steps, in pixels, from 0 at the first edge to 0 at the last.

    With `cut`, they may lie outside the frame.
    """
    to_x, to_y = (across.beyond, up.beyond) if cut else (across, up)
    x = np.repeat(to_x(counts.axes[0].edges), 2)
    ground = to_y([0.0])
    y = np.concatenate([ground, np.repeat(to_y(within_reach(counts.heights)), 2), ground])
    return np.column_stack([x, y])
