"""Pictures say what they show, in text that is neither cut off nor overlapping."""

import dataclasses
from collections.abc import Callable

import pytest

from pictures import assert_readable, words
from runfolio.errors import DeclarationError
from runfolio.images import Caption
from runfolio.plots.axes import Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, Series, grid
from runfolio.render.draw import draw
from runfolio.render.job import ReducerView
from runfolio.render.raster import pixels
from runfolio.render.sheet import Sheet

Make = Callable[..., Counts]
LONG = "An extremely long title with $math_{i}^2$, \\alpha and <b>tags</b> that goes on " * 3


def one(*counts: Counts, size: tuple[int, int] = (500, 400), log: bool = False, name: str = "") -> Figure:
    colors = ("black", "red", "blue")
    series = [Series(each.name, name, color) for each, color in zip(counts, colors, strict=False)]
    return Figure(tag="t", description="d", rows=((Panel(series=tuple(series), log_y=log),),), size=size)


def drawn(caption: Caption, *counts: Counts, log: bool = False, name: str = "") -> Sheet:
    return draw(one(*counts, log=log, name=name), {each.name: each for each in counts}, caption)


def test_every_picture_says_its_run(caption: Caption, counts: Make) -> None:
    assert "run 4235 · 1250 spills · last spill 2013-11-28 09:54:09 UTC" in words(drawn(caption, counts("a")))


@pytest.mark.parametrize(("final", "state"), [(True, "final"), (False, "live")])
def test_every_picture_says_its_state(caption: Caption, counts: Make, final: bool, state: str) -> None:
    shown = words(drawn(dataclasses.replace(caption, final=final), counts("a")))
    assert {"final", "live"} & shown == {state}


def test_a_stream_without_time_stamps(caption: Caption, counts: Make) -> None:
    without = dataclasses.replace(caption, last_spill_time=None, spills=1)
    assert "run 4235 · 1 spill · no time stamps" in words(drawn(without, counts("a")))


@pytest.mark.parametrize("seconds", [1e300, float("nan"), -1e15])
def test_a_time_no_calendar_has_costs_no_picture(caption: Caption, counts: Make, seconds: float) -> None:
    odd = dataclasses.replace(caption, last_spill_time=seconds)
    assert any("last spill at" in each for each in words(drawn(odd, counts("a"))))


def test_titles_units_and_statistics_are_there(caption: Caption, counts: Make) -> None:
    shown = words(drawn(caption, counts("a", [0, 0, 3, 3], title="TOF0->1")))
    assert {"TOF0->1", "missing pT (GeV)", "entries", "6", "mean", "20.0"} <= shown


def test_a_panel_s_own_title_comes_first(caption: Caption, counts: Make) -> None:
    figure = Figure(tag="t", description="d", rows=((Panel(series=(Series("a"),), title="own"),),))
    assert "own" in words(draw(figure, {"a": counts("a")}, caption))


def test_several_panels_have_the_description_over_them(caption: Caption, counts: Make) -> None:
    figure = Figure(tag="t", description="All of them", rows=grid(["a", "a"], 2))
    assert "All of them" in words(draw(figure, {"a": counts("a")}, caption))


def test_formulas_are_shown_as_written(caption: Caption, counts: Make) -> None:
    sheet = drawn(caption, counts("a", title="$x_1^2$ \\frac{"))
    assert "$x_1^2$ \\frac{" in words(sheet)


@pytest.mark.parametrize("log", [False, True])
def test_no_entries(caption: Caption, counts: Make, log: bool) -> None:
    shown = words(drawn(caption, counts("a", []), log=log))
    assert {"no entries", "missing pT (GeV)", "200"} <= shown


@pytest.mark.parametrize("log", [False, True])
def test_entries_out_of_range_only(caption: Caption, counts: Make, log: bool) -> None:
    outside = counts("a", [12, *[0] * 20, 3456])
    assert "no entries in range: 12 below, 3456 above" in words(drawn(caption, outside, log=log))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("bins", "title"),
    [
        ([], "t"),
        ([0, 1], "t"),
        ([0, 1, 2, 7], LONG),
        ([10**9] * 22, LONG),
        ([0, 10**15, 1], "t"),
        (None, "漢\n\x00"),
    ],
)
def test_any_counts_and_titles_are_readable(
    caption: Caption, counts: Make, bins: list[int] | None, title: str, log: bool
) -> None:
    axis = Regular(20, -200, 200, label=title)
    assert_readable(drawn(caption, counts("a", bins, axis, title), log=log, name=title))


@pytest.mark.parametrize(
    "axis",
    [
        Integer(0, 4, "n"),
        Regular(10, -0.5, 9.5),
        Regular(50, 0, 2e-6),
        Regular(50, -2e6, 2e6),
        Integer(-9, 990),
    ],
)
def test_any_axis_is_readable(caption: Caption, counts: Make, axis: Integer | Regular) -> None:
    assert_readable(drawn(caption, counts("a", axis=axis), counts("b", axis=axis), name="TOF"))


@pytest.mark.parametrize(
    ("columns", "size"), [(4, (1200, 800)), (2, (800, 800)), (3, (900, 900)), (1, (400, 1600))]
)
def test_panels_are_readable(caption: Caption, counts: Make, columns: int, size: tuple[int, int]) -> None:
    panels = [Panel(series=(Series("a"),), log_y=number % 2 > 0) for number in range(2 * columns)]
    figure = Figure(tag="t", description=LONG, rows=grid(panels, columns), size=size)
    assert_readable(draw(figure, {"a": counts("a", [10**6, *range(20)], title=LONG)}, caption))


def test_a_map_is_readable(caption: Caption, a_map: Make) -> None:
    panel = Panel(series=(Series("m"),), numbers=True)
    figure = Figure(tag="t", description="", rows=((panel,),), size=(600, 600))
    assert_readable(draw(figure, {"m": a_map("m", scale=10**8)}, caption))


@pytest.mark.parametrize("size", [(1, 1), (60, 40), (3000, 50)])
def test_odd_sizes_can_be_drawn(view: ReducerView, caption: Caption, size: tuple[int, int]) -> None:
    for figure in view.figures:
        pixels(draw(dataclasses.replace(figure, size=size), view.counts, caption))


def test_a_histogram_that_is_not_there(caption: Caption, counts: Make) -> None:
    with pytest.raises(DeclarationError, match="'a'"):
        draw(one(counts("a")), {}, caption)


def test_maps_cannot_be_overlaid(caption: Caption, counts: Make, a_map: Make) -> None:
    both = {"a": counts("a"), "m": a_map("m")}
    with pytest.raises(DeclarationError, match="overlaid"):
        draw(one(*both.values()), both, caption)
