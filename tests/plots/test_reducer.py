"""Reducers: the ways to declare a histogram, and every declaration that is refused."""

from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from runfolio.errors import DeclarationError
from runfolio.plots import (
    Category,
    Counts,
    Filling,
    Histogram,
    Integer,
    Kind,
    Panel,
    Reducer,
    Regular,
    Series,
    Spills,
    overlay,
)
from runfolio.plots.values import flat_arrays


class Numbers(msgspec.Struct):
    x: list[int]


AXIS = Integer(0, 3)


def columns(spills: Any) -> Any:
    return SimpleNamespace(x=np.array([value for spill in spills for value in spill.x], np.int64))


@pytest.fixture
def reducer() -> Reducer:
    return Reducer("Mine", reads=Spills(Numbers, columns))


def filled(reducer: Reducer) -> dict[str, list[int]]:
    filling = Filling(reducer, 1)
    filling.fill([Numbers([0, 1, 1, 5])])
    return {name: counts.values.tolist() for name, counts in filling.snapshot().items()}


def test_a_histogram_is_filled_with_the_column_of_its_name(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    assert filled(reducer) == {"x": [0, 1, 2, 0, 1]}


def test_a_histogram_is_filled_by_the_function_it_decorates(reducer: Reducer) -> None:
    @reducer.hist("twice", AXIS)
    def twice(columns: Any) -> Any:
        return columns.x * 2

    assert filled(reducer) == {"twice": [0, 1, 0, 2, 1]}
    assert twice(SimpleNamespace(x=3)) == 6


def test_a_histogram_is_filled_by_the_function_given_as_values(reducer: Reducer) -> None:
    reducer.hist("below", AXIS, values=lambda columns: columns.x - 1)
    assert filled(reducer) == {"below": [1, 2, 0, 0, 1]}


def test_one_function_can_fill_several(reducer: Reducer) -> None:
    @reducer.hist("coarse", Regular(1, 0, 3))
    @reducer.hist("fine", AXIS)
    def both(columns: Any) -> Any:
        return columns.x

    assert filled(reducer) == {"fine": [0, 1, 2, 0, 1], "coarse": [0, 3, 1]}


def test_the_order_of_declaration_is_kept(reducer: Reducer) -> None:
    for name in ("b", "a", "x", "c"):
        reducer.hist(name, AXIS)
    for tag in ("z", "y"):
        reducer.figure(tag, panels=[["x"]])
    assert list(reducer.histograms) == ["b", "a", "x", "c"]
    assert list(Filling(reducer, 1).snapshot()) == ["b", "a", "x", "c"]
    assert list(reducer.figures) == ["z", "y"]


def test_what_is_left_out_is_the_name(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    reducer.figure("tag", panels=[["x"]])
    assert reducer.histograms["x"].title == "x"
    assert reducer.figures["tag"].description == "tag"
    assert reducer.figures["tag"].size == (800, 800)
    assert reducer.figures["tag"].keywords == reducer.keywords == ()


def test_two_reducers_share_nothing(reducer: Reducer) -> None:
    other = Reducer("Other", reads=reducer.reads)
    other.hist("x", AXIS)
    assert not reducer.histograms


@pytest.mark.parametrize("name", ["", "a b", "1a", "a-b", "a/b", "ä", "a\n", "a;1"])
def test_a_histogram_name_of_anything_but_letters_digits_and_underscore_is_refused(
    reducer: Reducer, name: str
) -> None:
    with pytest.raises(DeclarationError, match="letters"):
        reducer.hist(name, AXIS)


def test_a_histogram_name_twice_is_refused(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    with pytest.raises(DeclarationError, match="'x' is declared twice"):
        reducer.hist("x", AXIS)


@pytest.mark.parametrize("axes", [(), (AXIS, AXIS, AXIS)])
def test_none_or_three_axes_are_refused(reducer: Reducer, axes: tuple[Integer, ...]) -> None:
    with pytest.raises(DeclarationError, match="axes"):
        reducer.hist("x", *axes)


def test_what_is_no_axis_is_refused(reducer: Reducer) -> None:
    wrong: Any = (10, 0, 1)
    with pytest.raises(DeclarationError, match="no axis"):
        reducer.hist("x", wrong)


def test_values_that_are_no_function_are_refused(reducer: Reducer) -> None:
    wrong: Any = 5
    with pytest.raises(DeclarationError, match="a function"):
        reducer.hist("h", AXIS, values=wrong)


def test_a_map_of_too_many_bins_is_refused(reducer: Reducer) -> None:
    with pytest.raises(DeclarationError, match="bins"):
        reducer.hist("x", Integer(0, 10_000), Integer(0, 10_000))


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b"])
def test_a_reducer_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match="reducer"):
        Reducer(name, reads=Spills(Numbers, columns))


def test_a_refused_histogram_or_figure_leaves_nothing_behind(reducer: Reducer) -> None:
    with pytest.raises(DeclarationError):
        reducer.hist("x")
    with pytest.raises(DeclarationError):
        reducer.figure("tag", panels=[["x"]])
    assert not reducer.histograms
    assert not reducer.figures


def test_a_tag_twice_or_the_reducers_own_is_refused(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    reducer.figure("tag", panels=[["x"]])
    with pytest.raises(DeclarationError, match="'tag' is declared twice"):
        reducer.figure("tag", panels=[["x"]])
    with pytest.raises(DeclarationError, match="reducer's own"):
        reducer.figure("Mine", panels=[["x"]])


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([["y"]], "'y', which is not declared"),
        ([[Panel(series=(Series("x"), Series("y")))]], "'y', which is not declared"),
        (["x"], "list of rows"),
        ("x", "list of rows"),
        ([Panel.of("x")], "list of rows"),
        ([], "no grid"),
        ([["x", "x"], ["x"]], "no grid"),
        ([[Panel(series=())]], "single 2-D one"),
        ([[Panel(series=(Series("x"), Series("xy")))]], "single 2-D one"),
        ([[Panel(series=(Series("xy"), Series("xy")))]], "single 2-D one"),
        ([[overlay("x", "mean")]], "a panel shows profiles overlaid, or counts and sums of weights"),
        ([[overlay("x", "word")]], "along words overlaid, or along numbers"),
    ],
)
def test_panels_that_cannot_be_shown_are_refused(reducer: Reducer, panels: Any, message: str) -> None:
    reducer.hist("x", AXIS)
    reducer.hist("xy", AXIS, AXIS)
    reducer.profile("mean", AXIS, label="t (ns)")
    reducer.hist("word", Category())
    with pytest.raises(DeclarationError, match=message):
        reducer.figure("tag", panels=panels)


def test_a_tag_that_is_no_file_name_and_a_bare_keyword_are_refused(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    with pytest.raises(DeclarationError, match="file name"):
        reducer.figure("a/b", panels=[["x"]])
    with pytest.raises(DeclarationError, match="keywords"):
        reducer.figure("tag", panels=[["x"]], keywords="TOF")


def flat(dimensions: int, values: Any) -> tuple[Any, ...]:
    declared = Histogram("h", (AXIS,) * dimensions, "", lambda columns: columns)
    return flat_arrays(values, declared.value_names, declared.may_be_words)


@pytest.mark.parametrize(
    "values",
    [np.arange(3), [0, 1, 2], np.arange(3.0), np.array([[0, 1], [1, 0]]), [True, False], []],
)
def test_numbers_of_any_shape_are_taken_flat(values: Any) -> None:
    (array,) = flat(1, values)
    assert array.tolist() == np.ravel(values).tolist()


@pytest.mark.parametrize(
    "values",
    [
        None,
        5,
        np.float64(5),
        "abc",
        ["a", "b"],
        [1, None],
        [[1, 2], [3]],
        [1j],
        [2**70],
        np.array(["2012-10-08"], "datetime64[D]"),
        {"x": [1]},
        np.ma.masked_array([1, 2], [False, True]),
        (np.arange(3), np.arange(3)),
        object(),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match=r"needed|inhomogeneous|masked"):
        flat(1, values)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(3),
        None,
        (np.arange(3),),
        (np.arange(3), np.arange(3), np.arange(3)),
        (np.arange(3), np.arange(4)),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.arange(3), 5),
        (np.arange(3), None),
    ],
)
def test_what_is_no_pair_of_one_shape_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="array"):
        flat(2, values)


