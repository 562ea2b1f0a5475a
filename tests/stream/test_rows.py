"""Rows: columns by name, some of them, and that plots cannot change what others see."""

from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import msgspec
import numpy as np
import pytest

from runfolio.errors import InputError, UnknownColumn
from runfolio.stream import Rows, no_rows_of, rows_of

DATA = {"x": [1, 2, 3, 4], "y": [0.5, 1.5, 2.5, 3.5], "word": ["a", "b", None, "a"]}


def rows(asked: list[str] | None = None) -> Rows:
    def load(name: str) -> object:
        if asked is not None:
            asked.append(name)
        if name == "hits":
            return ak.Array([{"e": 1}, {"e": 2}, {"e": 3}, {"e": 4}])
        if name == "mixed":
            return np.array([1, "n/a", 3, 4], object)
        if name not in DATA:
            raise UnknownColumn(name, f"no {name}")
        return np.array(DATA[name], object if name == "word" else None)

    return Rows(4, load)


def test_a_column_is_had_by_its_name() -> None:
    assert rows().x.tolist() == rows()["x"].tolist() == [1, 2, 3, 4]
    assert len(rows()) == 4


def test_a_column_is_made_once_and_when_it_is_asked_for() -> None:
    asked: list[str] = []
    some = rows(asked)
    assert asked == []
    _ = some.x, some["x"], some[:2].x, some[:2][:1].x
    assert asked == ["x"]


def test_some_rows_by_slice_places_and_mask() -> None:
    assert rows()[1:3].x.tolist() == [2, 3]
    assert rows()[np.array([3, 0])].x.tolist() == [4, 1]
    few = rows()[rows().x > 2]
    assert (len(few), few.x.tolist(), few[1:].y.tolist()) == (2, [3, 4], [3.5])
    assert ak.to_list(few.hits.e) == [3, 4]
    assert len(rows()[np.array([], np.int64)]) == len(rows()[9:]) == 0


def test_a_row_alone_is_not_chosen_nor_gone_over() -> None:
    with pytest.raises(TypeError, match="a column's name, a slice or an array"):
        rows()[0]  # type: ignore[index]  # it is what is tested
    with pytest.raises(TypeError, match="a column's name"):
        list(rows())


def test_an_unknown_column_is_an_attribute_error_and_an_input_error() -> None:
    assert getattr(rows(), "z", None) is None
    assert not hasattr(rows()[:2], "z")
    with pytest.raises(InputError, match="no z"):
        _ = rows().z


def test_an_unknown_column_is_looked_for_once() -> None:
    asked: list[str] = []
    some = rows(asked)
    for part in (some, some[:2], some[2:], some):
        with pytest.raises(UnknownColumn, match="no z"):
            _ = part.z
    assert asked == ["z"]


def test_what_python_asks_of_any_object_is_no_column() -> None:
    asked: list[str] = []
    assert not hasattr(rows(asked), "__array__")
    assert asked == []


