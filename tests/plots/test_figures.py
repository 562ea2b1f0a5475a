"""Figures: how histograms are shown, and what can't be shown."""

import pickle
from math import inf, nan
from typing import Any

import pytest

from runfolio.errors import DeclarationError
from runfolio.plots import Figure, Panel, Series, grid, overlay
from runfolio.plots.figures import PALETTE

A, B = Panel.of("a"), Panel.of("b")


def figure(
    tag: str = "tag", *, rows: tuple[tuple[Panel, ...], ...] = ((A,),), size: tuple[int, int] = (8, 8)
) -> Figure:
    return Figure(tag=tag, description="", rows=rows, size=size)


def test_a_name_makes_a_panel_and_a_panel_stays_itself() -> None:
    assert Panel.of("a") == Panel(series=(Series("a", label="", color="black"),))
    assert Panel.of(A) is A


def test_histograms_are_named_row_by_row() -> None:
    overlay = Panel(series=(Series("c"), Series("d")))
    assert figure(rows=((A, overlay), (B, A))).histograms == ("a", "c", "d", "b", "a")


def test_a_grid_is_laid_out_row_by_row() -> None:
    assert grid(["a", B, "a", "b"], columns=2) == ((A, B), (A, B))
    assert grid(["a", "b"], columns=4) == ((A, B),)


@pytest.mark.parametrize("tag", ["", "a/b", "../a", ".hidden", "a b", "ä", "a\n", "a" * 161])
def test_a_tag_that_is_no_file_name_is_refused(tag: str) -> None:
    with pytest.raises(DeclarationError, match="tag"):
        figure(tag)


@pytest.mark.parametrize("rows", [(), ((),), ((A,), ()), ((A, B), (A,)), ((), ())])
def test_rows_of_different_lengths_are_refused(rows: tuple[tuple[Panel, ...], ...]) -> None:
    with pytest.raises(DeclarationError, match="no grid"):
        figure(rows=rows)


@pytest.mark.parametrize("size", [(0, 800), (800, -1), (10**9, 10**9)])
def test_a_size_that_no_picture_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DeclarationError, match="size"):
        figure(size=size)


def test_a_grid_without_columns_is_refused() -> None:
    with pytest.raises(DeclarationError, match="columns"):
        grid(["a"], columns=0)


def test_a_figure_can_go_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(figure())) == figure()  # noqa: S301  (our own bytes)


def test_series_have_colors_that_can_be_told_apart() -> None:
    colors = [each.color for each in overlay(*"abcdefg").series]
    assert colors == list(PALETTE)
    assert len(set(colors)) == 7


def test_more_series_than_colors_begin_again() -> None:
    assert overlay(*"abcdefgh").series[-1].color == PALETTE[0]


def test_a_color_that_is_given_stays() -> None:
    shown = overlay(Series("a", color="red"), "b").series
    assert [each.color for each in shown] == ["red", PALETTE[1]]


def test_an_overlay_is_named_by_its_histograms() -> None:
    panel = overlay("a", Series("b", "other"), log_y=True, x_range=(0, 5))
    assert [each.label for each in panel.series] == ["a", "other"]
    assert (panel.log_y, panel.x_range) == (True, (0, 5))


@pytest.mark.parametrize("limits", [(0, 1), [-5.5, 1e300], (1, 1.0000001)])
def test_any_part_of_an_axis(limits: Any) -> None:
    assert overlay("a", x_range=limits, y_range=limits).y_range == limits


@pytest.mark.parametrize(
    "limits",
    [
        (1, 0),
        (1, 1),
        (0, inf),
        (nan, 1),
        (0,),
        (0, 1, 2),
        (-1e308, 1e308),
        (1e9, 1e9 + 1e-6),
        ("a", "b"),
        5,
        (None, 1),
    ],
)
@pytest.mark.parametrize("name", ["x_range", "y_range"])
def test_a_part_of_an_axis_that_is_none_is_refused(name: str, limits: Any) -> None:
    with pytest.raises(DeclarationError, match=f"{name} of .*: two numbers that rise"):
        overlay("a", **{name: limits})