@pytest.mark.parametrize("pair", [tuple, list])
def test_a_pair_is_taken_as_x_and_y(pair: Any) -> None:
    x, y = flat(2, pair([np.arange(3), [4.5, 5.5, 6.5]]))
    assert (x.tolist(), y.tolist()) == ([0, 1, 2], [4.5, 5.5, 6.5])


def snapshot(reducer: Reducer) -> Counts:
    filling = Filling(reducer, 1)
    filling.fill([Numbers([0, 1, 1, 5])])
    (counts,) = filling.snapshot().values()
    return counts


def test_a_profile_is_filled_with_columns_by_name(reducer: Reducer) -> None:
    reducer.profile("mean", AXIS, label="t (ns)", values=("x", "x"))
    counts = snapshot(reducer)
    assert (counts.kind, counts.label) == (Kind.PROFILE, "t (ns)")
    assert counts.heights[:2].tolist() == [0, 1]


def test_a_profile_is_filled_by_the_function_it_decorates(reducer: Reducer) -> None:
    @reducer.profile("mean", AXIS, label="t (ns)")
    def mean(columns: Any) -> Any:
        return columns.x, columns.x * 10

    assert snapshot(reducer).heights[:2].tolist() == [0, 10]


@pytest.mark.parametrize("weights", ["x", lambda columns: columns.x])
def test_weights_are_a_column_or_a_function(reducer: Reducer, weights: Any) -> None:
    reducer.hist("x", AXIS, weights=weights)
    counts = snapshot(reducer)
    assert (counts.kind, counts.label) == (Kind.WEIGHTED, "sum of weights")
    assert counts.heights.tolist() == [0, 2, 0]


