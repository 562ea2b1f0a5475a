"""PDF, SVG and EPS hold the marks of a sheet, each in its place."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from runfolio.render import vector
from runfolio.render.layout import Box
from runfolio.render.sheet import Sheet
from runfolio.render.vector import save

RED, BLUE, NONE = [255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]
SVG = "{http://www.w3.org/2000/svg}"


def svg(sheet: Sheet) -> ET.Element:
    return ET.fromstring(save(sheet, "svg", {}))  # noqa: S314 - it was made here


def paths(sheet: Sheet, style: str) -> list[str]:
    """Return the paths of a style, without line breaks."""
    found = (each for each in svg(sheet).iter(f"{SVG}path") if style in each.get("style", ""))
    return [" ".join(each.get("d", "").split()) for each in found]


def extent(path: str) -> tuple[float, float, float, float]:
    """Return left, right, top and bottom, in pixels from the upper left corner."""
    numbers = np.array([float(each) for each in re.findall(r"[-\d.]+", path)]).reshape(-1, 2) * 128 / 72
    return (
        *numbers[:, 0].min(keepdims=True),
        numbers[:, 0].max(),
        *numbers[:, 1].min(keepdims=True),
        numbers[:, 1].max(),
    )


def test_a_line_is_where_it_is_on_the_sheet() -> None:
    sheet = Sheet((128, 128))
    sheet.line(np.array([(16, 32), (64, 32)]), 2.0, "red")
    (path,) = paths(sheet, "stroke: #ff0000")
    assert extent(path) == pytest.approx((16, 64, 96, 96), abs=1)


def test_each_filled_cell_is_a_polygon() -> None:
    sheet = Sheet((128, 128))
    sheet.cells(
        np.array([0.0, 32, 64]), np.array([0.0, 32, 64]), np.array([[RED, BLUE], [NONE, RED]], np.uint8)
    )
    assert len(paths(sheet, "fill: #ff0000")) == 2
    (blue,) = paths(sheet, "fill: #0000ff")
    assert extent(blue) == pytest.approx((0, 32.5, 64, 96), abs=0.1)


@pytest.mark.parametrize("x", [[0.0, 32, 64], [0.0, 50, 64]])
def test_many_cells_are_an_image_of_the_same_size(x: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "_MOST_CELLS", 2)
    sheet = Sheet((128, 128))
    sheet.cells(np.array(x), np.array([0.0, 32, 64]), np.array([[RED, BLUE], [RED, RED]], np.uint8))
    (image,) = svg(sheet).iter(f"{SVG}image")
    assert float(image.get("width", "")) == pytest.approx(36, abs=1)


def test_cells_of_several_widths_make_an_even_image() -> None:
    colors = np.array([[RED], [BLUE]], np.uint8)
    shown = vector._even(colors, np.array([0.0, 1, 4]))
    assert shown[:, 0].tolist() == [RED] * 2 + [BLUE] * 6
    assert vector._even(colors, np.array([0.0, 2, 4])) is colors


def test_words_are_text_in_a_pdf_and_never_formulas() -> None:
    sheet = Sheet((128, 128))
    sheet.text((10, 10), "$x_1^2$ \\frac{", 12)
    sheet.text((50, 10), "up", 12, upright=True)
    assert save(sheet, "pdf", {}).startswith(b"%PDF")
    assert b"frac" in save(sheet, "svg", {})  # as a comment beside the outlines


def test_what_is_outside_a_box_is_clipped() -> None:
    sheet = Sheet((128, 128))
    sheet.line(np.array([(0, 32), (128, 32)]), 2.0, "red", within=Box(16, 16, 64, 64))
    (clip,) = svg(sheet).iter(f"{SVG}clipPath")
    (box,) = clip.iter(f"{SVG}rect")
    assert [float(box.get(each, "")) for each in ("x", "width")] == pytest.approx([9, 36])


def test_dots_are_in_every_format() -> None:
    sheet = Sheet((128, 128))
    sheet.markers(np.array([(32, 32), (64, 64)]), 6, "red")
    assert len(list(svg(sheet).iter(f"{SVG}use"))) == 2
    assert save(sheet, "eps", {}).startswith(b"%!PS")
