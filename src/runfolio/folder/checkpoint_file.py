"""Checkpoint files: what a job that was killed goes on from; put in place whole, and checked when read.

A checkpoint is a line that names the format, a SHA-256 of all that follows, and Zstandard of it.
"""

import hashlib
from itertools import count
from pathlib import Path

import zstandard

from runfolio.errors import CheckpointError
from runfolio.folder import durable
from runfolio.folder._files import read_whole
from runfolio.folder.names import SET_ASIDE

HEAD = b"runfolio checkpoint 1\n"
LIMIT = 16 << 30
"""Bytes of a file, and of what it holds."""
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
    durable.replace_file(path, HEAD + hashlib.sha256(packed).digest() + packed, lasting=lasting)


def read_checkpoint(path: Path) -> bytes:
    """Return what a checkpoint holds.

    Raises:
        FolderError: it is not there, or cannot be read.
        CheckpointError: it is damaged, or of another version.

    """
    data = read_whole(path, limit=LIMIT)
    head, rest = data[: len(HEAD)], data[len(HEAD) :]
    digest, packed = rest[: hashlib.sha256().digest_size], rest[hashlib.sha256().digest_size :]
    if head != HEAD or hashlib.sha256(packed).digest() != digest:
        raise CheckpointError(f"{path} is damaged, or of another version of runfolio")
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=LIMIT)
    except zstandard.ZstdError as error:
        raise CheckpointError(f"{path} cannot be unpacked: {error}") from error


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
