"""Sources: where the stream's bytes come from: files, compressed files, stdin and pipes, a growing file.

A source gives chunks of bytes, and None when nothing more is there for now, which is the moment
to show what has come so far. Nothing here knows what a document is.
"""

import io
import logging
import os
import select
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from glob import glob, has_magic
from os.path import lexists
from pathlib import Path
from typing import BinaryIO, Protocol

from runfolio.errors import InputError
from runfolio.stream.compression import DAMAGED, MAGIC, Readable, decompressed

log = logging.getLogger(__name__)

CHUNK = 1 << 20
STDIN = 0
POLL_SECONDS = 0.1
"""A growing file is looked at, and a silent pipe waited for, this long at a time."""


class Stop(Protocol):
    """Asked between chunks whether the reading shall end."""

    def __call__(self) -> bool: ...


class Source(Protocol):
    """One input, from its beginning to its end."""

    name: str
    size: int | None
    """Bytes to be read, where that is known."""
    live: bool
    """Its data come in as they are made."""

    position: int
    """Bytes read so far, compressed ones where the source is compressed."""

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        """Read on to the end, from byte `start` of the plain data; a pipe is read from its beginning only.

        Raises:
            InputError: it cannot be read on, or ends before `start`.

        """
        ...


def expanded(paths: Sequence[str]) -> list[str]:
    """Return paths with the files that patterns such as `data/*.root` stand for, in the order of their names.

    A pattern that is a file's own name stands for that file.

    Raises:
        InputError: nothing is like the pattern.

    """
    found: list[str] = []
    for path in paths:
        if not has_magic(path) or lexists(path):
            found.append(path)
            continue
        matching = sorted(glob(path, recursive=True))  # noqa: PTH207 - a Path's cannot begin at the root
        if not matching:
            raise InputError(f"{path}: no file is called like this")
        found.extend(matching)
    return _each_once(found)


def _each_once(paths: Sequence[str]) -> list[str]:
    """Return paths without those of files that came before: what is read twice counts twice."""
    seen: dict[tuple[int, int], str] = {}
    found = []
    for path in paths:
        with suppress(OSError, ValueError):
            status = Path(path).stat() if path != "-" else None
            if status and stat.S_ISREG(status.st_mode):
                file = (status.st_dev, status.st_ino)
                if file in seen:
                    log.warning("%s: named before, as %s; it is read once", path, seen[file])
                    continue
                seen[file] = path
        found.append(path)
    return found


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
    if not follow:
        return (_open(path, stop) for path in paths)
    _check_followable(paths[0])
    return _followed(Path(paths[0]), stop)


def total_size(paths: Sequence[str]) -> int | None:
    """Return the bytes of all files together, None where one is no regular file."""
    if any(path == "-" or not Path(path).is_file() for path in paths):
        return None
    return sum(Path(path).stat().st_size for path in paths)


def _check_readable(path: str) -> None:
    if path == "-":
        _check_stdin()
        return
    if not path:
        raise InputError("an empty name, which is no file's")
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {_reason(error)}") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: is a directory; name the files in it")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: no permission to read it")


def _check_stdin() -> None:
    """Refuse a stdin that was closed from the start: its descriptor may be another file's by now."""
    if sys.stdin is None:
        raise InputError("stdin is closed; name a file, or pipe the stream in")


def _check_followable(path: str) -> None:
    if not Path(path).is_file():
        raise InputError(f"{path}: is no regular file; --follow watches one, all else is read without it")
    with Path(path).open("rb") as file:
        if file.read(4).startswith(MAGIC):
            raise InputError(f"{path}: compressed; --follow watches a plain file")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def file_source(name: str, stop: Stop, *, at: str) -> Source:
    """Return the source of a file that is opened by another path than it is called by."""
    source = File(Path(name), stop)
    source.open_at(at)
    return source


def _open(path: str, stop: Stop) -> Source:
    """Return the source of a path; what may have happened to it since it was checked, its chunks say."""
    if path == "-":
        return _Pipe(None, stop)
    with suppress(OSError):
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return _Pipe(path, stop)
    return File(Path(path), stop)


