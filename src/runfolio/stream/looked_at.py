"""The file of columns that was looked at first, kept open to be read.

To open a ROOT tree of 50 branches takes 10 ms, as long as to read some ten thousand events of it.
"""

import weakref
from contextlib import suppress
from pathlib import Path

from runfolio.stream.column_files import ColumnFile

Stamp = tuple[int, int, int, int]


def stamp_of(path: str) -> Stamp | None:
    """Return what tells a file from another one of its name, and from itself when it was written since."""
    with suppress(OSError, ValueError):
        found = Path(path).stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return None


class LookedAt:
    """Keeps one file; closes it, if nobody has taken it, when this itself is let go."""

    def __init__(self) -> None:
        self._kept: tuple[ColumnFile, Stamp | None] | None = None
        self._close = weakref.finalize(self, lambda: None)

    def keep(self, file: ColumnFile, stamp: Stamp | None) -> None:
        """Keep an open file; `stamp` is what was found before it was opened."""
        self._close()
        self._kept = file, stamp
        self._close = weakref.finalize(self, file.close)

    def take(self, path: str) -> ColumnFile | None:
        """Return the file of a path, still open, if it is the one that is kept and unchanged."""
        if self._kept is None or self._kept[0].name != path:
            return None
        file, stamp = self._kept
        self._kept = None
        self._close.detach()
        if stamp is None or stamp_of(path) != stamp:
            file.close()
            return None
        return file
