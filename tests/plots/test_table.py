"""Tables: the same rows however spills arrive, what is passed over, and what a declaration refuses."""

import pickle
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from sys import float_info
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runfolio.errors import CheckpointError, DeclarationError
from runfolio.plots import Filling, Integer, Reducer, Spills
from runfolio.plots.packed import pack
from runfolio.plots.table import TableContents, TableState, exact_sum
from runfolio.readings import Reading, Readings, number_text
from support import through_bytes

POISON = 13.0
NAN = float("nan")
LAST = 3


class Spill(msgspec.Struct):
    number: float
    value: float


class Columns(NamedTuple):
    number: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]


def columns(spills: Sequence[Spill]) -> Columns:
    return Columns(np.array([s.number for s in spills], float), np.array([s.value for s in spills], float))


def careful(columns: Columns) -> Any:
    if POISON in columns.value:
        raise ValueError("poisoned")
    return columns.number, columns.value


def declared() -> Reducer:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.table("plain", {"Rate (Hz)": "value"}, by="number", last=LAST)
    reducer.table("careful", ["rate"], by="number", last=LAST, values=careful)
    return reducer


def filled(batches: Iterable[Sequence[Spill]], reducer: Reducer | None = None) -> dict[str, Readings]:
    filling = Filling(reducer or declared(), 4235)
    for batch in batches:
        filling.fill(batch)
    return dict(filling.tables())


def only(*spills: tuple[float, float]) -> Reading:
    """Return the row of a table of spills, each a number and a value."""
    return filled([[Spill(*each) for each in spills]])["plain"].rows[0]


def from_function(function: Callable[[Any], Any], *spills: Spill) -> Readings:
    reducer = Reducer("Mine", reads=Spills(Spill, columns))
    reducer.table("t", ["a", "b"], by="n", values=function)
    return filled([spills], reducer)["t"]


NUMBERS = st.sampled_from([NAN, 0.5, float("inf"), 2.0**63]) | st.integers(-3, 8).map(float)
VALUES = st.sampled_from([0.0, -0.0, 0.1, 1e300, 5e-324, float("inf"), NAN, POISON]) | st.floats(-1e6, 1e6)
SPILLS = st.lists(st.builds(Spill, NUMBERS, VALUES), max_size=15)


@given(SPILLS, st.randoms(use_true_random=False), st.lists(st.integers(0, 15)))
def test_readings_do_not_depend_on_the_order_or_the_split(
    spills: list[Spill], random: Any, cuts: list[int]
) -> None:
    whole = pickle.dumps(filled([spills]))  # bit by bit: -0 is not 0
    mixed = random.sample(spills, len(spills))
    places = sorted({0, len(spills), *(cut for cut in cuts if cut < len(spills))})
    assert pickle.dumps(filled([spill] for spill in mixed)) == whole
    assert pickle.dumps(filled(mixed[a:b] for a, b in pairwise(places))) == whole


@given(SPILLS)
def test_readings_are_those_of_a_plain_loop(spills: list[Spill]) -> None:
    newest: dict[float, float] = {}
    every = []
    for spill in spills:
        if float(spill.number).is_integer() and spill.number < 2**63 and np.isfinite(spill.value):
            newest[spill.number] = max(spill.value, newest.get(spill.number, spill.value))
            every.append(Fraction(spill.value))
    last = [Fraction(newest[number]) for number in sorted(newest)[-LAST:]]
    row = filled([spills])["plain"].rows[0]
    assert row.last == (last[-1] if last else None)
    assert row.last_number == max(newest, default=None)
    assert row.mean_of_last == (float(sum(last) / len(last)) if last else None)
    assert row.mean == (float(sum(every) / len(every)) if every else None)
    assert row.values == len(every)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_a_sum_is_exact(values: list[float]) -> None:
    assert Fraction(exact_sum(np.array(values, float)), 2**1126) == sum(map(Fraction, values))


def test_the_last_is_that_of_the_highest_number() -> None:
    row = only((3, 30), (5, 50), (4, 40), (1, 10), (2, 20))
    assert (row.last, row.last_number, row.mean_of_last, row.mean, row.values) == (50, 5, 40, 30, 5)


def test_of_two_values_with_one_number_the_larger_counts() -> None:
    row = only((1, 7), (1, 9), (1, 8))
    assert (row.last, row.mean_of_last, row.mean, row.values) == (9, 9, 8, 3)


