"""A .root file of weights, means, unequal bins, words and times reads back as what was written."""

import datetime as dt
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import strategies as st

from pictures import filled
from runfolio.plots import Category, Counts, Integer, Kind, Regular, Strip, Variable
from runfolio.render.job import ReducerView
from runfolio.render.rootaxis import WHOLE_NUMBERS
from runfolio.render.rootfile import root_file

WRITTEN_AT = 1385632500.0
X, Y = Regular(4, 0, 8, "x (mm)"), Variable([0, 1, 10, 100], "pT (GeV)")
AT_X, AT_Y = np.array([-1.0, 1, 1, 3, 5, 9]), np.array([0.5, 5, 5, 50, 200, 0.5])
SHOWN = np.array([5.0, 2.5, -1, 7, 3, 1])


def written(*counts: Counts) -> bytes:
    view = ReducerView(name="Mine", counts={each.name: each for each in counts}, figures=())
    return root_file(view, WRITTEN_AT)


def read(counts: Counts) -> Any:
    return uproot.open(BytesIO(written(counts)))[counts.name]


def one(kind: Kind) -> Counts:
    return filled(kind, [X], AT_X, SHOWN, label="time (ns)")


def two(kind: Kind) -> Counts:
    return filled(kind, [X, Y], AT_X, AT_Y, SHOWN, label="time (ns)")


@pytest.mark.parametrize(
    ("counts", "class_name"),
    [
        (one(Kind.WEIGHTED), "TH1D"),
        (two(Kind.WEIGHTED), "TH2D"),
        (one(Kind.PROFILE), "TProfile"),
        (two(Kind.PROFILE), "TProfile2D"),
    ],
)
def test_heights_and_errors_read_back(counts: Counts, class_name: str) -> None:
    found = read(counts)
    assert found.classname == class_name
    assert found.member("fEntries") == 6
    assert np.allclose(found.values(), np.nan_to_num(counts.heights))
    assert np.allclose(found.errors(), np.nan_to_num(counts.errors))


def test_sums_of_weights_read_back_with_their_flow() -> None:
    counts = two(Kind.WEIGHTED)
    found = read(counts)
    assert found.values(flow=True).tolist() == np.asarray(counts.sums).tolist()
    assert found.variances(flow=True).tolist() == np.asarray(counts.squares).tolist()


def test_a_profile_reads_back_with_its_flow() -> None:
    counts = two(Kind.PROFILE)
    found = read(counts)
    assert np.array_equal(found.counts(flow=True), counts.values)
    assert found.values(flow=True)[0, 1] == 5


def test_statistics_of_weights_are_those_in_range() -> None:
    found = read(one(Kind.WEIGHTED))
    weights, centres = np.array([2.5, -1, 7, 3]), np.array([1, 1, 3, 5])
    expected = {
        "fTsumw": weights.sum(),
        "fTsumw2": (weights**2).sum(),
        "fTsumwx": weights @ centres,
        "fTsumwx2": weights @ centres**2,
    }
    assert {name: found.member(name) for name in expected} == pytest.approx(expected)


def test_statistics_of_a_profile_are_those_in_range() -> None:
    found = read(one(Kind.PROFILE))
    expected = {"fTsumw": 4, "fTsumw2": 4, "fTsumwx": 10, "fTsumwy": 11.5, "fTsumwy2": 65.25 + 0}
    assert {name: found.member(name) for name in expected} == pytest.approx(expected)
    above = read(two(Kind.PROFILE))
    assert {name: pytest.approx(above.member(name)) for name in ("fTsumwz", "fTsumwz2")} == {
        "fTsumwz": 8.5,
        "fTsumwz2": 56.25,
    }


@pytest.mark.parametrize(("counts", "axis"), [(one(Kind.PROFILE), "fYaxis"), (two(Kind.WEIGHTED), "fZaxis")])
def test_what_the_bins_show_is_the_next_axis_s_title(counts: Counts, axis: str) -> None:
    assert read(counts).member(axis).member("fTitle") == "time (ns)"


def test_unequal_bins_read_back() -> None:
    assert read(two(Kind.PROFILE)).axis("y").edges().tolist() == [0, 1, 10, 100]


def test_words_read_back_each_at_its_bin() -> None:
    words = ["pi+", "µ", "漢字", "x" * 300]
    found = read(filled(Kind.COUNT, [Category("particle")], np.array([*words, "pi+"]))).axis()
    assert found.labels() == ["pi+", "x" * 80, "µ", "漢字"]
    assert [each.member("@fUniqueID") for each in found.member("fLabels")] == [1, 2, 3, 4]
    assert found.member("fTitle") == "particle"
    assert found.edges().tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]


def test_times_are_shown_as_such() -> None:
    axis = read(filled(Kind.COUNT, [Strip("time", time=True)], np.array([1385632449.0]))).axis()
    assert axis.member("fTimeDisplay")
    assert str(axis.member("fTimeFormat")).endswith("%F1970-01-01 00:00:00s0 GMT")


def test_an_axis_of_whole_numbers_is_told_from_one_with_the_same_edges() -> None:
    axes: list[Integer | Regular] = [Integer(0, 3), Regular(3, -0.5, 2.5)]
    found = [read(filled(Kind.COUNT, [axis], np.zeros(1))).axis().member("@fUniqueID") for axis in axes]
    assert found == [WHOLE_NUMBERS, 0]


@pytest.mark.parametrize("kind", Kind)
def test_they_convert_to_hist(kind: Kind) -> None:
    counts = filled(kind, [Category("word")], np.array(["a", "b", "b"]), *[np.ones(3)] * (kind != Kind.COUNT))
    converted = read(counts).to_hist()
    assert list(converted.axes[0]) == ["a", "b"]
    assert converted.axes[0].label == "word"


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(-1000, 1000)), max_size=20),
    st.sampled_from([Kind.WEIGHTED, Kind.PROFILE]),
)
def test_any_profile_or_weights_along_words_read_back(values: list[tuple[str, int]], kind: Kind) -> None:
    words = np.array([word for word, _ in values], np.str_)
    counts = filled(kind, [Category(limit=4)], words, np.array([number for _, number in values], np.float64))
    found = read(counts)
    assert np.allclose(found.values(), np.nan_to_num(counts.heights))
    assert np.allclose(found.errors(), np.nan_to_num(counts.errors), atol=1e-4)


def test_same_counts_of_any_kind_give_the_same_bytes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {
        "sums": one(Kind.WEIGHTED),
        "means": one(Kind.PROFILE),
        "map": two(Kind.PROFILE),
        "words": filled(Kind.COUNT, [Category()], np.array(["a", "b"])),
    }
    view = ReducerView(name="Mine", counts=named, figures=())
    today = root_file(view, WRITTEN_AT)

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Later":
            return cls(2031, 5, 6, 7, 8, 9, tzinfo=tz)

    monkeypatch.setattr(dt, "datetime", Later)
    assert root_file(view, WRITTEN_AT) == today
    file = uproot.open(BytesIO(today))
    assert len(file.keys()) == 4
    assert file.created_on == file.modified_on == dt.datetime(2013, 11, 28, 9, 55)  # noqa: DTZ001 - has none
