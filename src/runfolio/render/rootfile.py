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

from runfolio.plots.axes import Axis
from runfolio.plots.counts import Counts
from runfolio.render.job import ReducerView
from runfolio.render.rootdates import set_dates

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "runfolio:reducer")
_ROOM_FOR_KEYS = 256
"""Bytes in the file's table of contents for each histogram, so that it is not moved while it grows."""
_COMPRESSION = 1


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
    """Return a TH1D or TH2D with its flow bins; without squared weights its errors are sqrt(content)."""
    if len(counts.axes) == 1:
        return _to_th1d(counts, counts.axes[0])
    return _to_th2d(counts, *counts.axes)


def _to_th1d(counts: Counts, axis: Axis) -> Any:
    weights, x = counts.inside.astype(np.float64), _centres(axis)
    return uproot.writing.to_TH1x(
        fName=counts.name,
        fTitle=counts.title,
        data=counts.values.astype(np.float64),
        fEntries=float(counts.entries),
        fTsumw=float(weights.sum()),
        fTsumw2=float(weights.sum()),
        fTsumwx=float(weights @ x),
        fTsumwx2=float(weights @ x**2),
        fSumw2=None,
        fXaxis=_to_axis("xaxis", axis),
    )


def _to_th2d(counts: Counts, x_axis: Axis, y_axis: Axis) -> Any:
    weights, x, y = counts.inside.astype(np.float64), _centres(x_axis), _centres(y_axis)
    along_x, along_y = weights.sum(axis=1), weights.sum(axis=0)
    return uproot.writing.to_TH2x(
        fName=counts.name,
        fTitle=counts.title,
        data=counts.values.T.astype(np.float64).ravel(),  # a global bin is x + (x bins + 2) * y
        fEntries=float(counts.entries),
        fTsumw=float(weights.sum()),
        fTsumw2=float(weights.sum()),
        fTsumwx=float(along_x @ x),
        fTsumwx2=float(along_x @ x**2),
        fTsumwy=float(along_y @ y),
        fTsumwy2=float(along_y @ y**2),
        fTsumwxy=float(x @ weights @ y),
        fSumw2=None,
        fXaxis=_to_axis("xaxis", x_axis),
        fYaxis=_to_axis("yaxis", y_axis),
    )


def _to_axis(name: str, axis: Axis) -> Any:
    """Both kinds of axis have bins of one width: ROOT computes their edges from the range."""
    low, high = float(axis.edges[0]), float(axis.edges[-1])
    return uproot.writing.identify.to_TAxis(
        fName=name, fTitle=axis.label, fNbins=axis.bins, fXmin=low, fXmax=high
    )


def _centres(axis: Axis) -> npt.NDArray[np.float64]:
    return (axis.edges[:-1] + axis.edges[1:]) / 2
