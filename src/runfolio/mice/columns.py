"""Flat arrays from what was decoded.

Numbers are packed by `struct`, which takes them as they are and half the time that numpy takes to look at
each; where one is missing or far, it says so, and only then they are looked at.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from struct import error, pack
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

SMALLEST, LARGEST = -(2**63), 2**63 - 1
NAN = float("nan")

Item = TypeVar("Item")


def integers(values: Iterable[int | None]) -> npt.NDArray[np.int64]:
    """Return whole numbers, those that are missing left out; one beyond 64 bits is the farthest within."""
    given = tuple(values)
    try:
        return np.frombuffer(pack(f"{len(given)}q", *given), np.int64)
    except error:
        near = [min(max(value, SMALLEST), LARGEST) for value in given if value is not None]
        return np.array(near, np.int64)


def floats(values: Iterable[float | None]) -> npt.NDArray[np.float64]:
    """Return numbers, NaN for those that are missing."""
    given = tuple(values)
    try:
        return np.frombuffer(pack(f"{len(given)}d", *given), np.float64)
    except error:
        return np.array(given, np.float64)


def truths(values: Iterable[bool]) -> npt.NDArray[np.bool_]:
    """Return values that are true or false."""
    return np.frombuffer(bytes(values), np.bool_)


def flat(lists: Iterable[Sequence[Item | None] | None]) -> list[Item]:
    """Return the structs of all lists without the nulls among them; one that is missing or null is empty."""
    return list(filter(None, chain.from_iterable(filter(None, lists))))


def without_nulls(lists: Iterable[Sequence[Item | None] | None]) -> Sequence[Sequence[Item]]:
    """Return each of the lists without its nulls, one that is missing or null as an empty one."""
    found: list[Any] = [each or () for each in lists]
    if all(chain.from_iterable(found)):
        return found
    return [[item for item in each if item] for each in found]


def present(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return those that are not NaN."""
    found: npt.NDArray[Any] = values[~np.isnan(values)]
    return found


def column(name: str) -> Callable[[Any], npt.NDArray[Any]]:
    """Return what fills a histogram with the column of this name, where it has a value."""
    return lambda columns: present(getattr(columns, name))
