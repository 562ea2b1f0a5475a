"""The colours of a map: from what to what they reach."""

import math

import numpy as np
import numpy.typing as npt

from runfolio.plots.counts import Counts, Kind
from runfolio.render.heights import log_low, nice_step, nice_top, within_reach
from runfolio.render.layout import Box
from runfolio.render.panel import Scale


def heat_scale(counts: Counts, filled: npt.NDArray[np.intp], box: Box, *, log: bool) -> Scale:
    """Return the scale of the colour bar.

    Counts and sums reach from 0, means from the least of the cells that are filled. It is linear
    where nothing is above 0.
    """
    values = within_reach(counts.heights[tuple(filled.T)])
    if counts.kind is Kind.COUNT:
        top = nice_top(float(values.max(initial=1.0)))
        low, high = (1.0, max(top, 10.0)) if log else (0.0, top)
        return Scale(low, high, box.bottom, box.height, log)
    above = values[values > 0]
    if log and len(above):
        low = log_low(above, counting=False)
        return Scale(low, nice_top(max(float(above.max()), 10 * low)), box.bottom, box.height, log=True)
    low, high = _sums(values) if counts.kind is Kind.WEIGHTED else _means(values)
    return Scale(low, high, box.bottom, box.height)


def _sums(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if low == high:
        return 0.0, 1.0
    return (-nice_top(-low) if low < 0 else 0.0), (nice_top(high) if high > 0 else 0.0)


def _means(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    span = high - low if high - low > 1e-6 * size else size / 10 or 1.0
    step = nice_step(span / 20)
    return math.floor(low / step) * step, max(math.ceil(high / step), math.floor(low / step) + 1) * step
