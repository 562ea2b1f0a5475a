"""Marks: what of one's own data may be a run's number, an event's number and a time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.stream.documents import SpillMark

LARGEST = 2**63 - 1
"""Of run numbers and event numbers."""
END_OF_TIME = 253402300800
"""Unix seconds at the end of the year 9999; what is not before it, or not after 1970, is no time."""

NUMBERS = "iuf"

Array = npt.NDArray[Any]


def whole_number(value: Any) -> int | None:
    """Return a value as the whole number from 0 to 2^63-1 that it stands for, None where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if fits else None


def whole_numbers(values: Array) -> npt.NDArray[np.bool_]:
    """Tell of each number whether it is a whole one from -(2^63-1) to 2^63-1."""
    if values.dtype.kind == "f":
        values = values.astype(np.float64)  # float16 knows no number that large
    return np.asarray((values >= -LARGEST) & (values < 2**63) & (values == np.floor(values)), np.bool_)


def marks_of(numbers: Any, times: Any = None) -> list[SpillMark]:
    """Return the marks of the first and last rows by number, and of the last that has a time.

    Without numbers, which is None, they are those of the first and last by time. Numbers that are not
    whole, and times that are none, count as missing; so do columns of anything else.
    """
    if numbers is None:
        return _by_time(times)
    numbers = np.asarray(numbers)
    if numbers.ndim != 1 or numbers.dtype.kind not in NUMBERS:
        return []
    seconds = np.full(len(numbers), np.nan) if times is None else _seconds(times)
    numbered = whole_numbers(numbers)
    numbers, seconds = numbers[numbered], seconds[numbered]
    if not len(numbers):
        return []
    dated = np.flatnonzero(_are_times(seconds))
    rows = [_first(numbers, seconds, dated), _last(numbers, seconds, dated)]
    if len(dated):
        rows.append(int(dated[_last(numbers[dated], seconds[dated], np.arange(len(dated)))]))
    has_time = set(dated.tolist()) & set(rows) if len(dated) < len(numbers) else set(rows)
    return [
        SpillMark(int(numbers[row]), float(seconds[row]) if row in has_time else None)
        for row in dict.fromkeys(rows)
    ]


def _by_time(times: Any) -> list[SpillMark]:
    seconds = _seconds([] if times is None else times)
    seconds = seconds[_are_times(seconds)]
    if not len(seconds):
        return []
    return [SpillMark(None, time) for time in dict.fromkeys((float(seconds.min()), float(seconds.max())))]


def _seconds(times: Any) -> Array:
    """Return times as floating point, missing ones where they are anything but numbers."""
    times = np.asarray(times)
    return times.astype(np.float64) if times.dtype.kind in NUMBERS else np.full(len(times), np.nan)


def _are_times(seconds: Array) -> npt.NDArray[np.bool_]:
    return np.asarray((seconds > 0) & (seconds < END_OF_TIME), np.bool_)


def _first(numbers: Array, seconds: Array, dated: Array) -> int:
    """Return the row of the lowest number, of several the earliest."""
    return _row(numbers == numbers.min(), seconds, dated, earliest=True)


def _last(numbers: Array, seconds: Array, dated: Array) -> int:
    """Return the row of the highest number, of several the latest."""
    return _row(numbers == numbers.max(), seconds, dated, earliest=False)


def _row(chosen: Array, seconds: Array, dated: Array, *, earliest: bool) -> int:
    rows = np.flatnonzero(chosen)
    with_time = dated[chosen[dated]]
    if len(with_time):
        times = seconds[with_time]
        return int(with_time[times.argmin() if earliest else times.argmax()])
    return int(rows[0])
