"""JSON values: what was decoded of one key, a value a row, to one column."""

from collections.abc import Sequence
from itertools import chain
from math import inf
from types import NoneType
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType

NUMBERS = {int, float, bool}


def column_of(values: list[Any]) -> Any:
    """Return decoded values as one column.

    Numbers and booleans become a numpy array of them, missing ones are NaN. Lists and objects become an
    awkward array. All else, words above all and words among numbers, become a numpy array of Python
    objects, None where one is missing.
    """
    kinds = set(map(type, values))
    if UnsetType in kinds:
        values = [None if value is UNSET else value for value in values]
    present = kinds - {NoneType, UnsetType}
    if present <= NUMBERS:
        return _numbers(values, missing=present != kinds)
    if any(issubclass(kind, list | dict | tuple | Struct) for kind in present):
        return nested(msgspec.to_builtins(values))
    column = np.empty(len(values), np.object_)
    column[:] = values
    return column


def _numbers(values: list[Any], *, missing: bool) -> Any:
    try:
        column = np.array(values, np.float64 if missing else None)
        return column if column.dtype.kind in "iufb" else column.astype(np.float64)  # beyond 64 bits
    except OverflowError:
        return np.array([np.nan if value is None else _real(value) for value in values])


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return inf if value > 0 else -inf


def nested(values: Sequence[Any]) -> Any:
    """Return lists and objects as an awkward array; None is of its option type, as are missing keys."""
    import awkward as ak  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types, and takes a while

    kinds = set(map(type, values))
    if kinds and kinds <= {list, tuple}:  # column by column: 4 to 12 times as fast as value by value
        content = nested(list(chain.from_iterable(values)))
        return ak.unflatten(content, np.fromiter(map(len, values), np.int64, len(values)))
    keys = set(map(tuple, values)) if kinds == {dict} else set()
    if len(keys) == 1 and (names := next(iter(keys))):
        return ak.zip({name: nested([value[name] for value in values]) for name in names}, depth_limit=1)
    if kinds <= {int, float} or kinds == {bool}:
        return ak.Array(_numbers(list(values), missing=False))
    return ak.from_iter(map(_with_lists, values))


def _with_lists(value: Any) -> Any:
    """Return a value with lists for tuples, which would be records without names."""
    match value:
        case list() | tuple():
            return [_with_lists(each) for each in value]
        case dict():
            return {name: _with_lists(each) for name, each in value.items()}
        case _:
            return value
