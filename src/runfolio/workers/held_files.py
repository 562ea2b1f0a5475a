"""Held files: inputs that are kept open, so that they stay what they are whatever becomes of their names.

One process has a file open from its beginning to its end. Several open it again for each block, and log
rotation may have put another one in its place by then.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

DESCRIPTORS = Path("/proc", str(os.getpid()), "fd")
"""Where a file that is open has a path by which any process of this user can open it again, in Linux."""


class HeldFiles:
    """The files that are read, by the numbers of the inputs."""

    def __init__(self) -> None:
        self._files: dict[int, BinaryIO] = {}

    def hold(self, number: int, path: str) -> None:
        """Keep an input open, unless it is already; one that has vanished by now is not."""
        if number not in self._files and DESCRIPTORS.exists():
            with suppress(OSError):
                self._files[number] = Path(path).open("rb")  # noqa: SIM115 - open until it was read

    def path(self, number: int) -> str:
        """Return the path by which an input is to be opened; empty where it is not held."""
        file = self._files.get(number)
        return str(DESCRIPTORS / str(file.fileno())) if file else ""

    def release(self, before: int) -> None:
        """Let go of the inputs before one."""
        for number in [each for each in self._files if each < before]:
            self._files.pop(number).close()

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
