"""A reducer's histograms as a .root file, for ROOT, uproot and JSROOT.

The sums that ROOT keeps beside the bins (for mean and standard deviation) are computed from the
bin centres in range. ROOT itself adds up the values as they are filled; sums from bin contents don't
depend on the order of spills, and differ from ROOT's by less than a bin width in the mean.
"""

import uuid
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import uproot  # type: ignore[import-untyped]  # it has no types
import uproot.writing.identify  # type: ignore[import-untyped]  # as above

from runfolio.plots.axes import Axis, Regular
from runfolio.plots.counts import Counts, Kind
from runfolio.render.job import ReducerView
from runfolio.render.rootaxis import to_axis
from runfolio.render.rootdates import set_dates

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "runfolio:reducer")
_ROOM_FOR_KEYS = 256
"""Bytes in the file's table of contents for each histogram, so that it is not moved while it grows."""
_COMPRESSION = 1

Floats = npt.NDArray[np.float64]


def root_file(view: ReducerView, written_at: float) -> bytes:
    """Return the file with all of a reducer's histograms in the order of declaration.

    The same counts and date give the same bytes: the file's UUID follows from the reducer's name,
    and its dates, in UTC, are `written_at`. Names have no `/`: ROOT makes folders of it.
    """
    identity = uuid.uuid5(_NAMESPACE, view.name)
    file = BytesIO()
    with uproot.recreate(
        file,
        compression=uproot.ZLIB(_COMPRESSION),
        initial_directory_bytes=_ROOM_FOR_KEYS * (len(view.counts) + 1),
        uuid_function=lambda: identity,
    ) as root:
        root.update({name: to_root(counts) for name, counts in view.counts.items()})
        data = file.getvalue()  # leaving closes it
    return set_dates(data, written_at)


def to_root(counts: Counts) -> Any:
    """Return a TH1D, TH2D, TProfile or TProfile2D with its flow bins.

    Of counts the errors are sqrt(content), for which ROOT keeps no squares; of sums of weights the
    squares are fSumw2. A profile's errors are those of its means, as ROOT computes them by itself.
    """
    axes = [to_axis(f"{letter}axis", axis) for letter, axis in zip("xy", counts.axes, strict=False)]
    # What the bins show is the title of the axis after the last one.
    axes += [to_axis(f"{'xyz'[len(axes)]}axis", Regular(1, 0, 1, counts.label))] if counts.label else []
    how = {
        "fName": counts.name,
        "fTitle": counts.title,
        "fEntries": float(counts.entries),
        **{f"f{letter}axis": axis for letter, axis in zip("XYZ", axes, strict=False)},
        **(_profile(counts) if counts.kind is Kind.PROFILE else _histogram(counts)),
    }
    identify = uproot.writing.identify
    if counts.kind is Kind.PROFILE:
        return (identify.to_TProfile if len(counts.axes) == 1 else identify.to_TProfile2D)(**how)
    return (identify.to_TH1x if len(counts.axes) == 1 else identify.to_TH2x)(**how)


def _histogram(counts: Counts) -> dict[str, Any]:
    """Return the bins of counts or sums of weights, and the sums beside them."""
    contents = counts.values.astype(np.float64) if counts.sums is None else counts.sums
    inside = _in_range(contents)
    squares = inside if counts.squares is None else _in_range(counts.squares)
    return {
        "data": _global(contents),
        "fSumw2": None if counts.squares is None else _global(counts.squares),
        "fTsumw": float(inside.sum()),
        "fTsumw2": float(squares.sum()),
        **_moments(inside, counts.axes),
    }


def _profile(counts: Counts) -> dict[str, Any]:
    """Return a profile's sums of the quantity, of its squares, and its entries."""
    assert counts.sums is not None
    assert counts.squares is not None
    inside = counts.inside.astype(np.float64)
    quantity = "y" if len(counts.axes) == 1 else "z"
    return {
        "data": _global(counts.sums),
        "fSumw2": _global(counts.squares),
        "fBinEntries": _global(counts.values.astype(np.float64)),
        "fBinSumw2": np.empty(0),
        "fTsumw": float(inside.sum()),
        "fTsumw2": float(inside.sum()),
        **_moments(inside, counts.axes),
        f"fTsumw{quantity}": float(_in_range(counts.sums).sum()),
        f"fTsumw{quantity}2": float(_in_range(counts.squares).sum()),
    }


def _moments(weights: Floats, axes: tuple[Axis, ...]) -> dict[str, float]:
    """Return ROOT's sums of weights times bin centres, and their squares."""
    x = _centres(axes[0])
    if len(axes) == 1:
        return {"fTsumwx": float(weights @ x), "fTsumwx2": float(weights @ x**2)}
    y = _centres(axes[1])
    along_x, along_y = weights.sum(axis=1), weights.sum(axis=0)
    return {
        "fTsumwx": float(along_x @ x),
        "fTsumwx2": float(along_x @ x**2),
        "fTsumwy": float(along_y @ y),
        "fTsumwy2": float(along_y @ y**2),
        "fTsumwxy": float(x @ weights @ y),
    }


def _in_range(contents: Floats) -> Floats:
    return contents[(slice(1, -1),) * contents.ndim]


def _global(contents: Floats) -> Floats:
    """Return contents in the order of ROOT's global bins, x + (x bins + 2) * y."""
    return contents.T.astype(np.float64).ravel()


def _centres(axis: Axis) -> Floats:
    return (axis.edges[:-1] + axis.edges[1:]) / 2
