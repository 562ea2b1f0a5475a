"""A user's own plots file: what counts in it, and what is said of each mistake."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from runfolio.errors import DeclarationError, RunfolioError, SettingsError
from runfolio.mice.tof import tof
from runfolio.plots import Reducer, load_reducers
from runfolio.plots.plots_file import is_path
from support import PROGRAM, WITHOUT_ROOT_POWERS

HEAD = """from runfolio.plots import *
import numpy as np
events = Reducer("Events", reads=Columns(run="run"))
AXIS = Regular(10, 0, 1)
"""
"""Four lines: what follows begins on line 5."""


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "my_plots.py") -> str:
    """Write a file and return its name."""
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)
    return name


def mistake(text: str) -> str:
    """Return what is said of a file."""
    with pytest.raises(RunfolioError) as caught:
        load_reducers([write(text)])
    return str(caught.value)


def names(*paths: str) -> list[str]:
    return [reducer.name for reducer in load_reducers(paths)]


def reducer(name: str, variable: str = "") -> str:
    return f"{variable or name} = Reducer({name!r}, reads=Columns(run='run'))\n"


# --- what counts -----------------------------------------------------------------------------------


def test_what_ends_in_py_or_has_a_slash_is_a_path() -> None:
    assert [is_path(name) for name in ("a.py", "./a", "/a/b", "mice.tof", "a")] == [True] * 3 + [False] * 2


def test_reducers_come_in_order_of_declaration_each_once() -> None:
    text = HEAD + reducer("b") + reducer("a") + "again = a\n"
    assert names(write(text)) == ["Events", "b", "a"]


def test_reducers_in_lists_and_tuples_count() -> None:
    text = HEAD + "planes = [Reducer(f'plane{n}', reads=events.reads) for n in range(2)]\n"
    text += "ends = (Reducer('up', reads=events.reads), 7)\n"
    assert names(write(text)) == ["Events", "plane0", "plane1", "up"]


def test_an_imported_reducer_counts() -> None:
    assert load_reducers([write("from runfolio.mice.tof import tof\n")]) == (tof,)


def test_files_and_names_are_mixed_in_their_order_and_loaded_once() -> None:
    one, other = write(HEAD, "one.py"), write(HEAD.replace("Events", "Other"), "other.py")
    Path("link.py").symlink_to("one.py")
    spills = write("from runfolio.mice.ckov import ckov\n", "spills.py")
    assert names(other, one, "./one.py", "link.py", other) == ["Other", "Events"]
    assert names("mice.tof", spills, "mice.kl") == ["ReducePyTOFPlot", "ReducePyCkovPlot", "ReducePyKLPlot"]


def test_a_file_beside_it_can_be_imported_while_it_is_loaded_and_nothing_is_left_there() -> None:
    write("BINS = 20\n", "binning_beside.py")
    write(HEAD + "from binning_beside import BINS\nevents.hist('x', Regular(BINS, 0, 1))\n")
    before = list(sys.path)
    [events] = load_reducers(["my_plots.py"])
    assert events.histograms["x"].bins == 20
    assert sys.path == before
    assert sorted(os.listdir()) == ["binning_beside.py", "my_plots.py"]  # noqa: PTH208


def test_a_file_elsewhere_imports_what_is_beside_it() -> None:
    Path("plots").mkdir()
    write("from runfolio.plots import *\n" + reducer("Shared"), "plots/shared_beside.py")
    write("from shared_beside import Shared\n", "plots/mine.py")
    Path("link.py").symlink_to("plots/mine.py")
    assert names("plots/mine.py") == names("link.py") == ["Shared"]


def test_structs_with_annotations_as_text_can_be_read() -> None:
    text = "from __future__ import annotations\nimport msgspec\nfrom runfolio.plots import *\n"
    text += "class Event(msgspec.Struct):\n    run: int\n"
    text += "r = Reducer('R', reads=Records(Event, run='run'))\n"
    [loaded] = load_reducers([write(text)])

    assert msgspec.json.decode(b'{"run": 3}', type=loaded.reads.record).run == 3  # type: ignore[union-attr]


def test_a_file_is_no_main_program() -> None:
    assert names(write(HEAD + "if __name__ == '__main__':\n    1 / 0\n")) == ["Events"]


def test_places_are_those_of_the_file() -> None:
    [events] = load_reducers([write(HEAD + "events.hist('x', AXIS)\n\nevents.figure('f', panels=[['x']])\n")])
    places = (events.place, events.histograms["x"].place, events.figures["f"].place)
    assert [str(place) for place in places] == [f"my_plots.py, line {line}" for line in (3, 5, 7)]


def test_what_python_warns_of_is_logged_with_its_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load_reducers([write(HEAD + "LABEL = '$\\mu$'\n")])
    [line] = caplog.messages
    assert line.startswith("my_plots.py, line 5: invalid escape sequence")


# --- files that are none ---------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_told_of() -> None:
    Path("folder.py").mkdir()
    for name, reason in {
        "none.py": "none.py cannot be read: No such file or directory",
        "folder.py": "folder.py cannot be read: Is a directory",
        "a\0.py": "a\0.py cannot be read: embedded null byte",
    }.items():
        with pytest.raises(SettingsError) as caught:
            load_reducers([name])
        assert str(caught.value) == reason


def test_a_file_without_permission_is_told_of() -> None:
    Path(write(HEAD)).chmod(0)
    command = [*WITHOUT_ROOT_POWERS, *PROGRAM, "plots", "--plots", "my_plots.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "runfolio: my_plots.py cannot be read: Permission denied\n",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a = 1\nb = '\xff'\n", "data.py, line 2: not UTF-8 text"),
        (b"a = 1\n\0", "data.py, line 2: holds a null byte"),
        (b"#" * (5 << 20), "data.py is no plots file: it is larger than 4 MiB"),
    ],
)
def test_a_file_that_is_no_text_is_told_of(data: bytes, message: str) -> None:
    Path("data.py").write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        load_reducers(["data.py"])
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "x = 1\n", "from runfolio.plots import Reducer\n", HEAD + "del events"])
def test_a_file_without_a_reducer_is_told_of(text: str) -> None:
    assert mistake(text) == "my_plots.py declares no Reducer; runfolio init writes one to start from"


# --- mistakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", "'(' was never closed"),
        ("  x = 1\n", "unexpected indent"),
        ("return\n", "'return' outside function"),
        ("undefined\n", "NameError: name 'undefined' is not defined"),
        ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere'"),
        ("from runfolio.plots import Regulr\n", "ImportError: cannot import name 'Regulr' from 'runfolio.p"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("raise SystemExit\n", "SystemExit"),
        ("import sys; sys.exit('no')\n", "SystemExit: no"),
        ("exec('1 +')\n", "SyntaxError: invalid syntax"),
        ("raise ValueError('one\\n  two')\n", "ValueError: one two"),
    ],
)
def test_errors_of_python_are_shown_with_their_line(text: str, message: str) -> None:
    assert mistake(HEAD + text).startswith(f"my_plots.py, line 5: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Regular('a', 0, 1)", "an axis of 'a' bins: 1 to 1000000 are accepted"),
        ("Regular(10**9, 0, 1)", "an axis of 1000000000 bins: 1 to 1000000 are accepted"),
        ("Regular(5)", "TypeError: Regular.__init__() missing 2 required positional arguments"),
        ("Variable([1, 0])", "edges (1, 0): finite numbers, each above the one before, are accepted"),
        ("events.hist('x', AXIS, tilte='X')", "TypeError: Reducer.hist() got an unexpected keyword argument"),
        ("events.hist('a b', AXIS)", "histogram 'a b': letters, digits and _ are accepted"),
        ("events.hist(7, AXIS)", "histogram 7: letters, digits and _ are accepted"),
        ("events.hist('x', 10, 0, 1)", "histogram 'x': 10 is no axis: Regular, Integer, Variable, Category"),
        ("events.hist('x', Category(5))", "histogram 'x': label=5: text is accepted"),
        ("events.hist('x', AXIS, title=5)", "histogram 'x': title=5: text is accepted"),
        ("events.figure('a/b', panels=[['x']])", "figure 'a/b': tag 'a/b' is no file name"),
        ("events.figure(7, panels=[['x']])", "figure 7: text is accepted"),
        ("events.figure('f', panels=[[7]])", "7 is no panel: a histogram's name or a Panel is"),
        (
            "events.figure('f', panels=[['ADC']])",
            "figure 'f' shows 'ADC', which is not declared in Events; did you mean adc?",
        ),
        ("events.figure('f', panels=[['adc'] * 2, ['adc']])", "figure 'f': its panels are no grid of rows"),
        (
            "events.figure('f', panels=[['adc']], size=7)",
            "figure 'f': a size of 7: width and height are accepted, each of 1 to 10000 pixels",
        ),
        ("Reducer('R')", "TypeError: Reducer.__init__() missing 1 required keyword-only argument: 'reads'"),
        ("Reducer('a/b', reads=events.reads)", "reducer 'a/b': tag 'a/b' is no file name"),
        (
            "Reducer('R', reads=Columns)",
            "reducer 'R': reads=<class 'runfolio.plots.reads.Columns'>: Columns(",
        ),
        ("Columns(run=7)", "run=7: the name of a column or a FileName is accepted"),
        ("Records(dict, run='run')", "Records(<class 'dict'>): a class derived from msgspec.Struct is acc"),
        ("Spills(7, 7)", "Spills(7): a class derived from msgspec.Struct is accepted"),
    ],
)
def test_wrong_declarations_are_shown_with_their_line(text: str, message: str) -> None:
    assert mistake(f"{HEAD}events.hist('adc', AXIS)\n\n{text}\n").startswith(
        f"my_plots.py, line 7: {message}"
    )


def test_what_is_declared_twice_is_shown_with_both_lines() -> None:
    histograms = mistake(HEAD + "events.hist('pt', AXIS)\n\n@events.hist('pt', AXIS)\ndef pt(c): ...\n")
    assert histograms == "my_plots.py, line 7: histogram 'pt' is declared twice, first on line 5"
    figures = mistake(HEAD + "events.hist('pt', AXIS)\n" + "events.figure('f', panels=[['pt']])\n" * 2)
    assert figures == "my_plots.py, line 7: figure 'f' is declared twice, first on line 6"
    reducers = mistake(HEAD + reducer("Events", "more"))
    assert reducers.startswith("my_plots.py, line 5: reducer 'Events' is declared twice, first on line 3")


def test_the_line_is_the_innermost_of_the_file_even_where_a_library_raises() -> None:
    text = HEAD + "def edges():\n    return np.zeros(-1)\n\nVariable(edges())\n"
    assert mistake(text) == "my_plots.py, line 6: ValueError: negative dimensions are not allowed"


def test_a_call_over_several_lines_is_shown_where_it_begins() -> None:
    text = HEAD + "events.hist(\n    'x',\n    AXIS,\n    AXIS,\n    AXIS,\n)\n"
    assert mistake(text) == "my_plots.py, line 5: histogram 'x' has 3 axes: one or two are accepted"


def test_a_mistake_in_a_file_beside_it_is_shown_there() -> None:
    write("\n1 / 0\n", "beside_raises.py")
    assert (
        mistake("import beside_raises\n") == "beside_raises.py, line 2: ZeroDivisionError: division by zero"
    )
    write("\nx = (\n", "beside_is_not_python.py")
    assert mistake("import beside_is_not_python\n") == "beside_is_not_python.py, line 2: '(' was never closed"


def test_an_interrupt_stays_one() -> None:
    with pytest.raises(KeyboardInterrupt):
        load_reducers([write("raise KeyboardInterrupt")])


def test_an_error_that_cannot_say_what_it_is_is_shown_all_the_same() -> None:
    text = "class Odd(Exception):\n    def __str__(self):\n        raise KeyError\n\nraise Odd\n"
    assert mistake(text).startswith("my_plots.py, line 5: ")


def test_endless_recursion_and_nesting_are_mistakes_too() -> None:
    assert mistake("def f():\n    return f()\nf()\n").startswith("my_plots.py, line 2: RecursionError: ")
    assert mistake("x = " + "-" * 200_000 + "1\n").startswith("my_plots.py")


def test_the_traceback_begins_in_the_file() -> None:
    with pytest.raises(DeclarationError) as caught:
        load_reducers([write(HEAD + "np.zeros(-1)\n")])
    cause = caught.value.__cause__
    assert cause is not None
    assert cause.__traceback__ is not None
    assert cause.__traceback__.tb_frame.f_code.co_filename == "my_plots.py"


def test_a_file_that_failed_can_be_loaded_once_it_is_mended() -> None:
    mistake(HEAD + "1 / 0\n")
    assert [type(each) for each in load_reducers([write(HEAD)])] == [Reducer]


def test_files_of_one_name_beside_two_plots_files_are_told_apart() -> None:
    for directory, top in (("a", 10), ("b", 1000)):
        write(f"TOP = {top}\n", f"{directory}/of_one_name.py")
        text = HEAD.replace("Events", directory) + "import of_one_name\n"
        write(text + "events.hist('x', Regular(5, 0, of_one_name.TOP))\n", f"{directory}/plots.py")
    one, other = load_reducers(["a/plots.py", "b/plots.py"])
    assert [each.histograms["x"].axes[0].stop for each in (one, other)] == [10, 1000]


def test_a_file_beside_it_that_has_changed_is_imported_anew() -> None:
    text = HEAD + "import changing\nevents.hist('x', Regular(5, 0, changing.TOP))\n"
    tops = []
    for top in (10, 20):
        os.utime(write(f"TOP = {top}\n", "changing.py"), (top, top))
        [reducer] = load_reducers([write(text)])
        tops.append(reducer.histograms["x"].axes[0].stop)
    assert tops == [10, 20]


def test_what_a_file_prints_is_no_output_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    load_reducers([write(HEAD + "print('hello')\n")])
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")
