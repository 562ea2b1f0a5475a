"""What comes from outside never reaches a terminal as a control: the program in a terminal of its own."""

import json
import re
from pathlib import Path

import pytest

from hostile.cases import lines
from hostile.folders import with_text
from hostile.program import run_in_terminal
from hostile.texts import TEXTS, everywhere
from support import mark, record, spill, stream

CONTROLS = "".join(text for text in TEXTS.values() if not text.isprintable())
"""All of them in one text."""

PLAIN = {"TERM": "dumb", "NO_COLOR": "1"}
COLOURS = {"TERM": "xterm-256color"}

OWN = re.compile(rb"\x1b\[(?:[0-9;]*m|\?25[hl]|[0-9]*[AK]|[0-9]*G)")
"""What the program itself sends: colours, the cursor hidden and shown, a line of progress written anew."""
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def forbidden(shown: bytes) -> list[str]:
    """Return the controls in what a terminal got, but for the program's own; a line ends in CR LF there."""
    text = OWN.sub(b"", shown).decode()
    return FORBIDDEN.findall(text.replace("\r\n", "\n"))


@pytest.fixture
def hostile_stream(place: Path) -> str:
    """A file with hostile texts wherever the stream has one, also in its own name."""
    name = "in\x1b]0;owned\x07\x9b2J\u202e.json"
    texts = b"".join(map(everywhere, [CONTROLS, *TEXTS.values()]))
    (place / name).write_bytes(
        stream(spill(1, 1)) + texts + lines(spill(1, 2), mark("RunFooter", 1), mark("RunHeader", 2))
    )
    return name


@pytest.mark.parametrize("terminal", [PLAIN, COLOURS], ids=["plain", "colours"])
def test_no_control_of_a_stream_reaches_the_terminal(
    place: Path, hostile_stream: str, terminal: dict[str, str]
) -> None:
    status, shown = run_in_terminal(
        place, "run", hostile_stream, "--verbose", "--plots", "mice",
        "--histogram-image-type", "none", **terminal,
    )  # fmt: skip
    assert status == 1
    assert rb"in\x1b]0;owned\x07" in shown
    assert b"unknown_kind" in shown
    assert forbidden(shown) == []


@pytest.mark.parametrize("command", ["show", "verify"])
def test_no_control_of_a_folder_reaches_the_terminal(place: Path, hostile_stream: str, command: str) -> None:
    run_in_terminal(place, "run", hostile_stream, "--quiet", "--histogram-image-type", "none", **PLAIN)
    folder = place / "end_of_run" / "1"
    (folder / "run.json").write_text(json.dumps(with_text(record(folder), CONTROLS)))
    (folder / CONTROLS.replace("/", "")[:60]).touch()
    for terminal in (PLAIN, COLOURS):
        _, shown = run_in_terminal(place, command, str(folder), "end_of_run/\x1b]0;owned\x07", **terminal)
        assert rb"\x1b]0;owned\x07" in shown
        assert forbidden(shown) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "missing\x1b]0;owned\x07.json"),
        ("run", "spills.json", "--grace", "\x1b[31m"),
        ("run", "spills.json", "--\x1b[31m"),
        ("run", "spills.json", "--plots", "\x9b31m\x07"),
        ("run", "spills.json", "--settings", "\u202e.toml"),
        ("run", "spills.json", "--image-directory", "spills.json/\x1b[31m"),
        ("\x1b[31m",),
        ("simulate", "--output", "\x1b[31m/x"),
        ("init", "spills.json/\x1b[31m"),
    ],
)
def test_no_control_of_the_command_line_comes_back(place: Path, arguments: tuple[str, ...]) -> None:
    (place / "spills.json").write_bytes(stream(spill(1, 1)))
    status, shown = run_in_terminal(place, *arguments, RUNFOLIO_TRACEBACK="1", **PLAIN)
    assert status == 2
    assert shown
    assert forbidden(shown) == []


def test_what_is_looked_for_would_be_found() -> None:
    assert forbidden(b"\x1b[31mred\x1b[0m\r\n") == []
    assert len(forbidden(b"\x1b]0;owned\x07\r\x08")) == 4 - 1
    assert forbidden("\x9b\u202e".encode()) == ["\x9b", "\u202e"]
