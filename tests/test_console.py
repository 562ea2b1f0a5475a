"""Text, tables and log lines: on a terminal and piped, wide and narrow, with hostile names."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoles import HOSTILE, pipe, terminal, written
from runfolio.console import Column, log_to, printable, say, size_text, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ünï ☃ 漢", "Ünï ☃ 漢"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("\u202e\u2028\ufeff", r"\u202e\u2028\ufeff"),
        ("\udcff", r"\udcff"),
        ("\U000e0001", r"\U000e0001"),
        (Path("end_of_run"), "end_of_run"),
    ],
)
def test_control_characters_are_shown_as_escapes(text: object, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_any_text_becomes_printable_and_stays_so(text: str) -> None:
    once = printable(text)
    assert once.isprintable()
    assert printable(once) == once
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (45_600_000, "45.6 MB"),
        (1.5e9, "1.5 GB"),
        (2.5e15, "2500.0 TB"),
    ],
)
def test_sizes_are_shown_in_powers_of_1000(count: float, text: str) -> None:
    assert size_text(count) == text


def test_text_is_no_markup_and_no_emoji() -> None:
    for console in (pipe(), terminal()):
        say(console, "[bold]x[/bold] :smile: 123")
        assert "[bold]x[/bold] :smile: 123\n" in written(console)


def test_a_line_is_not_broken_however_narrow_the_terminal_is() -> None:
    for console in (pipe(), terminal(width=20)):
        say(console, "word " * 30 + "end")
        assert written(console) == "word " * 30 + "end\n"


COLUMNS = (Column("run", right=True), Column("folder"))


def test_a_piped_table_is_aligned_plain_text() -> None:
    console = pipe()
    table(console, COLUMNS, [(1, "end_of_run/1"), (4235, "end_of_run/" + "x" * 200)])
    assert written(console).splitlines() == [
        " run  folder",
        "   1  end_of_run/1",
        "4235  end_of_run/" + "x" * 200,
    ]


def test_a_table_on_a_narrow_terminal_loses_no_character() -> None:
    console = terminal(width=24)
    table(console, COLUMNS, [(4235, "end_of_run/" + "x" * 50)])
    assert written(console) == " run  folder\n4235  end_of_run/" + "x" * 50 + "\n"


def test_a_narrow_terminal_can_have_the_last_column_below_the_others() -> None:
    rows = [("a", "long " * 10), ("bc", ""), ("d", "x")]
    for console, lines in (
        (terminal(40), ["name", "a", f"    {rows[0][1]}".rstrip(), "bc", "d", "    x"]),
        (pipe(), ["name  what", f"a     {rows[0][1]}".rstrip(), "bc", "d     x"]),
    ):
        table(console, (Column("name"), Column("what")), rows, fold=True)
        assert [line.rstrip() for line in written(console).splitlines()] == lines


def test_a_long_table_is_not_drawn() -> None:
    console = terminal(100)
    table(console, (Column("name"),), [("x",)] * 1000)
    assert written(console).splitlines()[:2] == ["name", "x"]


def test_a_table_on_a_wide_terminal_is_drawn() -> None:
    console = terminal(width=80)
    table(console, COLUMNS, [(4235, "end_of_run/4235")])
    assert "─" in written(console)
    assert "4235   end_of_run/4235" in written(console)


def test_cells_and_headings_are_shown_without_control_characters() -> None:
    for console in (pipe(), terminal(width=200)):
        table(console, (Column(HOSTILE), Column("folder")), [(1, HOSTILE)])
        assert written(console).count(printable(HOSTILE)) == 2
        assert "\x1b[31m" not in written(console)


log = logging.getLogger("runfolio.test")


def test_warnings_are_written_and_details_only_on_request() -> None:
    for verbose, lines in ((False, 1), (True, 2)):
        console = pipe()
        with log_to(console, verbose=verbose):
            log.info("run %d sealed", 4235)
            log.warning("a plot failed: %s", HOSTILE)
        assert len(written(console).splitlines()) == lines
        assert f"runfolio: a plot failed: {printable(HOSTILE)}\n" in written(console)


def test_tracebacks_are_written_only_on_request() -> None:
    for verbose in (False, True):
        console = pipe()
        with log_to(console, verbose=verbose):
            try:
                int(HOSTILE)
            except ValueError:
                log.exception("a plot failed")
        assert ("Traceback" in written(console)) is verbose
        assert "\x1b" not in written(console)


def test_warnings_of_libraries_are_written_too() -> None:
    console = pipe()
    with log_to(console, verbose=True):
        logging.getLogger("matplotlib").info("not this")
        logging.getLogger("matplotlib").warning("this")
    assert written(console) == "runfolio: this\n"


def test_logging_is_left_as_it_was() -> None:
    root, own = logging.getLogger(), logging.getLogger("runfolio")
    before = (root.handlers[:], root.level, own.handlers[:], own.level)
    with log_to(pipe(), verbose=True):
        pass
    assert (root.handlers, root.level, own.handlers, own.level) == before


def test_a_log_line_that_cannot_be_made_does_not_end_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with log_to(pipe(), verbose=False):
        log.warning("%d", "no number")
    assert capsys.readouterr().err == ""
