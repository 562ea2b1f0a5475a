"""Trees: the same rows in the same order however spills arrive, within a limit, and what is refused."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runfolio.errors import CheckpointError, DeclarationError
from runfolio.plots import Filling, Integer, Reducer, Spills, TreeRows
from runfolio.plots.packed import pack
from runfolio.plots.tree import TreeContents
from support import through_bytes

POISON = 13.0
NAN = float("nan")
BRANCHES = {"spill": "int32", "event": "int16", "time": "float64", "charge": "float32"}


class Spill(msgspec.Struct):
    number: int
    times: list[float]


class Columns(NamedTuple):
    spill: npt.NDArray[np.int64]
    event: npt.NDArray[np.int64]
    time: npt.NDArray[np.float64]
    charge: npt.NDArray[np.float64]


def columns(spills: Sequence[Spill]) -> Columns:
    rows = [(s.number, place, time) for s in spills for place, time in enumerate(s.times)]
    spill, event, time = np.array(rows, float).reshape(-1, 3).T
    return Columns(spill.astype(np.int64), event.astype(np.int64), time, time / 3)


def careful(columns: Columns) -> Columns:
    if POISON in columns.time:
        raise ValueError("poisoned")
    return columns


def declared(limit: int = 1_000_000, values: Callable[[Any], Any] | None = careful) -> Reducer:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.tree("t", BRANCHES, file="rows_{run}", by=("spill", "event"), limit=limit, values=values)
    return reducer


def filled(batches: Iterable[Sequence[Spill]], reducer: Reducer | None = None) -> TreeRows:
    filling = Filling(reducer or declared(), 4235)
    for batch in batches:
        filling.fill(batch)
    return filling.trees()["t"]


def bits(rows: TreeRows) -> tuple[Any, ...]:
    """Return all of the rows, to the last bit."""
    branches = [(name, str(array.dtype), array.tobytes()) for name, array in rows.branches.items()]
    return branches, rows.lost_rows, rows.lost_spills


TIMES = st.sampled_from([0.0, -0.0, NAN, -NAN, 1.0, 2.0, POISON, 1e300, float("inf")])
SPILLS = st.lists(st.builds(Spill, st.integers(0, 5), st.lists(TIMES, max_size=4)), max_size=12)


@given(SPILLS, st.integers(1, 12), st.randoms(use_true_random=False), st.lists(st.integers(0, 12)))
def test_rows_do_not_depend_on_the_order_or_the_split(
    spills: list[Spill], limit: int, random: Any, cuts: list[int]
) -> None:
    whole = bits(filled([spills], declared(limit)))
    mixed = random.sample(spills, len(spills))
    places = sorted({0, len(spills), *(cut for cut in cuts if cut < len(spills))})
    assert bits(filled(([spill] for spill in mixed), declared(limit))) == whole
    assert bits(filled((mixed[a:b] for a, b in pairwise(places)), declared(limit))) == whole


@given(SPILLS, st.integers(1, 12))
def test_rows_are_those_of_a_plain_loop(spills: list[Spill], limit: int) -> None:
    sound = [spill for spill in spills if POISON not in spill.times]
    keys = sorted((spill.number, place) for spill in sound for place in range(len(spill.times)))
    rows = filled([spills], declared(limit))
    found = zip(rows.branches["spill"].tolist(), rows.branches["event"].tolist(), strict=True)
    assert list(found) == keys[:limit]
    assert (rows.rows, rows.lost_rows) == (len(keys[:limit]), len(keys[limit:]))
    assert rows.lost_spills == len(spills) - len(sound)


def test_many_batches_and_many_rows_are_sorted_on_the_way() -> None:
    spills = [Spill(number, [1.0] * 40) for number in range(1000, 0, -1)]
    rows = filled(([spill] for spill in spills), declared(limit=20_000))
    assert (rows.rows, rows.lost_rows) == (20_000, 20_000)
    assert rows.branches["spill"].tolist() == [number for number in range(1, 501) for _ in range(40)]


def test_a_limit_bounds_what_is_kept() -> None:
    filling = Filling(declared(limit=10), 1)
    for number in range(200):
        filling.fill([Spill(number, [1.0] * 40)])
    [contents] = filling._trees
    assert sum(len(chunk[0]) for chunk in contents._chunks) < 2000
    assert filling.trees()["t"].lost_rows == 200 * 40 - 10


def test_branches_have_their_types_with_and_without_rows() -> None:
    for rows in (filled([]), filled([[Spill(1, [1.0])]])):
        assert {name: str(array.dtype) for name, array in rows.branches.items()} == BRANCHES


def test_what_is_filled_later_does_not_change_a_snapshot() -> None:
    filling = Filling(declared(), 1)
    filling.fill([Spill(2, [2.0])])
    before = filling.trees()["t"]
    filling.fill([Spill(1, [1.0])])
    assert before.branches["time"].tolist() == [2.0]
    assert filling.trees()["t"].branches["time"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "values",
    [
        None,
        lambda c: c,
        lambda c: {name: getattr(c, name) for name in reversed(BRANCHES)},
    ],
)
def test_arrays_come_as_columns_in_order_or_by_name(values: Callable[[Any], Any] | None) -> None:
    rows = filled([[Spill(7, [1.5, 2.5])]], declared(values=values))
    assert [array.tolist() for array in rows.branches.values()][:3] == [[7, 7], [0, 1], [1.5, 2.5]]


@pytest.mark.parametrize(
    "values",
    [
        lambda c: (c.spill, c.event, c.time),
        lambda c: (c.spill, c.event, c.time, c.time[:0]),
        lambda c: {"spill": c.spill},
        lambda c: c._replace(spill=np.array(["x"])),
    ],
)
def test_what_are_no_arrays_for_the_branches_costs_the_spill(values: Callable[[Any], Any]) -> None:
    rows = filled([[Spill(1, [1.0])]], declared(values=values))
    assert (rows.rows, rows.lost_spills) == (0, 1)


@pytest.mark.parametrize("value", [2**15, 0.5, NAN, float("inf"), -(2**15) - 1])
def test_a_value_that_its_branch_does_not_hold_costs_its_row(value: float) -> None:
    def values(columns: Columns) -> Columns:
        event = np.where(columns.time == 2, value, columns.event)
        return columns._replace(event=event)

    rows = filled([[Spill(1, [1.0, 2.0, 3.0])], [Spill(2, [2.0])]], declared(values=values))
    assert rows.branches["time"].tolist() == [1.0, 3.0]
    assert (rows.rows, rows.lost_rows, rows.lost_spills) == (2, 2, 0)


def test_a_decorated_function_fills_its_tree() -> None:
    reducer = Reducer("Mine", reads=Spills(Spill, columns), keywords=("own",))

    @reducer.tree("t", {"number": "int8", "late": "bool"}, file="x{run}", by="number", title="A tree")
    def t(columns: Columns) -> Any:
        return columns.spill, columns.time > 1

    rows = filled([[Spill(3, [1.0, 2.0])]], reducer)
    assert rows.branches["late"].tolist() == [False, True]
    assert (rows.title, reducer.trees["t"].keywords) == ("A tree", ("own",))
    assert reducer.trees["t"].file_of(4235) == "x4235"
    assert callable(t)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "a b"}, "letters, digits"),
        ({"name": "t"}, "declared twice"),
        ({"name": "h"}, "declared twice"),
        ({"branches": {}}, "0 branches"),
        ({"branches": {"a/b": "int8"}}, "letters, digits"),
        ({"branches": {"a": "int7"}}, "int7"),
        ({"branches": {"a": int}}, "are known"),
        ({"by": ()}, "by="),
        ({"by": ("b",)}, "by="),
        ({"branches": {"a": "float32"}}, "whole numbers"),
        ({"limit": 0}, "limit=0"),
        ({"file": "x"}, "{run}"),
        ({"file": "x{run}y"}, "{run}"),
        ({"file": "{run}{run}"}, "{run}"),
        ({"file": "../x{run}"}, "no file name"),
        ({"file": "x" * 150 + "{run}"}, "characters"),
        ({"file": "rows_{run}"}, "has the file"),
        ({"values": 5}, "a function"),
    ],
)
def test_a_declaration_that_makes_no_tree_is_refused(changes: dict[str, Any], why: str) -> None:
    reducer = declared()
    reducer.hist("h", Integer(0, 3))
    wanted: dict[str, Any] = {"name": "new", "branches": {"a": "int8"}, "file": "y{run}", "by": ("a",)}
    wanted |= changes
    with pytest.raises(DeclarationError, match=why):
        reducer.tree(wanted.pop("name"), wanted.pop("branches"), **wanted)


def tree(limit: int = 1_000_000) -> TreeContents:
    return TreeContents(declared(limit, values=None).trees["t"])


def after(batches: Iterable[Sequence[Spill]], limit: int, restored_at: int | None = None) -> TreeContents:
    """Return a tree after some batches, restored before one of them."""
    contents = tree(limit)
    for number, batch in enumerate(batches):
        if number == restored_at:
            kept = through_bytes(contents.state())
            contents = tree(limit)
            contents.restore(kept)
        with np.errstate(over="ignore"):  # as a filling has it
            contents.fill(columns(batch))
    return contents


@given(st.lists(SPILLS, max_size=8), st.integers(0, 8), st.integers(1, 30))
def test_what_is_restored_goes_on_to_the_same_rows(batches: list[list[Spill]], cut: int, limit: int) -> None:
    again, undisturbed = after(batches, limit, restored_at=cut), after(batches, limit)
    assert bits(again.snapshot()) == bits(undisturbed.snapshot())
    of_sorted_rows = tree(limit)
    of_sorted_rows.restore(through_bytes(again.state()))
    assert bits(of_sorted_rows.snapshot()) == bits(undisturbed.snapshot())


@pytest.mark.parametrize("cut", [0, 30, 60, 99])
def test_rows_beyond_the_limit_are_those_of_an_undisturbed_tree(cut: int) -> None:
    batches = [[Spill(number, [1.0] * 50)] for number in range(100, 0, -1)]  # sorted on the way, after 45
    again, undisturbed = after(batches, 1000, restored_at=cut), after(batches, 1000)
    assert bits(again.snapshot()) == bits(undisturbed.snapshot())
    assert again.snapshot().lost_rows == 4000


def test_a_state_stays_as_it_was() -> None:
    contents, again = tree(limit=2), tree(limit=2)
    contents.fill(columns([Spill(3, [1.0, 2.0])]))
    before, rows = contents.state(), contents.snapshot()
    contents.fill(columns([Spill(1, [1.0, 2.0])]))
    again.restore(before)
    assert bits(again.snapshot()) == bits(rows) != bits(contents.snapshot())


def test_a_state_is_as_large_as_its_rows() -> None:
    contents = tree()
    for number in range(100):
        contents.fill(columns([Spill(number, [1.0] * 10)]))
    assert len(msgspec.msgpack.encode(contents.state())) < 1000 * contents.declared.row_bytes + 300


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "another"},
        {"branches": {}},
        {"branches": {"event": "spill", "spill": "event", "time": "time", "charge": "charge"}},
        {"branches": {"spill": "spill", "event": "spill", "time": "time", "charge": "charge"}},
        {"branches": {"spill": "spill", "event": "short", "time": "time", "charge": "charge"}},
        {"branches": {"spill": "spill", "event": "square", "time": "time", "charge": "charge"}},
        {"lost_rows": -1},
        {"lost_spills": -1},
    ],
)
def test_a_damaged_state_or_that_of_another_tree_is_refused(changes: dict[str, Any]) -> None:
    contents = tree()
    contents.fill(columns([Spill(3, [1.0, 2.0])]))
    state = contents.state()
    arrays = {"short": pack(np.zeros(1, np.int16)), "square": pack(np.zeros((2, 2), np.int16))}
    arrays |= state.branches
    if "branches" in changes:
        changes = {"branches": {name: arrays[which] for name, which in changes["branches"].items()}}
    with pytest.raises(CheckpointError):
        tree().restore(replace(state, **changes))
