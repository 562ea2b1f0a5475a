"""Axes as ROOT's TAxis, and back.

Bins of one width are a range, others a list of edges; words are the bins' labels, which ROOT, uproot
and JSROOT show. Times are displayed as such, in UTC.
"""

from typing import Any

import numpy as np
import uproot.writing.identify  # type: ignore[import-untyped]  # it has no types

from runfolio.plots.axes import HALF, Axis, Integer, Labels, Regular, Variable

WHOLE_NUMBERS = 1
"""The unique ID, which ROOT itself leaves at 0, of an axis that was declared as Integer."""
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S%F1970-01-01 00:00:00s0 GMT"
"""What ROOT is told of Unix seconds: how to show them, since when they are counted, and where."""


def to_axis(name: str, axis: Axis) -> Any:
    """Return a TAxis; ROOT computes the edges of bins of one width from their range."""
    time = isinstance(axis, Regular) and axis.time
    written = uproot.writing.identify.to_TAxis(
        fName=name,
        fTitle=axis.label,
        fNbins=axis.bins,
        fXmin=float(axis.edges[0]),
        fXmax=float(axis.edges[-1]),
        fXbins=axis.edges if isinstance(axis, Variable) else None,
        fLabels=_labels(axis) if isinstance(axis, Labels) else None,
        fTimeDisplay=time,
        fTimeFormat=_TIME_FORMAT if time else "",
    )
    if isinstance(axis, Integer):
        _object_of(written)._members["@fUniqueID"] = WHOLE_NUMBERS  # noqa: SLF001 - there is no other way
    return written


def read_axis(axis: Any) -> Axis:
    """Return the axis that was written, from a TAxis as uproot reads it, without what only pictures need."""
    label, bins = axis.member("fTitle"), axis.member("fNbins")
    low, high = axis.member("fXmin"), axis.member("fXmax")
    words = axis.labels()
    if words is not None:
        return Labels(tuple(words), label)
    if len(axis.member("fXbins")):
        return Variable(tuple(np.asarray(axis.member("fXbins")).tolist()), label)
    if axis.member("@fUniqueID") == WHOLE_NUMBERS:
        return Integer(round(low + HALF), round(high + HALF), label)
    return Regular(bins, low, high, label)


def _labels(axis: Labels) -> Any:
    """Return a THashList of words, each with the number of its bin as its unique ID, as ROOT does it."""
    identify = uproot.writing.identify
    words = [identify.to_TObjString(name) for name in axis.names]
    for number, word in enumerate(words):
        word._bases[0]._members["@fUniqueID"] = number + 1  # noqa: SLF001 - as above
    return identify.to_THashList(words)


def _object_of(axis: Any) -> Any:
    """Return the TObject of a TAxis."""
    return axis._bases[0]._bases[0]  # noqa: SLF001 - as above
