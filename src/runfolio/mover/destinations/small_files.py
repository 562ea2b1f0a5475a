"""Reading keys, passwords, tokens and certificates: what the settings name may be anything."""

import errno
import os
import stat
from pathlib import Path

__all__ = ["read_small_file"]

LARGEST = 16 * 1024**2
"""Bytes; all authorities that a system knows are less than one megabyte."""


def read_small_file(path: Path) -> bytes:
    """Return the bytes of a regular file, or of the one that a link leads to.

    A device would never end, and a FIFO perhaps never begin.

    Raises:
        OSError: it is not there, no regular file, too large, or cannot be read.

    """
    _refuse(path, path.stat())  # before it is opened: that alone does something to a device
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        _refuse(path, os.fstat(file.fileno()))
        return file.read()


def _refuse(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    if found.st_size > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST} bytes", str(path))
