"""The numbers in the cells of a colour map: as long as a cell has room for, or none."""

import math

import numpy as np
import numpy.typing as npt

from runfolio.render.marks import Points
from runfolio.render.sheet import Sheet
from runfolio.render.words import width

_LEAST_NUMBER = 7.0
"""Pixels; smaller digits can't be read."""
_THOUSANDS = "kMGTPE"
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_DARK = 0.45
_MANTISSA = 1000
_DIGITS = (4, 3, 2, 1)
_ALIKE = 100
"""Numbers that differ by no more than this factor have the same decimals."""


def write_numbers(
    sheet: Sheet, cells: Points, values: npt.NDArray[np.number], shades: npt.NDArray[np.uint8]
) -> None:
    """Write each number into its cell, all of one size; none where that would be too small.

    Args:
        sheet: where to.
        cells: their lower left and upper right corners in pixels, shape (cells, 2, 2).
        values: what they show.
        shades: their colours, shape (cells, 4).

    """
    if not len(values):
        return
    sides = cells[:, 1] - cells[:, 0]
    wide, high = np.median(sides, axis=0)
    labels, size, rotation = fit_numbers(values, wide, high)
    if size < _LEAST_NUMBER:
        return
    dark = shades[:, :3] @ _LUMINANCE < _DARK * 255
    for label, (x, y), is_dark, side in zip(labels, cells.mean(axis=1), dark, sides, strict=True):
        along, across = side[::-1] if rotation else side
        if width(label, size) > along or 0.9 * size > across:  # of a cell that is smaller than most
            continue
        # Upright digits have their baseline on the right.
        at = (x + 0.36 * size, y) if rotation else (x, y - 0.36 * size)
        color = "white" if is_dark else "black"
        sheet.text(at, label, size, align=("center", "baseline"), color=color, upright=bool(rotation))


def fit_numbers(values: npt.NDArray[np.number], wide: float, high: float) -> tuple[list[str], float, float]:
    """Return labels, size in pixels and rotation: rounded where numbers don't fit a cell."""
    for labels in _labels(values):
        longest = max(width(label, 10.0) for label in labels) / 10
        along, upright = (min(0.9 * a / longest, 0.75 * b, 16.0) for a, b in ((wide, high), (high, wide)))
        size, rotation = (along, 0.0) if along >= min(upright, 9.0) else (upright, 90.0)
        if size >= _LEAST_NUMBER:
            break
    return labels, size, rotation


def _labels(values: npt.NDArray[np.number]) -> list[list[str]]:
    """Return ways to write all numbers, the longest first."""
    if values.dtype.kind == "i":
        return [[str(value) for value in values], [rounded(int(value)) for value in values]]
    sizes = np.abs(values[values != 0])
    least, most = float(sizes.min(initial=np.inf)), float(sizes.max(initial=0))
    if least >= most / _ALIKE and 1 / _MANTISSA < most < _MANTISSA:
        order = math.floor(math.log10(most))
        return [[_fixed(float(value), max(digits - 1 - order, 0)) for value in values] for digits in _DIGITS]
    return [[short(float(value), digits) for value in values] for digits in _DIGITS]


def _fixed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def rounded(value: int) -> str:
    """Return 12345 as `12k`, 1234567 as `1.2M`."""
    if value < _MANTISSA:
        return str(value)
    power = min(int(math.log10(value) / 3), len(_THOUSANDS))
    share = value / 1000**power
    digits = f"{share:.0f}" if share >= 10 else f"{share:.1f}".removesuffix(".0")  # noqa: PLR2004 - two digits
    return digits + _THOUSANDS[power - 1]


def short(value: float, digits: int) -> str:
    """Return a number to so many digits, 12345.6 with two of them as `12k`; tiny and huge as `1e-05`."""
    text = f"{value:.{digits}g}"
    size = abs(float(text))
    if size >= _MANTISSA ** (len(_THOUSANDS) + 1) or 0 < size < 1e-3:  # noqa: PLR2004 - as the docstring says
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        text = f"{_trimmed(mantissa)}e{int(exponent)}"
    elif size >= 10 ** max(digits, 3):
        power = int(math.log10(size) / 3 + 1e-9)
        text = f"{float(text) / 1000**power:.{digits}g}" + _THOUSANDS[power - 1]
        if "e" in text:  # three places before the point, and fewer digits asked for
            text = f"{float(f'{value:.{digits}g}') / 1000**power:.0f}" + _THOUSANDS[power - 1]
    elif "e" in text:
        text = f"{float(text):.0f}"
    return text.replace("-", "\u2212")


def _trimmed(mantissa: str) -> str:
    return mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
