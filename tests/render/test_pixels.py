"""What the eye sees: colours, frames, ticks and outlines where they belong."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runfolio.images import Caption
from runfolio.plots.axes import Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, Series, grid
from runfolio.render import raster
from runfolio.render.draw import draw
from runfolio.render.sheet import Sheet

Make = Callable[..., Counts]
Pixels = npt.NDArray[np.int16]
CAPTION = Caption(run_number=4235, spills=1250, last_spill_time=None, final=True)
SIZE = (400, 300)


def pixels(sheet: Sheet) -> Pixels:
    return raster.pixels(sheet)[:, :, :3].astype(np.int16)


def picture(*series: tuple[Counts, str], log: bool = False) -> Pixels:
    shown = tuple(Series(each.name, "", color) for each, color in series)
    figure = Figure(tag="t", description="", rows=((Panel(series=shown, log_y=log),),), size=SIZE)
    return pixels(draw(figure, {each.name: each for each, _ in series}, CAPTION))


def frame_of(seen: Pixels) -> tuple[int, int, int, int]:
    """Return left, right, top and bottom of the frame: the two longest dark columns and rows."""
    dark = seen.sum(axis=2) < 150
    columns, rows = dark.sum(axis=0), dark.sum(axis=1)
    left, right = (int(each) for each in (np.argmax(columns[:200]), 200 + np.argmax(columns[200:])))
    top, bottom = (int(each) for each in (np.argmax(rows[:150]), 150 + np.argmax(rows[150:])))
    return left, right, top, bottom


def reds(seen: Pixels) -> npt.NDArray[np.bool_]:
    return (seen[:, :, 0] > 150) & (seen[:, :, 1] < 100) & (seen[:, :, 2] < 100)


def test_ticks_are_inside_on_all_four_sides(counts: Make) -> None:
    seen = picture((counts("a", []), "red"))
    left, right, top, bottom = frame_of(seen)
    dark = seen.sum(axis=2) < 300
    for line in (dark[top + 3, left:right], dark[bottom - 3, left:right]):
        assert line.sum() >= 6
    for line in (dark[top:bottom, left + 3], dark[top:bottom, right - 3]):
        assert line.sum() >= 2


def test_outlines_have_the_color_given_and_no_fill(counts: Make) -> None:
    seen = reds(picture((counts("a", [0, *[5] * 20]), "red")))
    assert 300 < seen.sum() < 1500


def test_outlines_stay_inside_the_frame(counts: Make) -> None:
    seen = picture((counts("a"), "red"))
    left, right, top, bottom = frame_of(seen)
    rows, columns = np.nonzero(reds(seen))
    assert columns.min() >= left - 1
    assert columns.max() <= right + 1
    assert rows.min() >= top
    assert rows.max() <= bottom + 1


def test_the_last_histogram_lies_on_top(counts: Make) -> None:
    same = [0, *[5] * 20]
    below, above = (counts("a", same), "red"), (counts("b", same), "blue")
    assert reds(picture(below, above)).sum() < 0.1 * reds(picture(above, below)).sum()


def test_the_frame_is_black_over_the_outline(counts: Make) -> None:
    seen = picture((counts("a", []), "red"))
    _, _, _, bottom = frame_of(seen)
    assert (seen[bottom].sum(axis=1) < 150).sum() > 280


def test_twice_the_counts_are_twice_as_high(counts: Make) -> None:
    seen = reds(picture((counts("a", [0, *[4] * 10, *[2] * 5]), "red")))
    left, right, _, bottom = frame_of(picture((counts("a", []), "red")))
    quarter, middle = left + (right - left) // 4, left + int(0.6 * (right - left))
    high, low = (bottom - int(np.argmax(seen[:, column])) for column in (quarter, middle))
    assert high == pytest.approx(2 * low, abs=2)


def test_a_decade_is_as_high_as_the_next_on_a_logarithmic_axis(counts: Make) -> None:
    bins = [0, *[1] * 4, *[10] * 4, *[100] * 4]
    seen = reds(picture((counts("a", bins), "red"), log=True))
    left, right, _, _ = frame_of(picture((counts("a", []), "red")))
    tops = [int(np.argmax(seen[:, left + int(share * (right - left))])) for share in (0.1, 0.3, 0.5)]
    assert tops[0] - tops[1] == pytest.approx(tops[1] - tops[2], abs=2)


def test_filled_cells_have_colors_and_empty_ones_are_white() -> None:
    values = np.zeros((4, 4), np.int64)
    values[1, 1], values[2, 2] = 1, 100
    counts = Counts(name="m", title="", axes=(Integer(0, 2), Integer(0, 2)), values=values)
    seen = pixels(
        draw(Figure(tag="t", description="", rows=grid(["m"], 1), size=SIZE), {"m": counts}, CAPTION)
    )
    left, _, top, bottom = frame_of(seen)
    width, height = 170, bottom - top
    lower_left, upper_right = seen[bottom - height // 4, left + 30], seen[top + height // 4, left + width]
    assert lower_left.sum() < 200  # dark violet
    assert upper_right[0] > 200
    assert upper_right[2] < 100  # yellow
    assert seen[top + height // 4, left + 30].sum() == 765


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2**53), min_size=7, max_size=7), st.booleans())
def test_any_counts_can_be_drawn(bins: list[int], log: bool) -> None:
    values = np.array(bins, np.int64)
    counts = Counts(name="a", title="", axes=(Regular(5, -1, 1),), values=values)
    assert picture((counts, "red"), log=log).shape == (300, 400, 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2**50), min_size=20, max_size=20), st.booleans())
def test_any_map_can_be_drawn(bins: list[int], log: bool) -> None:
    axes = (Integer(-1, 2, "x"), Regular(2, 0, 1e-9, "y"))
    counts = Counts(name="m", title="", axes=axes, values=np.array(bins, np.int64).reshape(5, 4))
    panel = Panel(series=(Series("m"),), numbers=True, log_y=log)
    pixels(draw(Figure(tag="t", description="", rows=((panel,),), size=SIZE), {"m": counts}, CAPTION))
