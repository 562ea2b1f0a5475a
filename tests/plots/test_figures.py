"""Figures: how histograms are shown, and what can't be shown."""

import pickle

import pytest

from runfolio.errors import DeclarationError
from runfolio.plots import Figure, Panel, Series, grid

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
