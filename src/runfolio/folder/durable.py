"""Every effect on the disk that must last, or that must be seen whole or not at all.

Each operation is one small function, and each is told to whoever watches (`watching.py`): so a test
records the operations, fails one, or kills the process before or after it. The order that makes
a folder last: fsync of each file, fsync of its directory, the rename, fsync of the parent.
"""

import errno
import logging
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from itertools import takewhile
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder._files import is_regular, open_regular, told
from runfolio.folder._rename import rename_to_free_name
from runfolio.watching import Operation, effect

logger = logging.getLogger(__name__)

WRITE_BLOCK = 8 * 1024 * 1024
"""Bytes to one write, so that a large file has moments in between at which a test can stop it."""

READ_BLOCK = 1024 * 1024
"""Bytes to one read, where a file is read in blocks."""

READ_ONLY = 0o444
SHARED = 0o666
"""Permissions before the umask takes its part away."""

_TEMPORARY_NAME = re.compile(r"\.(.+)\.[0-9a-f]{8}\.new", re.DOTALL)

_DOING: dict[Operation, str] = {
    "mkdir": "make the directory",
    "create": "create",
    "write": "write",
    "append": "append to",
    "fsync_file": "write to disk",
    "fsync_directory": "write to disk the directory",
    "rename": "rename to",
    "remove": "remove",
}


@contextmanager
def _effect(operation: Operation, path: Path, named: Path | None = None) -> Iterator[None]:
    """One operation on `path`; an error speaks of `named`, where that is what the user knows."""
    with told(_DOING[operation], named or path), effect(operation, path):
        yield


def write_new(
    path: Path, data: bytes | Iterable[bytes], *, permissions: int = SHARED, lasting: bool = True
) -> None:
    """Write a new file whole, down to the disk; after an error it is removed again.

    A large one may come in pieces; an error in making them is passed on. With `lasting` false it is not
    forced to the disk.

    Raises:
        FolderError: the name is taken, or the system refuses.

    """
    pieces = [data] if isinstance(data, bytes) else data
    _write_new(path, path, pieces, permissions=permissions, lasting=lasting)


def _write_new(path: Path, named: Path, data: Iterable[bytes], *, permissions: int, lasting: bool) -> None:
    with _effect("create", path, named):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, permissions)
    try:
        _fill(descriptor, path, named, data, lasting=lasting)
    except BaseException:
        remove_leftover(path)
        raise


def _fill(descriptor: int, path: Path, named: Path, data: Iterable[bytes], *, lasting: bool) -> None:
    """Write, fsync and close; closing is no operation of its own: after the fsync nothing is left to lose."""
    try:
        for block in data:
            rest = memoryview(block)
            while rest:
                with _effect("write", path, named):
                    rest = rest[os.write(descriptor, rest[:WRITE_BLOCK]) :]
        if lasting:
            with _effect("fsync_file", path, named):
                os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.close(descriptor)
        raise
    with told("write", named):  # NFS without fsync tells of a full disk only here
        os.close(descriptor)


def read_blocks(path: Path, *, from_disk: bool = False) -> Iterator[bytes]:
    """Give the bytes of a regular file.

    With `from_disk` they come from the disk even where memory has them still, so that what the disk made of
    them is seen.

    Raises:
        FolderError: it is no regular file, or the system refuses.

    """
    with told("read", path):
        descriptor = open_regular(path)
    if descriptor is None:
        raise FolderError(f"cannot read {path}: it is no regular file")
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if from_disk:
            _forget(descriptor, path)
        while block := _read_block(file, path):
            yield block


def _read_block(file: FileIO, path: Path) -> bytes:
    with told("read", path):
        return file.read(READ_BLOCK)


