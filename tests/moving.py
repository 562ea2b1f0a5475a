"""A directory with sealed runs and destinations for them, and `runfolio move` as a user runs it there."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from processes import DEADLINE, Process
from runfolio.images import Image
from sealed_folders import IMAGES, seal_run
from support import PROGRAM, Runfolio, clean_environment

TERMINAL = (24, 100)
"""Rows and columns."""

SLOW_PROGRAM = """
put = ["sh", "-c", 'mkdir -p "$(dirname "$1")"; cp "$0" "$1"', "{source}", "{target}"]
checksum = ["sh", "-c", 'test -e fast || sleep 1000; sha256sum "$0"', "{target}"]
rename = ["mv", "{source}", "{target}"]
remove = ["rm", "-rf", "{target}"]
exists = ["test", "-e", "{target}"]
"""
"""Settings of a site's own program that hangs until there is a file called `fast`."""


class Here:
    """A directory, in which the program is run.

    Args:
        path: the directory.
        runfolio: runs the program to its end; checks the exit status.

    """

    def __init__(self, path: Path, runfolio: Runfolio) -> None:
        self.path, self.runfolio = path, runfolio
        self.archive, self.end_of_run = path / "archive", path / "end_of_run"
        self.journal = self.end_of_run / ".mover" / "journal.sqlite"

    def seal(self, *numbers: int, images: Sequence[Image] = IMAGES[:1]) -> "Here":
        """Seal runs of a few files."""
        for number in numbers:
            seal_run(self.end_of_run, number, images)
        return self

    def destination(self, more: str = "", *, made: bool = True) -> "Here":
        """Write settings with an archive that is a directory, with more lines to it."""
        if made:
            self.archive.mkdir(exist_ok=True)
        return self.settings(f'[[destination]]\nname = "archive"\nurl = "{self.archive.as_uri()}"\n{more}\n')

    def settings(self, text: str) -> "Here":
        (self.path / "runfolio.toml").write_text(text)
        return self

    def move(self, *arguments: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `runfolio move` with these words to its end."""
        return self.runfolio("move", *arguments, status=status, env=environment)

    def refused(self, *arguments: str, status: int = 2) -> str:
        """Run it where it can't do what was asked; return the one line that it says."""
        done = self.move(*arguments, status=status)
        assert done.stdout == ""
        [line] = done.stderr.splitlines()
        assert line.startswith("runfolio: ")
        assert line.isprintable()
        return line.removeprefix("runfolio: ")

    def found(self, *arguments: str) -> Any:
        """Return what a command says with --json."""
        return json.loads(self.move(*arguments, "--json").stdout)

    def delivered(self) -> list[str]:
        """Return the names of what is at the archive, but for the receipts."""
        return sorted(path.name for path in self.archive.iterdir() if path.name != "receipts")

    @contextmanager
    def mover(self, *arguments: str) -> Iterator[Process]:
        """Have a mover at work; whatever happens it is gone afterwards."""
        process = subprocess.Popen(
            [*PROGRAM, "move", *arguments],
            cwd=self.path,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def on_terminal(self, *arguments: str) -> tuple[int, str]:
        """Run it with a terminal for all three streams; return its status and all that it wrote there."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", *TERMINAL, 0, 0))
        process = subprocess.Popen(
            [*PROGRAM, "move", *arguments],
            cwd=self.path,
            env=clean_environment(TERM="xterm"),
            stdin=follower,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        shown, end = b"", time.monotonic() + DEADLINE
        try:
            with suppress(OSError):  # as Linux tells that the program has closed its end
                while select.select([leader], [], [], max(0.0, end - time.monotonic()))[0]:
                    shown += os.read(leader, 65536)
            return process.wait(DEADLINE), shown.decode()
        finally:
            process.kill()
            process.wait()
            os.close(leader)
