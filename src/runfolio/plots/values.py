"""Values: what a histogram's function gave, made into flat arrays of one length and checked."""

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

NUMBERS = "iufb"
WHOLE = "iub"
WORDS = "USO"
"""Kinds of numpy's arrays of text; objects are texts, or None where one is missing."""


def flat_arrays(values: Any, names: Sequence[str], words: Sequence[bool]) -> tuple[Array, ...]:
    """Return one flat array for each name, all of one length.

    Arrays of awkward are flattened; where one is jagged and another has one number for each
    of its rows, that number is repeated. What is missing is NaN, or None among words.

    Args:
        values: an array, or a tuple or list of as many as there are names.
        names: what each stands for, for messages.
        words: for each, whether words are accepted beside numbers.

    Raises:
        ValueError: they are not that many arrays of one shape, or not of numbers.

    """
    given = each_of(values, len(names))
    if len(given) == len(names) and _are_flat_numbers(given):
        return given
    if len(given) != len(names):
        raise ValueError(f"{_counted(len(given))}: {len(names)} needed, {' and '.join(names)}")
    if any(isinstance(array, np.ma.MaskedArray) for array in given):
        raise ValueError("a masked array: what is masked must be left out, as by compressed()")
    given = tuple(_as_read(each) if may_be else each for each, may_be in zip(given, words, strict=True))
    if any(map(is_awkward, given)):
        given = _flattened(given, words)
    arrays = tuple(map(np.asarray, given))
    if any(array.ndim == 0 for array in arrays):
        raise ValueError("a single value: an array is needed, whose length is the number of entries")
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"arrays of different shapes: {', '.join(str(array.shape) for array in arrays)}")
    arrays = tuple(
        array if may_be_words else _numbers(array) for array, may_be_words in zip(arrays, words, strict=True)
    )
    for array, may_be_words in zip(arrays, words, strict=True):
        if array.dtype.kind not in (NUMBERS + WORDS if may_be_words else NUMBERS):
            raise ValueError(f"an array of {array.dtype}: numbers are needed")
    return tuple(array.ravel() for array in arrays)


def each_of(values: Any, arrays: int) -> tuple[Any, ...]:
    """Return each of what a function gave; a list is several arrays where it has as many as are needed."""
    several = isinstance(values, tuple) or (isinstance(values, list) and len(values) == arrays > 1)
    return tuple(values) if several else (values,)


def _are_flat_numbers(given: Sequence[Any]) -> bool:
    """Tell whether these are flat arrays of numbers, of one length: most are, and nothing is left to do."""
    for array in given:
        if type(array) is not np.ndarray or array.dtype.kind not in NUMBERS or array.ndim != 1:
            return False
    return len(given) == 1 or len(set(map(len, given))) == 1


def _numbers(array: Array) -> Array:
    """Return numbers among which there are words as numbers, NaN in place of the words."""
    kinds = set(map(type, array.ravel())) if array.dtype.kind == "O" else set()
    mixed = str in kinds and any(issubclass(kind, int | float) for kind in kinds)
    if not mixed or not all(issubclass(kind, str | int | float | NoneType) for kind in kinds):
        return array
    given = [value if isinstance(value, int | float) else np.nan for value in array.ravel()]
    return np.array(given, np.float64).reshape(array.shape)


def missing(arrays: Sequence[Array], *, finite: bool) -> npt.NDArray[np.bool_] | None:
    """Tell of each place whether a value is missing there in any array, None where none is.

    Args:
        arrays: of one length.
        finite: whether the last one's values that are infinite count as missing.

    """
    masks = [~is_there(array) for array in arrays if array.dtype.kind not in WHOLE]
    if finite and arrays[-1].dtype.kind not in WHOLE:
        masks.append(np.isinf(arrays[-1]))
    if not any(mask.any() for mask in masks):
        return None
    found: npt.NDArray[np.bool_] = np.logical_or.reduce(masks)
    return found


def is_there(array: Array) -> npt.NDArray[np.bool_]:
    """Tell of each value whether it is a number, or a word, and not missing."""
    if array.dtype.kind == "O":
        return np.array([value is not None and value == value for value in array], np.bool_)  # noqa: PLR0124
    if array.dtype.kind in WORDS:
        return np.ones(len(array), np.bool_)
    return ~np.isnan(array)


def is_awkward(array: Any) -> bool:
    """Tell without importing awkward, which takes a quarter of a second."""
    return any(kind.__module__.partition(".")[0] == "awkward" for kind in type(array).__mro__)


def _as_read(array: Any) -> Any:
    """Return what makes words of an array: what numbers were read as, where they cannot say it."""
    from runfolio.stream import what_was_read  # noqa: PLC0415 - the process that draws does without

    read = what_was_read(array)
    return array if read is None else read


def _flattened(given: tuple[Any, ...], words: Sequence[bool]) -> tuple[Any, ...]:
    import awkward as ak  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types

    from runfolio.stream.quick_arrays import together  # noqa: PLC0415 - as in _as_read

    known = together(given)
    if known is not None and all(isinstance(each, np.ndarray) for each in known[0]):
        return tuple(known[0])
    if len(given) == 1:
        return (_flat(given[0], may_be_words=words[0]),)
    # awkward takes no objects: their places are repeated instead
    broadcast = ak.broadcast_arrays(*(np.arange(len(each)) if _is_object(each) else each for each in given))
    return tuple(
        _at(each, _flat(array, may_be_words=False)) if _is_object(each) else _flat(array, may_be_words=may_be)
        for each, array, may_be in zip(given, broadcast, words, strict=True)
    )


def _is_object(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.dtype == np.object_ and array.ndim == 1


def _at(objects: Array, places: Array) -> Array:
    """Return the objects at places, None where there is none."""
    return np.append(objects, [None])[np.where(np.isnan(places), -1, places).astype(np.int64)]


def _flat(array: Any, *, may_be_words: bool) -> Array:
    import awkward as ak  # noqa: PLC0415

    if ak.fields(array):
        raise ValueError(f"records of {', '.join(ak.fields(array))[:80]}: choose one of these fields")
    kinds = ("string", "bytes", "?", "option", "union") if may_be_words else ("string", "bytes")
    if any(kind in str(ak.type(array)) for kind in kinds):
        return np.fromiter(_leaves(ak.to_list(array)), np.object_)
    return np.asarray(ak.to_numpy(ak.flatten(ak.fill_none(array, np.nan, axis=None), axis=None)))


def _leaves(values: list[Any]) -> Iterator[Any]:
    """Yield what is in lists of any depth, None where something is missing."""
    for value in values:
        if isinstance(value, list):
            yield from _leaves(value)
        else:
            yield value


def _counted(arrays: int) -> str:
    return "1 array" if arrays == 1 else f"{arrays} arrays"
