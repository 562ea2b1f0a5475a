"""The corner names what is drawn, counts what isn't, and fits the frame."""

import dataclasses
from collections.abc import Callable

import pytest

from runfolio.plots.counts import Counts
from runfolio.plots.figures import Series
from runfolio.render.corner import corner, left_out, mean_text
from runfolio.render.layout import Box

FRAME = Box(80, 60, 400, 300)


def rows(series: tuple[Series, ...], counts: list[Counts], frame: Box = FRAME) -> list[tuple[str, str]]:
    shown = corner(series, counts, frame, 12)
    return [(row.label, row.value) for row in shown.rows] if shown else []


def test_single_histogram_shows_entries_and_mean(counts: Callable[..., Counts]) -> None:
    shown = rows((Series("a"),), [counts("a", [0, 0, 3, 3])])
    assert shown == [("entries", "6"), ("mean", "20.0")]


def test_what_is_out_of_range_is_counted(counts: Callable[..., Counts]) -> None:
    shown = rows((Series("a"),), [counts("a", [7, 1])])
    assert ("underflow", "7") in shown
    assert "overflow" not in dict(shown)


def test_values_that_are_lost_are_counted(counts: Callable[..., Counts]) -> None:
    lost = dataclasses.replace(counts("a"), not_a_number=4, lost_spills=2)
    assert left_out(lost) == {"overflow": 21, "not a number": 4, "spills lost": 2}


def test_overlaid_histograms_have_a_legend_and_no_statistics(counts: Callable[..., Counts]) -> None:
    series = (Series("a", "TOF0", "black"), Series("b", "TOF1", "red"))
    shown = corner(series, [counts("a"), counts("b")], FRAME, 12)
    assert shown is not None
    assert [(row.label, row.color) for row in shown.rows] == [("TOF0", "black"), ("TOF1", "red")]
    assert not shown.framed


def test_overlaid_histograms_without_names_have_no_legend(counts: Callable[..., Counts]) -> None:
    assert corner((Series("a"), Series("b")), [counts("a"), counts("b")], FRAME, 12) is None


def test_it_stays_in_the_upper_right_of_the_frame(counts: Callable[..., Counts]) -> None:
    shown = corner((Series("a", "a very long name " * 20),), [counts("a", [10**12, 10**12])], FRAME, 12)
    assert shown is not None
    assert FRAME.left < shown.box.left < shown.box.right < FRAME.right
    assert shown.box.top < FRAME.top


def test_too_many_names_are_cut_and_counted(counts: Callable[..., Counts]) -> None:
    many = tuple(Series("a", f"channel {number}") for number in range(100))
    shown = rows(many, [counts("a")] * 100)
    assert len(shown) < 20
    assert shown[-1][0] == f"and {100 - len(shown) + 1} more"


def test_a_tiny_frame_has_none(counts: Callable[..., Counts]) -> None:
    assert rows((Series("a"),), [counts("a")], Box(0, 0, 8, 8)) == []


@pytest.mark.parametrize(
    ("mean", "span", "text"),
    [
        (28.6149, 20, "28.61"),
        (-12.0, 550, "\u221212.0"),
        (1385632515.3, 100, "1385632515.3"),
        (1.327e-6, 2e-6, "1.327e\u221206"),
        (653333.3, 4e6, "653333"),
    ],
)
def test_mean_is_told_to_a_thousandth_of_the_axis(mean: float, span: float, text: str) -> None:
    assert mean_text(mean, span) == text
