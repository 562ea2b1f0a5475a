"""A sheet is measured in pixels and styled by nobody's settings."""

import matplotlib as mpl
import numpy as np
import pytest

from runfolio.render.layout import Box
from runfolio.render.sheet import Sheet, fixed_style


def pixels(sheet: Sheet) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    sheet.canvas.draw()
    return np.array(sheet.canvas.buffer_rgba())


@pytest.mark.parametrize("size", [(800, 800), (115, 57), (1, 1), (333, 1001)])
def test_a_sheet_has_its_size_to_the_pixel(size: tuple[int, int]) -> None:
    assert pixels(Sheet(size)).shape == (size[1], size[0], 4)


def test_a_line_along_the_pixels_is_sharp() -> None:
    sheet = Sheet((20, 20))
    sheet.line(np.array([(0, 10), (20, 10)]), 1.0)
    assert set(pixels(sheet)[:, 10, 0].tolist()) == {0, 255}


def test_a_polygon_covers_its_pixels() -> None:
    sheet = Sheet((20, 20))
    sheet.polygons(np.array([[(5, 5), (15, 5), (15, 10), (5, 10)]]), ["red"])
    assert (pixels(sheet)[10:15, 5:15] == [255, 0, 0, 255]).all()


def test_an_image_fills_its_box_from_the_bottom() -> None:
    sheet = Sheet((20, 20))
    sheet.image(Box(5, 5, 10, 10), np.array([[[1, 0, 0, 1]], [[0, 0, 1, 1]]], np.float64))
    found = pixels(sheet)
    assert (found[10:15, 5:15] == [255, 0, 0, 255]).all()
    assert (found[5:10, 5:15] == [0, 0, 255, 255]).all()
    assert (found == 255).all(axis=2).sum() == 300


def test_no_polygons_draw_nothing() -> None:
    sheet = Sheet((20, 20))
    sheet.polygons(np.empty((0, 4, 2)), [])
    assert (pixels(sheet) == 255).all()


def test_a_user_s_settings_change_nothing() -> None:
    with mpl.rc_context({"figure.facecolor": "red", "font.size": 40, "text.usetex": True}), fixed_style():
        assert (pixels(Sheet((20, 20))) == 255).all()
        assert not mpl.rcParams["text.usetex"]


def test_a_user_s_settings_come_back() -> None:
    with mpl.rc_context({"font.size": 40}):
        with fixed_style():
            pass
        assert mpl.rcParams["font.size"] == 40
