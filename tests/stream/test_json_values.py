"""Decoded values as columns."""

import math
from enum import IntEnum
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct

from runfolio.stream.json_values import column_of, learned, shape_of_text, some_of, text_of_shape
from runfolio.stream.nested_values import MOST_FIELDS, layout_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "int64"),
        ([1, 2.5], "float64"),
        ([True, False], "bool"),
        ([True, 2], "int64"),
        ([2**64 - 1], "uint64"),
        ([], "float64"),
        (["a", "b"], "object"),
    ],
)
def test_numbers_and_words_are_numpy_arrays(values: list[Any], kind: str) -> None:
    column = column_of(values)
    assert column.dtype == kind
    assert column.tolist() == values


@pytest.mark.parametrize("missing", [None, UNSET])
def test_a_missing_number_is_nan(missing: Any) -> None:
    for values in ([1, missing], [1.0, missing], [True, missing]):
        column = column_of(values)
        assert column.dtype == np.float64
        assert column[0] == 1
        assert math.isnan(column[1])
    assert np.isnan(column_of([missing, missing])).all()


@pytest.mark.parametrize("missing", [None, UNSET])
def test_a_missing_word_is_none(missing: Any) -> None:
    assert column_of(["a", missing]).tolist() == ["a", None]


def test_whole_numbers_beyond_64_bits_are_floating_point() -> None:
    assert column_of([2**64, -1]).tolist() == [2.0**64, -1]
    assert column_of([10**400, -(10**400), 1]).tolist() == [math.inf, -math.inf, 1]
    assert column_of([10**400, None]).tolist()[0] == math.inf


def test_words_among_numbers_stay_what_they_are() -> None:
    column = column_of([1, "n/a", None, 2.5])
    assert column.dtype == object
    assert column.tolist() == [1, "n/a", None, 2.5]


def test_other_values_of_a_records_types_stay_what_they_are() -> None:
    class Colour(IntEnum):
        RED = 1

    assert column_of([Colour.RED]).tolist() == [Colour.RED]


class Hit(Struct):
    x: float
    note: str | None = None


def test_lists_and_objects_are_awkward_arrays() -> None:
    assert ak.to_list(column_of([[1, 2], []])) == [[1, 2], []]
    assert ak.to_list(column_of([{"x": 1}, {"x": 2}])["x"]) == [1, 2]
    assert ak.to_list(column_of([[Hit(1.5)], []])) == [[{"x": 1.5, "note": None}], []]
    assert ak.to_list(column_of([(1, 2), UNSET, None])) == [[1, 2], None, None]


@pytest.mark.parametrize("values", [[1, [2]], [[1], {"a": 1}], [{"a": 1}, "a"], [[1], [1, 2], "a"]])
def test_mixed_values_stay_what_they_are(values: list[Any]) -> None:
    assert column_of(values).tolist() == values


def test_what_is_chosen_of_mixed_values_may_be_of_one_kind() -> None:
    mixed = column_of([1, "n/a", [2, 3], 4])
    assert some_of(mixed, slice(0, 1)).dtype == np.int64
    assert str(some_of(mixed, slice(2, 3)).type) == "1 * var * int64"
    inner = column_of([[1, "n/a"], [2, 3], None])
    assert str(some_of(inner, slice(1, 2)).type) == "1 * var * int64"
    fields = column_of([{"a": 1, "b": 0}, {"a": "n/a", "b": 0}])
    assert str(some_of(fields, slice(0, 1)).a.type) == "1 * int64"


def test_a_shape_tells_what_values_do_not() -> None:
    hits = learned(None, column_of([[{"x": 1, "tags": ["a"]}], []]))
    several: list[list[Any]] = [[[], []], [None, UNSET], [[], None], [[{}], []]]
    for values in several:
        assert ak.to_list(ak.flatten(column_of(values, hits).x, axis=None)) in ([], [None])
    empty = column_of([[], [{"tags": []}]], hits)
    assert "x: ?int64" in str(empty.type)
    assert "tags: var * string" in str(empty.type)
    assert len(column_of([], hits).x) == 0


def test_shapes_of_several_batches_add_up() -> None:
    shape = None
    several: list[list[Any]] = [
        [[]],
        [[{"a": []}]],
        [None],
        [[{"a": [1]}, {"b": 2.5}]],
        [[{"c": {"d": "x"}}]],
        [7],
    ]
    for values in several:
        shape = learned(shape, column_of(values, shape))
    empty = column_of([[], []], shape)
    assert [ak.to_list(each) for each in (empty.a, empty.b, empty.c.d)] == [[[], []]] * 3


def test_keys_that_are_all_different_do_not_pile_up() -> None:
    shape = None
    for batch in range(3):
        column = column_of([{f"{batch}_{n}": n} for n in range(MOST_FIELDS - 400)], shape)
        shape = learned(shape, column)
    assert shape is not None
    assert len(shape.fields) == MOST_FIELDS
    assert column_of([{}], shape)["0_0"].tolist() == [None]


def test_missing_words_stay_words() -> None:
    shape = learned(None, column_of(["a", "b"]))
    assert column_of([None, None], shape).tolist() == [None, None]


def test_of_lists_that_never_held_anything_any_field_is_empty() -> None:
    for column in (column_of([[], []]), column_of([[], None])):
        assert ak.to_list(column.channel) == ak.to_list(column["hits"].adc) == ak.to_list(column)
        assert ak.to_list(ak.flatten(column[column.adc > 5].channel, axis=None)) == []
        assert ak.to_list(ak.flatten(column[column.kind == "beam"].adc * 2, axis=None)) == []
    column = column_of([[], []])
    assert ak.num(column).tolist() == [0, 0]
    assert ak.to_list(ak.flatten(column).channel) == []
    assert not hasattr(column, "_channel")


values_in = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(st.lists(values_in, max_size=3) | st.dictionaries(st.sampled_from("ab"), values_in), max_size=5)
)
def test_columns_hold_what_value_by_value_would(values: list[Any]) -> None:
    try:
        expected = ak.to_list(ak.from_iter(values))
    except (ValueError, TypeError):
        return
    assert ak.to_list(layout_of(values)) == expected


nested = st.recursive(
    st.none() | st.integers() | st.booleans() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(nested, min_size=1, max_size=4))
def test_a_shape_is_made_again_of_its_text(values: list[Any]) -> None:
    shape = learned(None, column_of(values))
    if shape is None:
        return
    again = shape_of_text(text_of_shape(shape))
    assert text_of_shape(again) == text_of_shape(shape)
    one, other = (column_of([None, None], each) for each in (shape, again))
    assert (type(one), one.tolist()) == (type(other), other.tolist())
    if not isinstance(shape, np.ndarray):
        assert str(one.type) == str(other.type)


@pytest.mark.parametrize("text", ["", "shape", "{}", "[]", '{"class": "NumpyArray", "primitive": "word"}'])
def test_a_text_of_no_shape_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no form of an array"):
        shape_of_text(text)