def test_weights_are_the_last_array_of_a_function(reducer: Reducer) -> None:
    @reducer.hist("h", AXIS, weights=True)
    def values(columns: Any) -> Any:
        return columns.x, columns.x + 0.5

    assert snapshot(reducer).heights.tolist() == [0.5, 3, 0]


def test_weights_join_the_values_of_a_decorated_function(reducer: Reducer) -> None:
    @reducer.hist("h", AXIS, weights="x")
    def values(columns: Any) -> Any:
        return columns.x * 2

    assert snapshot(reducer).heights.tolist() == [0, 0, 2]


def test_weights_that_are_none_are_refused(reducer: Reducer) -> None:
    wrong: Any = 5
    with pytest.raises(DeclarationError, match="weights=5"):
        reducer.hist("h", AXIS, weights=wrong)


def test_profiles_and_histograms_of_one_kind_share_a_panel(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    reducer.hist("weighted", AXIS, weights="x")
    reducer.profile("one", AXIS, label="t (ns)")
    reducer.profile("two", AXIS, label="t (ns)")
    reducer.figure("both", panels=[[overlay("x", "weighted"), overlay("one", "two")]])
    assert [figure.tag for figure in reducer.shown] == ["both"]


@pytest.mark.parametrize("pair", [tuple, list])
def test_weights_join_a_pair_that_comes_as_a_tuple_or_a_list(reducer: Reducer, pair: Any) -> None:
    @reducer.hist("h", AXIS, AXIS, weights="x")
    def values(columns: Any) -> Any:
        return pair([columns.x, columns.x])

    assert snapshot(reducer).heights.tolist() == [[0, 0, 0], [0, 2, 0], [0, 0, 0]]


def test_weights_join_a_list_of_numbers(reducer: Reducer) -> None:
    reducer.hist("h", AXIS, values=lambda columns: columns.x.tolist(), weights="x")
    assert snapshot(reducer).heights.tolist() == [0, 2, 0]


def test_a_label_says_what_the_bins_show(reducer: Reducer) -> None:
    reducer.hist("x", AXIS, weights="x", label="charge (pC)")
    reducer.hist("y", AXIS, label="tracks")
    assert [each.label for each in reducer.histograms.values()] == ["charge (pC)", "tracks"]


def test_figures_are_the_same_ones_until_something_is_declared(reducer: Reducer) -> None:
    reducer.hist("one", Integer(0, 3))
    shown = reducer.shown
    assert reducer.shown is shown
    reducer.hist("another", Integer(0, 3))
    assert [figure.tag for figure in reducer.shown] == [*(figure.tag for figure in shown), "another"]
    reducer.figure("both", panels=[["one", "another"]])
    assert "one" not in {figure.tag for figure in reducer.shown}
