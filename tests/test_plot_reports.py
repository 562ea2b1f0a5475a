"""What plots declare, as a user sees it."""

import msgspec
import pytest

from consoles import HOSTILE, pipe, terminal, written
from runfolio.plot_reports import show_offers, show_plots
from runfolio.plots import (
    Category,
    Columns,
    FileName,
    Integer,
    Offer,
    Records,
    Reducer,
    Regular,
    Strip,
    Variable,
    list_plots,
    overlay,
)
from runfolio.plots.axes import DeclaredAxis
from runfolio.plots.reads import Reads

AXIS = Regular(10, 0, 1, label="x (mm)")


class Event(msgspec.Struct):
    run: int


@pytest.fixture
def reducer() -> Reducer:
    return Reducer("Mine", reads=Columns(run="run"))


def shown(*reducers: Reducer) -> list[str]:
    console = pipe()
    show_plots(console, list_plots(reducers))
    return written(console).splitlines()


def line(lines: list[str], name: str) -> list[str]:
    """Return the cells of the line that begins with a name."""
    [found] = [each for each in lines if each.split("  ")[0] == name]
    return [cell.strip() for cell in found.split("  ") if cell]


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        (AXIS, "10 bins, 0 to 1, x (mm)"),
        (Regular(1, -0.5, 1e20), "1 bin, -0.5 to 1e+20"),
        (Integer(0, 4), "4 bins, whole numbers 0 to 3"),
        (Variable([0, 0.5, 10]), "2 bins of their own widths, 0 to 10"),
        (Category("trigger"), "up to 50 words, trigger"),
        (Strip("event", step=100), "up to 500 bins of 100 or wider, event"),
    ],
)
def test_each_kind_of_axis_is_put_in_words(reducer: Reducer, axis: DeclaredAxis, words: str) -> None:
    reducer.hist("h", axis)
    assert line(shown(reducer), "h")[-1] == words


def test_histograms_have_a_line_each_with_what_fills_and_shows_them(reducer: Reducer) -> None:
    reducer.hist("a", AXIS, AXIS, values=["x", "y"])
    reducer.hist("b", AXIS, figure=False)
    reducer.hist("c", AXIS, weights="w")
    reducer.profile("p", AXIS, label="E (GeV)", values=len)
    reducer.figure("f", panels=[["a", overlay("b", "c")], ["b", "b"]], size=(300, 200))
    lines = shown(reducer)
    axes = "10 bins, 0 to 1, x (mm)"
    assert line(lines, "a") == ["a", "count", "1.2 kB", "x, y", "f", f"{axes}; {axes}"]
    assert line(lines, "c") == ["c", "weighted", "288 B", "c, w", "f", f"{axes}; sum of weights"]
    assert line(lines, "p") == ["p", "profile", "288 B", "len()", "own", f"{axes}; E (GeV)"]
    assert line(lines, "f") == ["f", "300 x 200", "[a, b + c] [b, b]"]
    assert lines[-1] == "4 histograms, 2 figures, 1.8 kB a run"


def test_functions_are_shown_with_their_line(reducer: Reducer) -> None:
    @reducer.hist("h", AXIS)
    def twice(columns: Columns) -> Columns:
        return columns

    reducer.hist("k", AXIS, values=lambda columns: columns.x)
    lines = shown(reducer)
    first = twice.__code__.co_firstlineno
    assert line(lines, "h")[3] == f"twice(), line {first}"
    assert line(lines, "k")[3] == f"lambda, line {first + 4}"


def test_a_histogram_that_is_not_drawn_says_so(reducer: Reducer) -> None:
    reducer.hist("h", AXIS, figure=False)
    assert line(shown(reducer), "h")[4] == "none"


@pytest.mark.parametrize(
    ("reads", "words"),
    [
        (Columns(tree="Events", run="run"), "reads columns of the tree Events, run number from run"),
        (
            Records(Event, run=FileName("{run}"), end=("n", 0)),
            "reads records of type Event, run number from the file's name, {run}, run's end where n is 0",
        ),
        (
            Columns(run="run", end="last", number="n", time="t"),
            "reads columns, run number from run, run's end from last, event number from n, time from t",
        ),
    ],
)
def test_what_is_read_is_put_in_words(reads: Reads, words: str) -> None:
    assert shown(Reducer("Mine", reads=reads))[1] == words


def test_tables_and_trees_have_a_line_each(reducer: Reducer) -> None:
    reducer.table("now", ["U (V)", "I (A)"], by="spill", values=len, tag="currents")
    reducer.tree("hits", {"spill": "int64", "adc": "float32"}, file="hits_{run}", by="spill", limit=1000)
    lines = shown(reducer)
    assert line(lines, "now") == ["now", "spill", "len()", "currents", "U (V), I (A)"]
    branches = "spill (int64), adc (float32)"
    assert line(lines, "hits") == ["hits", "up to 1,000", "up to 12.0 kB", "spill, adc", branches]
    assert lines[-1] == "0 histograms, 1 table, 1 tree, 0 figures, up to 12.3 kB a run"


def test_problems_come_last(reducer: Reducer) -> None:
    assert shown(reducer)[-1].endswith("reducer 'Mine' declares no histogram, table or tree")


def test_a_narrow_terminal_gets_the_axes_on_lines_of_their_own(reducer: Reducer) -> None:
    reducer.hist("h", Regular(10, 0, 1, label="a label that is as long as labels sometimes are in plots"))
    console = terminal(80)
    show_plots(console, list_plots([reducer]))
    lines = written(console).splitlines()
    assert "histogram  kind   memory  filled with  figure" in lines
    assert "    10 bins, 0 to 1, a label that is as long as labels sometimes are in plots" in lines


def test_what_comes_from_a_file_reaches_no_terminal_as_it_is(reducer: Reducer) -> None:
    reducer.hist("h", Category(HOSTILE), values=HOSTILE)
    reducer.profile("p", AXIS, label=HOSTILE, values=["a", HOSTILE])
    for lines in (shown(reducer), shown(Reducer("R", reads=Columns(run=HOSTILE)))):
        assert all(each.isprintable() for each in lines)


def test_names_that_are_offered_are_listed() -> None:
    console = pipe()
    show_offers(console, [Offer("beam", "package:beam", "The beam."), Offer("halo", "package:halo", "")])
    lines = written(console).splitlines()
    assert lines[:3] == ["name  plots", "beam  The beam.", "halo  package:halo"]
    assert "runfolio init" in lines[-1]
