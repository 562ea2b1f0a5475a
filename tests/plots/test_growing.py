"""Axes that grow: the bins follow from the values alone, and every entry stays where it belongs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictures import contents, filled
from runfolio.errors import CheckpointError, DeclarationError
from runfolio.plots import Category, Integer, Kind, Regular, Strip
from runfolio.plots.axes import Labels
from runfolio.plots.growing import LONGEST_WORD, AxisState, StripState, WordsState, in_order, running

STEPS = st.sampled_from([1, 0.5, 0.1, 0.01, 7, 1e-3, 1e6, 1 / 3])
BINS = st.integers(2, 9)
VALUES = st.lists(
    st.integers(-50, 50).map(float) | st.floats(-1e3, 1e3) | st.sampled_from([0.3, 1385632449.0, -0.1]),
    max_size=30,
)
WORDS = st.lists(st.sampled_from(["a", "b", "10", "9", "nan", "inf", "", "ä", "1e3"]), max_size=30)


def along(strip: Strip, values: Any) -> tuple[Regular, list[int]]:
    counts = filled(Kind.COUNT, [strip], np.asarray(values, np.float64))
    axis = counts.axes[0]
    assert isinstance(axis, Regular)
    return axis, counts.values.tolist()


@given(STEPS, BINS, VALUES)
def test_a_strip_has_no_more_than_its_bins_and_keeps_all_entries(
    step: float, bins: int, values: list[float]
) -> None:
    histogram = contents(Kind.COUNT, Strip(step=step, bins=bins))
    for number, value in enumerate(values):
        histogram.fill((np.array([value]),))
        counts = histogram.snapshot()
        assert counts.axes[0].bins <= bins
        assert counts.entries == number + 1
        assert counts.in_range == number + 1


@given(STEPS, BINS, VALUES)
def test_a_strip_s_edges_are_multiples_of_its_width(step: float, bins: int, values: list[float]) -> None:
    axis, _ = along(Strip(step=step, bins=bins), values)
    width = (axis.stop - axis.start) / axis.bins
    doublings = np.log2(width / step)
    assert doublings == pytest.approx(round(doublings), abs=1e-3)
    multiple = axis.start / (step * 2 ** round(doublings))
    assert multiple == pytest.approx(round(multiple), abs=1e-3)


@given(st.sampled_from([1, 0.5, 0.1, 0.01, 7, 1e6]), BINS, VALUES)
def test_a_strip_agrees_with_numpy_on_its_own_edges(step: float, bins: int, values: list[float]) -> None:
    axis, found = along(Strip(step=step, bins=bins), values)
    beyond_last = [*axis.edges[:-1], np.inf]  # numpy counts the last edge into the last bin
    assert found == [0, *np.histogram(values, beyond_last)[0].tolist(), 0]
    assert not values or max(values) < axis.edges[-1]


@given(STEPS, BINS, VALUES)
def test_a_strip_begins_and_ends_with_a_bin_that_is_filled(
    step: float, bins: int, values: list[float]
) -> None:
    _, found = along(Strip(step=step, bins=bins), values)
    assert not values or (found[1] > 0 and found[-2] > 0)


@given(STEPS, BINS, VALUES, st.randoms(use_true_random=False), st.integers(0, 30))
def test_a_strip_does_not_depend_on_order_or_split(
    step: float, bins: int, values: list[float], random: Any, cut: int
) -> None:
    strip = Strip(step=step, bins=bins)
    mixed = random.sample(values, len(values))
    histogram = contents(Kind.COUNT, strip)
    for part in (mixed[:cut], mixed[cut:]):
        histogram.fill((np.array(part, np.float64),))
    counts = histogram.snapshot()
    assert (counts.axes[0], counts.values.tolist()) == along(strip, values)


def test_a_strip_begins_with_bins_of_its_step() -> None:
    axis, found = along(Strip(step=0.1, bins=10), [0.3, 0.35, 0.7])
    assert (axis, found) == (Regular(5, 0.3, 0.8), [0, 2, 0, 0, 0, 1, 0])


def test_a_strip_s_bins_double() -> None:
    axis, found = along(Strip(bins=4), [0, 1, 2, 3, 4])
    assert (axis, found) == (Regular(3, 0, 6), [0, 2, 2, 1, 0])


def test_a_strip_grows_to_both_sides() -> None:
    axis, found = along(Strip(bins=2), [5, -3])
    assert (axis, found) == (Regular(2, -8, 8), [0, 1, 1, 0])


@pytest.mark.parametrize(("step", "value"), [(0.3, 0.8999999999999999), (0.7, 3.4999999999999996)])
def test_a_value_just_below_an_edge_stays_below_where_the_division_rounds_up(
    step: float, value: float
) -> None:
    edge = round(value / step)
    axis, found = along(Strip(step=step), [value, np.nextafter(value, 9)])
    assert axis.bins == 2
    assert axis.edges[1] == pytest.approx(edge * step)
    assert found == [0, 1, 1, 0]


def test_what_lies_outside_stays_there_when_a_strip_moves() -> None:
    histogram = contents(Kind.WEIGHTED, Strip(bins=2))
    histogram.fill((np.array([0, 1, 1e300, -1e300, -1e300]), np.array([1, 1, 2, 3, 4])))
    histogram.fill((np.array([9]), np.array([1])))
    counts = histogram.snapshot()
    assert counts.axes == (Regular(2, 0, 16),)
    assert counts.values.tolist() == [2, 2, 1, 1]
    assert counts.sums is not None
    assert counts.sums.tolist() == [7, 2, 1, 2]


def test_a_strip_of_times_stays_one() -> None:
    assert along(Strip("time", time=True), [1385632449.0])[0] == Regular(
        1, 1385632449, 1385632450, "time", time=True
    )


def test_a_strip_without_values_is_one_step() -> None:
    assert along(Strip(step=0.5), []) == (Regular(1, 0, 0.5), [0, 0, 0])


@pytest.mark.parametrize("far", [1e300, 1.7e308, float("inf"), 2.0**51])
def test_what_is_too_far_is_overflow_or_underflow(far: float) -> None:
    axis, found = along(Strip(bins=4), [3, far, -far, -far])
    assert (axis, found) == (Regular(1, 3, 4), [2, 1, 1])


@given(STEPS, BINS, st.lists(st.floats(allow_nan=False), max_size=6))
def test_any_values_leave_a_strip_that_can_be_shown(step: float, bins: int, values: list[float]) -> None:
    axis, found = along(Strip(step=step, bins=bins), values)
    assert axis.bins <= bins
    assert sum(found) == len(values)


def test_whole_numbers_of_any_type_follow_a_strip() -> None:
    for kind in (np.uint8, np.int64, np.uint64, np.float32):
        assert along(Strip(), np.array([1, 2], kind))[1] == [0, 1, 1, 0]


def test_both_axes_of_a_map_grow() -> None:
    histogram = contents(Kind.COUNT, Strip(bins=2), Strip(bins=2))
    histogram.fill((np.array([0, 1]), np.array([0, 1])))
    histogram.fill((np.array([3]), np.array([7])))
    counts = histogram.snapshot()
    assert counts.axes == (Regular(2, 0, 4), Regular(2, 0, 8))
    assert counts.inside.tolist() == [[2, 0], [0, 1]]


def test_flow_of_another_axis_moves_along() -> None:
    histogram = contents(Kind.COUNT, Strip(bins=2), Integer(0, 1))
    histogram.fill((np.array([0, 1]), np.array([-5, 5])))
    histogram.fill((np.array([3]), np.array([0])))
    assert histogram.snapshot().values[1:-1].tolist() == [[1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("strip", [{"bins": 1}, {"bins": 0}, {"step": 0}, {"step": -1}, {"step": 1e-300}])
def test_a_strip_that_is_none_is_refused(strip: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="of"):
        Strip(**strip)


def by_word(values: Any, limit: int = 50) -> dict[str, int]:
    counts = filled(Kind.COUNT, [Category(limit=limit)], values)
    axis = counts.axes[0]
    assert isinstance(axis, Labels)
    return dict(zip(axis.names, counts.inside.tolist(), strict=True))


@given(WORDS, st.randoms(use_true_random=False), st.integers(0, 30))
def test_words_do_not_depend_on_order_or_split(words: list[str], random: Any, cut: int) -> None:
    mixed = random.sample(words, len(words))
    histogram = contents(Kind.COUNT, Category())
    for part in (mixed[:cut], mixed[cut:]):
        histogram.fill((np.array(part, np.object_),))
    whole, counts = filled(Kind.COUNT, [Category()], np.array(words, np.str_)), histogram.snapshot()
    assert (counts.axes, counts.values.tolist()) == (whole.axes, whole.values.tolist())


@given(WORDS)
def test_each_word_is_counted(words: list[str]) -> None:
    assert by_word(np.array(words, np.str_)) == ({word: words.count(word) for word in words} or {"": 0})


def test_numbers_come_first_and_by_value() -> None:
    words = ["b", "10", "a", "9", "-1", "nan", "inf", "1e3"]
    assert sorted(words, key=in_order) == ["-1", "9", "10", "1e3", "a", "b", "inf", "nan"]


def test_over_the_limit_new_words_are_overflow() -> None:
    counts = filled(Kind.COUNT, [Category(limit=2)], np.array(["a", "b", "c", "a", "d"]))
    assert counts.axes == (Labels(("a", "b")),)
    assert counts.values.tolist() == [0, 2, 1, 2]


def test_words_over_the_limit_stay_overflow() -> None:
    histogram = contents(Kind.COUNT, Category(limit=1))
    for word in ("a", "b", "b", "a"):
        histogram.fill((np.array([word]),))
    assert histogram.snapshot().values.tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    "values",
    [
        np.array([5, 7, 5]),
        np.array([5.0, 7.0, 5.0]),
        np.array([5, 7, 5], np.uint8),
        np.array([5, 7.0, "5"], np.object_),
        np.array(["5", "7", "5"]),
        np.array([b"5", b"7", b"5"]),
        np.array([np.float32(5), np.int16(7), b"5"], np.object_),
    ],
)
def test_a_whole_number_is_one_word_however_it_comes(values: Any) -> None:
    assert by_word(values) == {"5": 2, "7": 1}


def test_missing_words_are_counted_apart() -> None:
    counts = filled(Kind.COUNT, [Category()], np.array(["a", None, float("nan"), "a"], np.object_))
    assert (counts.entries, counts.not_a_number) == (2, 2)


def test_long_words_are_cut_and_halves_of_characters_replaced() -> None:
    assert by_word(np.array(["x" * 500, "x" * LONGEST_WORD, "\ud800"], np.object_)) == {
        "?": 1,
        "x" * LONGEST_WORD: 2,
    }


@pytest.mark.parametrize(
    ("number", "word"),
    [(0.5, "0.5"), (-0.0, "0"), (1e300, "1e+300"), (2.0**52, "4503599627370496.0")],
)
def test_numbers_as_words(number: float, word: str) -> None:
    assert by_word(np.array([number])) == {word: 1}


@given(STEPS, BINS, st.lists(st.floats(allow_nan=False), max_size=6), st.lists(st.floats(), max_size=6))
def test_a_strip_that_is_restored_is_the_same(
    step: float, bins: int, values: list[float], more: list[float]
) -> None:
    axis, again = running(Strip(step=step, bins=bins)), running(Strip(step=step, bins=bins))
    axis.make_room(np.array(values, float))
    again.restore(axis.state())
    for each in (axis, again):
        each.make_room(np.array(more, float))
    assert again.state() == axis.state()


def test_the_widest_strip_can_be_restored() -> None:
    axis, again = running(Strip(bins=2)), running(Strip(bins=2))
    axis.make_room(np.array([-(2.0**50) + 1, 2.0**50 - 1]))
    again.restore(axis.state())
    assert again.state() == axis.state() == StripState(-1, 0, 50, empty=False)


def test_words_that_are_restored_keep_their_bins() -> None:
    axis, again = running(Category(limit=3)), running(Category(limit=3))
    axis.bin_numbers(np.array(["z"]))
    axis.bin_numbers(np.array(["a"]))
    again.restore(axis.state())
    for each in (axis, again):
        assert each.bin_numbers(np.array(["a", "b", "c", "z"])).tolist() == [1, 2, 3, 0]


@pytest.mark.parametrize(
    "state",
    [
        None,
        WordsState(("a",)),
        StripState(0, 4, 0, empty=False),
        StripState(1, 0, 0, empty=False),
        StripState(0, 0, -1, empty=False),
        StripState(0, 0, 2**62, empty=False),
        StripState(2**60, 2**60, 0, empty=False),
        StripState(-(2**60), -(2**60), 0, empty=False),
        StripState(1, 1, 0, empty=True),
    ],
)
def test_what_is_no_strip_of_four_bins_is_refused(state: AxisState) -> None:
    with pytest.raises(CheckpointError):
        running(Strip(bins=4)).restore(state)


@pytest.mark.parametrize("state", [None, StripState(), WordsState(("a", "b", "c")), WordsState(("a", "a"))])
def test_what_are_no_two_categories_is_refused(state: AxisState) -> None:
    with pytest.raises(CheckpointError):
        running(Category(limit=2)).restore(state)


@pytest.mark.parametrize("state", [StripState(), WordsState(())])
def test_an_axis_that_does_not_grow_has_no_state(state: AxisState) -> None:
    axis = running(Integer(0, 2))
    axis.restore(axis.state())
    with pytest.raises(CheckpointError, match="no Integer of 2 bins"):
        axis.restore(state)
