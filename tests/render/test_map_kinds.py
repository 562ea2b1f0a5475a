"""Maps of weights and means, of unequal cells, and of a part of their axes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pictures import assert_readable, filled, filled_colors, grids, picture, words
from runfolio.plots import Counts, Integer, Kind, Regular, Strip, Variable
from runfolio.render.cellnumbers import fit_numbers, short
from runfolio.render.curves import PALE
from runfolio.render.raster import pixels
from runfolio.render.sheet import Sheet, color_bytes

AXES = (Integer(0, 3, "x"), Integer(0, 2, "y"))
UNEQUAL = (Variable([0, 1, 10, 100], "x"), Variable([-3, -1, 0, 0.5], "y"))


def a_map(kind: Kind, shown: list[float]) -> Counts:
    """Return one entry a cell, row by row."""
    x, y = np.arange(len(shown)) % 3, np.arange(len(shown)) // 3
    return filled(kind, AXES, x, y, np.array(shown), label="time (ns)")


def colors(sheet: Sheet) -> list[Any]:
    return list(filled_colors(sheet))


def test_the_color_bar_says_what_the_map_shows() -> None:
    assert "time (ns)" in words(picture(a_map(Kind.PROFILE, [1, 2, 3])))


def test_means_reach_from_the_least_to_the_largest() -> None:
    found = colors(picture(a_map(Kind.PROFILE, [1000, 1001, 1002])))
    assert found[0][2] > found[0][0]  # violet
    assert found[-1][1] > 200  # yellow


def test_a_cell_without_entries_is_white_and_one_of_weight_zero_is_not() -> None:
    assert len(colors(picture(a_map(Kind.WEIGHTED, [1, 0, 5])))) == 3


def test_what_a_logarithmic_map_cannot_show_is_grey_and_counted() -> None:
    sheet = picture(a_map(Kind.WEIGHTED, [1, -5, 0, 7]), log_y=True, size=(900, 600))
    assert sum(tuple(each) == tuple(color_bytes(PALE)) for each in colors(sheet)) == 2
    assert any("cells off scale 2" in each for each in words(sheet))


def test_numbers_of_means_have_as_many_decimals_everywhere() -> None:
    shown = words(picture(a_map(Kind.PROFILE, [20.0, 21.25, 22.5]), numbers=True))
    assert {"20.00", "21.25", "22.50"} <= shown


def test_numbers_are_shortened_to_fit() -> None:
    values = np.array([123.456, 98.7654])
    assert fit_numbers(values, 60, 20)[0] == ["123.5", "98.8"]
    assert fit_numbers(values, 22, 20)[0] == ["123", "99"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 4, "0"),
        (12345.6, 4, "12.35k"),
        (12345.6, 2, "12k"),
        (12345.6, 1, "10k"),
        (123456, 2, "120k"),
        (999.9, 2, "1k"),
        (123.4, 2, "120"),
        (-0.0012345, 3, "\u22120.00123"),
        (0.00012345, 2, "1.2e\u22124"),
        (1.5e30, 3, "1.5e30"),
        (2e18, 3, "2E"),
    ],
)
def test_short_numbers(value: float, digits: int, text: str) -> None:
    assert short(value, digits) == text


def test_unequal_cells_are_as_wide_as_their_bins() -> None:
    counts = filled(Kind.COUNT, UNEQUAL, np.array([0.5, 50]), np.array([-2, 0.2]))
    wide = np.diff(grids(picture(counts))[0].x)
    assert wide[2] == pytest.approx(90 * wide[0])


def test_numbers_are_left_out_of_cells_that_are_too_small() -> None:
    counts = filled(Kind.COUNT, UNEQUAL, np.array([0.5] * 5555 + [50] * 7777), np.full(13332, -2.0))
    shown = words(picture(counts, numbers=True))
    assert "7777" in shown
    assert "5555" not in shown


def test_a_part_of_both_axes() -> None:
    counts = filled(Kind.COUNT, AXES, *np.indices((3, 2)).reshape(2, -1))
    assert len(colors(picture(counts))) == 6
    part = picture(counts, x_range=(0.6, 2.4), y_range=(-0.4, 0.4), size=(900, 600))
    assert len(colors(part)) == 2
    assert any("not in view 4" in each for each in words(part))


def test_a_part_without_entries_says_so() -> None:
    sheet = picture(a_map(Kind.PROFILE, [1, 2]), x_range=(10, 20), size=(700, 600))
    assert "no entries in view: 2 elsewhere" in words(sheet)


def test_statistics_leave_room_for_a_power_of_ten() -> None:
    axes = (Regular(50, 0, 2e-6), Regular(5, 0, 1))
    counts = filled(Kind.COUNT, axes, np.full(99, 1e-6), np.zeros(99))
    assert_readable(picture(counts, size=(160, 160)))


@pytest.mark.parametrize(
    "how", [{}, {"log_y": True}, {"log_x": True}, {"numbers": True}, {"y_range": (0, 1)}]
)
@pytest.mark.parametrize(
    "counts",
    [
        a_map(Kind.WEIGHTED, []),
        a_map(Kind.PROFILE, [np.nan]),
        a_map(Kind.WEIGHTED, [-1, -2, -3e7]),
        a_map(Kind.PROFILE, [1e300, -1e300, 5]),
        a_map(Kind.PROFILE, [7, 7, 7]),
        filled(Kind.COUNT, [Strip("spill"), Strip("time", time=True)], np.arange(99), 1.4e9 + np.arange(99)),
    ],
)
def test_any_map_is_readable(counts: Counts, how: dict[str, Any]) -> None:
    assert_readable(picture(counts, size=(600, 500), **how))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([Kind.WEIGHTED, Kind.PROFILE]),
    st.lists(st.floats(allow_nan=True), max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_any_cells_can_be_drawn(kind: Kind, shown: list[float], log: bool, numbers: bool) -> None:
    pixels(picture(a_map(kind, shown), log_y=log, numbers=numbers, size=(300, 200)))
