"""Checkpoint files: what a job that was killed goes on from; put in place whole, and checked when read.

A checkpoint is a line that names the format, the number of bytes that follow and their SHA-256, and
these: Zstandard of what it holds.
"""

import hashlib
import os
from itertools import count
from pathlib import Path
from struct import Struct

import zstandard

from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import durable
from runfolio.folder._files import open_regular, told
from runfolio.folder.names import SET_ASIDE

FORMAT = b"runfolio checkpoint 1\n"
HEAD = Struct(f">{len(FORMAT)}sQ32s")
LIMIT = 16 << 30
"""Bytes that a checkpoint holds."""
LEVEL = 1
"""Of compression: bins are mostly zeros, and filling waits."""


def write_checkpoint(path: Path, contents: bytes, *, lasting: bool = True) -> None:
    """Put a checkpoint in place of the one before; whenever it is read, it is the one or the other.

    With `lasting` false it is not forced to the disk.

    Raises:
        FolderError: the system refuses; the one before is still there.

    """
    durable.ensure_directory(path.parent)
    packed = zstandard.ZstdCompressor(level=LEVEL).compress(contents)
    head = HEAD.pack(FORMAT, len(packed), hashlib.sha256(packed).digest())
    durable.replace_file(path, head + packed, lasting=lasting)


def read_checkpoint(path: Path) -> bytes:
    """Return what a checkpoint holds.

    Raises:
        FolderError: it is not there, no regular file, or cannot be read.
        CheckpointError: it is damaged, or of another version.

    """
    with told("read", path):
        descriptor = open_regular(path)
        if descriptor is None:
            raise FolderError(f"cannot read {path}: it is no regular file")
        with os.fdopen(descriptor, "rb") as file:
            head = file.read(HEAD.size)
            length, digest = _head(path, head, os.fstat(descriptor).st_size)
            packed = file.read(length)
    if hashlib.sha256(packed).digest() != digest:
        raise CheckpointError(f"{path} is damaged")
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=LIMIT)
    except zstandard.ZstdError as error:
        raise CheckpointError(f"{path} cannot be unpacked: {error}") from error


def _head(path: Path, head: bytes, size: int) -> tuple[int, bytes]:
    """Return the length and digest of what follows, which all of the file has to be: before that is read."""
    if not head.startswith(FORMAT):
        raise CheckpointError(f"{path} is damaged, or of another version of runfolio")
    if len(head) == HEAD.size:
        _, length, digest = HEAD.unpack(head)
        if size == HEAD.size + length:
            return length, digest
    raise CheckpointError(f"{path} is damaged: its {size} bytes are not as many as were written")


def set_checkpoint_aside(path: Path) -> Path:
    """Move a checkpoint out of the way, for a look at it; return where it is then.

    Raises:
        FolderError: the system refuses.

    """
    aside = path.parent / SET_ASIDE
    durable.ensure_directory(aside)
    for number in count(1):
        target = aside / f"{path.name}.{number}"
        if durable.rename_new(path, target):
            return target
    raise AssertionError  # count() has no end
