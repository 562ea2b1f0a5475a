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

from runfolio.errors import DeclarationError
from runfolio.plots import Filling, Integer, Reducer, Spills, TreeRows

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
