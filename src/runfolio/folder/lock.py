"""One writer for an end-of-run directory: a lock that the system frees when its holder dies.

What the lock file says of its holder is for people. It decides only on a file system without locks.
"""

import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import samestat
from pathlib import Path
from types import TracebackType
from typing import Self

from runfolio.clock import utc_text
from runfolio.errors import FolderError
from runfolio.folder import durable
from runfolio.folder._files import open_regular, told
from runfolio.folder.holder import CONTENT_LIMIT, Holder, content_of, holder_in, this_process
from runfolio.folder.names import LOCK

logger = logging.getLogger(__name__)

NOT_OFFERED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}
"""Said by a file system without locks."""

ATTEMPTS = 50
PAUSE = 0.02
"""Seconds between attempts; together a second, in which whoever just got the lock says who it is."""


class WriterLock:
    """Held while the `with` lasts; it ends with the process too, however that ends.

    Raises:
        FolderError: another process, or another job of this one, holds it; or the system refuses.

    """

    def __init__(self, staging: Path) -> None:
        self.path = staging / LOCK
        self._descriptor = -1

    def __enter__(self) -> Self:
        take = _take_locked if _offers_locks(self.path.parent) else _take_named
        for _ in range(ATTEMPTS):
            descriptor = take(self.path)
            if descriptor is not None:
                self._descriptor = descriptor
                return self
            time.sleep(PAUSE)
        raise FolderError(
            f"{self.path.parent.parent} is being written to by another process, which does not say who it is;"
            f" if there is none, remove {self.path}"
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Removed while it is held: whoever opened it before finds that it is no longer in its place.
        try:
            if _in_place(self._descriptor, self.path):
                durable.remove_leftover(self.path)
        finally:
            os.close(self._descriptor)


def _offers_locks(directory: Path) -> bool:
    """Try on the directory, since a lock file made in vain would be in the way of others."""
    with told("open", directory):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in NOT_OFFERED
    finally:
        os.close(descriptor)
    return True


def _take_locked(path: Path) -> int | None:
    """Return the descriptor that holds the lock; None if it is worth another attempt.

    Raises:
        FolderError: another process that runs holds it, or the system refuses.

    """
    descriptor = durable.open_to_lock(path)
    try:
        held = _lock(descriptor, path) and _in_place(descriptor, path)
        if held:
            _say_who(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    if held:
        return descriptor
    os.close(descriptor)
    return None


def _lock(descriptor: int, path: Path) -> bool:
    with told("lock", path):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Until the holder has written who it is, what one before it left may still be there.
            _refuse_running(path, os.pread(descriptor, CONTENT_LIMIT + 1, 0))
            return False
    return True


def _in_place(descriptor: int, path: Path) -> bool:
    """Say whether an open file is still the one that has this name."""
    try:
        return samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _say_who(descriptor: int, path: Path) -> None:
    try:
        durable.write_over(descriptor, path, _own_content())
    except FolderError as error:  # held all the same
        logger.warning("the lock does not say which process holds it: %s", error)


def _take_named(path: Path) -> int | None:
    """Do the same without locks: the file itself is the lock, and holds as long as the process that it names.

    Raises:
        FolderError: as above; also where the holder is on another host, of which nothing can be known.

    """
    try:
        if os.path.lexists(path) and not _remove_dead(path):
            return None
        durable.write_new(path, content := _own_content(), lasting=False)
        return _open_own(path, content)
    except FolderError as error:
        if isinstance(error.__cause__, FileExistsError | FileNotFoundError):
            return None  # another process was faster
        raise


def _remove_dead(path: Path) -> bool:
    """Remove the lock of a process that is dead; return False where it names none.

    Raises:
        FolderError: the process runs.

    """
    if not _names_dead(path):
        return False
    aside = path.with_name(durable.temporary_name(path.name))
    durable.rename_new(path, aside)
    try:
        dead = _names_dead(aside)  # looked at again: it may be that of a process that was faster
    except FolderError:
        durable.rename_new(aside, path)
        raise
    durable.remove_file(aside)
    return dead


def _names_dead(path: Path) -> bool:
    with _opened(path) as descriptor:
        content = os.pread(descriptor, CONTENT_LIMIT + 1, 0)
    _refuse_running(path, content)
    return holder_in(content) is not None


def _open_own(path: Path, content: bytes) -> int | None:
    """Open what was written; None where it was removed in between, as if it were that of a dead process."""
    with _opened(path) as descriptor:
        if os.pread(descriptor, CONTENT_LIMIT + 1, 0) == content:
            return os.dup(descriptor)
    return None


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a lock file to read.

    Raises:
        FolderError: it is no regular file, or the system refuses.

    """
    with told("read", path):
        descriptor = open_regular(path)
        if descriptor is None:
            raise FolderError(f"cannot lock {path}: it is no regular file; remove it")
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _own_content() -> bytes:
    # The true time, whatever SOURCE_DATE_EPOCH says: it is for people, and in no folder.
    return content_of(this_process(utc_text(time.time())))


def _refuse_running(path: Path, content: bytes) -> None:
    """Say who holds the lock, where that is known and it runs.

    Raises:
        FolderError: it does.

    """
    holder = holder_in(content)
    if holder and holder.runs():
        raise FolderError(f"{path.parent.parent} is being written to by {_words(holder, path)}")


def _words(holder: Holder, path: Path) -> str:
    elsewhere = "give --end-of-run-image-directory another directory"
    if holder.is_this_process:
        return f"another job of this process, since {holder.since}; wait until it ends, or {elsewhere}"
    dead = "" if holder.is_on_this_host else f"; if that machine is dead, remove {path}"
    return (
        f"another runfolio: process {holder.process} on {holder.host}, since {holder.since};"
        f" end it, or {elsewhere}{dead}"
    )
