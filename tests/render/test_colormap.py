"""Maps: each filled cell in its colour, with a count that can be read."""

from collections.abc import Callable

import numpy as np
import pytest

from pictures import filled_colors, texts, words
from runfolio.images import Caption
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, Series
from runfolio.render.cellnumbers import fit_numbers, rounded
from runfolio.render.draw import draw
from runfolio.render.marks import Words
from runfolio.render.sheet import Sheet

Make = Callable[..., Counts]


def drawn(counts: Counts, caption: Caption, *, log: bool = False) -> Sheet:
    panel = Panel(series=(Series(counts.name),), numbers=True, log_y=log)
    return draw(
        Figure(tag="map", description="", rows=((panel,),), size=(600, 600)), {counts.name: counts}, caption
    )


def numbers(sheet: Sheet) -> list[Words]:
    return [each for each in texts(sheet) if each.align == "center" and each.words.isdigit()]


@pytest.mark.parametrize("log", [False, True])
def test_only_filled_cells_are_drawn(a_map: Make, caption: Caption, log: bool) -> None:
    sheet = drawn(a_map("m"), caption, log=log)
    assert len(filled_colors(sheet)) == 10 * 7 - 1


def test_each_filled_cell_has_its_count(a_map: Make, caption: Caption) -> None:
    counts = a_map("m", scale=100)
    written = sorted(int(each.words) for each in numbers(drawn(counts, caption)) if len(each.words) > 2)
    assert written == sorted(counts.inside[counts.inside > 0].tolist())


def test_counts_are_white_on_dark_and_black_on_light(a_map: Make, caption: Caption) -> None:
    cells = [each for each in numbers(drawn(a_map("m", scale=100), caption)) if len(each.words) > 2]
    colors = {int(each.words): each.color for each in cells}
    assert colors[min(colors)] == "white"
    assert colors[max(colors)] == "black"


def test_counts_lie_across_where_the_cell_is_wide() -> None:
    labels, size, rotation = fit_numbers(np.array([1234, 5]), 60, 30)
    assert (labels, rotation) == (["1234", "5"], 0)
    assert size > 12


def test_counts_stand_upright_where_the_cell_is_narrow() -> None:
    assert fit_numbers(np.array([12345]), 12, 90)[2] == 90


def test_long_counts_are_rounded() -> None:
    assert fit_numbers(np.array([1_234_567_890]), 30, 30)[0] == ["1.2G"]


def test_no_counts_where_they_could_not_be_read(a_map: Make, caption: Caption) -> None:
    assert not [
        each for each in numbers(drawn(a_map("m", x_bins=200, y_bins=200), caption)) if len(each.words) > 3
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (999, "999"),
        (1000, "1k"),
        (12345, "12k"),
        (123456, "123k"),
        (1234567, "1.2M"),
        (10**18, "1E"),
    ],
)
def test_rounded(value: int, text: str) -> None:
    assert rounded(value) == text


@pytest.mark.parametrize("log", [False, True])
def test_an_empty_map_says_so(a_map: Make, caption: Caption, log: bool) -> None:
    texts = words(drawn(a_map("m", scale=0), caption, log=log))
    assert {"no entries", "entries 0", "SlabX", "SlabY"} <= texts
