"""A .root file reads back as what was written, and is the same bytes at any time."""

import datetime as dt
import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from runfolio.plots.axes import Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.render.job import ReducerView
from runfolio.render.rootdates import date_code
from runfolio.render.rootfile import root_file

WRITTEN_AT = 1385632500.0
DATE = dt.datetime(2013, 11, 28, 9, 55)  # noqa: DTZ001 - ROOT's dates have no time zone
Make = Callable[..., Counts]


def view_of(*counts: Counts) -> ReducerView:
    return ReducerView(name="Dimuon", counts={each.name: each for each in counts}, figures=())


def read(data: bytes) -> Any:
    return uproot.open(BytesIO(data))


def written(counts: Counts) -> Any:
    return read(root_file(view_of(counts), WRITTEN_AT))[counts.name]


def test_histograms_are_listed_in_the_order_of_declaration(counts: Make) -> None:
    names = [f"h{number}" for number in (3, 1, 2, 40, 10)]
    file = read(root_file(view_of(*(counts(name) for name in names)), WRITTEN_AT))
    assert file.keys(cycle=False) == names
    assert set(file.classnames().values()) == {"TH1D"}


def test_bins_read_back_with_their_flow(counts: Make) -> None:
    one = counts("a")
    assert np.array_equal(written(one).values(flow=True), one.values)


@pytest.mark.parametrize(
    "axis", [Regular(200, 20, 40, "Time (ns)"), Integer(0, 10, "Slab"), Regular(7, -0.1, 0.6)]
)
def test_axes_read_back(counts: Make, axis: Regular | Integer) -> None:
    found = written(counts("a", axis=axis)).member("fXaxis")
    assert found.member("fTitle") == axis.label
    assert len(found.member("fXbins")) == 0
    assert np.allclose(found.edges(), axis.edges, rtol=1e-14)


def test_titles_read_back(counts: Make) -> None:
    assert written(counts("a", title="TOF0->1 \u00b5 #alpha")).title == "TOF0->1 \u00b5 #alpha"


def test_statistics_come_from_bin_centres_in_range(counts: Make) -> None:
    found = written(counts("a", [7, 2, 0, 1]))
    assert found.member("fEntries") == 10
    assert (found.member("fTsumw"), found.member("fTsumw2")) == (3, 3)
    assert found.member("fTsumwx") == 2 * 5 + 25
    assert found.member("fTsumwx2") == 2 * 5**2 + 25**2


def test_errors_are_those_of_counts(counts: Make) -> None:
    found = written(counts("a"))
    assert len(found.member("fSumw2")) == 0
    assert np.array_equal(found.variances(), found.values())


def test_maps_read_back_x_along_x(a_map: Make) -> None:
    one = a_map("m")
    found = written(one)
    assert found.classname == "TH2D"
    assert np.array_equal(found.values(flow=True), one.values)
    assert [found.member(axis).member("fTitle") for axis in ("fXaxis", "fYaxis")] == ["SlabY", "SlabX"]


def test_global_bins_of_maps_run_along_x_first(a_map: Make) -> None:
    one = a_map("m")
    x, y = 3, 5
    assert np.asarray(written(one).member("fN")) == one.values.size
    assert written(one)._bases[-1][x + 12 * y] == one.values[x, y]


def test_statistics_of_maps(a_map: Make) -> None:
    one = a_map("m")
    found = written(one)
    x, y = np.arange(10)[:, None], np.arange(7)[None, :]
    inside = one.inside
    expected = {
        "fTsumw": inside.sum(),
        "fTsumwx": (inside * x).sum(),
        "fTsumwx2": (inside * x**2).sum(),
        "fTsumwy": (inside * y).sum(),
        "fTsumwy2": (inside * y**2).sum(),
        "fTsumwxy": (inside * x * y).sum(),
    }
    assert {name: found.member(name) for name in expected} == pytest.approx(expected)


def test_huge_counts_keep_every_digit(counts: Make) -> None:
    assert written(counts("a", [0, 2**52 + 1])).values()[0] == 2**52 + 1


def test_a_file_can_be_empty() -> None:
    assert read(root_file(view_of(), WRITTEN_AT)).keys() == []


def test_same_counts_give_the_same_bytes_later(
    counts: Make, a_map: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(counts("a"), *(a_map(f"m{number}") for number in range(30)))
    today = root_file(view, WRITTEN_AT)

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Later":
            return cls(2031, 5, 6, 7, 8, 9, tzinfo=tz)

    monkeypatch.setattr(dt, "datetime", Later)
    assert root_file(view, WRITTEN_AT) == today


def test_every_date_is_the_one_given(counts: Make, a_map: Make) -> None:
    file = read(root_file(view_of(counts("a"), a_map("m")), WRITTEN_AT))
    assert {file.fDatimeC, file.fDatimeM} == {date_code(WRITTEN_AT)}
    assert file.created_on == file.modified_on == DATE


def test_files_of_one_reducer_have_one_uuid(counts: Make) -> None:
    uuids = {read(root_file(view_of(counts("a", [n])), WRITTEN_AT)).file.uuid for n in range(3)}
    assert len(uuids) == 1
    assert isinstance(uuids.pop(), uuid.UUID)
