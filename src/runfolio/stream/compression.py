"""Compressed files: gzip and Zstandard, told by their first bytes, read in small steps.

Small steps, so that of a damaged file all that stands before the damage is given, and so that a few
compressed bytes that stand for very many cannot fill the memory.
"""

import gzip
import zlib
from contextlib import AbstractContextManager, closing
from typing import BinaryIO, Protocol

import zstandard

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
MAGIC = (GZIP_MAGIC, ZSTD_MAGIC)

GZIP_STEP = 1 << 16
"""Decompressed bytes at a time."""
ZSTD_STEP = 1 << 10
"""Compressed bytes at a time; four of them can stand for 128 KiB, so that a step is at most 32 MiB."""

DAMAGED = (EOFError, zlib.error, zstandard.ZstdError)
"""What reading may raise beside OSError."""


class Readable(Protocol):
    """Bytes that are read on from where the last reading ended; none at the end."""

    def read(self, size: int, /) -> bytes: ...


def decompressed(raw: BinaryIO) -> AbstractContextManager[Readable]:
    """Return the plain bytes of a file that stands at its beginning."""
    magic = raw.read(len(ZSTD_MAGIC))
    raw.seek(0)
    if magic.startswith(GZIP_MAGIC):
        return _Gzip(fileobj=raw)
    if magic == ZSTD_MAGIC:
        return closing(_Zstandard(raw))
    return raw


class _Gzip(gzip.GzipFile):
    """Gives what a step has brought; a whole read would drop all of it when it then comes to damage."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        return self.read1(min(size, GZIP_STEP))


class _Zstandard:
    """Frames one after the other; the library's own reader takes a cut-off frame for the end."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frames = zstandard.ZstdDecompressor()
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._left = b""
        """What stands behind the last frame."""

    def read(self, _size: int, /) -> bytes:
        while piece := self._left or self._raw.read(ZSTD_STEP):
            self._frame = self._frame or self._frames.decompressobj()
            plain = self._frame.decompress(piece)
            self._left = self._frame.unused_data
            if self._frame.eof:
                self._frame = None
            if plain:
                return plain
        if self._frame is not None:
            raise EOFError("the file ends within a compressed frame")
        return b""

    def close(self) -> None:
        """Nothing is held beside the file, which whoever opened it closes."""
