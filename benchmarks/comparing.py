"""Whether two contenders have counted the same, bin by bin."""

from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.contents import Contents

FIRST_EDGE, BIN_WIDTH_TENTHS = -50, 11
"""Of the charges: bins are 1.1 wide from -50 on."""


class CountsDiffer(Exception):  # noqa: N818 - what was found
    """Contenders do not do the same work, so that their times can't be compared."""


def differences(ours: Contents, theirs: Contents, charges: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return where the other contender has put values that lie exactly at an edge into the bin below.

    Args:
        ours: bin contents by histogram.
        theirs: the same, of the other contender.
        charges: how often each charge was there, by the histogram that it goes into.

    Raises:
        CountsDiffer: there are others.

    """
    if sorted(ours) != sorted(theirs):
        raise CountsDiffer(f"histograms: {sorted(ours)} and {sorted(theirs)}")
    return [
        line
        for name in ours
        if not np.array_equal(ours[name], theirs[name])
        for line in _at_edges(name, ours, theirs, charges.get(name, {}))
    ]


def _at_edges(name: str, ours: Contents, theirs: Contents, charges: Mapping[str, int]) -> Iterator[str]:
    """Give the edges of a histogram below which the other one has more, by just the values that are at them."""
    if ours[name].ndim != 1 or ours[name].shape != theirs[name].shape:
        raise CountsDiffer(f"{name}: {ours[name].sum()} and {theirs[name].sum()} entries, in other bins")
    below = np.cumsum(theirs[name].astype(np.int64) - ours[name].astype(np.int64))
    for edge in np.flatnonzero(below):
        tenths = FIRST_EDGE * 10 + BIN_WIDTH_TENTHS * int(edge)
        there = charges.get(str(tenths // 10), 0) if tenths % 10 == 0 else 0
        if below[edge] != there:
            raise CountsDiffer(
                f"{name}: {below[edge]} more below {tenths / 10}, where {there} values are exactly"
            )
        yield f"{name}: {there} values of exactly {tenths // 10} are counted one bin lower by the other"
