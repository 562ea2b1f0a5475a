"""Words' outlines are those that matplotlib would draw."""

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from runfolio.render import lettering
from runfolio.render.lettering import font_file, length, outline

WORDS = [
    "entries",
    "AVATAR To r.",
    "run 4235 · 1250 spills",
    "10⁻³ \u00d710⁶ \u22120.5",
    "µ θ ÄÖ é",
    "مرحبا",
    "שלום",
    "e\u0301",
]


def of_matplotlib(words: str, bold: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    vertices, _ = text_to_path.get_text_path(FontProperties(fname=font_file(bold)), words)
    return np.array(vertices) / text_to_path.FONT_SCALE


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("words", WORDS)
def test_outlines_are_where_matplotlib_has_them(words: str, bold: bool) -> None:
    found, expected = outline(words, bold).vertices, of_matplotlib(words, bold)
    assert np.abs(found.max(axis=0) - expected.max(axis=0)).max() < 0.02
    assert np.abs(found.min(axis=0) - expected.min(axis=0)).max() < 0.02


@pytest.mark.parametrize("words", WORDS)
def test_words_are_as_long_as_they_reach(words: str) -> None:
    assert length(words) == pytest.approx(float(outline(words).vertices[:, 0].max()), abs=0.2)


def test_letters_stand_closer_where_the_font_says_so() -> None:
    assert length("AV") < length("A") + length("V")


@pytest.mark.parametrize("words", [" ", "   "])
def test_spaces_have_a_length_and_no_outline(words: str) -> None:
    assert outline(words).vertices.shape == (0, 2)
    assert length(words) == pytest.approx(0.318 * len(words), abs=0.001)


def test_upright_words_are_turned_to_the_left() -> None:
    lying, upright = outline("mix").vertices, outline("mix", upright=True).vertices
    assert np.array_equal(upright, np.column_stack([-lying[:, 1], lying[:, 0]]))


def test_the_font_is_the_one_shipped() -> None:
    assert "matplotlib" in str(font_file(bold=False))
    assert font_file(bold=True).exists()


def test_what_is_remembered_is_bounded() -> None:
    for number in range(3000):
        outline(f"{number}")
    for remembered in (lettering.outline, lettering.length, lettering._letter, lettering._step):
        most = remembered.cache_info().maxsize
        assert most is not None
        assert remembered.cache_info().currsize <= most <= 4096
