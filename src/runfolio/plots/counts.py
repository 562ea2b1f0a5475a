"""Counts: what a histogram holds at one moment, and everything that is said of it.

All figures derive from the bin contents alone, so they do not depend on the order in which
spills arrived or on how they were split.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis


@dataclass(frozen=True, kw_only=True)
class Counts:
    """One histogram's counts.

    `values` has one more bin below and above on each axis: shape (bins + 2,) or
    (x bins + 2, y bins + 2).
    """

    name: str
    title: str
    axes: tuple[Axis, ...]
    values: npt.NDArray[np.int64]
    not_a_number: int = 0
    """Values that are no numbers: counted here, in no bin."""
    lost_spills: int = 0
    """Spills whose values could not be had, since the plot's function raised."""

    @cached_property
    def inside(self) -> npt.NDArray[np.int64]:
        """The bins in range, shape (bins,) or (x bins, y bins)."""
        return self.values[(slice(1, -1),) * len(self.axes)]

    @property
    def entries(self) -> int:
        """In range + underflow + overflow."""
        return int(self.values.sum())

    @property
    def in_range(self) -> int:
        return int(self.inside.sum())

    @property
    def overflow(self) -> int:
        """Entries above the range of any axis."""
        below_top = (slice(None, -1),) * len(self.axes)
        return self.entries - int(self.values[below_top].sum())

    @property
    def underflow(self) -> int:
        """Entries below the range of an axis and above none."""
        return self.entries - self.in_range - self.overflow

    @property
    def mean(self) -> float | None:
        """Mean of a 1-D histogram from its bin centres, in the axis's units; None if nothing is in range."""
        if len(self.axes) != 1 or not self.in_range:
            return None
        edges = self.axes[0].edges
        return float(np.dot(self.inside, (edges[:-1] + edges[1:]) / 2) / self.in_range)