def _forget(descriptor: int, path: Path) -> None:
    """Have the system forget what it remembers of a file; what is not on the disk yet, it could not."""
    with _effect("fsync_file", path):
        os.fsync(descriptor)
    with suppress(OSError):  # a file system that has nothing to forget
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def fsync_file(path: Path) -> None:
    """Force to the disk what a regular file holds, whoever wrote it.

    Raises:
        FolderError: it is no regular file, or the system refuses.

    """
    with _effect("fsync_file", path):
        descriptor = open_regular(path)
        if descriptor is None:
            raise FolderError(f"cannot write to disk {path}: it is no regular file")
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def fsync_directory(path: Path) -> None:
    """Force to the disk which names a directory holds.

    Raises:
        FolderError: the system refuses.

    """
    with _effect("fsync_directory", path):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # said by file systems that have no such operation
                raise
        finally:
            os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory that is not there yet, in a parent that is; its name is then on the disk.

    Raises:
        FolderError: the name is taken, or the system refuses.

    """
    with _effect("mkdir", path):
        path.mkdir()
    fsync_directory(path.parent)


def ensure_directory(path: Path, *, below: Path | None = None) -> None:
    """Make a directory and its parents where they are missing; with `below` only those that are below it.

    Raises:
        FolderError: something else has one of these names, or the system refuses.

    """
    with told(_DOING["mkdir"], path):
        wanted = takewhile(lambda each: each != below, (path, *path.parents))
        missing = [each for each in wanted if not each.is_dir()]
        for each in reversed(missing):
            try:
                make_directory(each)
            except FolderError as error:
                if not (isinstance(error.__cause__, FileExistsError) and each.is_dir()):
                    raise  # otherwise another process was faster


def rename_new(source: Path, target: Path) -> bool:
    """Rename a directory or file to a name that must be free; return False, nothing done, if it is taken.

    The new name is seen at once; it lasts once the parent's `fsync_directory` is through.

    Raises:
        FolderError: the system refuses for another reason.

    """
    with _effect("rename", target):
        try:
            rename_to_free_name(source, target)
        except FileExistsError:
            return False
        return True


def replace_file(path: Path, data: bytes | Iterable[bytes], *, lasting: bool = True) -> None:
    """Put a file in place of an older one, or of none: readers see the old or the new, whole.

    A large one may come in pieces, also such as are read from the older one meanwhile. With `lasting` false
    nothing is forced to the disk: what a power cut leaves is not certain then, but a reader before it sees
    whole files all the same.

    Raises:
        FolderError: the system refuses; the older file is still there.

    """
    # A name of its own for each writer: two that shared one could put each other's half in place.
    temporary = path.with_name(temporary_name(path.name))
    pieces = [data] if isinstance(data, bytes) else data
    _write_new(temporary, path, pieces, permissions=SHARED, lasting=lasting)
    try:
        with _effect("rename", path):
            temporary.replace(path)
    except BaseException:
        remove_leftover(temporary)
        raise
    if lasting:
        fsync_directory(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append a line to a file, or begin the file with it; it is not forced to the disk.

    One write, and what of it did not fit on the disk is taken back.

    Raises:
        FolderError: the name is no regular file's, or the system refuses.

    """
    with _effect("append", path):
        # O_NONBLOCK: a FIFO that has this name must not hold up the run.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, SHARED)
        try:
            _append_whole(descriptor, path, line)
        finally:
            os.close(descriptor)


def _append_whole(descriptor: int, path: Path, line: bytes) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise FolderError(f"cannot append to {path}: it is no regular file")
    if status.st_size and os.pread(descriptor, 1, status.st_size - 1) != b"\n":
        line = b"\n" + line  # a process that was killed while it wrote left half a line
    if os.write(descriptor, line) < len(line):
        os.ftruncate(descriptor, status.st_size)
        raise FolderError(f"cannot append to {path}: the disk is full")


def temporary_name(name: str) -> str:
    """Return a hidden name, beside `name` and unlike any other: `.<name>.<8 hex digits>.new`."""
    return f".{name}.{secrets.token_hex(4)}.new"


def read_temporary_name(name: str) -> str | None:
    """Return what `temporary_name` was given, None where the name is not one of its."""
    found = _TEMPORARY_NAME.fullmatch(name)
    return found[1] if found else None


def open_to_lock(path: Path) -> int:
    """Return a descriptor, to read and write, of a file that is locked by it; it is made where it is missing.

    Such a file says something of processes that run, so it need not last. No process that this one starts
    gets the descriptor.

    Raises:
        FolderError: it is no regular file, or the system refuses.

    """
    if os.path.lexists(path) and not is_regular(path):
        raise FolderError(f"cannot lock {path}: it is no regular file; remove it")
    with _effect("create", path):
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(path, flags, SHARED)


def write_over(descriptor: int, path: Path, data: bytes) -> None:
    """Put a few bytes in place of all that an open file holds; readers may see it in between.

    Raises:
        FolderError: the system refuses.

    """
    with _effect("write", path):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, data, 0)


def remove_file(path: Path) -> None:
    """Remove a file, or a link and not what it leads to; one that is not there is no error.

    Raises:
        FolderError: it is a directory, or the system refuses.

    """
    with _effect("remove", path):
        path.unlink(missing_ok=True)


def remove_directory(path: Path) -> None:
    """Remove a directory and all it holds, following no links.

    Raises:
        FolderError: the system refuses; what was removed by then is gone.

    """
    with _effect("remove", path):
        shutil.rmtree(path)


def remove_leftover(path: Path) -> None:
    """Remove a half-made file or directory, after an error that matters more than one here would."""
    try:
        if path.is_dir() and not path.is_symlink():
            remove_directory(path)
        else:
            remove_file(path)
    except (FolderError, OSError) as error:
        logger.warning("left behind: %s", error)
