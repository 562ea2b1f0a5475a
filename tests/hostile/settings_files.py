"""Datacards and settings files that are code, too much, no text, or no file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hostile.texts import TEXTS

TOUCH = "__import__('os').system('touch owned')"


@dataclass(frozen=True, kw_only=True)
class SettingsCase:
    """A file of settings, and what is said of it; nothing is said of one that is taken."""

    name: str
    file: str
    made: bytes | Callable[[Path], object]
    """What it holds, or what makes it."""
    says: str = ""


CODE = {
    "a call": f"image_directory = {TOUCH}",
    "a statement": TOUCH,
    "an import": "import os",
    "a function": "image_directory = (lambda: 'x')()",
    "a format": "image_file_prefix = f'{1}'",
    "a comprehension": "plots = [x for x in 'ab']",
    "an annotation": f"grace: {TOUCH}",
    "a decorator": f"@{TOUCH}\ndef f(): pass",
    "a power": "refresh_rate = 9**9**9",
    "a product": "image_directory = 'a' * 10**10",
    "a star": "[*a] = [1]",
    "a walrus": "(grace := 1)",
    "an addition to itself": "grace += 1",
    "a subscript": "a[0] = 1",
    "no hash": "a = {[]: 1}",
    "carriage returns before code": f"grace = 1\r{TOUCH}",
}
NO_PYTHON = {
    "a raw escape": b"\x1b]0;owned\x07 = 1",
    "a null": b"grace = 1\0",
    "UTF-16": "grace = 1".encode("utf-16"),
    "UTF-7, as it says": b"# coding: utf-7\n+AGc-race = 1",
    "text from right to left": "\u202egrace = 1".encode(),
    "Latin-1": b"a = '\xff'",
    "a string without end": b"a = '''",
    "100,000 brackets": b"a = " + b"[" * 100_000 + b"]" * 100_000,
    "100,000 minus signs": b"a = " + b"-" * 100_000 + b"1",
    "100,000 sums": b"a = " + b"1+" * 100_000 + b"1",
    "100,000 dots": b"a" + b".a" * 100_000,
    "a number of 5,000 digits": b"refresh_rate = " + b"9" * 5_000,
    "a megabyte too much": b"a = 1\n" * 400_000,
}
NO_VALUES = {
    "refresh_rate": ("0x" + "f" * 10_000, "-1", "2**3", "1j", "True", "1e400", "'1'", "..."),
    "refresh_seconds": ("1e400", "-1e400", "'nan'", "-1", "[1]"),
    "image_file_prefix": ("'../x'", "'/x'", "'a\\0'", "'\\x1b[31m'", "'x' 'y/'", "''", "b'x'", "'\u0430'"),
    "image_directory": ("''", "'a\\0b'", "'\\ud800'", "b'x'", "['x']", "'~nobody_at_all/x'"),
    "histogram_image_type": ("'exe'", "'../png'", "[['png']]", "{1: 2}"),
    "line_limit": ("-1", "10**30", "1e300", "9" * 400),
    "documents": ("'a\\0'", "'\\ud800'", "1"),
}
NO_TOML = {
    "a raw escape": b'a = "\x1b]0;owned\x07"',
    "an escaped escape as a key": rb'"\u001b]0;owned\u0007" = 1',
    "a null": b'a = "\0"',
    "a path with a null": rb'image_directory = "a\u0000b"',
    "a number of 5,000 digits": b"refresh_rate = " + b"9" * 5_000,
    "a number of 5,000 digits in hex": b"refresh_rate = 0x" + b"f" * 5_000,
    "nan": b"refresh_seconds = nan",
    "inf": b"refresh_seconds = inf",
    "10,000 brackets": b"a = " + b"[" * 10_000,
    "10,000 inline tables": b"a = " + b"{a=" * 10_000,
    "a key of 500,000 parts": b"a" + b".a" * 500_000 + b" = 1",
    "a key like a pattern": b'"(((((" = 1',
    "a key that is empty": b'"" = 1',
    "a key twice": b"grace = 1\ngrace = 2",
    "a date": b"grace = 2106-02-07",
    "UTF-16": "grace = 1".encode("utf-16"),
    "two megabytes": b"#" * 2_000_000,
}
NO_FILES: dict[str, Callable[[Path], object]] = {
    "a directory": Path.mkdir,
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to a device without end": lambda path: path.symlink_to("/dev/zero"),
}

CARDS, TOML = "cards.py", "runfolio.toml"

CASES = (
    *(
        SettingsCase(name=f"cards: code: {name}", file=CARDS, made=text.encode(), says="not an assignment")
        for name, text in CODE.items()
    ),
    *(
        SettingsCase(name=f"cards: no Python: {name}", file=CARDS, made=text, says=CARDS)
        for name, text in NO_PYTHON.items()
    ),
    *(
        SettingsCase(name=f"cards: {card:.50}", file=CARDS, made=card.encode(), says=CARDS)
        for card in (f"{name} = {value}" for name, values in NO_VALUES.items() for value in values)
    ),
    *(
        SettingsCase(name=f"cards: {name} for plots", file=CARDS, made=card.encode(), says="runfolio: ")
        for name, card in ((name, f"plots = {text!r}") for name, text in TEXTS.items())
    ),
    *(SettingsCase(name=f"toml: {name}", file=TOML, made=text, says=TOML) for name, text in NO_TOML.items()),
    *(SettingsCase(name=f"toml: {name}", file=TOML, made=made, says=TOML) for name, made in NO_FILES.items()),
    *(
        SettingsCase(name=f"cards: {name}", file=CARDS, made=made, says=CARDS)
        for name, made in NO_FILES.items()
        if name != "a pipe"  # one that was asked for is waited for
    ),
    SettingsCase(name="cards: an annotation with a value", file=CARDS, made=f"grace: {TOUCH} = 1".encode()),
    SettingsCase(
        name="cards: 50,000 that are not known",
        file=CARDS,
        made=b"".join(b"x%d=1\n" % number for number in range(50_000)),
    ),
    SettingsCase(name="cards: a name a megabyte long", file=CARDS, made=b"a" * 1_000_000 + b" = 1"),
    SettingsCase(name="cards: a look-alike of a name", file=CARDS, made="\uff47race = 1".encode()),
    SettingsCase(name="cards: nothing", file=CARDS, made=b""),
    SettingsCase(name="toml: nothing", file=TOML, made=b""),
)  # fmt: skip
