"""A sheet is a list of plain marks, measured in pixels from its lower left corner."""

import numpy as np
import pytest

from pictures import texts
from runfolio.render.layout import Box
from runfolio.render.marks import Across, Cells
from runfolio.render.sheet import Sheet, Up, color_bytes
from runfolio.render.words import ASCENT, DESCENT


@pytest.mark.parametrize(
    ("align", "baseline"),
    [
        ("baseline", 0),
        ("top", ASCENT),
        ("center", (ASCENT - DESCENT) / 2),
        ("center_baseline", ASCENT / 2),
    ],
)
@pytest.mark.parametrize("along", ["left", "center", "right"])
def test_words_are_aligned_across_their_direction(along: Across, align: Up, baseline: float) -> None:
    sheet = Sheet((20, 20))
    sheet.text((3, 10), "lying", 10, align=(along, align))
    sheet.text((3, 10), "upright", 10, align=(along, align), upright=True)
    lying, upright = texts(sheet)
    assert (lying.at, lying.align) == ((3, 10 - 10 * baseline), along)
    assert (upright.at, upright.align) == ((3 + 10 * baseline, 10), along)


def test_no_words_leave_no_mark() -> None:
    sheet = Sheet((20, 20))
    sheet.text((3, 10), "", 10)
    assert sheet.marks == []


def test_a_filled_box_is_a_single_cell() -> None:
    sheet = Sheet((20, 20))
    sheet.fill(Box(1, 2, 3, 4), "red")
    (cells,) = sheet.marks
    assert isinstance(cells, Cells)
    assert (cells.x.tolist(), cells.y.tolist()) == ([1, 4], [2, 6])
    assert cells.colors.tolist() == [[[255, 0, 0, 255]]]


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("black", [0, 0, 0, 255]),
        ("0.7", [178, 178, 178, 255]),
        ((1.0, 0.5, 0.0), [255, 128, 0, 255]),
        ("#12345600", [18, 52, 86, 0]),
    ],
)
def test_colors_as_bytes(color: object, expected: list[int]) -> None:
    assert np.array_equal(color_bytes(color), expected)
