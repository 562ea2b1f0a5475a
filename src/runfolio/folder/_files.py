"""Reading what others may have put there, and errors of the system in one line.

A name in a directory can be anything: a link to elsewhere, a FIFO that never answers, a device.
Nothing in this package opens one of those to read it.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runfolio.errors import FolderError


@contextmanager
def told(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError into `cannot <doing> <path>: <the system's reason>`, with the OSError as its cause."""
    try:
        yield
    except OSError as error:
        raise FolderError(f"cannot {doing} {path}: {error.strerror or error}") from error


def names_in(folder: Path) -> set[str]:
    """Return the names of all that a directory holds.

    Raises:
        FolderError: it is not there, no directory, or cannot be read.

    """
    with told("read", folder), os.scandir(folder) as entries:
        return {entry.name for entry in entries}


def open_regular(path: Path) -> int | None:
    """Return a descriptor to read a regular file, None where the name is anything else.

    Raises:
        OSError: the name is not there, or the file may not be read.

    """
    # Looked at before it is opened, since opening alone does something to a device or a FIFO;
    # and afterwards, since the name may have changed hands in between.
    if not stat.S_ISREG(path.lstat().st_mode):
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def is_refused(error: FolderError) -> bool:
    """Tell what the system does not let be read from what is not there, or not what it was taken for."""
    absent = (FileNotFoundError, NotADirectoryError)
    return isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, absent)


def is_regular(path: Path) -> bool:
    """Say whether a regular file, and no link to one, is there to be seen."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_directory(path: Path) -> bool:
    """Say whether a directory, and no link to one, is there to be seen."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def refuse_elsewhere(path: Path, directory: Path) -> None:
    """Refuse a directory, within another, that leads to elsewhere.

    Raises:
        FolderError: it does, with the cause that a rename would have: it may be mended.

    """
    with told("read", path):
        elsewhere = path.is_symlink() or path.stat().st_dev != directory.stat().st_dev
    if elsewhere:
        raise FolderError(
            f"{path} leads to elsewhere: what is built there cannot be renamed to its place"
        ) from OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def read_whole(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        FolderError: it is not there, no regular file, cannot be read, or is larger than `limit`.

    """
    with told("read", path):
        descriptor = open_regular(path)
        if descriptor is None:
            raise FolderError(f"cannot read {path}: it is no regular file")
        with os.fdopen(descriptor, "rb") as file:
            # The size first: read(limit + 1) would claim that much memory for the smallest file.
            if os.fstat(descriptor).st_size <= limit:
                return file.read()
    raise FolderError(f"cannot read {path}: it is larger than {limit} bytes")