def test_a_missing_value_is_passed_over_and_counted() -> None:
    row = only((1, 10), (2, NAN), (3, float("inf")))
    assert (row.last, row.last_number, row.values, row.not_a_number) == (10, 1, 1, 2)


def test_a_value_without_a_number_is_passed_over_and_counted() -> None:
    readings = filled([[Spill(NAN, 1), Spill(1.5, 1), Spill(2, 1)]])["plain"]
    assert (readings.without_number, readings.rows[0].values, readings.rows[0].not_a_number) == (2, 1, 0)


def test_a_table_without_spills_says_nothing() -> None:
    assert filled([])["plain"].rows == (
        Reading(
            row="Rate (Hz)",
            last=None,
            last_number=None,
            mean_of_last=None,
            mean=None,
            values=0,
            not_a_number=0,
        ),
    )


def test_a_function_that_raises_costs_its_table_that_spill_alone() -> None:
    readings = filled([[Spill(1, 1), Spill(2, POISON), Spill(3, 3)]])
    assert [(each.rows[0].values, each.lost_spills) for each in readings.values()] == [(3, 0), (2, 1)]


def test_lost_spills_are_told_of_all_that_is_declared() -> None:
    reducer = declared()
    reducer.hist("value", Integer(0, 3))
    filling = Filling(reducer, 1)
    filling.fill([Spill(1, POISON)])
    assert filling.lost_spills() == {"value": 0, "plain": 0, "careful": 1}
    assert list(filling.snapshot()) == ["value"]


@pytest.mark.parametrize(
    "function",
    [
        lambda c: (c.number, c.value, 2 * c.value),
        lambda c: {"b": 2 * c.value, "n": c.number, "a": c.value},
    ],
)
def test_arrays_come_in_order_or_by_name(function: Callable[[Any], Any]) -> None:
    readings = from_function(function, Spill(1, 1))
    assert [row.last for row in readings.rows] == [1, 2]


@pytest.mark.parametrize(
    "function",
    [
        lambda c: c.number,
        lambda c: (c.number, c.value),
        lambda c: (c.number, c.value, c.value[:0]),
        lambda c: {"n": c.number, "a": c.value},
        lambda c: {"n": c.number, "a": c.value, "b": c.value, "more": c.value},
        lambda c: (c.number, c.value, np.array(["x"])),
    ],
)
def test_other_arrays_lose_the_spill(function: Callable[[Any], Any]) -> None:
    readings = from_function(function, Spill(1, 1))
    assert (readings.lost_spills, readings.rows[0].values) == (1, 0)


def test_whole_numbers_of_any_kind_are_numbers() -> None:
    for number in (np.int16(1), np.uint64(1), np.True_, np.float32(1)):
        row = numbered(number).rows[0]
        assert (row.last, row.last_number) == (5, 1)
    assert numbered(np.uint64(2**63)).without_number == 1


def numbered(number: Any) -> Readings:
    """Return the readings of one value with this number."""
    return from_function(lambda c: (np.array([number]), c.value, c.value), Spill(0, 5))


def test_a_decorated_function_fills_its_table() -> None:
    reducer = Reducer("Mine", reads=Spills(Spill, columns), keywords=("own",))

    @reducer.table("t", ["a"], by="n", title="A table", tag="shown")
    def t(columns: Columns) -> Any:
        return columns.number, columns.value

    assert filled([[Spill(1, 5)]], reducer)["t"].rows[0].last == 5
    figure = reducer.tables["t"].figure
    assert (figure.tag, figure.description, figure.keywords) == ("shown", "A table", ("own",))
    assert callable(t)


@pytest.mark.parametrize(
    ("name", "rows", "more", "why"),
    [
        ("a b", ["x"], {}, "letters, digits"),
        ("t", [], {}, "0 rows"),
        ("t", [f"r{n}" for n in range(101)], {}, "101 rows"),
        ("t", ["x", "x"], {}, "twice"),
        ("t", ["by"], {}, "twice"),
        ("t", [" "], {}, "names"),
        ("t", [1], {}, "a list of texts"),
        ("t", ["x"], {"last": 0}, "last=0"),
        ("t", ["x"], {"last": 2.5}, "last=2.5"),
        ("t", ["x"], {"values": 5}, "a function"),
        ("t", ["x"], {"tag": "../x"}, "no file name"),
        ("t", ["x"], {"size": (0, 5)}, "pixels"),
        ("plain", ["x"], {}, "declared twice"),
        ("h", ["x"], {}, "declared twice"),
        ("t", ["x"], {"tag": "plain"}, "declared twice"),
        ("t", ["x"], {"tag": "shown"}, "declared twice"),
        ("Mine", ["x"], {}, "reducer's own file"),
    ],
)
def test_a_declaration_that_makes_no_table_is_refused(
    name: str, rows: Any, more: dict[str, Any], why: str
) -> None:
    reducer = declared()
    reducer.hist("h", Integer(0, 3))
    reducer.figure("shown", panels=[["h"]])
    with pytest.raises(DeclarationError, match=why):
        reducer.table(name, rows, by="by", **more)


