"""Disks that are full, as the system has them: a small file system, or a limit on the size of files."""

import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from processes import Process

BLOCK = 4096
LIMIT = 20_000
"""Bytes: enough for a lock and for what is said, not for a large image."""


@dataclass
class FullDisk:
    """A directory in which nothing more can be written until there is room again.

    Args:
        directory: there already.
        said: what the system says.
        prefix: put before the command of who writes there.

    """

    directory: Path
    said: str
    prefix: Sequence[str] = ()

    def make_room(self, process: Process) -> None:
        """Let a process write there."""
        if self.prefix:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        else:
            (self.directory / "filler").unlink()

    def leave_room(self, size: int) -> None:
        """Let so many bytes more be written on a file system."""
        filler = self.directory / "filler"
        os.truncate(filler, max(filler.stat().st_size - size, 0))


@contextmanager
def small_file_system(mount_point: Path, size: str = "1m") -> Iterator[FullDisk]:
    """Mount a file system and fill it; it is seen under another path, and vanishes with who holds it.

    It needs a mount namespace, which root may have, and elsewhere mostly each user.
    """
    as_user = () if os.geteuid() == 0 else ("--map-root-user",)
    mount = f'mount -t tmpfs -o size={size} none "$0" && echo mounted && exec cat'
    with subprocess.Popen(
        ["unshare", "--mount", *as_user, "sh", "-c", mount, mount_point],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != "mounted\n":
            assert "CI" not in os.environ, "nothing may be mounted here: these tests would prove nothing"
            pytest.skip("nothing may be mounted here")
        directory = Path(f"/proc/{holder.pid}/root{mount_point}")
        _fill(directory / "filler")
        yield FullDisk(directory, "No space left on device")
        holder.stdin.close()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(BLOCK))


@contextmanager
def small_files(directory: Path) -> Iterator[FullDisk]:
    """Have no file grow; anyone may do that."""
    yield FullDisk(directory, "File too large", ("prlimit", f"--fsize={LIMIT}:unlimited"))
