"""JSON values: what was decoded of one key, a value a row, to one column."""

from collections.abc import Sequence
from math import inf
from types import NoneType
from typing import Any

import numpy as np
from msgspec import UNSET, Struct, UnsetType

from runfolio.stream.numbers_read import FARTHEST, with_words

NUMBERS = {int, float, bool}

OBJECTS = "objects"
"""The text of a shape that is an array of Python objects."""

Shape = Any
"""What a column looks like that holds nothing: numpy's, of no rows, or one of `nested_values`."""


def column_of(values: list[Any], shape: Shape | None = None) -> Any:
    """Return decoded values as one column.

    Numbers and booleans become a numpy array of them, missing ones are NaN. Lists, or objects, become an
    awkward array. All else, words above all and whatever is mixed, become a numpy array of Python
    objects, None where one is missing. What the values do not tell, since they are missing or empty, is as
    it is in `shape`.
    """
    kinds = set(map(type, values))
    if UnsetType in kinds:
        values = [None if value is UNSET else value for value in values]
        kinds = kinds - {UnsetType} | {NoneType}
    present = kinds - {NoneType}
    if not present and shape is not None:
        return _missing(len(values), shape)
    if present <= NUMBERS:
        return numbers(values)
    for alike in (list | tuple, dict | Struct):
        if all(issubclass(kind, alike) for kind in present):
            from runfolio.stream.nested_values import array_of, layout_of  # noqa: PLC0415 - awkward takes a while

            return array_of(layout_of(values, None if isinstance(shape, np.ndarray) else shape))
    return np.fromiter(values, np.object_, len(values))


def learned(shape: Shape | None, column: Any) -> Shape | None:
    """Return what is known of a column's shape when a batch of it has been seen."""
    if isinstance(column, np.ndarray):
        return np.empty(0, np.object_) if shape is None and column.dtype == np.object_ else shape
    from runfolio.stream.nested_values import merged, shape_of  # noqa: PLC0415 - as above

    new = shape_of(column.layout)
    return new if shape is None or isinstance(shape, np.ndarray) else merged(shape, new)


def text_of_shape(shape: Shape) -> str:
    """Return what a shape can be made of again."""
    return OBJECTS if isinstance(shape, np.ndarray) else str(shape.form.to_json())


def shape_of_text(text: str) -> Shape:
    """Return the shape that a text was made of.

    Raises:
        ValueError: it was made of none.

    """
    if text == OBJECTS:
        return np.empty(0, np.object_)
    from runfolio.stream.nested_values import shape_of_form  # noqa: PLC0415 - as above

    return shape_of_form(text)


def some_of(column: Any, rows: Any) -> Any:
    """Return some of a column's rows. What was chosen of mixed values may be numbers alone, or lists."""
    chosen = column[rows]
    if isinstance(chosen, np.ndarray):
        return column_of(chosen.tolist()) if chosen.dtype == np.object_ else chosen
    return column_of(chosen.tolist()) if _is_mixed(chosen.layout) else chosen


def _is_mixed(layout: Any) -> bool:
    """Tell of an awkward array's layout whether values of different kinds lie anywhere in it."""
    if layout.is_record:
        return any(map(_is_mixed, layout.contents))
    deeper = layout.is_list or layout.is_option or layout.is_indexed
    return bool(layout.is_union or (deeper and _is_mixed(layout.content)))


def _missing(count: int, shape: Shape) -> Any:
    if not isinstance(shape, np.ndarray):
        from runfolio.stream.nested_values import array_of, missing  # noqa: PLC0415 - as above

        return array_of(missing(count, shape))
    if not count:
        return shape.copy()
    return np.full(count, None) if shape.dtype == np.object_ else np.full(count, np.nan)


def numbers(values: Sequence[Any]) -> Any:
    """Return numbers, booleans and None as an array that gives the words of what they were."""
    kinds = set(map(type, values))
    column = _array(values, missing=NoneType in kinds)
    large = int in kinds and column.dtype.kind == "f" and np.any(np.abs(column) >= FARTHEST)
    if large or (bool in kinds and kinds != {bool}):
        return with_words(column, np.fromiter(values, np.object_, len(values)))
    return column


def _array(values: Sequence[Any], *, missing: bool) -> Any:
    try:
        column = np.array(values, np.float64 if missing else None)
        return column if column.dtype.kind in "iufb" else column.astype(np.float64)  # beyond 64 bits
    except OverflowError:
        return np.array([np.nan if value is None else real(value) for value in values])


def real(value: float) -> float:
    """Return a number as floating point, infinity where it is too large for it."""
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return inf if value > 0 else -inf
