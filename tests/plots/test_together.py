"""Histograms counted together: each as if it were counted by itself, in whatever company."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictures import contents
from runfolio.plots import Category, Integer, Kind, Regular, Strip, Variable
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.together import Together, is_plain
from runfolio.plots.waiting import ENOUGH, MANY, Waiting

AXES: list[tuple[DeclaredAxis, ...]] = [
    (Regular(4, -1, 1),),
    (Integer(-2, 3),),
    (Integer(0, 7),),
    (Regular(3, 0, 0.3), Integer(-2, 2)),
    (Integer(0, 2), Regular(5, -1, 1)),
    (Regular(4, -1, 1),),
]
NUMBERS = st.integers(-4, 4).map(float) | st.floats()


def together(*axes: Sequence[DeclaredAxis]) -> Together:
    return Together([contents(Kind.COUNT, *each).declared for each in axes])


@st.composite
def values(draw: st.DrawFn) -> list[tuple[int, tuple[Any, ...]]]:
    """Return numbers of histograms and what is counted in them."""
    numbers = draw(st.lists(st.integers(0, len(AXES) - 1), max_size=12))
    rows = [draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5)) for _ in numbers]
    return [
        (number, tuple(np.array(row, np.float64).reshape(-1, 2).T[: len(AXES[number])]))
        for number, row in zip(numbers, rows, strict=True)
    ]


@given(values())
def test_counts_are_those_of_each_histogram_by_itself(given_values: Any) -> None:
    all_bins, alone = together(*AXES), [contents(Kind.COUNT, *each) for each in AXES]
    waiting = Waiting(all_bins)
    with np.errstate(all="ignore"):
        for number, arrays in given_values:
            waiting.take(all_bins.contents[number], arrays)
            alone[number].fill(arrays)
        waiting.count()
    for one, other in zip(all_bins.contents, alone, strict=True):
        assert np.array_equal(one.snapshot().values, other.snapshot().values)
        assert one.not_a_number == other.not_a_number
    assert not waiting.failed


@pytest.mark.parametrize("entries", [0, 1, MANY - 1, MANY, ENOUGH - 1, 3 * ENOUGH])
def test_as_many_are_counted_as_there_are(entries: int) -> None:
    all_bins = together(*AXES, *AXES, *AXES)
    waiting = Waiting(all_bins)
    for each in all_bins.contents:
        waiting.take(each, tuple(np.zeros((len(each.declared.axes), entries))))
    waiting.count()
    assert [each.snapshot().entries for each in all_bins.contents] == [entries] * len(all_bins.contents)


def test_an_array_may_be_used_again_for_the_next_histogram() -> None:
    all_bins = together([Integer(0, 3)], [Integer(0, 3)])
    waiting, array = Waiting(all_bins), np.zeros(2)
    for each in all_bins.contents:
        waiting.take(each, (array,))
        array += 1
    waiting.count()
    assert [each.snapshot().inside.tolist() for each in all_bins.contents] == [[2, 0, 0], [0, 2, 0]]


@pytest.mark.parametrize(("entries", "lost"), [(3, [0, 1]), (MANY, [0])])
def test_what_cannot_be_counted_is_told_and_leaves_all_as_it_was(entries: int, lost: list[int]) -> None:
    all_bins = together([Integer(0, 3)], [Integer(0, 3)])
    waiting = Waiting(all_bins)
    waiting.take(all_bins.contents[0], (np.array(["x"] * entries),))
    waiting.take(all_bins.contents[1], (np.zeros(2),))
    waiting.count()
    assert [each.number for each, _ in waiting.failed] == lost
    assert [each.snapshot().entries for each in all_bins.contents] == [0, 0 if 1 in lost else 2]


def test_what_was_counted_elsewhere_can_be_added() -> None:
    all_bins = together(*AXES)
    for each in all_bins.contents:
        each.entries[:] += np.arange(1, each.entries.size + 1)
        assert each.snapshot().values.ravel().tolist() == list(range(1, each.entries.size + 1))
    assert all_bins.bins.min() == 1


@pytest.mark.parametrize(
    ("kind", "axes", "plain"),
    [
        (Kind.COUNT, [Regular(2, 0, 1), Integer(0, 2)], True),
        (Kind.WEIGHTED, [Regular(2, 0, 1)], False),
        (Kind.PROFILE, [Regular(2, 0, 1)], False),
        (Kind.COUNT, [Regular(2, 0, 1), Strip()], False),
        (Kind.COUNT, [Category()], False),
        (Kind.COUNT, [Variable([0, 1])], False),
    ],
)
def test_plain_are_counts_on_even_axes(kind: Kind, axes: list[Any], plain: bool) -> None:
    assert is_plain(contents(kind, *axes).declared) == plain


def test_none_need_be_plain() -> None:
    none = Together([])
    Waiting(none).count()
    assert len(none.bins) == len(none.contents) == 0
