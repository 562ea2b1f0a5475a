"""Awkward arrays as column files give them: numpy where a row has one value, else without needless types."""

from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np

from runfolio.stream.numbers_read import as_read
from runfolio.stream.quick_arrays import array_of_parts, parts_of, quick


def plain(array: Any) -> Any:
    """Return numpy for flat numbers and strings, awkward for all else.

    Flat numbers that can be missing are float64, NaN where they are, that gives the words of what they
    were; strings are None. Bytes of a string
    that are no UTF-8 are replaced by U+FFFD. Lists of a fixed length become lists of any length, for
    awkward matches only these row by row with a flat array.
    """
    layout = array.layout
    if (parts := parts_of(layout)) is not None:
        return parts.content if parts.offsets is None else array_of_parts(parts)
    inner = layout.content if layout.is_option or layout.is_indexed else layout
    if inner.parameter("__array__") in {"string", "bytestring"}:
        return _texts(array, decode=inner.parameter("__array__") == "string")
    if not inner.is_numpy or inner.purelist_depth > 1:
        return quick(ak.from_regular(ak.transform(_without_needless_option, array), axis=None))
    if layout.is_option:
        floats = ak.to_numpy(ak.fill_none(ak.values_astype(array, np.float64), np.nan))
        return as_read(floats, ak.to_numpy(ak.fill_none(array, inner.dtype.type(0))))
    return ak.to_numpy(array)


def _without_needless_option(layout: Any, **_: Any) -> Any:
    """Return what can be missing, but never is, as what cannot."""
    if layout.is_option and not np.any(layout.mask_as_bool(valid_when=False)):
        return ak.transform(_without_needless_option, layout.project(), highlevel=False)
    return None


def _texts(array: Any, *, decode: bool) -> Any:
    missing = ak.to_numpy(ak.is_none(array))
    layout = ak.to_layout(ak.drop_none(array)).to_packed()
    data = layout.content.data.tobytes()
    ends = zip(layout.starts.data.tolist(), layout.stops.data.tolist(), strict=True)
    pieces = [data[start:stop] for start, stop in ends]
    out = np.full(len(missing), None, dtype=object)
    out[~missing] = [piece.decode(errors="replace") for piece in pieces] if decode else pieces
    return out
