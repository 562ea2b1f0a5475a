"""Words as outlines: the shapes of their letters and how long they are, in units of the text size.

matplotlib lays out and rasterises words letter by letter, 30 us for each. An outline is the same at every
size and place, and drawing it takes 1 us a letter. Letters follow each other as the font's advances and
kerning say; what needs more than that, such as Arabic, is laid out by matplotlib.
"""

import unicodedata
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, Kerning, LoadFlags

_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_UNITS = 2048
"""Of the font's design, to a text size."""
_FROM_RIGHT = frozenset({"R", "AL", "AN"})


class Outline(NamedTuple):
    """The shapes of words whose baseline begins at (0, 0)."""

    vertices: npt.NDArray[np.float32]
    """Shape (vertices, 2)."""
    codes: npt.NDArray[np.uint8]
    """What each vertex is to matplotlib's Path."""


class _Letter(NamedTuple):
    outline: Outline
    advance: float


def font_file(bold: bool) -> Path:
    """Return the font that comes with matplotlib, whatever the system has installed."""
    return _FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


@cache
def known() -> frozenset[int]:
    """Return the characters that the font has."""
    return frozenset(_font(bold=False).get_charmap())


@lru_cache(maxsize=4096)
def length(words: str, bold: bool = False) -> float:
    """Return how long words are, in text sizes."""
    if not words:
        return 0.0
    if not _simple(words):
        return float(_laid_out(words, bold).vertices[:, 0].max(initial=0.0))
    return sum(_step(*pair, bold) for pair in pairwise(words)) + _letter(words[-1], bold).advance


@lru_cache(maxsize=512)
def outline(words: str, bold: bool = False, upright: bool = False) -> Outline:
    """Return the shapes of words, upright ones turned to the left by a right angle."""
    if upright:
        vertices, codes = outline(words, bold)
        return Outline(np.column_stack([-vertices[:, 1], vertices[:, 0]]), codes)
    if not _simple(words):
        return _laid_out(words, bold)
    letters = [_letter(character, bold).outline for character in words]
    places = list(accumulate((_step(*pair, bold) for pair in pairwise(words)), initial=0.0))
    vertices = np.concatenate([letter.vertices for letter in letters])
    vertices[:, 0] += np.repeat(np.array(places, np.float32), [len(letter.codes) for letter in letters])
    return Outline(vertices, np.concatenate([letter.codes for letter in letters]))


@lru_cache(maxsize=1024)
def _letter(character: str, bold: bool) -> _Letter:
    font = _font(bold)
    glyph = font.load_char(ord(character), LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    scaled = (vertices.reshape(-1, 2) / _UNITS).astype(np.float32)
    return _Letter(Outline(scaled, codes.astype(np.uint8)), glyph.linearHoriAdvance / 2**16 / _UNITS)


@lru_cache(maxsize=4096)
def _step(left: str, right: str, bold: bool) -> float:
    """Return how far a letter begins after the one left of it."""
    font = _font(bold)
    before, after = (font.get_char_index(ord(each)) for each in (left, right))
    return _letter(left, bold).advance + font.get_kerning(before, after, Kerning.UNSCALED) / _UNITS


@cache
def _font(bold: bool) -> FT2Font:
    font = FT2Font(str(font_file(bold)))
    font.set_size(_UNITS, 72)  # its design's units
    return font


def _simple(words: str) -> bool:
    """Tell whether letters stand side by side from left to right."""
    return words.isascii() or not any(
        unicodedata.category(each).startswith("M") or unicodedata.bidirectional(each) in _FROM_RIGHT
        for each in words
    )


def _laid_out(words: str, bold: bool) -> Outline:
    from matplotlib.textpath import text_to_path  # noqa: PLC0415 - hardly ever needed

    vertices, codes = text_to_path.get_text_path(FontProperties(fname=font_file(bold)), words)
    scaled = np.array(vertices, np.float32).reshape(-1, 2) / text_to_path.FONT_SCALE
    return Outline(scaled.astype(np.float32), np.array(codes, np.uint8))