def test_a_column_cannot_be_changed_in_place() -> None:
    some = rows()
    with pytest.raises(ValueError, match="read-only"):
        some.x[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        some[1:].x[0] = 9
    changed = some.x.copy()
    changed[0] = 9
    assert some.x.tolist() == [1, 2, 3, 4]


def test_a_field_that_a_plot_sets_is_not_seen_by_others() -> None:
    some = rows()
    hits = some.hits
    hits["e"] = hits.e * 2
    assert ak.to_list(some.hits.e) == [1, 2, 3, 4]


def test_some_numbers_of_a_mixed_column_are_numbers() -> None:
    assert rows()[2:].mixed.dtype == np.int64
    assert rows()[:2].mixed.tolist() == [1, "n/a"]
    assert rows()[:2].word.dtype == object


class Header(msgspec.Struct):
    run: int


class Event(msgspec.Struct):
    header: Header
    energy: float | None = None
    hits: list[float] = []
    side: str = msgspec.field(default="left", name="s")


EVENTS = [Event(Header(1), 0.5, [1.0, 2.0]), Event(Header(2))]


def test_fields_of_records_are_columns() -> None:
    some = rows_of(EVENTS)
    assert np.array_equal(some.energy, [0.5, np.nan], equal_nan=True)
    assert some["header.run"].tolist() == ak.to_list(some.header.run) == [1, 2]
    assert ak.to_list(some.hits) == [[1.0, 2.0], []]
    assert some.side.tolist() == ["left", "left"]


@pytest.mark.parametrize("some", [rows_of(EVENTS), no_rows_of(Event)])
def test_a_field_that_is_not_declared_is_an_unknown_column(some: Rows) -> None:
    with pytest.raises(UnknownColumn, match="Event has no 'enrgy'; did you mean energy"):
        _ = some.enrgy


def test_no_rows_of_a_type_have_its_columns() -> None:
    assert len(no_rows_of(Event).energy) == len(no_rows_of(Event)["header.run"]) == 0


class Hit(msgspec.Struct, rename={"channel": "ch"}):
    channel: int
    adc: float | None = None
    tags: list[str] = []


class Trigger(msgspec.Struct):
    header: Header | None = None
    hits: list[Hit] = []
    again: list[Hit] | None = None
    pair: tuple[int, float] | None = None
    extra: dict[str, float] | None = None
    word: str | None = None
    parent: "Trigger | None" = None


NONE, SOME = Trigger(), Trigger(Header(5), [Hit(7, 1.5)], [Hit(8)], (1, 2.5), {"x": 3.5}, "a", Trigger())


def test_a_field_of_what_may_be_missing_is_missing_there() -> None:
    for name in ("header.run", "parent.header.run", "extra.x"):
        assert np.isnan(rows_of([NONE, NONE])[name]).all()
    assert np.array_equal(rows_of([SOME, NONE])["header.run"], [5, np.nan], equal_nan=True)
    assert np.array_equal(rows_of([SOME, NONE])["extra.x"], [3.5, np.nan], equal_nan=True)
    assert ak.to_list(rows_of([SOME, NONE]).header.run) == [5, None]


@pytest.mark.parametrize("records", [[], [NONE], [NONE, NONE], [SOME], [NONE, SOME]])
def test_columns_have_the_declared_fields_whatever_a_batch_holds(records: list[Trigger]) -> None:
    some = rows_of(records) if records else no_rows_of(Trigger)
    assert some.hits.fields == some.again.fields == ["channel", "adc", "tags"]
    assert ak.to_list(some.hits.channel) == [[hit.channel for hit in each.hits] for each in records]
    assert ak.to_list(some["hits.channel"]) == ak.to_list(some.hits.channel)
    assert ak.to_list(ak.num(some.hits)) == [len(each.hits) for each in records]
    assert ak.to_list(some.hits[some.hits.adc > 1].tags == "a") == [[[]] * len(each.hits) for each in records]
    assert ak.to_list(some.again.adc) == [None if each.again is None else [None] for each in records]
    assert ak.to_list(some.parent.header.run) == [None] * len(records)
    assert ak.to_list(some.pair) == [each.pair and list(each.pair) for each in records]
    assert some.word.tolist() == [each.word for each in records]
    assert some.word.dtype == np.object_


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("header.runn", r"Trigger has no 'header\.runn'; did you mean header\.run\?"),
        ("hits.chanel", r"Trigger has no 'hits\.chanel'; did you mean hits\.channel\?"),
        ("word.x", r"Trigger has no 'word\.x'; did you mean word\?"),
        ("parent.hits.adcc", r"did you mean parent\.hits\.adc"),
    ],
)
def test_a_field_that_is_not_declared_is_unknown_however_deep(name: str, says: str) -> None:
    for some in (rows_of([SOME]), rows_of([NONE]), no_rows_of(Trigger)):
        with pytest.raises(UnknownColumn, match=says):
            some[name]


def test_of_what_holds_any_fields_none_is_unknown() -> None:
    class Loose(msgspec.Struct):
        extra: dict[str, float]
        anything: Any

    some = no_rows_of(Loose)
    assert len(some["extra.x"]) == len(some["anything.x.y"]) == len(some.extra.x) == 0
    assert rows_of([Loose({"x": 1.5}, {"y": 2})])["anything.y"].tolist() == [2]


def test_structs_that_are_tagged_or_lists_come_as_they_are_written() -> None:
    class Up(msgspec.Struct, tag=True):
        x: int

    class Down(msgspec.Struct, tag=True):
        y: int

    class Event(msgspec.Struct):
        either: list[Up | Down]

    assert ak.to_list(rows_of([Event([Up(1), Down(2)])]).either["type"]) == [["Up", "Down"]]
    assert ak.to_list(no_rows_of(Event).either.x) == []
