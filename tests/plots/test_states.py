"""States of whole fillings: of every kind of plot at once, kept and restored at any moment, and damaged."""

import logging
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plain import decoded, in_batches
from runfolio.errors import CheckpointError
from runfolio.mice.reducers import EVERY
from runfolio.plots import Category, Filling, FillingState, Integer, Reducer, Regular, Spills, Strip
from support import through_bytes

POISON = 13.0
"""A function below raises for a spill that holds it."""
TOO_MUCH = 77.0
"""The columns function raises for a spill that holds it."""


class Spill(msgspec.Struct):
    x: list[float]
    words: list[str]


class Columns(NamedTuple):
    x: Any
    word: Any


def columns(spills: Sequence[Spill]) -> Columns:
    values = [value for spill in spills for value in spill.x]
    if TOO_MUCH in values:
        raise ArithmeticError("too much")
    words = [word for spill in spills for word in spill.words]
    return Columns(np.array(values, float), np.array(words, np.str_))


def careful(columns: Columns) -> Any:
    if POISON in columns.x:
        raise ValueError("poisoned")
    return columns.x


def declared() -> Reducer:
    """Return a reducer with a plot of each kind."""
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.hist("x", Regular(4, 0, 2))
    reducer.hist("careful", Integer(0, 15), values=careful)
    reducer.hist("xy", Strip(step=0.5, bins=4), Integer(0, 4), values=lambda c: (c.x, c.x / 2))
    reducer.hist("word", Category(limit=2))
    reducer.hist("weighted", Strip(bins=2), values="x", weights="x")
    reducer.profile("mean", Strip(bins=3), values=lambda c: (careful(c), c.x / 3), label="a third")
    reducer.table("table", ["row", "other"], by="n", last=2, values=lambda c: (c.x, c.x, 1 / careful(c)))
    reducer.tree(
        "tree", {"n": "int8", "x": "float32"}, file="t{run}", by="n", limit=5, values=lambda c: (c.x, c.x)
    )
    return reducer


REDUCER = declared()


def bits(filling: Filling) -> tuple[Any, ...]:
    """Return all that a filling says, to the last bit."""
    counts = [
        (
            repr(each.axes),
            *(array.tobytes() for array in (each.values, each.sums, each.squares) if array is not None),
            each.not_a_number,
        )
        for each in filling.snapshot().values()
    ]
    trees = [
        ([array.tobytes() for array in each.branches.values()], each.lost_rows)
        for each in filling.trees().values()
    ]
    return counts, [pickle.dumps(each) for each in filling.tables().values()], trees, filling.lost_spills()


def filled(
    batches: Sequence[Sequence[Any]], reducer: Reducer = REDUCER, restored_at: int | None = None
) -> Filling:
    """Return a filling after some batches, restored before one of them."""
    filling = Filling(reducer, 4235)
    for number, batch in enumerate(batches):
        if number == restored_at:
            kept = through_bytes(filling.state())
            filling = Filling(reducer, 4235)
            filling.restore(kept)
        filling.fill(batch)
    return filling


VALUES = st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0, 300.0, 1e300, -1.7e308, 1.7e308, POISON, TOO_MUCH])
NO_NUMBERS = st.sampled_from([float("inf"), -float("inf"), float("nan")])
WORDS = st.sampled_from(["a", "b", "9", "10", "ä", ""])
SPILLS = st.builds(
    Spill, st.lists(VALUES | NO_NUMBERS | st.floats(), max_size=5), st.lists(WORDS, max_size=3)
)
BATCHES = st.lists(st.lists(SPILLS, max_size=4), max_size=6)


@given(BATCHES, st.integers(0, 6))
def test_what_is_restored_goes_on_to_the_same_bits(batches: list[list[Spill]], cut: int) -> None:
    assert bits(filled(batches, restored_at=cut)) == bits(filled(batches))


@pytest.mark.shared_data
def test_real_spills_come_to_the_same_bits_wherever_they_are_restored(shared_data: Path) -> None:
    spills = decoded(EVERY, [(shared_data / "mc-stream-run0.json").read_bytes()])
    batches = list(in_batches(spills, 30))
    for reducer in EVERY:
        undisturbed = bits(filled(batches, reducer))
        assert [bits(filled(batches, reducer, restored_at=cut)) for cut in (1, 6)] == [undisturbed] * 2


def test_what_was_told_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    batches = [[Spill([POISON], []), Spill([TOO_MUCH], [])]] * 2
    with caplog.at_level(logging.WARNING):
        filled(batches[:1])
        once = len(caplog.records)
        filled(batches, restored_at=1)
    assert once > 1
    assert len(caplog.records) == 2 * once


def others() -> Iterator[Reducer]:
    """Give reducers whose declarations differ from those above."""
    yield Reducer("Other", reads=Spills(Spill, columns))
    yield Reducer("Mine", reads=Spills(Spill, columns))
    for change in ("hist", "table", "tree"):
        reducer = declared()
        match change:
            case "hist":
                reducer.hist("more", Integer(0, 2))
            case "table":
                reducer.table("more", ["x"], by="n")
            case "tree":
                reducer.tree("more", {"x": "int8"}, file="more{run}", by="x")
        yield reducer


@pytest.mark.parametrize("other", list(others()))
def test_the_state_of_other_declarations_is_refused(other: Reducer) -> None:
    for one, another in ((REDUCER, other), (other, REDUCER)):
        with pytest.raises(CheckpointError, match="another declaration"):
            Filling(one, 1).restore(Filling(another, 1).state())


BAD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, -1, 2**63, 2**64 - 1, 0.5, "", "zz", "|O", b"", [], [-1], {}]),
    st.integers(-10, 100),
    st.binary(max_size=40),
    st.text(max_size=5),
)


def places(plain: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Give where all values of plain data stand."""
    children = (
        plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    )
    yield path
    for key, value in children:
        yield from places(value, *path, key)


def damage(plain: Any, data: st.DataObject) -> None:
    """Put another value in the place of one in plain data; of bytes, most often as many others."""
    *way, last = data.draw(st.sampled_from([each for each in places(plain) if each]))
    for step in way:
        plain = plain[step]
    same = isinstance(plain[last], bytes) and data.draw(st.booleans())
    length = len(plain[last]) if same else 0
    plain[last] = data.draw(st.binary(min_size=length, max_size=length) if same else BAD)


@given(BATCHES, BATCHES, st.data())
def test_a_damaged_state_is_refused_or_can_be_gone_on_with(
    before: list[list[Spill]], after: list[list[Spill]], data: st.DataObject
) -> None:
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(filled(before).state()))
    damage(kept, data)
    filling = Filling(REDUCER, 1)
    try:
        filling.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=FillingState))
    except (CheckpointError, msgspec.ValidationError):
        return
    for batch in after:
        filling.fill(batch)
    bits(filling)


@given(BATCHES, st.data())
def test_bytes_that_are_cut_off_are_no_state(batches: list[list[Spill]], data: st.DataObject) -> None:
    kept = msgspec.msgpack.encode(filled(batches).state())
    with pytest.raises(msgspec.DecodeError):
        msgspec.msgpack.decode(kept[: data.draw(st.integers(0, len(kept) - 1))], type=FillingState)
