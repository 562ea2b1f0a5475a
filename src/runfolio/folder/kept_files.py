"""Kept files: in the staging, one a run, of which the oldest are removed when there are too many.

They are a convenience: none is forced to the disk, and all may be removed at any time.
"""

import os
from contextlib import suppress
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder import durable
from runfolio.folder._files import is_regular, names_in, told
from runfolio.folder.checkpoint_file import read_checkpoint, write_checkpoint
from runfolio.folder.names import KEPT, check_run_number

MOST_RUNS = 100
MOST_BYTES = 1 << 30
"""Of all files together."""


class KeptFiles:
    """The files that are kept in a staging.

    Args:
        staging: of the end-of-run directory.
        most: runs.
        most_bytes: of all files together.

    """

    def __init__(self, staging: Path, *, most: int = MOST_RUNS, most_bytes: int = MOST_BYTES) -> None:
        self.directory = staging / KEPT
        self._most = most
        self._most_bytes = most_bytes
        self._sizes: dict[Path, int] | None = None
        """Bytes of the files, the oldest first; None until the directory is looked at."""

    def _path(self, run_number: int) -> Path:
        return self.directory / str(check_run_number(run_number))

    def write(self, run_number: int, contents: bytes) -> None:
        """Put a run's file in place of the one before.

        Raises:
            FolderError: the system refuses; the one before is removed then, where that works, since it is
                not the newest any more.

        """
        path = self._path(run_number)
        try:
            write_checkpoint(path, contents, lasting=False)
        except FolderError:
            with suppress(FolderError):
                durable.remove_file(path)
            raise
        self._remove_oldest(path)

    def _remove_oldest(self, newest: Path) -> None:
        if self._sizes is None:
            self._sizes = self._found()
        sizes = self._sizes
        sizes.pop(newest, None)
        with told("read", newest):
            sizes[newest] = newest.lstat().st_size
        while len(sizes) > self._most or sum(sizes.values()) > self._most_bytes:
            oldest = next(iter(sizes))
            durable.remove_file(oldest)
            del sizes[oldest]

    def _found(self) -> dict[Path, int]:
        """Look at what former processes have left, and clear away what they have not finished."""
        found: list[tuple[int, Path, int]] = []
        for name in names_in(self.directory):
            path = self.directory / name
            if durable.read_temporary_name(name):
                durable.remove_leftover(path)
            elif name.isdecimal() and is_regular(path):
                with told("read", path):
                    status = path.lstat()
                found.append((status.st_mtime_ns, path, status.st_size))
        return {path: size for _, path, size in sorted(found)}

    def read(self, run_number: int) -> bytes | None:
        """Return what is kept of a run, None where nothing is.

        Raises:
            FolderError: it cannot be read.
            CheckpointError: it is damaged, or of another version.

        """
        path = self._path(run_number)
        return read_checkpoint(path) if os.path.lexists(path) else None
