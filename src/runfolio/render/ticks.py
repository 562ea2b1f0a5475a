"""Ticks: where an axis is divided, and what is written there."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Axis, Integer, Regular

Positions = npt.NDArray[np.float64]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINOR = {1: 5, 2: 4, 5: 5}
_LARGE, _SMALL, _MOST_DECIMALS = 1e5, 1e-3, 5
_EDGE = 1e-9
_TIMES_TEN = "\u00d710"
_MOST_DECADES = 10
_MAX_MINOR = 200
_LEAST_PLAIN = -3
"""The power of ten down to which 0.001 is shorter than 10⁻³ is to read."""


@dataclass(frozen=True)
class Ticks:
    """Labelled ticks, shorter ones between them, and a power of ten that multiplies all labels."""

    major: Positions
    minor: Positions
    labels: tuple[str, ...]
    factor: str = ""
    note: str = ""
    """What the axis title says beside: the date of times, or which words are left out."""
    turned: bool = False
    """Whether the labels of an x axis stand upright."""


def whole_numbers(axis: Axis) -> bool:
    """Tell whether each bin of an axis stands for one whole number."""
    if not isinstance(axis, Regular):
        return isinstance(axis, Integer)
    one_wide = math.isclose(axis.stop - axis.start, axis.bins)
    return one_wide and (axis.integers or math.isclose(axis.start % 1, 0.5))


def linear(low: float, high: float, most: int, whole: bool = False) -> Ticks:
    """Return at most about `most` ticks between two limits, with `whole` on whole numbers only."""
    mantissa, exponent = _step((high - low) / max(most, 1))
    if whole and exponent < 0:
        mantissa, exponent = 1, 0
    step = mantissa * 10.0**exponent
    minor = step / _MINOR[mantissa]
    if whole:
        minor = max(1.0, minor)
    major = _multiples(low, high, step)
    labels, factor = _labels(major, exponent)
    between = _multiples(low, high, minor)
    return Ticks(major, between if len(between) <= _MAX_MINOR else major[:0], labels, factor)


def _step(at_least: float) -> tuple[int, int]:
    """Return the next step of 1, 2 or 5 times a power of ten, as (mantissa, exponent)."""
    exponent = math.floor(math.log10(at_least) + _EDGE)
    for mantissa in (1, 2, 5):
        if mantissa * 10.0**exponent >= at_least * (1 - _EDGE):
            return mantissa, exponent
    return 1, exponent + 1


def _multiples(low: float, high: float, step: float) -> Positions:
    first, last = math.ceil(low / step - _EDGE), math.floor(high / step + _EDGE)
    return np.arange(first, last + 1, dtype=np.float64) * step


def _labels(positions: Positions, exponent: int) -> tuple[tuple[str, ...], str]:
    """Return labels whose last decimal is that of the step, without a common power of ten, and that power."""
    largest = float(np.abs(positions).max(initial=0.0))
    power = 0
    if largest >= _LARGE or 0 < largest < _SMALL:
        power = 3 * math.floor(math.log10(largest) / 3)
    if power - exponent > _MOST_DECIMALS:
        power = 0
    decimals = max(0, power - exponent)
    labels = tuple(_number(position / 10.0**power, decimals) for position in positions)
    return labels, _TIMES_TEN + _superscript(power) if power else ""


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.replace("-", "\u2212") if float(text) else text.lstrip("-")


def _superscript(power: int) -> str:
    return str(power).translate(_SUPERSCRIPT)


def logarithmic(low: float, high: float, most: int = _MOST_DECADES) -> Ticks:
    """Return ticks at the powers of ten between two limits, and at 2 and 5 times them where there are few.

    There are at most about `most` labels. Within part of a decade they are those of a linear axis.
    """
    first, last = math.ceil(math.log10(low) - _EDGE), math.floor(math.log10(high) + _EDGE)
    every = 1 + max(last - first, 0) // max(most, 1)
    major = [(1, power) for power in range(first, last + 1, every)]
    if last - first < 2 and every == 1:  # noqa: PLR2004 - one or two labels alone do not make a scale
        major = [(m, p) for p in range(first - 1, last + 1) for m in (1, 2, 5) if low <= m * 10.0**p <= high]
        if len(major) < 2:  # noqa: PLR2004 - as above
            return linear(low, high, most)
    minor = [
        m * 10.0**p for p in range(first - 1, last + 1) for m in range(1, 10) if low <= m * 10.0**p <= high
    ]
    positions = np.array([mantissa * 10.0**power for mantissa, power in major])
    between = np.array(minor if len(minor) <= _MAX_MINOR else [])
    return Ticks(positions, between, tuple(_power_label(*each) for each in major))


def _power_label(mantissa: int, power: int) -> str:
    if _LEAST_PLAIN <= power < 2:  # noqa: PLR2004 - up to 50 the number is the shorter label
        return f"{mantissa * 10.0**power:g}"
    return f"10{_superscript(power)}" if mantissa == 1 else f"{mantissa}{_TIMES_TEN}{_superscript(power)}"
