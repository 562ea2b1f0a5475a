"""Frames and cells follow from the picture's size alone."""

from runfolio.render.layout import Box, caption_size, frame, grid, text_size


def test_cells_fill_the_area_from_the_top() -> None:
    cells = grid(Box(0, 30, 1200, 770), 2, 4)
    assert cells[0][0].top == cells[0][3].top == 800
    assert cells[1][0].bottom == 30
    assert cells[0][3].right == 1200


def test_frame_lies_within_its_cell() -> None:
    cell = Box(300, 20, 300, 380)
    box = frame(cell, text_size(cell), 15, color_bar=True)
    assert cell.left < box.left < box.right < cell.right
    assert cell.bottom < box.bottom < box.top < cell.top


def test_a_color_bar_takes_room_on_the_right() -> None:
    cell = Box(0, 0, 400, 400)
    assert frame(cell, 12, 0, color_bar=True).right < frame(cell, 12, 0, color_bar=False).right


def test_a_tiny_cell_still_has_a_frame() -> None:
    box = frame(Box(0, 0, 30, 20), 8, 10, color_bar=False)
    assert box.width > 0
    assert box.height > 0


def test_text_gets_smaller_with_the_panel_and_stays_readable() -> None:
    sizes = [text_size(Box(0, 0, side, side)) for side in (800, 600, 300, 160)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 16
    assert sizes[-1] > 9


def test_caption_is_readable_on_any_picture() -> None:
    assert caption_size(100) == 9
    assert caption_size(3000) == 13


def test_corners_go_round() -> None:
    assert Box(1, 2, 3, 4).corners.tolist() == [[1, 2], [4, 2], [4, 6], [1, 6]]
