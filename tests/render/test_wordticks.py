"""Axes of words: each at its bin, as many as can be read, and what is left out is said."""

from typing import Any

import numpy as np
import pytest

from pictures import assert_readable, filled, picture, texts, words
from runfolio.plots import Category, Counts, Kind, Regular
from runfolio.plots.axes import Labels
from runfolio.render.raster import pixels
from runfolio.render.words import width
from runfolio.render.wordticks import words_across, words_up

LONG = [
    "HLT_Mu17_TrkIsoVVL_Mu8_TrkIsoVVL_DZ",
    "HLT_IsoMu24",
    "HLT_Ele27",
    "HLT_PFHT900",
    "L1_ZeroBias",
    "漢字",
]


def across(names: list[str], pixels: float = 400, room: float = 80) -> Any:
    return words_across(Labels(tuple(names)), (-0.5, len(names) - 0.5), pixels, 12, room)


def along_words(names: list[str], *, kind: Kind = Kind.COUNT, name: str = "h") -> Counts:
    numbers = [np.ones(len(names))] if kind is Kind.PROFILE else []
    return filled(kind, [Category("trigger", limit=1000)], np.array(names), *numbers, name=name)


def test_short_words_lie_side_by_side() -> None:
    found = across(["mu", "pi", "e"])
    assert (found.labels, found.turned, found.note) == (("mu", "pi", "e"), False, "")
    assert found.major.tolist() == [0, 1, 2]


def test_long_words_stand_upright() -> None:
    assert across(LONG).turned


def test_words_that_are_too_long_are_cut_in_the_middle() -> None:
    cut = across(LONG).labels[0]
    assert width(cut, 12) <= 80
    assert cut.startswith("HLT")
    assert cut.endswith("_DZ")


def test_of_many_words_every_so_many_is_named() -> None:
    found = across([f"channel{number:03d}" for number in range(1000)])
    assert found.labels[:3] == ("channel000", "channel050", "channel100")
    assert found.note == "every 50th named"


def test_short_numbers_lie_also_where_some_are_left_out() -> None:
    found = across([str(number) for number in range(60)])
    assert (found.turned, found.note) == (False, "every 5th named")


def test_only_the_words_in_view_are_named() -> None:
    found = words_across(Labels(tuple("abcdef")), (1.7, 4.2), 300, 12, 80)
    assert found.labels == ("c", "d", "e")


def test_beside_a_y_axis_words_stand_above_each_other() -> None:
    assert words_up(Labels(tuple("abc")), (-0.5, 2.5), 300, 12, 80).labels == ("a", "b", "c")
    assert words_up(Labels(tuple("abcd")), (-0.5, 3.5), 30, 12, 80).labels == ("a", "c")


@pytest.mark.parametrize("size", [(700, 500), (300, 250), (120, 100)])
@pytest.mark.parametrize(
    "names",
    [[], ["a"], ["mu+", "pi+"], LONG, [f"FEB{number:04d}" for number in range(1000)], list("0123456789") * 2],
)
def test_any_words_are_readable(names: list[str], size: tuple[int, int]) -> None:
    sheet = picture(along_words(names), size=size)
    if size[0] > 200:
        assert_readable(sheet)
    pixels(sheet)


@pytest.mark.parametrize("size", [(700, 500), (300, 300)])
@pytest.mark.parametrize("names", [["a", "b"], LONG, [f"board-{number:03d}" for number in range(300)]])
def test_maps_of_words_are_readable(names: list[str], size: tuple[int, int]) -> None:
    axes = [Category("trigger", limit=1000), Category("board", limit=1000)]
    assert_readable(picture(filled(Kind.COUNT, axes, np.array(names), np.array(names)), size=size))
    other = (Regular(3, 0, 3, "x"), axes[1])
    assert_readable(picture(filled(Kind.COUNT, other, np.zeros(len(names)), np.array(names)), size=size))


def test_the_title_says_that_words_are_left_out() -> None:
    names = [f"FEB{number:04d}" for number in range(1000)]
    assert "trigger, every 50th named" in words(picture(along_words(names), size=(600, 400)))


def test_histograms_that_met_other_words_are_overlaid_word_by_word() -> None:
    first, second = along_words(["b", "b", "a"], name="one"), along_words(["c", "b"], name="two")
    sheet = picture(first, second)
    places = {each.words: each.at[0] for each in texts(sheet) if each.words in "abc"}
    assert sorted(places, key=lambda word: places[word]) == ["a", "b", "c"]


def test_profiles_along_words_are_overlaid() -> None:
    first = along_words(["b", "a"], kind=Kind.PROFILE, name="one")
    assert_readable(picture(first, along_words(["c"], kind=Kind.PROFILE, name="two"), named=True))


def test_no_words_share_an_axis_with_some() -> None:
    assert "a" in words(picture(along_words([], name="none"), along_words(["a"], name="some")))
