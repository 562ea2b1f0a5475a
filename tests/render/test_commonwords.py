"""Histograms along words that are overlaid: nothing is lost or exchanged."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pictures import filled
from runfolio.plots import Category, Counts, Kind, Regular
from runfolio.plots.axes import Labels
from runfolio.render.commonwords import on_common_words

WORDS = st.lists(st.sampled_from(["a", "b", "10", "9", "z"]), max_size=20)


def by_word(counts: Counts) -> dict[str, tuple[int, float]]:
    axis = counts.axes[0]
    assert isinstance(axis, Labels)
    assert counts.sums is not None
    inside = zip(axis.names, counts.inside.tolist(), counts.sums[1:-1].tolist(), strict=True)
    return {word: (entries, total) for word, entries, total in inside if entries}


@given(WORDS, WORDS)
def test_each_word_keeps_its_contents(first: list[str], second: list[str]) -> None:
    each = [
        filled(Kind.WEIGHTED, [Category(limit=2)], np.array(names, np.str_), np.arange(len(names)) + 1.0)
        for names in (first, second)
    ]
    common = on_common_words(each)
    assert common[0].axes == common[1].axes
    for before, after in zip(each, common, strict=True):
        assert by_word(before) == by_word(after)
        assert (before.entries, before.overflow) == (after.entries, after.overflow)


def test_words_are_in_order_numbers_first() -> None:
    each = [filled(Kind.COUNT, [Category()], np.array(names)) for names in (["b", "10"], ["9", "a"])]
    assert on_common_words(each)[0].axes == (Labels(("9", "10", "a", "b")),)


def test_other_histograms_stay_as_they_are() -> None:
    counts = [filled(Kind.COUNT, [Regular(2, 0, 2)], np.zeros(3))]
    assert on_common_words(counts) is counts
