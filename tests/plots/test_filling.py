"""Filling: the same counts however spills are batched, and what goes wrong costs as little as it can."""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.plots import Filling, Integer, Reducer, Regular, Spills

POISON = 13
"""A function below raises for a spill that holds it."""
TOO_MUCH = 77
"""The columns function raises for a spill that holds it."""


class Spill(msgspec.Struct):
    x: list[float]


class Columns(NamedTuple):
    x: npt.NDArray[np.float64]


def columns(spills: Sequence[Spill]) -> Columns:
    values = [value for spill in spills for value in spill.x]
    if TOO_MUCH in values:
        raise ArithmeticError("too much")
    return Columns(np.array(values, np.float64))


def careful(columns: Columns) -> npt.NDArray[np.float64]:
    if POISON in columns.x:
        raise ValueError("poisoned")
    return columns.x


def declared() -> Reducer:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.hist("x", Regular(4, 0, 2))
    reducer.hist("careful", Integer(0, 15), values=careful)
    reducer.hist("xy", Regular(3, 0, 3), Integer(0, 4), values=lambda c: (c.x, c.x / 2))
    return reducer


def only(function: Callable[[Any], Any], *axes: Integer) -> Reducer:
    """Return a reducer of a histogram `h` that is filled by a function, and `x` beside it."""
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.hist("h", *(axes or (Integer(0, 3),)), values=function)
    reducer.hist("x", Integer(0, 3))
    return reducer


def filled(reducer: Reducer, batches: Iterable[Sequence[Spill]]) -> Filling:
    filling = Filling(reducer, 4235)
    for batch in batches:
        filling.fill(batch)
    return filling


def all_counts(filling: Filling) -> dict[str, tuple[Any, int, int]]:
    """Return all that is counted of each histogram."""
    return {
        name: (counts.values.tolist(), counts.not_a_number, counts.lost_spills)
        for name, counts in filling.snapshot().items()
    }


def counted(reducer: Reducer, *batches: Sequence[Spill]) -> dict[str, tuple[Any, int, int]]:
    return all_counts(filled(reducer, batches))


def test_arithmetic_without_a_result_is_counted_and_warns_of_nothing() -> None:
    reducer = only(lambda c: np.log(c.x - 1) / (c.x - 1))
    assert counted(reducer, [Spill([0, 1, 2])])["h"] == ([1, 1, 0, 0, 0], 1, 0)


def split(spills: Sequence[Spill], cuts: Iterable[int]) -> list[Sequence[Spill]]:
    places = sorted({0, len(spills), *(cut for cut in cuts if cut < len(spills))})
    return [spills[a:b] for a, b in pairwise(places)]


VALUES = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5, -1.0, 1e300, float("inf"), float("nan"), POISON, TOO_MUCH])
SPILLS = st.lists(st.builds(Spill, st.lists(VALUES | st.floats(), max_size=5)), max_size=12)


@given(SPILLS, st.randoms(use_true_random=False), st.lists(st.integers(0, 12)))
def test_counts_do_not_depend_on_the_order_or_the_split(
    spills: list[Spill], random: Any, cuts: list[int]
) -> None:
    mixed = random.sample(spills, len(spills))
    whole = counted(declared(), spills)
    assert counted(declared(), *([spill] for spill in spills)) == whole
    assert counted(declared(), *split(mixed, cuts)) == whole


@given(SPILLS, st.integers(0, 12))
def test_two_halves_add_to_the_whole(spills: list[Spill], cut: int) -> None:
    halves = [filled(declared(), [half]).snapshot() for half in (spills[:cut], spills[cut:])]
    for name, whole in filled(declared(), [spills]).snapshot().items():
        one, other = halves[0][name], halves[1][name]
        assert np.array_equal(one.values + other.values, whole.values)
        assert one.not_a_number + other.not_a_number == whole.not_a_number
        assert one.lost_spills + other.lost_spills == whole.lost_spills


@given(SPILLS)
def test_every_value_is_counted_once(spills: list[Spill]) -> None:
    good = [spill for spill in spills if TOO_MUCH not in spill.x]
    values = [value for spill in good for value in spill.x]
    snapshot = filled(declared(), [spills]).snapshot()
    for name in ("x", "xy"):
        counts = snapshot[name]
        assert counts.in_range + counts.underflow + counts.overflow == counts.entries
        assert counts.entries + counts.not_a_number == len(values)
        assert counts.lost_spills == len(spills) - len(good)


def test_no_spills_change_nothing() -> None:
    assert counted(declared(), []) == counted(declared())


def test_spills_without_values_change_nothing() -> None:
    assert counted(declared(), [Spill([]), Spill([])]) == counted(declared())


def test_a_raising_function_loses_its_own_histogram_for_that_spill_alone() -> None:
    counts = filled(declared(), [[Spill([1.0]), Spill([POISON]), Spill([1.0, 1.0])]]).snapshot()
    assert (counts["careful"].entries, counts["careful"].lost_spills) == (3, 1)
    assert (counts["x"].entries, counts["x"].lost_spills) == (4, 0)


