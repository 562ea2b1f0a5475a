"""Contents: the same whatever the order and split of the input, what numpy says of it, and its states."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pictures import contents, filled
from runfolio.errors import CheckpointError
from runfolio.plots import Category, Counts, Integer, Kind, Regular, Strip, Variable
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.contents import Contents
from runfolio.plots.growing import StripState
from runfolio.plots.packed import pack
from support import through_bytes

AXES: list[DeclaredAxis] = [
    Regular(4, -1, 1),
    Integer(-2, 3),
    Variable([-1, 0, 0.25, 3]),
    Category(),
    Strip(step=0.5, bins=4),
]
WORDS = ["a", "b", "10", "9", "z"]
NUMBERS = st.integers(-4, 4).map(float) | st.floats(-3, 3) | st.just(float("nan"))


@st.composite
def inputs(draw: st.DrawFn, kinds: list[Kind]) -> tuple[Kind, list[DeclaredAxis], list[Any]]:
    """Return a kind, one or two axes, and an array for each of them and for what the bins show."""
    kind, axes = draw(st.sampled_from(kinds)), draw(st.lists(st.sampled_from(AXES), min_size=1, max_size=2))
    entries = draw(st.integers(0, 20))

    def array(element: st.SearchStrategy[Any], dtype: Any) -> Any:
        return np.array(draw(st.lists(element, min_size=entries, max_size=entries)), dtype)

    along = [
        array(st.sampled_from(WORDS), np.str_) if isinstance(axis, Category) else array(NUMBERS, np.float64)
        for axis in axes
    ]
    return kind, axes, along + [array(NUMBERS, np.float64)] * (kind is not Kind.COUNT)


def in_parts(kind: Kind, axes: list[DeclaredAxis], arrays: list[Any], order: Any, cut: int) -> Counts:
    histogram = contents(kind, *axes)
    for part in (order[:cut], order[cut:]):
        histogram.fill(tuple(array[part] for array in arrays))
    return histogram.snapshot()


@given(inputs([Kind.COUNT]), st.randoms(use_true_random=False), st.integers(0, 20))
def test_counts_are_the_same_in_any_order_and_split(given_input: Any, random: Any, cut: int) -> None:
    kind, axes, arrays = given_input
    order = np.array(random.sample(range(len(arrays[0])), len(arrays[0])), np.int64)
    parts, whole = in_parts(kind, axes, arrays, order, cut), filled(kind, axes, *arrays)
    assert parts.axes == whole.axes
    assert np.array_equal(parts.values, whole.values)
    assert parts.not_a_number == whole.not_a_number


@given(inputs([Kind.WEIGHTED, Kind.PROFILE]), st.randoms(use_true_random=False), st.integers(0, 20))
def test_sums_are_the_same_in_any_order_and_split_but_for_rounding(
    given_input: Any, random: Any, cut: int
) -> None:
    kind, axes, arrays = given_input
    order = np.array(random.sample(range(len(arrays[0])), len(arrays[0])), np.int64)
    parts, whole = in_parts(kind, axes, arrays, order, cut), filled(kind, axes, *arrays)
    assert parts.axes == whole.axes
    assert np.array_equal(parts.values, whole.values)
    assert np.allclose(np.asarray(parts.sums), np.asarray(whole.sums))
    assert np.allclose(np.asarray(parts.squares), np.asarray(whole.squares))
    assert parts.not_a_number == whole.not_a_number


@given(inputs(list(Kind)))
def test_every_value_is_in_a_bin_or_no_number(given_input: Any) -> None:
    kind, axes, arrays = given_input
    counts = filled(kind, axes, *arrays)
    missing = np.zeros(len(arrays[0]), np.bool_)
    for array in arrays:
        missing |= array != array  # noqa: PLR0124 - as is NaN alone
    assert counts.not_a_number == missing.sum()
    assert counts.entries == counts.in_range + counts.underflow + counts.overflow == (~missing).sum()


@given(st.lists(st.tuples(st.floats(0, 3.9), st.integers(-100, 100)), max_size=30))
def test_sums_means_and_errors_are_those_of_numpy(values: list[tuple[float, int]]) -> None:
    x, quantity = (np.array([each[part] for each in values], np.float64) for part in (0, 1))
    sums, means = (filled(kind, [Integer(0, 5)], x, quantity) for kind in (Kind.WEIGHTED, Kind.PROFILE))
    for number in range(5):
        own = quantity[np.floor(x + 0.5) == number]
        assert sums.heights[number] == own.sum()
        assert sums.errors[number] == pytest.approx(np.sqrt((own**2).sum()))
        if len(own):
            assert means.heights[number] == pytest.approx(own.mean())
            assert means.errors[number] == pytest.approx(own.std() / np.sqrt(len(own)), abs=1e-5)
        else:
            assert np.isnan(means.heights[number])
            assert np.isnan(means.errors[number])


def test_a_single_entry_has_no_error() -> None:
    assert filled(Kind.PROFILE, [Integer(0, 1)], np.zeros(1), np.array([3.7])).errors.tolist() == [0]


@pytest.mark.parametrize("kind", [Kind.WEIGHTED, Kind.PROFILE])
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_weight_that_is_none_spoils_nothing(kind: Kind, bad: float) -> None:
    counts = filled(kind, [Integer(0, 2)], np.array([0, 0, 1]), np.array([5, bad, 7]))
    assert counts.heights.tolist() == [5, 7]
    assert (counts.entries, counts.not_a_number) == (2, 1)


def test_an_infinite_value_along_an_axis_is_overflow() -> None:
    counts = filled(Kind.COUNT, [Regular(2, 0, 2)], np.array([np.inf, -np.inf]))
    assert counts.values.tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("weights", [np.array([True, False]), np.array([1, 0], np.uint8), np.array([1, 0])])
def test_whole_numbers_and_truths_are_weights(weights: Any) -> None:
    assert filled(Kind.WEIGHTED, [Integer(0, 2)], np.arange(2), weights).heights.tolist() == [1, 0]


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.float16])
def test_squares_of_small_numbers_do_not_overflow(kind: Any) -> None:
    counts = filled(Kind.WEIGHTED, [Integer(0, 2)], np.zeros(2), np.array([100, 120], kind))
    assert counts.heights.tolist() == [220, 0]
    assert counts.errors[0] == np.sqrt(100**2 + 120**2)


def test_a_sum_keeps_all_when_the_axis_grows() -> None:
    histogram = contents(Kind.PROFILE, Strip(bins=2))
    for number in range(100):
        histogram.fill((np.array([number]), np.array([number])))
    counts = histogram.snapshot()
    assert counts.axes == (Regular(2, 0, 128),)
    assert counts.heights.tolist() == [np.mean(range(64)), np.mean(range(64, 100))]


def test_words_and_numbers_make_a_map() -> None:
    counts = filled(Kind.COUNT, [Category(), Integer(0, 2)], np.array(["b", "a", "b"]), np.array([0, 1, 5]))
    assert counts.inside.tolist() == [[0, 1], [1, 0]]
    assert counts.overflow == 1


def test_a_snapshot_stays_as_it_was() -> None:
    histogram = contents(Kind.PROFILE, Strip(bins=2))
    histogram.fill((np.zeros(1), np.ones(1)))
    before = histogram.snapshot()
    histogram.fill((np.array([0, 100]), np.ones(2)))
    assert (before.entries, before.heights.tolist(), before.axes) == (1, [1], (Regular(1, 0, 1),))


def test_what_cannot_be_filled_fills_nothing() -> None:
    histogram = contents(Kind.WEIGHTED, Strip())
    with pytest.raises(ValueError, match="different shapes"):
        histogram.fill((np.arange(3), np.arange(2)))
    assert histogram.snapshot().entries == 0
    assert histogram.snapshot().axes == (Regular(1, 0, 1),)


EXTREME = NUMBERS | st.sampled_from([5e-324, 1e9, 1e300, -1.7e308, 1.7e308, np.inf, -np.inf])


@st.composite
def batches(draw: st.DrawFn) -> tuple[Kind, list[DeclaredAxis], list[list[Any]]]:
    """Return a kind, one or two axes, and batches of an array for each of them and for what the bins show."""
    kind = draw(st.sampled_from(list(Kind)))
    axes = draw(st.lists(st.sampled_from([*AXES, Category(limit=2), Strip(bins=2)]), min_size=1, max_size=2))
    elements = [st.sampled_from(WORDS) if isinstance(axis, Category) else EXTREME for axis in axes]
    elements += [EXTREME] * (kind is not Kind.COUNT)
    drawn = draw(st.lists(st.lists(st.tuples(*elements), min_size=1, max_size=6), max_size=8))
    return kind, axes, [[np.array(array) for array in zip(*rows, strict=True)] for rows in drawn]


def bits(counts: Counts) -> tuple[Any, ...]:
    """Return all that is counted, to the last bit."""
    arrays = (counts.values, counts.sums, counts.squares)
    contained = [None if each is None else (each.dtype, each.shape, each.tobytes()) for each in arrays]
    return repr(counts.axes), contained, counts.kind, counts.not_a_number, counts.lost_spills


def restored(histogram: Contents) -> Contents:
    """Return a histogram that goes on where another one was."""
    again = contents(histogram.declared.kind, *histogram.declared.axes)
    again.restore(through_bytes(histogram.state()))
    return again


def after(parts: list[Any], kind: Kind, axes: list[DeclaredAxis], restored_at: int | None = None) -> Contents:
    """Return a histogram after some batches, restored before one of them."""
    histogram = contents(kind, *axes)
    with np.errstate(all="ignore"):
        for number, part in enumerate(parts):
            histogram = restored(histogram) if number == restored_at else histogram
            histogram.fill(part)
    return histogram


@given(batches(), st.integers(0, 8))
def test_what_is_restored_goes_on_to_the_same_bits(given_input: Any, cut: int) -> None:
    kind, axes, parts = given_input
    again, undisturbed = after(parts, kind, axes, restored_at=cut), after(parts, kind, axes)
    assert bits(again.snapshot()) == bits(undisturbed.snapshot())
    assert again.state() == undisturbed.state()
    assert bits(restored(again).snapshot()) == bits(undisturbed.snapshot())


def test_a_state_stays_as_it_was() -> None:
    histogram = contents(Kind.PROFILE, Strip(bins=2), Category())
    histogram.fill((np.zeros(1), np.array(["a"]), np.ones(1)))
    before, entries = histogram.state(), bits(histogram.snapshot())
    histogram.fill((np.array([0, 100]), np.array(["a", "b"]), np.ones(2)))
    again = contents(Kind.PROFILE, Strip(bins=2), Category())
    again.restore(before)
    assert bits(again.snapshot()) == entries


def test_spills_that_were_lost_stay_so() -> None:
    histogram = contents(Kind.COUNT, Integer(0, 2))
    histogram.lost_spills = 3
    assert restored(histogram).lost_spills == 3


@pytest.mark.parametrize(
    "other",
    [
        contents(Kind.COUNT, Strip(bins=4)),
        contents(Kind.PROFILE, Strip(bins=4)),
        contents(Kind.WEIGHTED, Strip(bins=4), Strip(bins=4)),
        contents(Kind.WEIGHTED, Strip(bins=5)),
        contents(Kind.WEIGHTED, Integer(0, 4)),
        contents(Kind.WEIGHTED, Category(limit=4)),
        contents(Kind.WEIGHTED, Strip(bins=4), name="another"),
    ],
)
def test_the_state_of_another_declaration_is_refused(other: Contents) -> None:
    histogram = contents(Kind.WEIGHTED, Strip(bins=4))
    for one, state in ((histogram, other.state()), (other, histogram.state())):
        with pytest.raises(CheckpointError):
            one.restore(state)


@pytest.mark.parametrize(
    "changes",
    [
        {"not_a_number": -1},
        {"lost_spills": -1},
        {"axes": ()},
        {"axes": (None,)},
        {"axes": (StripState(high=9),)},
        {"bins": ()},
        {"bins": (pack(np.zeros(4)),)},
        {"bins": (pack(np.zeros(1, np.int64)),)},
        {"bins": (pack(np.zeros((4, 1), np.int64)),)},
        {"bins": (pack(np.array([0, 1, -1, 0])),)},
    ],
)
def test_a_damaged_state_is_refused(changes: dict[str, Any]) -> None:
    histogram = contents(Kind.COUNT, Strip(bins=2))
    histogram.restore(histogram.state())
    with pytest.raises(CheckpointError):
        histogram.restore(replace(histogram.state(), **changes))
