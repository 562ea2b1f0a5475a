"""Consoles to write to in tests, and a text that no terminal should get."""

import io

from rich.console import Console

from runfolio.console import open_console

HOSTILE = "a\x1b[31mb\x07\r\n\x9b2J\u202ec\x7f"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(width: int = 100) -> Console:
    return Console(
        file=Terminal(), markup=False, emoji=False, highlight=False, width=width, force_terminal=True
    )


def pipe() -> Console:
    return open_console(io.StringIO())


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
