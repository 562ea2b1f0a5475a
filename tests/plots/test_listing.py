"""The listing of what is declared."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from runfolio.mice.reducers import EVERY
from runfolio.plots import (
    Category,
    Columns,
    FileName,
    Integer,
    Listing,
    Records,
    Reducer,
    Regular,
    Spills,
    Strip,
    Variable,
    list_plots,
    overlay,
)
from runfolio.plots.reads import Reads

AXIS = Regular(10, 0, 1, label="x (mm)")


class Event(msgspec.Struct):
    run: int


@pytest.fixture
def reducer() -> Reducer:
    return Reducer("Mine", reads=Columns(run="run"))


def listed(*reducers: Reducer) -> Listing:
    """Return the listing as it is after a way through JSON."""
    return msgspec.json.decode(json.dumps(msgspec.to_builtins(list_plots(reducers))), type=Listing)


def test_histograms_are_listed_with_what_fills_and_shows_them(reducer: Reducer) -> None:
    reducer.hist("a", AXIS)
    reducer.hist("b", AXIS, values="c", weights="w")
    reducer.hist("alone", AXIS, figure=False)
    reducer.figure("f", panels=[[overlay("a", "b"), "a"]])
    reducer.figure("g", panels=[["a"]])
    a, b, alone = listed(reducer).reducers[0].histograms
    assert (a.columns, a.function, a.figures, a.memory) == (("a",), None, ["f", "g"], 96)
    assert (b.columns, b.kind, b.figures, b.memory) == (("c", "w"), "weighted", ["f"], 288)
    assert alone.figures == []


def test_functions_are_listed_with_name_and_place(reducer: Reducer) -> None:
    @reducer.hist("x", AXIS)
    def twice(columns: Columns) -> Columns:
        return columns

    reducer.hist("y", AXIS, values=np.sin)
    reducer.hist("z", AXIS, weights=twice)
    x, y, z = (each.function for each in listed(reducer).reducers[0].histograms)
    assert x is not None
    assert y is not None
    assert x.name == "twice"
    assert x.place is not None
    assert (Path(x.place.file).name, x.place.line) == (Path(__file__).name, twice.__code__.co_firstlineno)
    assert (y.name, y.place) == ("sin", None)
    assert z == x


def test_each_kind_of_axis_is_listed_with_its_fields(reducer: Reducer) -> None:
    axes: tuple[Any, ...] = (
        AXIS,
        Integer(0, 4),
        Variable([0, 1, 5]),
        Category("word"),
        Strip("n", step=np.float64(2)),
    )
    for number, axis in enumerate(axes):
        reducer.hist(f"h{number}", axis)
    found = [each.axes[0] for each in listed(reducer).reducers[0].histograms]
    assert [(axis["kind"], axis["bins"]) for axis in found] == [
        ("Regular", 10),
        ("Integer", 4),
        ("Variable", 2),
        ("Category", 50),
        ("Strip", 500),
    ]
    assert (found[0]["label"], found[2]["edge_values"], found[4]["step"]) == ("x (mm)", [0, 1, 5], 2)


def test_figures_are_listed_also_those_that_were_not_declared(reducer: Reducer) -> None:
    reducer.hist("a", AXIS)
    reducer.hist("b", AXIS)
    reducer.figure("f", "Both", panels=[["a"], ["a"]], keywords=["k"], size=(300, 200))
    f, b = listed(reducer).reducers[0].figures
    assert (f.tag, f.description, f.keywords, f.size, f.own) == ("f", "Both", ("k",), (300, 200), False)
    assert f.panels == [[["a"]], [["a"]]]
    assert (b.tag, b.own, b.panels) == ("b", True, [[["b"]]])


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        (Spills(Event, list), {"kind": "spills"}),
        (
            Records(Event, run="run", end="last"),
            {"kind": "records", "type": "Event", "run": "run", "end": "last"},
        ),
        (
            Columns(tree="Events", run=FileName("b{run}.root"), end=("type", 7), number="n", time="t"),
            {
                "kind": "columns",
                "tree": "Events",
                "run": {"file_name": "b{run}.root"},
                "end": ["type", 7],
                "number": "n",
                "time": "t",
            },
        ),
    ],
)
def test_what_is_read_is_listed(reads: Reads, expected: dict[str, object]) -> None:
    assert listed(Reducer("Mine", reads=reads)).reducers[0].reads == expected


def test_tables_and_trees_are_listed(reducer: Reducer) -> None:
    reducer.table("now", {"U (V)": "voltage"}, by="spill", tag="voltages")
    reducer.tree(
        "hits", {"spill": "int64", "adc": "float32"}, file="hits_{run}", by="spill", limit=10, values=len
    )
    found = listed(reducer)
    [now], [hits] = found.reducers[0].tables, found.reducers[0].trees
    assert (now.by, now.rows, now.columns, now.figure) == (
        "spill",
        ("U (V)",),
        ("spill", "voltage"),
        "voltages",
    )
    assert hits.function is not None
    assert (hits.function.name, hits.columns, hits.limit, hits.memory) == ("len", None, 10, 120)
    assert (found.tables, found.trees) == (1, 1)


def test_sums_are_over_all_reducers() -> None:
    found = listed(*EVERY)
    assert found.histograms == sum(len(reducer.histograms) for reducer in EVERY)
    assert found.memory == sum(reducer.memory for reducer in EVERY) == sum(r.memory for r in found.reducers)
    assert found.figures == sum(len(reducer.shown) for reducer in EVERY)
    assert found.problems == []


def test_what_can_hardly_be_meant_is_a_problem(reducer: Reducer) -> None:
    other = Reducer("Other", reads=reducer.reads)
    for name in ("pt", "Pt"):
        reducer.hist(name, AXIS)
    other.hist("pt", AXIS)
    empty = Reducer("Empty", reads=reducer.reads)
    case, shared, none = listed(reducer, other, empty).problems
    assert "figures 'pt' and 'Pt' differ only in case" in case
    assert "figure 'pt' of Other gets another name, pt_2 or so: Mine has one of that name" in shared
    assert "reducer 'Empty' declares no histogram, table or tree" in none


MUCH_MEMORY = (
    "each open run takes up to {} GB: the bins of all histograms together, and what tables and trees"
    " hold at most"
)


def test_memory_is_that_of_all_plots_with_trees_and_tables_at_their_limits(reducer: Reducer) -> None:
    reducer.hist("a", AXIS)
    reducer.table("now", ["u", "i"], by="n", last=100)
    reducer.tree("rows", {"n": "int64", "u": "float32"}, file="rows_{run}", by="n")
    assert listed(reducer).memory == 12 * 8 + 2 * 100 * 16 + 1_000_000 * 12


def test_a_tree_that_may_take_a_gigabyte_is_a_problem(reducer: Reducer) -> None:
    reducer.tree("rows", {"n": "int64"}, file="rows_{run}", by="n", limit=10**9)
    assert listed(reducer).problems == [MUCH_MEMORY.format("8.0")]


def test_a_run_that_takes_a_gigabyte_is_a_problem(reducer: Reducer) -> None:
    for number in range(50):
        reducer.profile(f"p{number}", Integer(0, 1000), Integer(0, 1000), label="y", values=["x", "y", "z"])
    assert listed(reducer).problems == [MUCH_MEMORY.format("1.2")]
