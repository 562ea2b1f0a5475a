"""Several reducers' structs in one, so that a line is decoded once."""

from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, UnsetType, field

from runfolio.errors import DeclarationError
from runfolio.stream.merging import merge_structs


class Point(Struct):
    x: float = 0.0


class Place(Struct):
    y: float | None = None
    x: float = 0.0


class Track(Struct):
    points: list[Point | None] | None = None
    named: dict[str, Point] = {}
    pair: tuple[Point, int] | None = None
    best: Point | None = None


class OtherTrack(Struct):
    named: dict[str, Place] = {}
    points: list[Place | None] | None = None
    best: Place | None = None
    pair: tuple[Place, int] | None = None
    length: int = field(name="trackLength", default=-1)


class Camel(Struct, rename="camel"):
    number_of_hits: int
    tof_event: Track | None = None


class Plain(Struct):
    tof: OtherTrack | None = field(name="tofEvent", default=None)


def decoded(struct: type[Struct], data: bytes) -> Any:
    return msgspec.json.decode(data, type=struct)


def merged(*structs: type[Struct]) -> type[Struct]:
    return merge_structs("Spill", structs)


def test_fields_of_one_name_are_merged_all_the_way_down() -> None:
    both = merged(Track, OtherTrack)
    found = decoded(
        both,
        b'{"points": [null, {"x": 1, "y": 2}], "named": {"a": {"y": 3}}, "best": {"x": 4, "y": 5},'
        b' "pair": [{"x": 6, "y": 7}, 8], "trackLength": 9}',
    )
    assert found.points[0] is None
    assert (found.points[1].x, found.points[1].y, found.named["a"].y) == (1.0, 2.0, 3.0)
    assert (found.best.x, found.best.y, found.pair[0].y, found.pair[1]) == (4.0, 5.0, 7.0, 8)
    assert found.length == 9


points = st.fixed_dictionaries({}, optional={"x": st.floats(0, 1), "y": st.none() | st.floats(0, 1)})
tracks = st.fixed_dictionaries(
    {},
    optional={
        "points": st.none() | st.lists(st.none() | points, max_size=3),
        "named": st.dictionaries(st.text(max_size=2), points, max_size=2),
        "pair": st.none() | st.tuples(points, st.integers(-5, 5)),
        "best": st.none() | points,
        "trackLength": st.integers(-5, 5),
        "stray": points,
    },
)


def agrees(own: Any, whole: Any) -> bool:
    """Whether a struct's every field is there in the merged one, with the same value."""
    if isinstance(own, Struct):
        return all(agrees(getattr(own, name), getattr(whole, name)) for name in own.__struct_fields__)
    if isinstance(own, dict):
        return own.keys() == whole.keys() and all(agrees(own[key], whole[key]) for key in own)
    if isinstance(own, list | tuple):
        return len(own) == len(whole) and all(map(agrees, own, whole))
    return bool(own == whole)


@given(tracks)
def test_each_reducer_finds_what_its_own_struct_would_hold(document: Any) -> None:
    data = msgspec.json.encode(document)
    whole = decoded(merged(Track, OtherTrack), data)
    assert agrees(decoded(Track, data), whole)
    assert agrees(decoded(OtherTrack, data), whole)


def test_a_renamed_field_keeps_its_name_in_the_code() -> None:
    class Other(Struct):
        charge: int = field(name="totalCharge", default=0)

    found = decoded(merged(Camel, Other), b'{"numberOfHits": 3, "totalCharge": 4, "charge": 5}')
    assert (found.number_of_hits, found.charge, found.tof_event) == (3, 4, None)


def test_a_key_that_is_no_python_name_can_be_read() -> None:
    class Dashed(Struct):
        half_life: int = field(name="half-life", default=0)

    assert decoded(merged(Dashed, Track), b'{"half-life": 7}').half_life == 7


def test_one_key_under_two_names_is_refused() -> None:
    with pytest.raises(DeclarationError, match="tofEvent is named tof_event and, in Plain, tof"):
        merged(Camel, Plain)


def test_one_name_for_two_keys_is_refused() -> None:
    class Other(Struct):
        length: int = 0

    with pytest.raises(DeclarationError, match="length stands for the keys trackLength and length"):
        merged(OtherTrack, Other)


def test_a_field_without_default_stays_required() -> None:
    class Needs(Struct):
        hits: int
        best: Point | None = None

    with pytest.raises(msgspec.ValidationError, match="hits"):
        decoded(merged(Track, Needs), b"{}")


def test_a_mutable_default_is_not_shared() -> None:
    one, other = (decoded(merged(Track, OtherTrack), b"{}") for _ in range(2))
    one.named["a"] = 1
    assert other.named == {}


def test_a_struct_declared_alike_stays_the_reducers_own() -> None:
    class Other(Struct):
        best: Point | None = None

    assert type(decoded(merged(Track, Other), b'{"best": {}}').best) is Point


def struct_of(declared: Any, default: Any = None) -> type[Struct]:
    return msgspec.defstruct("Declared", [("field", declared, default)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (int | None, float | None),
        (int | None, int | str | None),
        (list[int] | None, dict[str, int] | None),
        (dict[str, int] | None, dict[str, str] | None),
        (tuple[int, ...] | None, tuple[int, int, int] | None),
        (Point | None, int | None),
        (Point | None, Point | UnsetType),
        (Annotated[int, Meta(ge=0)] | None, int | None),
    ],
)
def test_a_field_declared_differently_is_refused_with_its_name(one: Any, other: Any) -> None:
    with pytest.raises(DeclarationError, match="the field field"):
        merged(struct_of(one), struct_of(other))


def test_a_conflict_far_down_is_refused_with_its_path() -> None:
    deep = struct_of(dict[str, list[struct_of(int, 0)]] | None)  # type: ignore[misc]  # built here
    other = struct_of(dict[str, list[struct_of(str, 0)]] | None)  # type: ignore[misc]  # built here
    with pytest.raises(DeclarationError, match=r"the field field\[\]\[\]\.field is declared as .*int.*str"):
        merged(deep, other)


def test_two_defaults_are_refused() -> None:
    with pytest.raises(DeclarationError, match="the field field has two different defaults"):
        merged(struct_of(int, 0), struct_of(int, 1))


def test_unions_in_another_order_are_the_same() -> None:
    both = merged(struct_of(int | str | None), struct_of(None | str | int))
    assert decoded(both, b'{"field": "x"}').field == "x"


@pytest.mark.parametrize("config", [{"array_like": True}, {"forbid_unknown_fields": True}, {"tag": "x"}])
def test_what_is_no_plain_object_is_refused(config: dict[str, Any]) -> None:
    special = msgspec.defstruct("Special", [("x", int, 0)], **config)
    with pytest.raises(DeclarationError, match="Special"):
        merged(Track, special)
