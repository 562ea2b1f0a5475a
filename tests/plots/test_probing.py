"""Mistakes in plots' functions that are found with columns of no rows."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from runfolio.errors import DeclarationError, InputError, UnknownColumn
from runfolio.plots import Columns, Records, Reducer, Regular, Spills, check_functions
from runfolio.stream import Rows

HERE = Path(__file__).name


def load(name: str) -> Any:
    if name == "map":
        raise InputError("'map' is of a type that cannot be read")
    if name not in ("x", "y", "word"):
        raise UnknownColumn(name, f"the table has no {name!r}")
    return np.array([], object if name == "word" else np.float64)


def check(function: Callable[[Any], Any] | str, *, axes: int = 1, reads: Any = None) -> bool:
    reducer = Reducer("Mine", reads=reads or Columns(run="run"))
    reducer.hist("h", *[Regular(2, 0, 2)] * axes, values=function)
    return check_functions([reducer], Rows(0, load))


def mistake(function: Callable[[Any], Any] | str, **other: Any) -> str:
    with pytest.raises(DeclarationError) as caught:
        check(function, **other)
    return str(caught.value)


def test_it_is_told_whether_all_functions_came_to_their_end() -> None:
    assert check("x")
    assert not check(lambda e: e.y[e.x[0]])  # what it asks for then is not known


def test_what_can_be_filled_is_no_mistake() -> None:
    check("x")
    check(lambda e: (e.x, e.y), axes=2)
    check(lambda e: getattr(e, "z", e.x))


def test_a_function_that_would_end_the_program_is_taken_as_one_that_raises() -> None:
    assert not check(lambda _: sys.exit(3))
    assert not check("x", reads=Spills(msgspec.defstruct("Spill", []), lambda _: sys.exit(3)))


def test_an_unknown_column_is_told_with_the_place_of_its_plot() -> None:
    assert mistake("z").endswith(": histogram 'h' of Mine: the table has no 'z'")
    assert f"{HERE}, line " in mistake("z")
    assert f"{HERE}, line " in mistake(lambda e: e.z)


def test_a_column_that_cannot_be_read_is_told() -> None:
    assert mistake("map").endswith("'map' is of a type that cannot be read")


def test_a_name_that_is_not_defined_is_told() -> None:
    assert mistake(lambda e: e.x + misspelt).endswith("name 'misspelt' is not defined")  # type: ignore[name-defined]  # noqa: F821 - as meant


def clip(e: Any) -> Any:
    e.x[e.x < 0] = 0
    return e.x


@pytest.mark.parametrize("function", [clip, lambda e: np.add(e.x, 1, out=e.x)])
def test_a_column_that_is_changed_is_told(function: Callable[[Any], Any]) -> None:
    assert "is read-only: columns are shared by all plots, but a copy may be changed" in mistake(function)


def test_arrays_that_do_not_fit_the_axes_are_told() -> None:
    assert "2 needed" in mistake("x", axes=2)
    assert "numbers are needed" in mistake("word")
    assert "a single value" in mistake(lambda _: 5)


def test_what_raises_for_lack_of_data_is_no_mistake() -> None:
    check(lambda e: e.x[0])
    check(lambda e: e.x.max())
    check(lambda e: e.x.pt)


class Hit(msgspec.Struct):
    x: float


def test_records_are_checked_by_their_type() -> None:
    records = Records(run="run", record=Hit)
    check("x", reads=records)
    assert "Hit has no 'y'; it has x" in mistake("y", reads=records)


class Trigger(msgspec.Struct):
    hits: list[Hit] = []
    header: Hit | None = None


def test_a_field_that_records_do_not_have_is_told_however_deep() -> None:
    records = Records(run="run", record=Trigger)
    check(lambda e: e.hits.x, reads=records)
    check(lambda e: e.hits["x"], reads=records)
    assert "Trigger has no 'header.xx'; did you mean header.x?" in mistake("header.xx", reads=records)
    assert "no field 'xx'; there are x" in mistake(lambda e: e.hits.xx, reads=records)
    assert "no field 'xx'; there are x" in mistake(lambda e: e.header.xx, reads=records)
    assert "no field 'xx'" in mistake(lambda e: e.hits["xx"], reads=records)


def test_a_function_for_all_columns_may_raise_for_lack_of_data() -> None:
    def columns(spills: Any) -> Any:
        return spills[0]

    check("z", reads=Spills(Hit, columns))
    check("z", reads=Records(run="run", record=Hit, columns=columns))


def test_tables_and_trees_are_tried_too() -> None:
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.table("t", {"X": "x"}, by="z")
    with pytest.raises(DeclarationError, match=r"line \d+: table 't' of Mine: the table has no 'z'"):
        check_functions([reducer], Rows(0, load))
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.tree("t", {"x": "int64"}, file="t_{run}", by=["x"], values=lambda e: (e.x, e.y))
    with pytest.raises(DeclarationError, match=r"line \d+: tree 't' of Mine: 2 arrays: 1 needed"):
        check_functions([reducer], Rows(0, load))


def test_what_cannot_become_an_array_is_told_whatever_it_raises() -> None:
    class Stubborn:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("not this")

    assert mistake(lambda _: Stubborn()).endswith("RuntimeError: not this")
    assert "histogram 'h' of Mine" in mistake(lambda e: e)


def test_a_function_that_sets_a_column_is_told_that_it_is_everybody_s() -> None:
    def in_metres(e: Any) -> Any:
        e.x = e.x / 1000
        return e.x

    assert "columns are shared by all plots" in mistake(in_metres)
