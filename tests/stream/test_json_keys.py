"""Names to what stands under them in a record."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from runfolio.errors import InputError
from runfolio.stream.json_keys import finder, struct_of, tops


def find(name: str, record: Any) -> Any:
    decoder = msgspec.json.Decoder(struct_of(tops([name])))
    return finder(name)(decoder.decode(json.dumps(record)))


@pytest.mark.parametrize(
    "name",
    [
        "energy",
        "größe",
        "ΔE",
        "a b",
        "",
        "class",
        "__class__",
        "__struct_fields__",
        "_x",
        "1st",
        "x-y",
        "日本",
        "😀",
    ],
)
def test_any_key_is_found_by_its_name(name: str) -> None:
    assert find(name, {name: 7, "other": 8}) == 7
    assert find(name, {"other": 8}) is UNSET


def test_a_name_with_dots_leads_down() -> None:
    assert find("header.run", {"header": {"run": 7}}) == 7
    assert find("a.b.c", {"a": {"b": {"c": None}}}) is None


def test_a_key_that_has_the_dots_itself_comes_first() -> None:
    assert find("header.run", {"header": {"run": 7}, "header.run": 8}) == 8


@pytest.mark.parametrize("header", [5, None, [1], "run", {}, {"run": {}}])
def test_what_leads_nowhere_is_not_there(header: Any) -> None:
    assert find("header.run.number", {"header": header}) is UNSET


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "\0", "\ud800", "header.\ud800"])
def test_a_key_that_cannot_be_read_is_told_of(name: str) -> None:
    with pytest.raises(InputError, match="cannot be read") as caught:
        struct_of(tops(["energy", name]))
    assert str(caught.value).isprintable()


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    assert finder("a")(msgspec.json.Decoder(struct_of(["a"])).decode('{"a": 1, "a": 2}')) == 2


def test_all_names_are_decoded_together() -> None:
    assert tops(["header.run", "header.time", "energy", "energy"]) == [
        "header.run",
        "header",
        "header.time",
        "energy",
    ]