def test_raising_columns_lose_all_histograms_for_that_spill_alone() -> None:
    counts = filled(declared(), [[Spill([1.0]), Spill([TOO_MUCH]), Spill([1.0, 1.0])]]).snapshot()
    assert [(each.entries, each.lost_spills) for each in counts.values()] == [(3, 1)] * 3


def test_columns_that_raise_for_a_single_spill_alone_stop_nothing() -> None:
    def together(spills: Sequence[Spill]) -> Columns:
        if len(spills) == 1:
            raise IndexError
        return columns(spills)

    reducer = Reducer("Mine", reads=Spills(Spill, together))
    reducer.hist("careful", Integer(0, 3), values=careful)
    reducer.hist("x", Integer(0, 3))
    counts = filled(reducer, [[Spill([1.0]), Spill([POISON])]]).snapshot()
    assert (counts["careful"].entries, counts["careful"].lost_spills) == (0, 2)
    assert (counts["x"].entries, counts["x"].lost_spills) == (2, 0)


def test_a_function_that_always_raises_costs_two_more_looks_at_each_spill_at_most() -> None:
    looks: list[int] = []

    def counting(spills: Sequence[Spill]) -> Columns:
        looks.append(len(spills))
        return columns(spills)

    reducer = Reducer("Mine", reads=Spills(Spill, counting))
    for number in range(20):
        reducer.hist(f"h{number}", Integer(0, 3))  # there is no such column
    filled(reducer, [[Spill([1.0])] * 5])
    assert looks == [5, 2, 3, 1, 2, 1, 1, 1, 1]


def with_bad(rows: int, bad: int) -> Any:
    """Return a batch of rows, some of which, spread over all of it, make a function raise."""
    spills = [Spill([1.0]) for _ in range(rows)]
    for place in np.random.default_rng(1).choice(rows, bad, replace=False):
        spills[place] = Spill([POISON])
    return spills


@pytest.mark.parametrize("bad", [1, 4, 10, 50])
def test_of_a_large_batch_only_the_bad_rows_are_lost(bad: int) -> None:
    counts = filled(declared(), [with_bad(10_000, bad)]).snapshot()["careful"]
    assert (counts.entries, counts.lost_spills) == (10_000 - bad, bad)


def test_with_many_bad_rows_what_is_left_untried_is_lost_in_small_parts() -> None:
    counts = filled(declared(), [with_bad(10_000, 100)]).snapshot()["careful"]
    assert counts.entries + counts.lost_spills == 10_000
    assert 100 < counts.lost_spills < 1000


def test_a_function_that_always_raises_takes_few_looks_at_a_large_batch() -> None:
    rows: list[int] = []

    def counting(spills: Sequence[Spill]) -> Columns:
        rows.append(len(spills))
        return columns(spills)

    reducer = Reducer("Mine", reads=Spills(Spill, counting))
    reducer.hist("nowhere", Integer(0, 3))
    filling = filled(reducer, [with_bad(10_000, 0)])
    assert filling.lost_spills() == {"nowhere": 10_000}
    assert len(rows) <= 65
    assert sum(rows) < 3.1 * 10_000


def test_a_function_that_always_raises_costs_another_nothing() -> None:
    reducer = declared()
    reducer.hist("nowhere", Integer(0, 3))
    counts = filled(reducer, [with_bad(10_000, 10)]).snapshot()
    assert (counts["careful"].lost_spills, counts["nowhere"].lost_spills) == (10, 10_000)


@given(st.lists(st.booleans(), min_size=1, max_size=32))
def test_of_up_to_32_spills_exactly_the_bad_ones_are_lost(bad: list[bool]) -> None:
    spills = [Spill([POISON if each else 1.0]) for each in bad]
    assert filled(declared(), [spills]).snapshot()["careful"].lost_spills == sum(bad)


@pytest.mark.parametrize(
    "values",
    [
        None,
        5.0,
        "abc",
        ["a"],
        [1, None],
        [[1, 2], [3]],
        [1j],
        [2**70],
        object(),
        (np.arange(2), np.arange(2)),
    ],
)
def test_what_is_no_array_of_numbers_loses_the_spill(values: Any) -> None:
    counts = filled(only(lambda _: values), [[Spill([0.0]), Spill([2.0])]]).snapshot()
    assert (counts["h"].entries, counts["h"].lost_spills) == (0, 2)
    assert (counts["x"].entries, counts["x"].lost_spills) == (2, 0)


def test_arrays_of_different_lengths_lose_the_spill() -> None:
    reducer = only(lambda c: (c.x, c.x[c.x > 1]), Integer(0, 3), Integer(0, 3))
    counts = filled(reducer, [[Spill([2.0]), Spill([0.0]), Spill([2.0, 2.0])]]).snapshot()["h"]
    assert (counts.in_range, counts.entries, counts.lost_spills) == (3, 3, 1)


