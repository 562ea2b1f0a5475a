"""Histograms for a notebook: the same from memory and from a .root file, with the errors on the plots."""

import builtins
import warnings
from io import BytesIO
from typing import Any

import hist
import matplotlib as mpl
import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import strategies as st

from pictures import filled
from runfolio.errors import InputError, RunfolioError
from runfolio.histograms import from_root, to_hist
from runfolio.plots import Category, Counts, Integer, Kind, Regular, Strip, Variable
from runfolio.plots.axes import DeclaredAxis
from runfolio.render.job import ReducerView
from runfolio.render.rootfile import root_file

AXES: list[DeclaredAxis] = [
    Regular(3, -0.5, 2.5, "x (mm)"),
    Regular(7, 0.1, 0.8),
    Integer(-1, 3, "slab"),
    Variable([-1, 0, 0.5, 2], "pT (GeV)"),
    Category("trigger", limit=3),
    Strip("event", step=0.5, bins=4),
]
NUMBER = st.integers(-3, 4).map(float) | st.floats(-2, 3)


@st.composite
def any_counts(draw: st.DrawFn) -> Counts:
    """Return a histogram of any kind and axes, filled with a few values."""
    axes = draw(st.lists(st.sampled_from(AXES), min_size=1, max_size=2))
    entries = draw(st.integers(0, 12))
    arrays = [
        np.array(
            draw(
                st.lists(
                    st.sampled_from(["a", "b", "c", "d"]) if isinstance(axis, Category) else NUMBER,
                    min_size=entries,
                    max_size=entries,
                )
            ),
            np.str_ if isinstance(axis, Category) else np.float64,
        )
        for axis in axes
    ]
    kind = draw(st.sampled_from(list(Kind)))
    if kind is not Kind.COUNT:
        arrays.append(np.array(draw(st.lists(NUMBER, min_size=entries, max_size=entries)), np.float64))
    return filled(kind, axes, *arrays, name="name", label="label")


def written(counts: Counts) -> Any:
    view = ReducerView(name="Mine", counts={counts.name: counts}, figures=())
    return uproot.open(BytesIO(root_file(view, 0.0)))[counts.name]


@given(any_counts())
def test_a_root_file_gives_the_same_as_the_counts(counts: Counts) -> None:
    one, other = to_hist(counts), from_root(written(counts))
    assert one == other
    assert one.axes == other.axes
    assert (one.name, one.label) == (other.name, other.label) == ("name", "a title")
    labels = [axis.label or name for axis, name in zip(counts.axes, "xy", strict=False)]
    assert [axis.label for axis in one.axes] == labels  # hist shows the name where there is no label
    assert one.storage_type is other.storage_type


@given(any_counts())
def test_values_and_variances_are_those_of_the_plots(counts: Counts) -> None:
    made = to_hist(counts)
    there = counts.inside > (1 if counts.kind is Kind.PROFILE else -1)  # one entry has no variance in hist
    assert np.allclose(made.values()[there], counts.heights[there])
    variances = made.variances()
    assert variances is not None
    assert np.allclose(variances[there], counts.errors[there] ** 2)


@given(any_counts())
def test_all_entries_are_there_with_the_flow(counts: Counts) -> None:
    made = to_hist(counts)
    if counts.kind is Kind.WEIGHTED:
        assert counts.sums is not None
        assert np.isclose(made.values(flow=True).sum(), counts.sums.sum())
    else:
        assert made.counts(flow=True).sum() == counts.entries


def test_storages() -> None:
    arrays = np.zeros(1), np.ones(1)
    counts = [filled(kind, [AXES[0]], *arrays[: 1 + (kind != Kind.COUNT)]) for kind in Kind]
    stored = [hist.storage.Int64, hist.storage.Weight, hist.storage.Mean]
    assert [to_hist(each).storage_type for each in counts] == stored


@pytest.mark.parametrize(
    ("axis", "kind"),
    [
        (AXES[0], hist.axis.Regular),
        (AXES[2], hist.axis.Integer),
        (AXES[3], hist.axis.Variable),
        (AXES[4], hist.axis.StrCategory),
        (AXES[5], hist.axis.Regular),
    ],
)
def test_axes(axis: DeclaredAxis, kind: Any) -> None:
    values = np.array(["a"]) if isinstance(axis, Category) else np.ones(1)
    made: Any = to_hist(filled(Kind.COUNT, [axis], values)).axes[0]
    assert isinstance(made, kind)
    assert (made.name, made.label) == ("x", axis.label)


def test_words_over_the_limit_are_overflow() -> None:
    made = to_hist(filled(Kind.COUNT, [Category(limit=2)], np.array(["a", "b", "c", "c"])))
    assert made.values(flow=True).tolist() == [1, 1, 2]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("axis", AXES, ids=lambda axis: type(axis).__name__)
def test_they_plot(axis: DeclaredAxis, kind: Kind) -> None:
    with warnings.catch_warnings(), mpl.rc_context():
        # mplhep's own, where scipy isn't installed.
        warnings.filterwarnings("ignore", "Integer weights indicate poissonian data", UserWarning)
        mpl.use("Agg")
        from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

        words = isinstance(axis, Category)
        at = np.array(["a", "b", "b"]) if words else np.array([0.2, 0.4, 0.4])
        quantity = [np.array([1.0, 2, 3])] * (kind is not Kind.COUNT)
        to_hist(filled(kind, [axis], at, *quantity)).plot()
        plt.close("all")


def test_a_map_plots() -> None:
    with mpl.rc_context():
        mpl.use("Agg")
        from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

        axes = [AXES[0], AXES[4]]
        to_hist(filled(Kind.PROFILE, axes, np.array([1.0]), np.array(["a"]), np.array([5.0]))).plot()
        plt.close("all")


def test_without_hist_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without_hist(name: str, *rest: Any) -> Any:
        if name == "hist":
            raise ImportError("No module named 'hist'")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_hist)
    with pytest.raises(RunfolioError, match=r"pip install 'runfolio\[notebook\]'"):
        to_hist(filled(Kind.COUNT, [AXES[0]], np.zeros(1)))


@pytest.mark.parametrize("found", [None, 5, np.zeros(3)])
def test_what_is_no_histogram_is_refused(found: Any) -> None:
    with pytest.raises(InputError, match="TProfile2D are read"):
        from_root(found)
