"""Words for tests of pictures: what is written on a sheet, and that it can be read."""

from itertools import combinations
from typing import Any

from matplotlib.text import Text
from matplotlib.transforms import Bbox

from runfolio.render.sheet import Sheet


def texts(sheet: Sheet) -> list[Text]:
    found: list[Any] = sheet.figure.findobj(Text)
    return [each for each in found if each.get_text()]


def words(sheet: Sheet) -> set[str]:
    return {each.get_text() for each in texts(sheet)}


def assert_readable(sheet: Sheet) -> None:
    renderer = sheet.canvas.get_renderer()
    boxes = {each: each.get_window_extent(renderer) for each in texts(sheet)}
    for text, box in boxes.items():
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= sheet.width, text
        assert box.y1 <= sheet.height, text
    for (text, box), (other, other_box) in combinations(boxes.items(), 2):
        shared = Bbox.intersection(box, other_box)
        assert shared is None or min(shared.width, shared.height) < 1.5, (text, other)
