"""Quick arrays: numbers, and lists of them, with short ways through awkward for what plots do most.

Each operation of awkward takes some 400 µs, whatever it is of: in a batch of ten thousand rows, far more than
its numbers do. Here numpy compares, calculates and chooses in a tenth of that. To all else such an array is
one of awkward's, and so is what comes of that.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Offsets = npt.NDArray[np.int64]

_NUMBERS = "iufb"


class Parts(NamedTuple):
    """What an array consists of: its numbers and, of lists, where each one begins, and the last ends."""

    content: Array
    offsets: Offsets | None = None

    @property
    def rows(self) -> int:
        return len(self.content) if self.offsets is None else len(self.offsets) - 1


class QuickArray(ak.Array):  # type: ignore[misc]  # as above
    """An array of awkward that takes short ways where there are any."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        one_by_one = method == "__call__" and ufunc.signature is None and ufunc.nout == 1 and not more
        known = together(inputs) if one_by_one else None
        if known is not None:
            values, offsets = known
            result = ufunc(*values)
            if result.dtype.kind in _NUMBERS:
                return array_of_parts(Parts(result, offsets))
        return super().__array_ufunc__(ufunc, method, *inputs, **more)

    def __getitem__(self, where: Any) -> Any:
        own = parts_of(self.layout)
        chosen = None if own is None else _chosen(own, where)
        return super().__getitem__(where) if chosen is None else array_of_parts(chosen)


def quick(array: Any) -> Any:
    """Return an array of awkward with the short ways, if it is one of numbers or of lists of them."""
    parts = parts_of(array.layout)
    return array if parts is None else array_of_parts(parts)


def lists_of(content: Array, offsets: Array) -> QuickArray:
    """Return lists of numbers, each from one of the offsets to the next."""
    return array_of_parts(_lists(content, offsets))


def array_of_parts(parts: Parts) -> QuickArray:
    """Return the array that consists of these."""
    layout = ak.contents.NumpyArray(parts.content)
    if parts.offsets is not None:
        layout = ak.contents.ListOffsetArray(ak.index.Index64(parts.offsets), layout)
    array: QuickArray = ak.Array(layout)
    array.__class__ = (
        QuickArray  # as awkward does it: a constructor of ours would return one of its own classes
    )
    return array


def parts_of(layout: Any) -> Parts | None:
    """Return what an array of this layout consists of, None where that is more than numbers in lists."""
    offsets = None
    if layout.is_list and hasattr(layout, "offsets") and not layout.parameters:
        offsets, layout = layout.offsets.data, layout.content
    content = layout.data if layout.is_numpy and not layout.parameters else None
    if not isinstance(content, np.ndarray) or content.ndim != 1 or content.dtype.kind not in _NUMBERS:
        return None
    if offsets is None:
        return Parts(content)
    return _lists(content, offsets)


def _lists(content: Array, offsets: Array) -> Parts:
    """Return the parts of lists, of which there may be numbers before the first and behind the last."""
    first, last = offsets[0], offsets[-1]
    if first != 0:
        offsets = offsets - first
    return Parts(content[first:last], offsets.astype(np.int64, copy=False))


def together(inputs: Sequence[Any]) -> tuple[list[Any], Offsets | None] | None:
    """Return what a function of numbers is to be called with, and the lists that its results belong to.

    A number a row is repeated for each of the row's list. None where awkward is needed.
    """
    given = [each if isinstance(each, bool | int | float | np.number) else _parts(each) for each in inputs]
    if any(each is None for each in given):
        return None
    parts = [each for each in given if isinstance(each, Parts)]
    offsets = next((each.offsets for each in parts if each.offsets is not None), None)
    if any(not _fits(each, parts[0].rows, offsets) for each in parts):
        return None
    return [_spread(each, offsets) if isinstance(each, Parts) else each for each in given], offsets


def _fits(parts: Parts, rows: int, offsets: Offsets | None) -> bool:
    if parts.offsets is None or offsets is None:
        return parts.rows == rows
    return parts.offsets is offsets or np.array_equal(parts.offsets, offsets)


def _spread(parts: Parts, offsets: Offsets | None) -> Array:
    if parts.offsets is None and offsets is not None:
        return np.repeat(parts.content, np.diff(offsets))
    return parts.content


def _parts(given: Any) -> Parts | None:
    """Return the parts of an array, be it numpy's or awkward's; None of anything else."""
    if isinstance(given, ak.Array):
        return parts_of(given.layout)
    if type(given) is np.ndarray and given.ndim == 1 and given.dtype.kind in _NUMBERS:
        return Parts(given)
    return None


def _chosen(own: Parts, where: Any) -> Parts | None:
    """Return what is chosen of an array, None where awkward has to choose."""
    match where:
        case slice(step=None | 1):
            start, stop, _ = where.indices(own.rows)
            return _range(own, start, max(start, stop))
        case (slice(start=None, stop=None, step=None), int(place)) if not isinstance(place, bool):
            return _one_of_each(own, place)
        case _:
            which = _parts(where)
            if which is None or which.content.dtype.kind == "f":
                return None
            return _rows(own, which.content) if which.offsets is None else _values(own, which)


def _range(own: Parts, start: int, stop: int) -> Parts:
    if own.offsets is None:
        return Parts(own.content[start:stop])
    offsets = own.offsets[start : stop + 1]
    return Parts(own.content[offsets[0] : offsets[-1]], offsets - offsets[0])


def _one_of_each(own: Parts, place: int) -> Parts | None:
    """Return one number of each list, if all have it."""
    if own.offsets is None:
        return None
    starts, stops = own.offsets[:-1], own.offsets[1:]
    places = (starts if place >= 0 else stops) + place
    there = (places >= starts) & (places < stops)
    return Parts(own.content[places]) if there.all() else None


def _rows(own: Parts, which: Array) -> Parts | None:
    """Return some rows: those for which it is true, or of these numbers."""
    if which.dtype.kind == "b":
        if len(which) != own.rows:
            return None
        which = np.flatnonzero(which)
    if own.offsets is None:
        return Parts(own.content[which])
    starts, lengths = own.offsets[:-1][which], np.diff(own.offsets)[which]
    offsets = _running(lengths)
    places = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Parts(own.content.take(places), offsets)


def _values(own: Parts, which: Parts) -> Parts | None:
    """Return those values of each list for which it is true."""
    if own.offsets is None or which.content.dtype.kind != "b" or not _fits(which, own.rows, own.offsets):
        return None
    # compress() takes a third of the time that content[...] does
    return Parts(own.content.compress(which.content), _running(which.content).take(own.offsets))


def _running(counts: Array) -> Offsets:
    """Return the sums of all counts before each, and of all."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
