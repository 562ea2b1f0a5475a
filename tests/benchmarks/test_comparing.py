"""Counts of two contenders: what may differ between them, and what ends the measurement."""

import numpy as np
import pytest

from benchmarks.comparing import CountsDiffer, at_edges, check_equal
from benchmarks.contents import Contents

FIVE = 51
"""The bin that begins at 5, of bins that are 1.1 wide from -50 on, with the one below them all."""


def charges(**bins: int) -> Contents:
    """Return a histogram of charges; `b51=2` puts two into bin 51."""
    counts = np.zeros(502, np.int64)
    for name, number in bins.items():
        counts[int(name[1:])] = number
    return {"hPMT1": counts}


def test_equal_counts_have_no_differences() -> None:
    check_equal(charges(b3=1), charges(b3=1))
    assert at_edges(charges(b3=1), charges(b3=1), {}) == {}


def test_values_exactly_at_an_edge_may_be_one_bin_lower() -> None:
    assert at_edges(charges(b51=7), charges(b50=2, b51=5), {"hPMT1": {"5": 2}}) == {5: 2}


@pytest.mark.parametrize(
    ("theirs", "there"),
    [
        (charges(b50=2, b51=5), {"5": 1}),
        (charges(b50=2, b51=5), {}),
        (charges(b51=5, b52=2), {"5": 2}),
        (charges(b51=6), {"5": 1}),
        (charges(b49=1, b51=6), {"5": 1}),
    ],
)
def test_all_other_differences_are_none_of_rounding(theirs: Contents, there: dict[str, int]) -> None:
    with pytest.raises(CountsDiffer, match="hPMT1"):
        at_edges(charges(b51=7), theirs, {"hPMT1": there})


def test_a_histogram_that_is_lacking_is_a_difference() -> None:
    with pytest.raises(CountsDiffer, match="hPMT1"):
        at_edges(charges(b51=7), {}, {})


def test_maps_have_to_be_equal() -> None:
    ours, theirs = np.zeros((4, 4), np.int64), np.zeros((4, 4), np.int64)
    ours[1, 1] = theirs[1, 2] = 1
    with pytest.raises(CountsDiffer, match="map"):
        at_edges({"map": ours}, {"map": theirs}, {})
    with pytest.raises(CountsDiffer, match="map"):
        check_equal({"map": ours}, {"map": theirs})
