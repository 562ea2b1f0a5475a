"""Colors: marks where they belong, and the same ones whatever was drawn before."""

from collections.abc import Callable

import numpy as np
import pytest

from runfolio.render import lettering, raster
from runfolio.render.layout import Box
from runfolio.render.marks import Colors
from runfolio.render.raster import pixels
from runfolio.render.sheet import Sheet

RED, BLUE = [255, 0, 0, 255], [0, 0, 255, 255]


def written(
    words: str, at: tuple[float, float] = (20, 20), *, upright: bool = False, **how: object
) -> Colors:
    sheet = Sheet((100, 100))
    sheet.text(at, words, 13, upright=upright, **how)  # type: ignore[arg-type]  # a test's own words
    return pixels(sheet)


def dark(seen: Colors) -> tuple[int, int, int, int]:
    """Return left, right, top and bottom of what is not white."""
    rows, columns = np.nonzero(seen[:, :, 0] < 200)
    return columns.min(), columns.max(), rows.min(), rows.max()


@pytest.mark.parametrize("size", [(800, 800), (115, 57), (1, 1), (333, 1001)])
def test_a_sheet_has_its_size_to_the_pixel_and_is_white(size: tuple[int, int]) -> None:
    seen = pixels(Sheet(size))
    assert seen.shape == (size[1], size[0], 4)
    assert (seen == 255).all()


def test_a_line_along_the_pixels_is_sharp() -> None:
    sheet = Sheet((20, 20))
    sheet.line(np.array([(0, 10), (20, 10)]), 1.0)
    assert set(pixels(sheet)[:, 10, 0].tolist()) == {0, 255}


def test_a_long_line_along_the_pixels_is_sharp() -> None:
    sheet = Sheet((40, 40))
    x = np.repeat(np.linspace(0, 40, 1500), 2)
    sheet.line(np.column_stack([x, np.tile([10, 30, 30, 10], 750)]), 1.0)
    assert set(pixels(sheet)[25, :, 0].tolist()) == {0}
    assert set(pixels(sheet)[2, :, 0].tolist()) == {255}


def test_segments_are_not_joined() -> None:
    sheet = Sheet((20, 20))
    sheet.segments(np.array([[(0, 5), (20, 5)], [(0, 15), (20, 15)]]), 1.0)
    assert (pixels(sheet)[:, 10, 0] < 255).sum() == 2
    assert (pixels(sheet)[8:12] == 255).all()


def test_what_is_outside_a_box_is_cut_off() -> None:
    sheet = Sheet((20, 20))
    sheet.line(np.array([(0, 10), (20, 10)]), 1.0, within=Box(5, 5, 10, 10))
    assert dark(pixels(sheet))[:2] == (5, 14)


def test_a_dot_is_as_wide_as_said() -> None:
    sheet = Sheet((20, 20))
    sheet.markers(np.array([(10, 10)]), 6, "black")
    left, right, top, bottom = dark(pixels(sheet))
    assert 5 <= right - left + 1 <= 7
    assert 5 <= bottom - top + 1 <= 7


def test_cells_fill_the_pixels_whose_middle_they_have() -> None:
    sheet = Sheet((20, 20))
    colors = np.array([[RED, BLUE], [[0, 0, 0, 0], RED]], np.uint8)
    sheet.cells(np.array([4.6, 9.4, 15.0]), np.array([5.0, 10.0, 14.5]), colors)
    seen = pixels(sheet)
    assert (seen[10:15, 5:9] == RED).all()
    assert (seen[6:10, 5:9] == BLUE).all()
    assert (seen[6:10, 9:15] == RED).all()
    assert (seen != 255).any(axis=2).sum() == 5 * 4 + 4 * 4 + 4 * 6