class File:
    """A regular file, plain, gzip or Zstandard by its first bytes, whatever its name."""

    live = False

    def __init__(self, path: Path, stop: Stop) -> None:
        self.name = str(path)
        self.size: int | None = None
        with suppress(OSError):
            self.size = path.stat().st_size
        self._path = path
        self._stop = stop
        self.position = 0

    def open_at(self, path: str) -> None:
        """Have it opened by another path than it is called by."""
        self._path = Path(path)

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        try:
            with self._path.open("rb", buffering=CHUNK) as raw, decompressed(raw) as plain:
                passed = raw.seek(min(start, os.fstat(raw.fileno()).st_size)) if plain is raw else 0
                self.position = raw.tell()
                yield from self._read(raw, plain, start, passed)
        except (OSError, InputError, *DAMAGED) as error:
            raise _broken_off(self, error) from error

    def _read(self, raw: BinaryIO, plain: Readable, start: int, passed: int) -> Iterator[bytes]:
        """Give what stands behind `start`, of which so many bytes are passed already; drop what is before."""
        while not self._stop() and (chunk := plain.read(CHUNK)):
            self.position = raw.tell()
            before = min(start - passed, len(chunk))
            passed += before
            if before < len(chunk):
                yield chunk[before:]
        if passed < start and not self._stop():
            raise _ends_before(start, passed)


class _Pipe:
    """Standard input, a named pipe, or a terminal: its data come as they are made."""

    def __init__(self, path: str | None, stop: Stop) -> None:
        self.name = "stdin" if path is None else path
        self.size = _size_of_stdin() if path is None else None
        self.live = self.size is None
        self.position = 0
        self._path = path
        self._stop = stop

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        assert start == 0, "what was read of a pipe is gone"
        descriptor = STDIN
        try:
            if self._path is not None:
                # a named pipe without a writer would hold up the opening, and no signal could end it
                descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
            yield from self._read(descriptor)
        except OSError as error:
            raise _broken_off(self, error) from error
        finally:
            if descriptor != STDIN:
                os.close(descriptor)

    def _read(self, descriptor: int) -> Iterator[bytes | None]:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        pause = 0.0
        while not self._stop():
            chunk = _chunk(descriptor) if poll.poll(pause * 1000) else None
            pause = POLL_SECONDS if chunk is None else 0.0
            if chunk is not None:
                if not chunk:
                    return
                if self.position == 0 and chunk.startswith(MAGIC):
                    raise InputError(
                        f"{self.name}: compressed; name the file, or decompress it on the way (zcat, zstdcat)"
                    )
                self.position += len(chunk)
            yield chunk


def _size_of_stdin() -> int | None:
    """Return its bytes where a shell's `<` has made it a regular file."""
    with suppress(OSError):
        status = os.fstat(STDIN)
        if stat.S_ISREG(status.st_mode):
            return status.st_size
    return None


def _chunk(descriptor: int) -> bytes | None:
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:  # another reader was faster
        return None


def _followed(path: Path, stop: Stop) -> Iterator[Source]:
    """Give a growing file, and again whenever it was replaced or truncated, until stopped.

    After an error it is over: read again from its beginning, everything would count twice.
    """
    while not stop():
        source = _GrowingFile(path, stop)
        yield source
        if source.failed:
            return


class _GrowingFile:
    """A file that is still being written; ends when another file took its name, or when it shrank."""

    live = True
    size: int | None = None

    def __init__(self, path: Path, stop: Stop) -> None:
        self.name = str(path)
        self.position = 0
        self.failed = False
        self._path = path
        self._stop = stop

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        try:
            with self._path.open("rb", buffering=0) as raw:
                if (size := os.fstat(raw.fileno()).st_size) < start:
                    raise _ends_before(start, size)
                self.position = raw.seek(start)
                yield from self._read(raw)
        except FileNotFoundError:
            yield None
            time.sleep(POLL_SECONDS)
        except (OSError, InputError) as error:
            self.failed = True
            raise _broken_off(self, error) from error

    def _read(self, raw: io.FileIO) -> Iterator[bytes | None]:
        while not self._stop():
            ended = self._ended(raw)
            if chunk := raw.read(CHUNK):
                if self.position == 0 and chunk.startswith(MAGIC):
                    raise InputError("compressed; --follow watches a plain file")
                self.position += len(chunk)
                yield chunk
            elif ended:
                return
            else:
                yield None
                time.sleep(POLL_SECONDS)

    def _ended(self, raw: io.FileIO) -> bool:
        """Whether nothing more can come here; asked before the last read, so that no byte is missed."""
        here = os.fstat(raw.fileno())
        if here.st_size < self.position:
            return True
        with suppress(FileNotFoundError):
            named = self._path.stat()
            return (named.st_dev, named.st_ino) != (here.st_dev, here.st_ino)
        return False


def _ends_before(start: int, size: int) -> InputError:
    return InputError(f"it has only {size} of the {start} bytes that were read of it before")


def _broken_off(source: Source, error: Exception) -> InputError:
    return InputError(f"{source.name}: cannot be read on at byte {source.position}: {_reason(error)}")
