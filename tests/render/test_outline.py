"""Outlines show every count, and the legend hides none."""

from collections.abc import Callable

import numpy as np
import pytest

from runfolio.plots.counts import Counts
from runfolio.plots.figures import Series
from runfolio.render.corner import Corner, corner
from runfolio.render.heights import Start, nice_top, top_of
from runfolio.render.layout import Box
from runfolio.render.outline import outline
from runfolio.render.panel import Scale

BOX = Box(100, 50, 400, 300)
ACROSS = Scale(0, 200, BOX.left, BOX.width)
Make = Callable[..., Counts]


def start(log: bool = False) -> Start:
    return Start(0.5 if log else 0.0, log)


def corner_of(counts: Counts) -> Corner:
    shown = corner((Series(counts.name, "a name"),), [counts], BOX, 12)
    assert shown is not None
    return shown


def test_steps_go_from_edge_to_edge(counts: Make) -> None:
    points = outline(counts("a", [0, 4, 2]), ACROSS, Scale(0, 4, BOX.bottom, BOX.height))
    assert points[:4].tolist() == [[100, 50], [100, 350], [120, 350], [120, 200]]
    assert points[-1].tolist() == [500, 50]


def test_flow_bins_are_not_drawn(counts: Make) -> None:
    inside, flowing = counts("a", [0, 4, 2]), counts("a", [99, 4, 2])
    up = Scale(0, 4, BOX.bottom, BOX.height)
    assert np.array_equal(outline(inside, ACROSS, up), outline(flowing, ACROSS, up))


@pytest.mark.parametrize("log", [False, True])
def test_nothing_lies_behind_the_legend(counts: Make, log: bool) -> None:
    rising = counts("a")
    shown = corner_of(rising)
    top = top_of([rising], ACROSS, BOX, shown, start(log))
    points = outline(rising, ACROSS, Scale(0.5 if log else 0, top, BOX.bottom, BOX.height, log))
    behind = points[points[:, 0] > shown.box.left]
    assert behind[:, 1].max() < shown.box.bottom


def test_a_peak_beside_the_legend_uses_the_whole_height(counts: Make) -> None:
    peak = counts("a", [0, 100])
    assert top_of([peak], ACROSS, BOX, corner_of(peak), start()) < 111


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("bins", [[], [0, 1], [0, 10**9, 1]])
def test_the_top_is_above_all_counts(counts: Make, bins: list[int], log: bool) -> None:
    one = counts("a", bins)
    top = top_of([one], ACROSS, BOX, None, start(log))
    assert max(bins, default=0) < top < max(12, 5 * max(bins, default=0))


def test_the_top_stays_while_counts_grow_a_little(counts: Make) -> None:
    tops = {top_of([counts("a", [0, n])], ACROSS, BOX, None, start()) for n in range(1000, 2000, 10)}
    assert len(tops) < 10


def test_round_tops() -> None:
    assert [nice_top(value) for value in (1, 1.06, 95, 1e9)] == [1, 1.1, 100, 1e9]
