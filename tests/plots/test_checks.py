"""Checks of what can only be told once all is declared: arrays for each axis, names, kinds of data."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import DeclarationError
from runfolio.mice.reducers import EVERY
from runfolio.plots import Columns, FileName, Records, Reducer, Regular, Spills
from runfolio.plots.checks import check_reducer, check_together, keys_of
from runfolio.plots.reads import Reads

AXIS = Regular(10, 0, 1)
HERE = Path(__file__).name


class Event(msgspec.Struct):
    run: int


class Other(msgspec.Struct):
    run: int


@pytest.fixture
def reducer() -> Reducer:
    return Reducer("Mine", reads=Columns(run="run"))


def test_those_of_mice_pass() -> None:
    for each in EVERY:
        check_reducer(each)
    check_together(EVERY)


def test_enough_columns_or_any_function_pass(reducer: Reducer) -> None:
    reducer.hist("x", AXIS)
    reducer.hist("y", AXIS, weights="w")
    reducer.hist("z", AXIS, weights=len)
    reducer.hist("xy", AXIS, AXIS, values=["x", "y"])
    reducer.hist("xyw", AXIS, AXIS, values=["x", "y", "w"], weights=True)
    reducer.profile("p", AXIS, label="y", values=["x", "y"])
    reducer.profile("q", AXIS, AXIS, label="y", values=len)
    reducer.profile("r", AXIS, label="y")(len)
    check_reducer(reducer)


@pytest.mark.parametrize(
    ("axes", "given", "message"),
    [
        (2, {}, "is filled with h, but what it takes is x and y: give"),
        (2, {"values": "x"}, "is filled with x, but what it takes is x and y: give"),
        (1, {"values": ["x", "y"]}, "is filled with x, y, but what it takes is x: give"),
        (1, {"weights": True}, "is filled with h, but what it takes is x and the weights: give"),
        (2, {"weights": "w"}, "is filled with h, w, but what it takes is x and y and the weights: give"),
        (2, {"weights": len}, "is filled from 2 columns, but what it takes is x and y and the weights: give"),
    ],
)
def test_too_few_or_many_columns_are_refused(
    reducer: Reducer, axes: int, given: dict[str, Any], message: str
) -> None:
    reducer.hist("h", *[AXIS] * axes, **given)
    with pytest.raises(DeclarationError, match=rf"{HERE}, line \d+: histogram 'h' {message}"):
        check_reducer(reducer)


def test_a_profile_without_values_or_function_is_refused(reducer: Reducer) -> None:
    reducer.profile("p", AXIS, label="y")
    with pytest.raises(
        DeclarationError, match="'p' is filled with p, but what it takes is x and what the mean"
    ):
        check_reducer(reducer)


def test_functions_that_take_no_columns_are_refused(reducer: Reducer) -> None:
    reducer.table("now", ["U"], by="spill", values=dict.fromkeys)
    check_reducer(reducer)
    reducer.tree("hits", {"n": "int64"}, file="hits_{run}", by="n")(lambda: 1)  # type: ignore[arg-type,misc]
    with pytest.raises(DeclarationError, match=r"line \d+: function <lambda> is called with the columns as"):
        check_reducer(reducer)


@pytest.mark.parametrize(("name", "what"), [("Mine", "reducer"), ("f", "figure")])
def test_a_histogram_whose_own_figure_would_take_a_name_is_refused(
    reducer: Reducer, name: str, what: str
) -> None:
    reducer.hist("x", AXIS)
    reducer.figure("f", panels=[["x"]])
    reducer.hist(name, AXIS)
    with pytest.raises(
        DeclarationError, match=rf"{HERE}, line \d+: histogram '{name}' has the name of a {what}"
    ):
        check_reducer(reducer)


def test_two_reducers_of_one_name_are_refused() -> None:
    one = Reducer("Mine", reads=Columns(run="run"))
    other = Reducer("Mine", reads=Columns(run="run"))
    with pytest.raises(DeclarationError, match=r"line \d+: reducer 'Mine' is declared twice, first on line"):
        check_together([one, other])


READS: tuple[Reads, ...] = (Columns(run="run"), Records(Event, run="run"), Spills(Event, list))


@pytest.mark.parametrize("reads", READS)
def test_one_kind_of_data_goes_together(reads: Reads) -> None:
    check_together([Reducer("a", reads=reads), Reducer("b", reads=reads)])


def test_records_of_different_types_go_together() -> None:
    one, other = Records(Event, run="run"), Records(Other, run="run")
    check_together([Reducer("a", reads=one), Reducer("b", reads=other)])


@pytest.mark.parametrize(("one", "other"), [(READS[0], READS[1]), (READS[0], READS[2]), (READS[2], READS[1])])
def test_two_kinds_of_data_do_not_go_together(one: Reads, other: Reads) -> None:
    first = Reducer("a", reads=one)
    second = Reducer("b", reads=other)
    with pytest.raises(DeclarationError) as caught:
        check_together([first, second])
    pattern = rf"{second.place}: reducer 'b' reads \w+, but 'a', declared on line {first.place.line}, reads "
    assert re.search(pattern, str(caught.value))


@pytest.mark.parametrize(
    "keys",
    [
        {"run": "event"},
        {"run": FileName("{run}.json")},
        {"end": "last"},
        {"number": "n"},
        {"time": "t"},
        {"tree": "Events"},
    ],
)
def test_columns_under_different_keys_do_not_go_together(keys: dict[str, Any]) -> None:
    [key] = keys
    one = Reducer("a", reads=Columns(**({"run": "run"} | {key: "other"})))
    other = Reducer("b", reads=Columns(**({"run": "run"} | keys)))
    silent = Reducer("c", reads=Columns(run="other" if key == "run" else "run"))
    with pytest.raises(DeclarationError, match=rf"'b' reads with {key}=.*, but 'a', .* with {key}="):
        check_together([one, other, silent] if key == "run" else [silent, one, other])


def test_what_one_reducer_leaves_open_another_may_say() -> None:
    reads = (Columns(run="run"), Columns("Events", run="run", number="n"), Columns(run="run", end="last"))
    reducers = [Reducer(name, reads=each) for name, each in zip("abc", reads, strict=True)]
    check_together(reducers)
    assert keys_of(reducers) == {"run": "run", "tree": "Events", "number": "n", "end": "last"}
