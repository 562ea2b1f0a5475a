"""1-D histograms of weights and means, and the part of an axis that is shown: what is seen is true."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pictures import CAPTION, assert_readable, filled, picture, words
from runfolio.errors import DeclarationError
from runfolio.plots import Category, Counts, Figure, Integer, Kind, Panel, Regular, Strip, Variable
from runfolio.render.encode import encode
from runfolio.render.marks import Dots
from runfolio.render.raster import pixels
from runfolio.render.sheet import Sheet

X = Regular(4, 0, 4, "x (mm)")
Y = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -1.0, 1e300, 5e-324, 1e-7])


def weighted(weights: list[float], name: str = "w") -> Counts:
    """Return one entry a bin."""
    axis = Regular(len(weights), 0, len(weights), "x (mm)")
    return filled(
        Kind.WEIGHTED, [axis], np.arange(len(weights)), np.array(weights), name=name, label="sum of weights"
    )


def profile(means: list[float], name: str = "p") -> Counts:
    """Return one entry a bin; none where the mean is NaN."""
    axis = Regular(len(means), 0, len(means), "x (mm)")
    return filled(Kind.PROFILE, [axis], np.arange(len(means)), np.array(means), name=name, label="time (ns)")


def markers(sheet: Sheet) -> int:
    return sum(len(each.points) for each in sheet.marks if isinstance(each, Dots))


def test_sums_of_weights_are_named_and_counted() -> None:
    shown = words(picture(weighted([0.5, 1.25, 0, 0])))
    assert {"sum of weights", "x (mm)", "entries", "4", "sum", "1.75", "mean"} <= shown


def test_a_sum_without_what_is_out_of_range_says_so() -> None:
    counts = filled(Kind.WEIGHTED, [X], np.array([1.0, 9]), np.array([2.5, 100]))
    assert {"sum in range", "2.5", "overflow"} <= words(picture(counts))


def test_an_axis_of_weights_is_not_one_of_whole_numbers() -> None:
    assert "0.2" in words(picture(weighted([0.1, 0.5, 0.9])))


def test_weights_of_both_signs_have_their_zero() -> None:
    shown = words(picture(weighted([-40, 25, 30])))
    assert {"\u221240", "0", "20"} <= shown


def test_a_mean_that_weights_of_both_signs_put_nowhere_is_not_told() -> None:
    assert "mean" not in words(picture(weighted([-10, 0, 10.001])))


def test_a_profile_has_a_point_for_each_bin_with_entries() -> None:
    sheet = picture(profile([3, np.nan, 5, 4]))
    assert markers(sheet) == 3
    assert {"time (ns)", "entries", "3", "not a number", "1"} <= words(sheet)
    assert "mean" not in words(sheet)


def test_a_profile_s_axis_does_not_begin_at_zero() -> None:
    assert "0" not in words(picture(profile([1000, 1010, 1005])))


def test_points_are_joined_where_bins_are_narrow() -> None:
    axis = Strip("event", bins=500)
    events = np.arange(5000)
    assert_readable(picture(filled(Kind.PROFILE, [axis], events, events % 7, label="ADC")))


def test_profiles_are_overlaid_with_a_legend() -> None:
    sheet = picture(profile([1, 2, 3]), profile([2, 3, 4], "q"), named=True)
    assert markers(sheet) == 6 + 2
    assert_readable(sheet)


def test_counts_and_weights_are_overlaid_and_both_named() -> None:
    counts = filled(Kind.COUNT, [Regular(3, 0, 3)], np.array([0, 1, 1, 2]))
    sheet = picture(counts, weighted([0.5, 2, 1]), named=True)
    assert "entries, sum of weights" in words(sheet)
    assert_readable(sheet)


def test_a_profile_is_not_overlaid_with_counts() -> None:
    with pytest.raises(DeclarationError, match="a panel shows profiles overlaid, or counts"):
        picture(profile([1]), filled(Kind.COUNT, [Regular(1, 0, 1)], np.zeros(1)))


def test_words_are_not_overlaid_with_numbers() -> None:
    along_words = filled(Kind.COUNT, [Category()], np.array(["a"]), name="a")
    with pytest.raises(DeclarationError, match="along words"):
        picture(along_words, filled(Kind.COUNT, [Regular(1, 0, 1)], np.zeros(1)))


def test_what_a_logarithmic_axis_cannot_show_is_counted() -> None:
    assert {"bins off scale", "2"} <= words(picture(weighted([-1, 0, 20, 3]), log_y=True))
    assert {"bins off scale", "1"} <= words(picture(profile([-1, 20, 3]), log_y=True))


def test_a_logarithmic_axis_begins_below_the_least_weight() -> None:
    shown = words(picture(weighted([3e-5, 2e-3]), log_y=True))
    assert {"10⁻⁴", "0.001"} <= shown
    assert "bins off scale" not in shown


@pytest.mark.parametrize("weights", [[-1.0, -5.0], [0.0, 0.0]])
def test_where_nothing_is_above_zero_the_axis_is_linear(weights: list[float]) -> None:
    assert "0" in {each.split(".")[0] for each in words(picture(weighted(weights), log_y=True))}


def test_a_part_of_the_axis_counts_what_is_not_in_view() -> None:
    counts = filled(Kind.COUNT, [Regular(10, 0, 10)], np.arange(10))
    sheet = picture(counts, x_range=(2, 5))
    assert {"not in view", "7"} <= words(sheet)
    assert "6" not in words(sheet)


def test_a_part_without_entries_says_where_they_are() -> None:
    counts = filled(Kind.COUNT, [X], np.arange(4))
    assert "no entries in view: 4 elsewhere" in words(picture(counts, x_range=(10, 20)))


def test_a_logarithmic_x_axis_leaves_out_the_bin_at_zero() -> None:
    counts = filled(Kind.COUNT, [Integer(0, 100)], np.array([0, 0, 0, 5]))
    assert {"not in view", "3", "10", "1"} <= words(picture(counts, log_x=True))


@pytest.mark.parametrize(
    "axis", [Regular(4, -4, 0), Category(), Strip(time=True)], ids=["below 0", "words", "times"]
)
def test_an_x_axis_without_powers_stays_linear(axis: Any) -> None:
    given_values = np.array(["a", "b"]) if isinstance(axis, Category) else np.array([-3.0, -1.0])
    sheet = picture(filled(Kind.COUNT, [axis], given_values), log_x=True)
    assert "not in view" not in words(sheet)


def test_heights_are_those_asked_for() -> None:
    counts = filled(Kind.COUNT, [X], np.array([0] * 50 + [1] * 5))
    sheet = picture(counts, y_range=(0, 10))
    assert {"10", "bins off scale", "1"} <= words(sheet)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("how", [{}, {"x_range": (0.5, 2.2)}, {"y_range": (0.5, 3)}, {"log_x": True}])
@pytest.mark.parametrize(
    "counts",
    [
        weighted([0]),
        profile([np.nan, np.nan]),
        profile([1385632449.25]),
        weighted([1e300, -1e300, 3]),
        profile([1e300, -1e300]),
        weighted([5e-324, 0]),
        filled(Kind.PROFILE, [Variable([-1, 0, 0.5, 100])], np.array([0.2, 0.2, 50]), np.array([1, 2, 3])),
    ],
)
def test_any_kind_is_readable(counts: Counts, how: dict[str, Any], log: bool) -> None:
    assert_readable(picture(counts, log_y=log, **how))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([Kind.WEIGHTED, Kind.PROFILE]),
    st.lists(st.tuples(st.integers(-1, 4), Y), max_size=12),
    st.booleans(),
    st.booleans(),
)
def test_any_values_can_be_drawn(
    kind: Kind, values: list[tuple[int, float]], log_x: bool, log_y: bool
) -> None:
    at, quantity = (np.array([each[part] for each in values], np.float64) for part in (0, 1))
    sheet = picture(filled(kind, [X], at, quantity), log_x=log_x, log_y=log_y, size=(300, 200))
    pixels(sheet)
    assert str(sum(np.isfinite(quantity))) in words(sheet)


@pytest.mark.parametrize("image_type", ["png", "pdf", "svg", "eps"])
def test_all_kinds_go_into_any_file(image_type: str) -> None:
    times = filled(Kind.PROFILE, [Strip("time", time=True)], 1.4e9 + np.arange(900), np.arange(900) % 7)
    for counts in (times, weighted([1, -2]), profile([1, 2])):
        sheet = picture(counts, x_range=(0.5, 1.5e9), y_range=(-1, 3))
        figure = Figure(tag="t", description="", rows=((Panel.of("h"),),))
        assert len(encode(sheet, image_type, figure, CAPTION, 0.0)) > 1000
