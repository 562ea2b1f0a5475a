"""The disk that run folders go to: a small one of its own where that can be had, so that it can be full."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

SIZE = 32_000_000
NAMESPACES = (("unshare", "--mount"), ("unshare", "--user", "--map-root-user", "--mount"))
"""What gives a program mounts of its own, which end with it: for root, and for others where it is allowed."""
OWN_MOUNTS = "--own-mounts"
"""The option that tells the program that it has them."""


def enter_own_mounts(arguments: Sequence[str]) -> None:
    """Start this program anew with mounts of its own; return where the system does not allow that."""
    for namespace in NAMESPACES if which("unshare") else ():
        with TemporaryDirectory() as directory:
            tried = subprocess.run(
                [*namespace, *_mounting(Path(directory))], capture_output=True, check=False
            )
        if tried.returncode == 0:
            command = [*namespace, sys.executable, "-m", "soak", OWN_MOUNTS, *arguments]
            os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


def _mounting(directory: Path) -> Sequence[str]:
    return ("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(directory))


class Disk:
    """A directory for run folders.

    Args:
        directory: is made.
        own: whether a file system may be mounted there.

    """

    def __init__(self, directory: Path, *, own: bool) -> None:
        self.directory = directory
        self.can_be_full = own
        directory.mkdir(parents=True)
        if own:
            subprocess.run(_mounting(directory), check=True)

    @property
    def _ballast(self) -> Path:
        return self.directory / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass

    def free(self) -> None:
        """Have the room back."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Have the directory an ordinary one again."""
        if self.can_be_full:
            subprocess.run(["umount", str(self.directory)], check=True)
