"""Whether two contenders have counted the same, bin by bin."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.contents import Contents

FIRST_EDGE, BIN_WIDTH_TENTHS = -50, 11
"""Of the charges: bins are 1.1 wide from -50 on."""


class CountsDiffer(Exception):  # noqa: N818 - what was found
    """Contenders do not do the same work, so that their times can't be compared."""


def check_equal(ours: Contents, theirs: Contents) -> None:
    """Compare what all bins hold.

    Raises:
        CountsDiffer: it is not the same.

    """
    _check_names(ours, theirs)
    different = [name for name in ours if not np.array_equal(ours[name], theirs[name])]
    if different:
        raise CountsDiffer(f"other counts: {', '.join(different)}")


def at_edges(ours: Contents, theirs: Contents, charges: Mapping[str, Mapping[str, int]]) -> Mapping[int, int]:
    """Return how many charges that lie exactly at an edge the other contender has put into the bin below.

    Args:
        ours: bin contents by histogram.
        theirs: the same, of the other contender.
        charges: how often each charge was there, by the histogram that it goes into.

    Raises:
        CountsDiffer: there are other differences.

    """
    _check_names(ours, theirs)
    found: defaultdict[int, int] = defaultdict(int)
    for name in ours:
        if not np.array_equal(ours[name], theirs[name]):
            for charge, number in _lower(name, ours, theirs, charges.get(name, {})):
                found[charge] += number
    return dict(sorted(found.items()))


def _lower(
    name: str, ours: Contents, theirs: Contents, charges: Mapping[str, int]
) -> Iterator[tuple[int, int]]:
    """Give each charge at an edge below which the other one has more, by just as many as there are."""
    if ours[name].ndim != 1 or ours[name].shape != theirs[name].shape:
        raise CountsDiffer(f"{name}: {ours[name].sum()} and {theirs[name].sum()} entries, in other bins")
    below = np.cumsum(theirs[name].astype(np.int64) - ours[name].astype(np.int64))
    for edge in np.flatnonzero(below):
        tenths = FIRST_EDGE * 10 + BIN_WIDTH_TENTHS * int(edge)
        there = charges.get(str(tenths // 10), 0) if tenths % 10 == 0 else 0
        if below[edge] != there:
            raise CountsDiffer(
                f"{name}: {below[edge]} more below {tenths / 10}, where exactly {there} values are"
            )
        yield tenths // 10, there


def _check_names(ours: Contents, theirs: Contents) -> None:
    if sorted(ours) != sorted(theirs):
        raise CountsDiffer(f"not the same histograms: {', '.join(sorted(set(ours) ^ set(theirs)))}")
