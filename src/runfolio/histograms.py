"""Histograms as `hist.Hist`, to plot and to reckon with in a notebook.

It needs hist, which the extra `notebook` installs. What is read back from a run's .root file gives
the same as what was counted.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runfolio.errors import InputError, RunfolioError
from runfolio.plots.axes import Axis, Integer, Labels, Regular, Variable
from runfolio.plots.counts import Counts, Kind
from runfolio.render.rootaxis import read_axis

if TYPE_CHECKING:
    import hist

Floats = npt.NDArray[np.float64]

_CLASSES = ("TH1D", "TH2D", "TProfile", "TProfile2D")


def to_hist(counts: Counts) -> "hist.Hist[Any]":
    """Return a histogram with its flow bins, its name, and its title as label.

    Counts are stored as Int64, sums of weights as Weight, profiles as Mean; the axes are x and y. The
    variances are the squares of `Counts.errors`: those of a mean are the spread of the values over their
    number, without the correction n / (n - 1), so that they are the same as in ROOT. Words have no underflow.

    Raises:
        RunfolioError: hist isn't installed.

    """
    package = _package()
    axes = [_to_axis(package.axis, axis, name) for axis, name in zip(counts.axes, "xy", strict=False)]
    storage = _storage(package.storage, counts.kind)
    made: hist.Hist[Any] = package.Hist(*axes, storage=storage, name=counts.name, label=counts.title)
    # A category axis of boost-histogram has no underflow bin.
    shown = tuple(slice(1 if isinstance(axis, Labels) else 0, None) for axis in counts.axes)
    view: Any = made.view(flow=True)
    if counts.sums is None or counts.squares is None:
        view[...] = counts.values[shown]
    elif counts.kind is Kind.WEIGHTED:
        view["value"], view["variance"] = counts.sums[shown], counts.squares[shown]
    else:
        entries, means, deltas = _means(counts.values, counts.sums, counts.squares)
        view["count"], view["value"] = entries[shown], means[shown]
        view["_sum_of_deltas_squared"] = deltas[shown]
    return made


def from_root(found: Any) -> "hist.Hist[Any]":
    """Return what `to_hist` returns, from a histogram of one of our .root files, as uproot reads it.

    Raises:
        InputError: it is no histogram, or none of a kind that we write.
        RunfolioError: hist isn't installed.

    """
    return to_hist(_read(found))


def _package() -> Any:
    try:
        import hist  # noqa: PLC0415 - it takes a second, and who only takes plots needs none
    except ImportError as error:
        raise RunfolioError(
            f"hist, which histograms in a notebook need, can't be imported ({error}):"
            " pip install 'runfolio[notebook]'"
        ) from error
    return hist


def _storage(storages: Any, kind: Kind) -> Any:
    of_kind = {Kind.COUNT: storages.Int64, Kind.WEIGHTED: storages.Weight, Kind.PROFILE: storages.Mean}
    return of_kind[kind]()


def _to_axis(kinds: Any, axis: Axis, name: str) -> Any:
    named = {"name": name, "label": axis.label}
    match axis:
        case Regular():
            return kinds.Regular(axis.bins, float(axis.edges[0]), float(axis.edges[-1]), **named)
        case Integer():
            return kinds.Integer(axis.start, axis.stop, **named)
        case Variable():
            return kinds.Variable(axis.edges, **named)
        case Labels():
            return kinds.StrCategory(axis.names, **named)


def _means(values: npt.NDArray[np.int64], sums: Floats, squares: Floats) -> tuple[Floats, Floats, Floats]:
    """Return of each bin the entries, their mean, and the sum of squares that gives its error squared.

    boost-histogram's variance of a mean is that sum / (n (n - 1)).
    """
    entries = values.astype(np.float64)
    filled = entries > 0
    means, of_squares = (
        np.divide(each, entries, out=np.zeros_like(each), where=filled) for each in (sums, squares)
    )
    with np.errstate(over="ignore", invalid="ignore"):
        spread = np.maximum(of_squares - means**2, 0)
    return entries, means, spread * np.maximum(entries - 1, 0)


def _read(found: Any) -> Counts:
    """Return the counts that a .root file keeps of a histogram; of weights, it has no entries of each bin."""
    class_name = getattr(found, "classname", type(found).__name__)
    if class_name not in _CLASSES:
        raise InputError(f"a {class_name}: {', '.join(_CLASSES)} are read")
    two = "2D" in class_name
    axes = tuple(read_axis(found.member(f"f{letter}axis")) for letter in ("XY" if two else "X"))
    shape = tuple(axis.bins + 2 for axis in axes)

    def bins(contents: Any) -> Floats:
        return np.asarray(contents, np.float64).reshape(shape[::-1]).T

    profile = class_name.startswith("TProfile")
    histogram = found.bases[0] if profile else found
    contents, squares = bins(histogram.bases[-1]), np.asarray(found.member("fSumw2"))
    kind = Kind.PROFILE if profile else Kind.WEIGHTED if len(squares) else Kind.COUNT
    entries = bins(found.member("fBinEntries")) if profile else np.zeros(shape)
    return Counts(
        name=found.member("fName"),
        title=found.member("fTitle"),
        axes=axes,
        values=np.rint(contents if kind is Kind.COUNT else entries).astype(np.int64),
        kind=kind,
        sums=None if kind is Kind.COUNT else contents,
        squares=None if kind is Kind.COUNT else bins(squares),
    )