def test_a_histogram_s_own_figure_has_no_tag_of_a_table() -> None:
    reducer = declared()
    reducer.table("t", ["x"], by="n", tag="h")
    reducer.hist("h", Integer(0, 3))
    with pytest.raises(DeclarationError, match="the name of a figure"):
        _ = reducer.shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (-12.0, "-12"),
        (72.46, "72.46"),
        (12345.6, "12,346"),
        (0.0123456, "0.01235"),
        (99.999, "100.00"),
        (1.5e-7, "1.500e-07"),
        (4e15, "4.000e+15"),
    ],
)
def test_numbers_are_written_with_separators_and_few_digits(value: float | None, text: str) -> None:
    assert number_text(value) == text


EXTREME = VALUES | st.sampled_from([1.7e308, -1.7e308, -5e-324])
BATCHES = st.lists(st.lists(st.builds(Spill, NUMBERS, EXTREME), max_size=5), max_size=8)


def table() -> TableContents:
    return TableContents(declared().tables["plain"])


@given(BATCHES, BATCHES)
def test_what_is_restored_goes_on_to_the_same_bits(
    before: list[list[Spill]], after: list[list[Spill]]
) -> None:
    undisturbed, again = table(), table()
    with np.errstate(all="ignore"):
        for batch in before:
            undisturbed.fill(columns(batch))
        again.restore(through_bytes(undisturbed.state()))
        for batch in after:
            undisturbed.fill(columns(batch))
            again.fill(columns(batch))
    assert again.state() == undisturbed.state()
    assert pickle.dumps(again.snapshot()) == pickle.dumps(undisturbed.snapshot())


def kept(**changes: Any) -> TableState:
    """Return the state of a table with the values 1 and 2, some fields of its only row changed."""
    contents = table()
    contents.fill(columns([Spill(5, 1.0), Spill(6, 2.0)]))
    state = contents.state()
    return replace(state, rows={name: replace(row, **changes) for name, row in state.rows.items()})


def test_a_state_stays_as_it_was() -> None:
    contents = table()
    contents.restore(kept())
    before, readings = contents.state(), contents.snapshot()
    contents.fill(columns([Spill(4, 8.0)]))
    again = table()
    again.restore(before)
    assert again.snapshot() == readings != contents.snapshot()


def test_no_sum_is_refused_that_values_can_have() -> None:
    largest = float_info.max
    contents = table()
    contents.fill(columns([Spill(5, largest), Spill(6, largest)]))
    again = table()
    again.restore(contents.state())
    assert again.snapshot().rows[0].mean == largest
    with pytest.raises(CheckpointError, match="a sum that 2 values cannot have"):
        table().restore(kept(total=f"{2 * exact_sum(np.array([largest])) + 1:x}"))


@pytest.mark.parametrize(
    "changes",
    [
        {"values": -1},
        {"values": 1},
        {"not_a_number": -1},
        {"total": ""},
        {"total": "5 or so"},
        {"total": "1" + 1000 * "0"},
        {"numbers": pack(np.array([5, 6, 7]))},
        {"numbers": pack(np.array([6, 5]))},
        {"numbers": pack(np.array([5, 5]))},
        {"numbers": pack(np.array([5.0, 6.0]))},
        {"numbers": pack(np.arange(4)), "newest": pack(np.arange(4.0)), "values": 4},
        {"newest": pack(np.array([[1.0, 2.0]]))},
        {"newest": pack(np.array([1.0, NAN]))},
        {"newest": pack(np.array([1.0, float("inf")]))},
    ],
)
def test_a_damaged_row_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError):
        table().restore(kept(**changes))


@pytest.mark.parametrize(
    "changes", [{"name": "another"}, {"rows": {}}, {"without_number": -1}, {"lost_spills": -1}]
)
def test_the_state_of_another_table_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError):
        table().restore(replace(kept(), **changes))