def test_a_column_that_is_missing_loses_its_histogram() -> None:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.hist("nowhere", Integer(0, 3))
    reducer.hist("x", Integer(0, 3))
    counts = filled(reducer, [[Spill([1.0]), Spill([1.0])]]).snapshot()
    assert [(each.entries, each.lost_spills) for each in counts.values()] == [(0, 2), (2, 0)]


def test_nan_is_counted_apart() -> None:
    counts = filled(
        only(lambda c: c.x), [[Spill([1.0, float("nan"), float("inf"), float("nan")])]]
    ).snapshot()["h"]
    assert (counts.entries, counts.overflow, counts.not_a_number) == (2, 1, 2)


def test_a_pair_with_nan_in_either_is_counted_apart_once() -> None:
    nan = float("nan")
    reducer = only(lambda c: (c.x, c.x[::-1]), Integer(0, 3), Integer(0, 3))
    counts = filled(reducer, [[Spill([nan, 1.0, 2.0])], [Spill([nan, nan])], [Spill([nan])]]).snapshot()["h"]
    assert (counts.entries, counts.not_a_number) == (1, 5)


def test_whole_numbers_and_truths_are_numbers() -> None:
    counts = counted(only(lambda c: c.x > 0), [Spill([0.0, 1.0, 2.0])])
    assert counts["h"] == ([0, 1, 2, 0, 0], 0, 0)


def test_an_error_is_logged_once_a_kind(caplog: pytest.LogCaptureFixture) -> None:
    errors = iter([KeyError("a"), KeyError("a"), OSError("b"), OSError("b"), KeyError("c"), KeyError("c")])

    def raising(_: Any) -> Any:
        raise next(errors)

    filled(only(raising), [[Spill([1.0])]] * 3)
    line = raising.__code__.co_firstlineno
    assert [record.getMessage() for record in caplog.records] == [
        f"run 4235: h of Mine ({__file__}, line {line + 1}) lost spills: KeyError: 'a'",
        f"run 4235: h of Mine ({__file__}, line {line + 1}) lost spills: OSError: b",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_an_error_of_the_columns_is_logged_once_for_all_histograms(caplog: pytest.LogCaptureFixture) -> None:
    filled(declared(), [[Spill([TOO_MUCH])], [Spill([TOO_MUCH])]])
    assert [record.getMessage() for record in caplog.records] == [
        "run 4235: the columns of Mine lost spills: ArithmeticError: too much"
    ]


def test_an_error_that_is_survived_spill_by_spill_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def one_at_a_time(columns: Columns) -> npt.NDArray[np.float64]:
        if len(columns.x) > 1:
            raise ValueError
        return columns.x

    counts = filled(only(one_at_a_time), [[Spill([1.0]), Spill([2.0])]]).snapshot()["h"]
    assert (counts.entries, counts.lost_spills) == (2, 0)
    assert not caplog.records


def test_an_error_s_words_stay_in_one_short_line(caplog: pytest.LogCaptureFixture) -> None:
    class Mute(Exception):  # noqa: N818 - what it is called plays no part
        def __str__(self) -> str:
            raise ValueError

    def raising(columns: Columns) -> Any:
        raise Mute if 0 in columns.x else ValueError("one\ntwo \x1b[31m" + 10_000 * "x")

    filled(only(raising), [[Spill([1.0])], [Spill([0.0])]])
    first, second = (record.getMessage() for record in caplog.records)
    assert "one two ?[31mxxx" in first
    assert len(first) < 400 + len(__file__)
    assert "Mute: " in second


def test_a_snapshot_stays_as_it_was() -> None:
    filling = filled(declared(), [[Spill([1.0])]])
    before = filling.snapshot()["x"]
    filling.fill([Spill([1.0])])
    assert (before.entries, filling.snapshot()["x"].entries) == (1, 2)


def test_an_interrupt_is_not_taken_for_a_plot_s_error() -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled(only(interrupted), [[Spill([1.0])]])


def test_an_error_is_told_once_also_when_its_class_is_made_anew(caplog: pytest.LogCaptureFixture) -> None:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))

    @reducer.hist("strange", Integer(0, 3))
    def strange(_: Any) -> Any:
        class Strange(Exception):  # noqa: N818 - it is one like any other
            pass

        raise Strange

    Filling(reducer, 1).fill([Spill([]), Spill([])])
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [SystemExit(0), GeneratorExit(), BaseException("own")])
def test_not_even_an_exit_in_a_function_ends_the_run(error: BaseException) -> None:
    def leaving(columns: Columns) -> Any:
        if 5.0 in columns.x:
            raise error
        return columns.x

    counts = filled(only(leaving), [[Spill([1.0])], [Spill([5.0])], [Spill([2.0])]]).snapshot()["h"]
    assert (counts.entries, counts.lost_spills) == (2, 1)


def test_an_interruption_in_a_function_is_one_of_the_run() -> None:
    def interrupted(_: Columns) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled(only(interrupted), [[Spill([1.0])]])