def test_cells_beyond_the_sheet_are_cut_off() -> None:
    sheet = Sheet((4, 4))
    sheet.cells(np.array([-3.0, 2, 9]), np.array([-5.0, 9]), np.array([[RED], [BLUE]], np.uint8))
    assert (pixels(sheet)[:, :2] == RED).all()
    assert (pixels(sheet)[:, 2:] == BLUE).all()


def test_a_cell_of_no_size_is_not_drawn() -> None:
    sheet = Sheet((4, 4))
    sheet.cells(np.array([1.0, 1, 3]), np.array([0.0, 4]), np.array([[RED], [BLUE]], np.uint8))
    assert (pixels(sheet)[:, 1:3] == BLUE).all()


def test_words_stand_on_their_baseline() -> None:
    assert dark(written("mix"))[3] == 79  # the row above that of the baseline
    assert dark(written("mix", upright=True))[1] == 19


def test_upright_words_are_lying_ones_turned() -> None:
    lying, upright = written("Tilt 12", (20, 20)), written("Tilt 12", (80, 20), upright=True)
    assert np.abs(np.rot90(lying).astype(int) - upright).max() < 20  # of 255: Agg rounds places


def test_words_look_alike_at_every_place() -> None:
    here, there = written("entries 12", (20, 20)), written("entries 12", (23.4, 50.3))
    assert np.array_equal(here[60:90, 15:90], there[30:60, 18:93])


def test_words_are_aligned_by_their_length() -> None:
    sheet = Sheet((100, 100))
    sheet.text((90, 20), "HHHH", 13, align=("right", "baseline"))
    assert dark(pixels(sheet))[1] == pytest.approx(89, abs=2)


def test_words_lie_on_what_comes_after_them() -> None:
    sheet = Sheet((100, 100))
    sheet.text((20, 20), "mix", 13)
    sheet.fill(Box(0, 0, 100, 100), "red")
    assert (pixels(sheet)[:, :, :3] == 0).all(axis=2).any()


def test_labels_lie_beneath_what_comes_before_them_and_look_the_same_on_white() -> None:
    for color in ("black", "0.35", "#b34700"):
        assert np.array_equal(written("mix 12", color=color, beneath=True), written("mix 12", color=color))
    sheet = Sheet((100, 100))
    sheet.fill(Box(0, 0, 100, 100), "red")
    sheet.label((20, 20), "mix", 13)
    assert (pixels(sheet) == RED).all()


def test_words_over_colours_let_as_much_of_these_through_as_they_do_not_cover() -> None:
    on_white = written("mix", color="black")[:, :, 0].astype(int)
    sheet = Sheet((100, 100))
    sheet.fill(Box(0, 0, 100, 100), "red")
    sheet.text((20, 20), "mix", 13, color="blue")
    seen = pixels(sheet).astype(int)
    assert np.array_equal(seen[:, :, 0], on_white)
    assert np.array_equal(seen[:, :, 2], 255 - on_white)
    assert not seen[:, :, 1].any()


@pytest.mark.parametrize("at", [(-12.0, 20.0), (85.0, 20.0), (20.0, -4.0), (20.0, 95.0), (-500.0, 20.0)])
@pytest.mark.parametrize("beneath", [True, False])
def test_words_are_cut_off_where_they_leave_the_sheet(at: tuple[float, float], beneath: bool) -> None:
    large = Sheet((300, 300))
    large.text((at[0] + 100, at[1] + 100), "mix 12", 13)
    cut = written("mix 12", at, beneath=beneath)
    assert np.array_equal(cut, pixels(large)[100:200, 100:200])


@pytest.mark.parametrize("forgotten", [lettering.outline, lettering.length, raster._shape, raster._labelled])
def test_pixels_do_not_depend_on_what_was_drawn_before(forgotten: Callable[..., object]) -> None:
    known = written("run 4235 · AVATAR مرحبا")
    forgotten.cache_clear()  # type: ignore[attr-defined]
    assert np.array_equal(written("run 4235 · AVATAR مرحبا"), known)
