"""Words on a picture: made plain, measured in pixels, and fitted into the room there is.

Titles come from outside. They are shown as they are written, never read as formulas, and a
character that the font lacks is shown as U+FFFD rather than warned of.
"""

import unicodedata
from functools import lru_cache

from runfolio.render import lettering

DPI = 128
"""A power of two: every whole number of pixels is an exact number of inches."""
POINTS = 72 / DPI
"""Points to a pixel."""
ASCENT, DESCENT = 0.76, 0.21
"""How far letters reach above the baseline and below it, in text sizes."""
MISSING = "\ufffd"
ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Return text without line breaks and without what no file format can carry."""
    return "".join(_allowed(character) for character in text).strip()


def _allowed(character: str) -> str:
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    return MISSING if unicodedata.category(character) in {"Cs", "Cn"} else character


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """Return text as one line of characters that the font can draw, and that can be seen.

    Marks of format cannot; a byte order mark among them would break PDF and EPS.
    """
    return "".join(character if _visible(character) else MISSING for character in one_line(text))


def _visible(character: str) -> bool:
    return ord(character) in lettering.known() and unicodedata.category(character) != "Cf"


def width(words: str, size: float, bold: bool = False) -> float:
    """Return how many pixels wide the words are at this size."""
    return size * lettering.length(words, bold)


def shorten(words: str, size: float, room: float) -> str:
    """Return the words, cut off at the end with an ellipsis where they are wider than the room."""
    if width(words, size) <= room:
        return words
    keep = _longest(words, size, room - width(ELLIPSIS, size))
    return words[:keep].rstrip() + ELLIPSIS


def shorten_inside(words: str, size: float, room: float) -> str:
    """Return words, cut in the middle where they are wider than the room: names often differ at the end."""
    if width(words, size) <= room:
        return words
    for keep in range(len(words) - 1, 1, -1):
        cut = f"{words[: keep - keep // 2]}{ELLIPSIS}{words[-(keep // 2) :]}"
        if width(cut, size) <= room:
            return cut
    return words[:1] + ELLIPSIS


def _longest(words: str, size: float, room: float) -> int:
    """Return how many characters from the beginning fit, at least one."""
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(words[:middle], size) <= room else (low, middle - 1)
    return low


def wrap(words: str, size: float, room: float) -> list[str]:
    """Return the words broken into lines at spaces, or within a word that is wider than the room."""
    lines = [""]
    for word in words.split():
        line = f"{lines[-1]} {word}".strip()
        if width(line, size) <= room:
            lines[-1] = line
            continue
        lines.append(word)
        while width(lines[-1], size) > room and len(lines[-1]) > 1:
            cut = _longest(lines[-1], size, room)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return [line for line in lines if line]


def fit(words: str, size: float, room: float, lines: int) -> tuple[tuple[str, ...], float]:
    """Return at most `lines` lines and a size, at least 0.8 of that asked for, in which they fit the room.

    What doesn't fit even then ends in an ellipsis.
    """
    for smaller in (size, 0.9 * size, 0.8 * size):
        if width(words, smaller) <= room:
            return ((words,) if words else ()), smaller
    wrapped = wrap(words, smaller, room)
    if len(wrapped) > lines:
        rest = " ".join(wrapped[lines - 1 :])
        wrapped[lines - 1 :] = [shorten(rest, smaller, room)]
    return tuple(wrapped), smaller
