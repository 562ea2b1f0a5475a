"""Late lines: `late.jsonl` read again, and what was put into a new revision taken out of it."""

import base64
import binascii
import hashlib
import os
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from runfolio.errors import FolderError
from runfolio.folder import durable
from runfolio.folder._files import open_regular, told
from runfolio.folder.names import LATE

DIGEST_BYTES = 16


class LateDocument(Struct, frozen=True):
    """What a line says of a document, but for the document itself."""

    source: str
    line: int
    offset: int
    run_number: int
    revision: int | None = None
    """Of the folder that it came too late for."""
    truncated: bool = False


class LateLine(Struct, frozen=True):
    """A line of the file, and where it stands."""

    document: LateDocument
    place: int
    size: int
    """Bytes, without the newline."""
    digest: bytes


class _Raw(Struct):
    raw: str | None = None
    raw_base64: str = ""


_DOCUMENT = msgspec.json.Decoder(LateDocument)
_RAW = msgspec.json.Decoder(_Raw)


class LateLines:
    """The lines of `late.jsonl`.

    Args:
        directory: of the live plots.

    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / LATE
        self.unreadable = 0
        """Lines that were found, and are none of ours or not whole."""
        self.size = 0
        """Bytes in which lines were looked for."""

    def found(self) -> Iterator[LateLine]:
        """Give the lines that can be read, in their order; there are none where there is no file.

        Raises:
            FolderError: it is no regular file, or cannot be read.

        """
        self.unreadable = 0
        place = 0
        for line in self._lines():
            try:
                document = _DOCUMENT.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self.unreadable += 1
            else:
                yield LateLine(document, place, len(line.rstrip(b"\n")), _digest(line))
            place += len(line)
        self.size = place

    def raw(self, line: LateLine) -> bytes:
        """Return the document of a line.

        Raises:
            FolderError: the file has changed since the line was found, or cannot be read.

        """
        with self._opened() as file:
            file.seek(line.place)
            data = file.read(line.size)
        if _digest(data) != line.digest:
            raise FolderError(f"{self.path} has changed while it was read; start this again")
        try:
            found = _RAW.decode(data)
            return found.raw.encode() if found.raw is not None else base64.b64decode(found.raw_base64)
        except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error) as error:
            raise FolderError(f"{self.path}: a line holds no document: {error}") from error

    def remove(self, digests: Container[bytes]) -> None:
        """Take lines out; whenever the file is read, they are all there or none of them is.

        Raises:
            FolderError: the system refuses; they are still there.

        """
        stay = [_digest(line) not in digests for line in self._lines()]
        if all(stay):
            return
        if any(stay):
            left = (line for line in self._lines() if _digest(line) not in digests)
            durable.replace_file(self.path, left)
        else:
            durable.remove_file(self.path)
            durable.fsync_directory(self.path.parent)

    def _lines(self) -> Iterator[bytes]:
        if os.path.lexists(self.path):
            with self._opened() as file:
                yield from file

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        with told("read", self.path):
            descriptor = open_regular(self.path)
            if descriptor is None:
                raise FolderError(f"cannot read {self.path}: it is no regular file")
            with os.fdopen(descriptor, "rb") as file:
                yield file


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line.rstrip(b"\n"), digest_size=DIGEST_BYTES).digest()
