"""PNG files are read by others as what they were made of."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from runfolio.render.png import png


def some_pixels(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 4)).astype(np.uint8)
    pixels[:, :, 3] = 255
    return pixels


def read(data: bytes) -> Pillow.Image:
    picture = Pillow.open(BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("size", [(1, 1), (17, 5), (300, 200)])
def test_pixels_are_kept(size: tuple[int, int]) -> None:
    pixels = some_pixels(*size)
    found = read(png(pixels, {}, 128))
    assert np.array_equal(np.asarray(found), pixels)


def test_texts_are_kept_in_any_script() -> None:
    texts = {"Tag": "a_b", "Title": "µ é", "Words": "漢字 → θ"}
    assert {
        key: text for key, text in read(png(some_pixels(2, 2), texts, 128)).info.items() if key in texts
    } == texts


def test_pixels_an_inch_are_told() -> None:
    assert read(png(some_pixels(2, 2), {}, 128)).info["dpi"] == pytest.approx((128, 128), abs=0.02)


def test_a_plain_picture_is_small() -> None:
    assert len(png(np.full((800, 800, 4), 255, np.uint8), {}, 128)) < 15_000


def test_the_same_pixels_give_the_same_bytes() -> None:
    assert png(some_pixels(50, 50), {"a": "b"}, 128) == png(some_pixels(50, 50), {"a": "b"}, 128)
