"""Functions that fill histograms: what they give, where they stand, and whether they can be called."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runfolio.errors import DeclarationError
from runfolio.plots import Columns, Reducer, Regular
from runfolio.plots.functions import (
    Named,
    arrays_of,
    check_callable,
    columns_of,
    function_of,
    name_of,
    place_in,
    with_weights,
)

COLUMNS = SimpleNamespace(x=1, y=2, w=3)
AXIS = Regular(10, 0, 1)


def doubled(columns: Any) -> Any:
    return 2 * columns.x


def test_names_give_their_columns() -> None:
    assert function_of("x", None)(COLUMNS) == 1
    assert function_of("h", "y")(COLUMNS) == 2
    assert function_of("h", ["x", "y"])(COLUMNS) == (1, 2)


def test_weights_come_last() -> None:
    assert with_weights(Named(("x", "y")), "w")(COLUMNS) == (1, 2, 3)
    assert with_weights(doubled, doubled)(COLUMNS) == (2, 2)


def test_what_is_given_is_known_of_names_alone() -> None:
    assert columns_of(with_weights(Named(("x",)), "w")) == ("x", "w")
    assert columns_of(with_weights(doubled, "w")) is None
    assert arrays_of(with_weights(Named(("x",)), doubled)) == 2
    assert arrays_of(with_weights(doubled, "w")) is None


def test_the_place_is_that_of_the_users_function() -> None:
    for function in (doubled, with_weights(doubled, "w"), with_weights(Named(("x",)), doubled)):
        place = place_in(function)
        assert place is not None
        assert (Path(place.file).name, place.line) == (Path(__file__).name, doubled.__code__.co_firstlineno)
        assert name_of(function) == "doubled"
    assert place_in(Named(("x",))) is None
    assert place_in(np.sin) is None


def test_a_histogram_filled_with_columns_is_looked_for_where_it_is_declared() -> None:
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.hist("x", AXIS)
    reducer.hist("y", AXIS, weights="w")
    for histogram in reducer.histograms.values():
        assert histogram.function_place == histogram.place


def nothing() -> int:
    return 1


def two(_columns: Any, _more: Any) -> int:
    return 1


def with_default(columns: Any, factor: int = 2) -> Any:
    return factor * columns.x


@pytest.mark.parametrize(
    "function",
    [doubled, with_default, len, np.sin, partial(two, 1), with_weights(len, doubled), with_weights(len, "w")],
)
def test_what_takes_one_argument_can_be_called(function: Any) -> None:
    check_callable(function)


@pytest.mark.parametrize(
    ("function", "reason"),
    [("nothing", "too many positional arguments"), ("two", "missing a required argument: '_more'")],
)
def test_what_takes_none_or_more_is_refused_with_its_place(function: str, reason: str) -> None:
    wrong: Any = globals()[function]
    for given in (wrong, with_weights(wrong, "w"), with_weights(Named(("x",)), wrong)):
        with pytest.raises(DeclarationError) as caught:
            check_callable(given)
        line = wrong.__code__.co_firstlineno
        assert f"{Path(__file__).name}, line {line}: function {function} is called with the" in str(
            caught.value
        )
        assert str(caught.value).endswith(reason)
