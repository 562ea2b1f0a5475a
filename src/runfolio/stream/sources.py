"""Sources: where the stream's bytes come from: files, compressed files, stdin and pipes, a growing file.

A source gives chunks of bytes, and None when nothing more is there for now, which is the moment
to show what has come so far. Nothing here knows what a document is.
"""

import gzip
import io
import os
import select
import stat
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Protocol

import zstandard

from runfolio.errors import InputError

CHUNK = 1 << 20
POLL_SECONDS = 0.1
"""A growing file is looked at, and a silent pipe waited for, this long at a time."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Stop(Protocol):
    """Asked between chunks whether the reading shall end."""

    def __call__(self) -> bool: ...


class Readable(Protocol):
    """Bytes that are read on from where the last reading ended."""

    def read(self, size: int, /) -> bytes: ...


class Source(Protocol):
    """One input, from its beginning to its end."""

    name: str
    size: int | None
    """Bytes to be read, where that is known."""
    live: bool
    """Its data come in as they are made."""

    @property
    def position(self) -> int:
        """Bytes read so far, compressed ones where the source is compressed."""
        ...

    def chunks(self) -> Iterator[bytes | None]:
        """Read on to the end.

        Raises:
            InputError: it cannot be read on.

        """
        ...


def open_sources(paths: Sequence[str], *, follow: bool, stop: Stop) -> Iterator[Source]:
    """Give the sources of the command line one after the other, `-` being stdin.

    Raises:
        InputError: at the first step where a path is missing, a directory, or not readable, or
            where following does not fit, so that nothing has begun by then.

    """
    if follow and (len(paths) != 1 or paths[0] == "-"):
        raise InputError("--follow watches one file; several, or stdin, are read without it")
    for path in paths:
        _check_readable(path)
    return _followed(Path(paths[0]), stop) if follow else (_open(path, stop) for path in paths)


def total_size(paths: Sequence[str]) -> int | None:
    """Return the bytes of all files together, None where one is no regular file."""
    if any(path == "-" or not Path(path).is_file() for path in paths):
        return None
    return sum(Path(path).stat().st_size for path in paths)


def _check_readable(path: str) -> None:
    if path == "-":
        return
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {_reason(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: is a directory; name the files in it")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: no permission to read it")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _open(path: str, stop: Stop) -> Source:
    if path == "-":
        return _Pipe("stdin", 0, stop)
    if stat.S_ISREG(Path(path).stat().st_mode):
        return _File(Path(path), stop)
    return _Pipe(path, os.open(path, os.O_RDONLY), stop)


class _File:
    """A regular file, plain, gzip or Zstandard by its first bytes, whatever its name."""

    live = False

    def __init__(self, path: Path, stop: Stop) -> None:
        self.name = str(path)
        self.size: int | None = path.stat().st_size
        self._path = path
        self._stop = stop
        self.position = 0

    def chunks(self) -> Iterator[bytes | None]:
        try:
            with self._path.open("rb", buffering=0) as raw, _decompressed(raw) as plain:
                while not self._stop() and (chunk := plain.read(CHUNK)):
                    self.position = raw.tell()
                    yield chunk
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise InputError(
                f"{self.name}: cannot be read on at byte {self.position}: {_reason(error)}"
            ) from error


def _decompressed(raw: io.FileIO) -> AbstractContextManager[Readable]:
    magic = raw.read(len(ZSTD_MAGIC))
    raw.seek(0)
    if magic.startswith(GZIP_MAGIC):
        return gzip.GzipFile(fileobj=raw)
    if magic == ZSTD_MAGIC:
        return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    return raw


class _Pipe:
    """Standard input, a named pipe, or a terminal: its data come as they are made."""

    def __init__(self, name: str, descriptor: int, stop: Stop) -> None:
        self.name = name
        status = os.fstat(descriptor)
        self.live = not stat.S_ISREG(status.st_mode)
        self.size: int | None = None if self.live else status.st_size
        self.position = 0
        self._descriptor = descriptor
        self._stop = stop

    def chunks(self) -> Iterator[bytes | None]:
        try:
            while not self._stop():
                if not self._ready(0):
                    yield None
                    while not self._stop() and not self._ready(POLL_SECONDS):
                        yield None
                    if self._stop():
                        return
                chunk = os.read(self._descriptor, CHUNK)
                if not chunk:
                    return
                if self.position == 0 and chunk.startswith((GZIP_MAGIC, ZSTD_MAGIC)):
                    raise InputError(
                        f"{self.name}: compressed; name the file, or decompress it on the way (zcat, zstdcat)"
                    )
                self.position += len(chunk)
                yield chunk
        except OSError as error:
            raise InputError(
                f"{self.name}: cannot be read on at byte {self.position}: {_reason(error)}"
            ) from error

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])


def _followed(path: Path, stop: Stop) -> Iterator[Source]:
    """Give a growing file, and again whenever it was replaced or truncated, until stopped."""
    while not stop():
        if path.exists():
            yield _GrowingFile(path, stop)
        else:
            time.sleep(POLL_SECONDS)


class _GrowingFile:
    """A file that is still being written; ends when another file took its name, or when it shrank."""

    live = True
    size: int | None = None

    def __init__(self, path: Path, stop: Stop) -> None:
        self.name = str(path)
        self.position = 0
        self._path = path
        self._stop = stop

    def chunks(self) -> Iterator[bytes | None]:
        try:
            with self._path.open("rb", buffering=0) as raw:
                while not self._stop():
                    ended = self._ended(raw)
                    if chunk := raw.read(CHUNK):
                        if self.position == 0 and chunk.startswith((GZIP_MAGIC, ZSTD_MAGIC)):
                            raise InputError(f"{self.name}: compressed; --follow watches a plain file")
                        self.position += len(chunk)
                        yield chunk
                    elif ended:
                        return
                    else:
                        yield None
                        time.sleep(POLL_SECONDS)
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(
                f"{self.name}: cannot be read on at byte {self.position}: {_reason(error)}"
            ) from error

    def _ended(self, raw: io.FileIO) -> bool:
        """Whether nothing more can come here; asked before the last read, so that no byte is missed."""
        here = os.fstat(raw.fileno())
        if here.st_size < self.position:
            return True
        with suppress(FileNotFoundError):
            named = self._path.stat()
            return (named.st_dev, named.st_ino) != (here.st_dev, here.st_ino)
        return False
