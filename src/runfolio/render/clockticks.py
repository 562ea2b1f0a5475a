"""Ticks of axes of Unix seconds: at full seconds, minutes, hours, days, months or years of UTC."""

import math

import numpy as np

from runfolio.render.ticks import Positions, Ticks, linear

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MONDAY = 4 * _DAY
"""The first Monday of Unix time, from which weeks are counted."""
_STEPS = (
    *((1, 0.2), (2, 0.5), (5, 1), (10, 2), (15, 5), (30, 10)),
    *((60, 10), (120, 30), (300, 60), (600, 120), (900, 300), (1800, 600)),
    *((_HOUR, 900), (2 * _HOUR, 1800), (3 * _HOUR, _HOUR), (6 * _HOUR, _HOUR), (12 * _HOUR, 3 * _HOUR)),
    *((_DAY, 6 * _HOUR), (2 * _DAY, 12 * _HOUR), (7 * _DAY, _DAY)),
)
"""Seconds from tick to tick, and from one of the short ticks to the next."""
_MONTHS = (
    *((1, 1), (2, 1), (3, 1), (6, 1), (12, 3), (24, 12), (60, 12), (120, 24), (240, 60), (600, 120)),
    *((1200, 240), (2400, 600), (6000, 1200), (12000, 2400), (120000, 12000)),
)
"""Months from tick to tick."""
_MONTH, _YEAR = 30.4 * _DAY, 12
_FIRST, _LAST = -62135596800.0, 253402300799.0
"""The years 1 to 9999: what comes before or after has no date."""
_MOST_DECIMALS = 6
_END = 1e-3
"""The share of an axis that is left out of its dates: one that ends at midnight ends on the day before."""


def clock(low: float, high: float, most: int) -> Ticks:
    """Return at most about `most` ticks, labelled with what changes between them; the note has the date.

    Where the limits are no dates, the ticks are those of plain numbers.
    """
    at_least = (high - low) / max(most, 1)
    if low < _FIRST or high > _LAST or at_least < 10.0**-_MOST_DECIMALS:
        return linear(low, high, most)
    if at_least <= 1 / 2:
        plain = linear(low, high, most)
        return Ticks(plain.major, plain.minor, _fractions(plain.major), note=_dates(low, high))
    for step, minor in _STEPS:
        if step >= at_least:
            major = _multiples(low, high, step)
            note = _dates(low, high) if step < _DAY else _years(low, high)
            return Ticks(major, _multiples(low, high, minor), _cut(major, step), note=note)
    months, shorter = next((each for each in _MONTHS if each[0] * _MONTH >= at_least), _MONTHS[-1])
    major = _firsts(low, high, months)
    part = slice(0, 7) if months < _YEAR else slice(0, 4)
    return Ticks(major, _firsts(low, high, shorter), tuple(text[part] for text in _texts(major)), note="UTC")


def _multiples(low: float, high: float, step: float) -> Positions:
    shift = _MONDAY if step > 2 * _DAY else 0
    first, last = math.ceil((low - shift) / step), math.floor((high - shift) / step)
    return np.arange(first, last + 1, dtype=np.float64) * step + shift


def _firsts(low: float, high: float, months: int) -> Positions:
    """Return the beginnings of those months whose number, counted from year 0, is a multiple of `months`."""
    since = 12 * 1970
    first, last = (int(_moment(each).astype("datetime64[M]").astype(int)) + since for each in (low, high))
    numbers = np.arange(-(-first // months), last // months + 1) * months - since
    seconds = numbers.astype("datetime64[M]").astype("datetime64[s]").astype(np.float64)
    return seconds[(seconds >= low) & (seconds <= high)]


def _cut(positions: Positions, step: float) -> tuple[str, ...]:
    """Return HH:MM:SS, HH:MM or MM-DD."""
    part = slice(11, 19) if step < _MINUTE else slice(11, 16) if step < _DAY else slice(5, 10)
    return tuple(text[part] for text in _texts(positions))


def _fractions(positions: Positions) -> tuple[str, ...]:
    """Return HH:MM:SS with as many decimals as tell the ticks apart."""
    step = float(np.diff(positions).min(initial=1.0))
    decimals = min(max(0, -math.floor(math.log10(step) + 1e-6)), _MOST_DECIMALS)
    rounded = np.rint(positions * 10.0**decimals).astype(np.int64)
    whole, rest = np.divmod(rounded, 10**decimals)
    return tuple(
        f"{text[11:19]}.{part:0{decimals}d}" if decimals else text[11:19]
        for text, part in zip(_texts(whole.astype(np.float64)), rest.tolist(), strict=True)
    )


def _dates(low: float, high: float) -> str:
    first, last = (str(_moment(each))[:10] for each in (low, high - _END * (high - low)))
    if first == last:
        return f"{first} UTC"
    return f"{first} to {last[5:] if first[:4] == last[:4] else last} UTC"


def _years(low: float, high: float) -> str:
    first, last = (str(_moment(each))[:4] for each in (low, high - _END * (high - low)))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"


def _texts(positions: Positions) -> list[str]:
    return [str(_moment(each)) for each in positions]


def _moment(seconds: float) -> np.datetime64:
    return np.datetime64(math.floor(seconds), "s")
