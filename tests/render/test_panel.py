"""Scales put values where their ticks are; axes stay readable."""

import numpy as np
import pytest

from pictures import texts
from runfolio.plots.axes import Integer, Regular
from runfolio.render.layout import Frame
from runfolio.render.panel import Scale, label_x, stroke, x_ticks, y_ticks
from runfolio.render.sheet import Sheet
from runfolio.render.ticks import Ticks
from runfolio.render.words import width


def test_linear_scale() -> None:
    assert Scale(20, 40, 100, 200)([20, 30, 40]).tolist() == [100, 200, 300]


def test_logarithmic_scale() -> None:
    assert np.allclose(Scale(1, 100, 0, 200, log=True)([1, 10, 100]), [0, 100, 200])


def test_empty_bins_lie_on_the_bottom_of_a_logarithmic_scale() -> None:
    assert Scale(0.5, 100, 30, 200, log=True)(0) == 30


def test_values_outside_are_put_on_the_limits() -> None:
    assert Scale(0, 10, 0, 100)([-5, 25]).tolist() == [0, 100]


def test_labels_have_room_side_by_side() -> None:
    axis = Regular(50, 1385632449, 1385632549)
    scale = Scale(axis.start, axis.stop, 0, 300)
    labels = x_ticks(axis, scale, 12).labels
    assert sum(width(label, 12) for label in labels) < 300


def test_bins_of_whole_numbers_are_labelled_where_there_is_room() -> None:
    axis = Integer(0, 10)
    assert len(x_ticks(axis, Scale(-0.5, 9.5, 0, 600), 12).labels) == 10
    assert 2 <= len(x_ticks(axis, Scale(-0.5, 9.5, 0, 60), 12).labels) < 10


def test_a_low_frame_has_few_labels() -> None:
    assert len(y_ticks(Scale(0, 56, 0, 80), 10, whole=True).labels) <= 5


def test_lines_are_never_thinner_than_a_pixel() -> None:
    assert stroke(5) == 1
    assert stroke(17) > 1.3


@pytest.mark.parametrize("at", [0.0, 199.0])
def test_numbers_at_the_ends_of_an_axis_stay_on_the_sheet(at: float) -> None:
    sheet, scale = Sheet((200, 100)), Scale(0, 1, 0, 199)
    ticks = Ticks(np.array([at / 199]), np.empty(0), ("10000",))
    label_x(sheet, Frame(0, 50, 199, 40), 10, (scale, ticks), "")
    (found,) = [each for each in texts(sheet) if each.words == "10000"]
    half = width("10000", 10) / 2
    assert half < found.at[0] < 200 - half
