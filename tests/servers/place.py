"""A place to deliver to, as a test has it: its settings, and its disk as seen from behind the server."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from runfolio.mover.settings import DestinationSettings


class Place(Protocol):
    """A destination with its server, which runs until the test is over."""

    @property
    def settings(self) -> DestinationSettings: ...

    def files(self) -> dict[str, bytes]:
        """Return all files below the URL, by path, as they lie on the server's disk."""
        ...

    def damage(self, path: str, at: int = 0) -> None:
        """Flip a bit of a file on the server's disk; nobody is told, and its times stay."""
        ...

    def stop(self) -> None:
        """Kill the server."""
        ...

    def start(self) -> None:
        """Start it again, with the same address and disk."""
        ...


def files_below(directory: Path) -> dict[str, bytes]:
    """Return all files below a directory by path."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def flip(path: Path, at: int = 0) -> None:
    """Flip a bit of a file; its times stay."""
    times = path.stat()
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def needed(*programs: str) -> list[str]:
    """Return the paths of programs; skip the test where one is not installed, but not in CI.

    `make servers` installs them, where it may.
    """
    found = {name: shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") for name in programs}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        words = f"{', '.join(missing)} not installed: make servers, as root"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return [path for path in found.values() if path is not None]


MakePlace = Callable[[Path], Place]
"""Given an empty directory of its own, starts a server."""
