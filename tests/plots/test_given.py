"""What is given to declarations: what is no text, keyword, size or colour is refused where it stands."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import DeclarationError
from runfolio.plots import Columns, Integer, Panel, Reducer, Series, grid, overlay
from runfolio.plots.loading import load_reducers

AXIS = Integer(0, 3)


@pytest.fixture
def mine() -> Any:
    """Not as a Reducer: it is called with what it does not take."""
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.hist("x", AXIS)
    return reducer


def replaced(reducer: Any, **how: Any) -> Reducer:
    return Reducer(reducer.name, reads=reducer.reads, **how)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda m: replaced(m, keywords=[5]), "reducer 'Mine': keywords=[5]: a list of texts"),
        (lambda m: replaced(m, keywords="tof"), "reducer 'Mine': keywords are a list: ['tof']"),
        (lambda m: m.figure("f", panels=[["x"]], keywords=[5]), "figure 'f': keywords=[5]: a list of texts"),
        (lambda m: m.figure("f", panels=[["x"]], keywords=7), "figure 'f': keywords=7: a list of texts"),
        (lambda m: m.figure("f", 7, panels=[["x"]]), "figure 'f': description=7: text is accepted"),
        (lambda m: m.figure("f", panels=[["x"]], size=700), "figure 'f': a size of 700: width and height"),
        (lambda m: m.figure("f", panels=[["x"]], size=(True, 5)), "figure 'f': a size of (True, 5)"),
        (lambda m: m.figure(None, panels=[["x"]]), "figure None: text is accepted"),
        (lambda m: m.figure("f", panels=None), "figure 'f': panels are a list of rows"),
        (lambda m: m.figure("f", panels=[None]), "figure 'f': panels are a list of rows"),
        (lambda m: m.hist(None, AXIS), "histogram None: letters"),
        (lambda m: m.hist("h", AXIS, title=5), "histogram 'h': title=5: text"),
        (lambda m: m.hist("h", AXIS, label=5), "histogram 'h': label=5: text"),
        (lambda m: m.hist("h", Integer(0, 3, label=5)), "histogram 'h': label=5: text"),  # type: ignore[arg-type]
        (lambda m: m.profile("p", AXIS, label=5), "histogram 'p': label=5: text"),
        (lambda m: m.table("t", ["a"], by="n", title=5), "table 't': title=5: text"),
        (lambda m: m.table("t", ["a"], by="n", keywords="muon"), "table 't': keywords are a list: ['muon']"),
        (lambda m: m.table("t", "energy", by="n"), "table 't': rows are a list: ['energy']"),
        (lambda m: m.table("t", {"E": 5}, by="n"), "table 't': columns=(5,): a list of texts"),
        (lambda m: m.table("t", 5, by="n"), "table 't': rows=5: a list of texts"),
        (lambda m: m.table("t", ["a"], by=5), "table 't': its rows and `by` are names"),
        (lambda m: m.table("t", ["a"], by="n", size=700), "table 't': a size of 700: width and height"),
        (lambda m: m.table("t", ["a"], by="n", size=(700, 5.5)), "table 't': a size of (700, 5.5)"),
        (lambda m: m.table("t", ["a"], by="n", tag=5), "table 5: text is accepted"),
        (lambda m: m.table(None, ["a"], by="n"), "table None: text is accepted"),
        (lambda m: m.table("t t", ["a"], by="n", tag="t"), "table 't t': letters"),
        (lambda m: m.tree("t", ["a"], file="f{run}", by="a"), "tree 't': branches=['a']: types by name"),
        (lambda m: m.tree("t", {"a": ["int8"]}, file="f{run}", by="a"), "tree 't': branch 'a' of ['int8']"),
        (lambda m: m.tree("t", {5: "int8"}, file="f{run}", by="a"), "tree 't': branch 5: letters"),
        (lambda m: m.tree("t", {"a": "int8"}, file=5, by="a"), "tree 't': file=5"),
        (lambda m: m.tree("t", {"a": "int8"}, file="f{run}", by=5), "tree 't': by=5: a list of texts"),
        (lambda m: m.tree("t", {"a": "int8"}, file="f{run}", by="a", title=5), "tree 't': title=5: text"),
        (
            lambda m: m.tree("t", {"a": "int8"}, file="f{run}", by="a", keywords="muon"),
            "tree 't': keywords are a list: ['muon']",
        ),
        (lambda m: m.tree(None, {"a": "int8"}, file="f{run}", by="a"), "tree None: letters"),
        (lambda _: overlay("x", title=5), "a panel: title=5: text"),
        (lambda _: overlay(5), "a series: histogram=5: text"),  # type: ignore[arg-type]
        (lambda _: Panel(series=("x",)), "a panel: series=('x',): a tuple of Series"),  # type: ignore[arg-type]
        (lambda _: Series("x", label=5), "series 'x': label=5: text"),  # type: ignore[arg-type]
        (lambda _: Series("x", color=5), "series 'x': color=5: text"),  # type: ignore[arg-type]
        (
            lambda _: Series("x", color="reddish"),
            "series 'x': color='reddish': matplotlib knows no such colour",
        ),
        (lambda _: Series("x", color="#12345"), "series 'x': color='#12345': matplotlib knows"),
        (lambda _: grid(["x"], "2"), "a grid of '2' columns"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_type_is_refused_at_once(
    mine: Any, declare: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare(mine)
    assert message in str(refused.value)
    assert list(mine.histograms) == ["x"]
    assert {*mine.figures, *mine.tables, *mine.trees} == set()


def test_it_is_told_with_its_line(tmp_path: Path) -> None:
    plots = tmp_path / "plots.py"
    plots.write_text(
        'from runfolio import Columns, Integer, Reducer\nr = Reducer("R", reads=Columns(run="run"))\n'
        'r.profile("p", Integer(0, 3), label=5)\n'
    )
    with pytest.raises(DeclarationError) as refused:
        load_reducers([str(plots)])
    assert str(refused.value) == f"{plots}, line 3: histogram 'p': label=5: text is accepted"


@pytest.mark.parametrize("keywords", [["a", "b"], ("a", "b"), {"a": 1, "b": 2}.keys(), iter("ab")])
def test_keywords_are_any_texts(mine: Any, keywords: Any) -> None:
    mine.figure("f", panels=[["x"]], keywords=keywords)
    assert mine.figures["f"].keywords == ("a", "b")


@pytest.mark.parametrize("color", ["", "black", "r", "C3", "#fff", "#0072B2", "#0072B280", "0.5", "tab:blue"])
def test_colors_that_matplotlib_knows(color: str) -> None:
    assert Series("x", color=color).color == color


def test_matplotlib_is_not_imported_for_common_colors() -> None:
    code = (
        "import sys; from runfolio.plots import Series, overlay; overlay('a', 'b', Series('c', color='red'),"
        " Series('d', color='#123456')); print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
