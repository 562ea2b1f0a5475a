"""The part of its axes that a panel shows, and how many entries lie in the other parts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis, Labels, Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Panel
from runfolio.render.layout import Box
from runfolio.render.panel import Scale


def along_x(panel: Panel, axes: Sequence[Axis], box: Box) -> Scale:
    """Return the scale of an x axis that all of these axes share.

    A logarithmic one begins at the first edge above 0; where there is none, and along words and
    times, it is linear.
    """
    low, high = _limits(axes, panel.x_range)
    if panel.log_x and not any(map(_has_no_powers, axes)):
        edges = np.concatenate([axis.edges for axis in axes])
        above = edges[(edges > 0) & (edges < high)]
        low = low if low > 0 else float(above.min(initial=np.inf))
        if low < high:
            return Scale(low, high, box.left, box.width, log=True)
        low, _ = _limits(axes, panel.x_range)
    return Scale(low, high, box.left, box.width)


def along_y(panel: Panel, axis: Axis, box: Box) -> Scale:
    """Return the scale of a colour map's y axis."""
    return Scale(*_limits([axis], panel.y_range), box.bottom, box.height)


def _limits(axes: Sequence[Axis], given: tuple[float, float] | None) -> tuple[float, float]:
    if given is not None:
        return float(given[0]), float(given[1])
    return min(float(axis.edges[0]) for axis in axes), max(float(axis.edges[-1]) for axis in axes)


def _has_no_powers(axis: Axis) -> bool:
    return isinstance(axis, Labels) or (isinstance(axis, Regular) and axis.time)


def in_view(axis: Axis, scale: Scale) -> npt.NDArray[np.bool_]:
    """Tell of each bin whether part of it is shown."""
    within: npt.NDArray[np.bool_] = (axis.edges[1:] > scale.low) & (axis.edges[:-1] < scale.high)
    return within


def out_of_view(counts: Counts, *scales: Scale) -> int:
    """Return how many entries in range are in bins that aren't shown."""
    shown = [in_view(axis, scale) for axis, scale in zip(counts.axes, scales, strict=True)]
    if all(map(np.all, shown)):
        return 0
    return counts.in_range - int(counts.inside[np.ix_(*shown)].sum())
