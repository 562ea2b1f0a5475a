"""Fingerprints: whether a file is still the one that was read up to a place.

Not whether every byte is: of a large file its ends alone are looked at, which takes no time.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from runfolio.errors import InputError
from runfolio.stream.column_files import format_of, reason
from runfolio.stream.compression import MAGIC

EDGE = 1 << 16
"""Bytes at either end that are looked at."""


def fingerprint(path: str, offset: int) -> str:
    """Return what a file is known by again, once it was read up to `offset`, as in a place.

    A plain file may have grown since: only what lies before `offset` counts. Files of columns, and compressed
    ones, are told by their size and both of their ends.

    Raises:
        InputError: it is no regular file, or cannot be read.

    """
    try:
        if path == "-" or not Path(path).is_file():
            raise InputError(f"{path}: is no regular file, which alone can be read again")
        with Path(path).open("rb") as file:
            return _digest(_edges(file, offset))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {reason(error)}") from error


def _edges(file: BinaryIO, offset: int) -> Iterator[bytes]:
    head = file.read(EDGE)
    if head.startswith(MAGIC) or format_of(head):
        offset = file.seek(0, 2)
        yield b"whole, %d bytes" % offset
    elif (size := file.seek(0, 2)) < offset:
        yield b"cut off, %d bytes" % size
    yield head[:offset]
    file.seek(max(0, offset - EDGE))
    yield file.read(min(EDGE, offset))


def _digest(parts: Iterator[bytes]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(b"%d " % len(part))  # or one part's end could count as the next one's beginning
        digest.update(part)
    return digest.hexdigest()
