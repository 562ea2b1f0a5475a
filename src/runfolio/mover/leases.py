"""Who may go on with a delivery: each mover holds a lock on a file of its own as long as it lives.

So do all processes that it has started for its deliveries, since they inherit the descriptor: what an
orphan still sends, nobody else begins. No clock has a part in it, so neither a clock that jumps nor
a process that was stopped for a day can make two movers send the same.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os.path import samestat
from pathlib import Path
from types import TracebackType
from typing import Self

from runfolio.errors import JournalError

__all__ = ["Lease", "is_held", "living"]

MOVERS = "movers"

_PERMISSIONS = 0o666
"""Before the umask takes its part away: movers of other users may look whether it is held."""


class Lease:
    """Held while the `with` lasts, and after it by what it was handed to; it ends with the processes too.

    Raises:
        JournalError: the system refuses.

    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / MOVERS
        self._token = ""
        self._descriptor = -1

    @property
    def token(self) -> str:
        """What deliveries are claimed with; unlike that of any other lease."""
        return self._token

    @property
    def descriptor(self) -> int:
        """For `pass_fds` of every process that does something for a delivery."""
        return self._descriptor

    def __enter__(self) -> Self:
        with _told(self._directory):
            self._directory.mkdir(parents=True, exist_ok=True)
            _remove_dead(self._directory)
            while self._descriptor == -1:
                self._token = secrets.token_hex(8)
                self._descriptor = _taken(self._directory / self._token)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
        self._descriptor = -1
        with _told(self._directory):
            _remove_dead(self._directory)


def is_held(directory: Path, token: str) -> bool:
    """Say whether the mover that has a token, or a process that it has started, still lives."""
    return _is_locked(directory / MOVERS / token)


def living(directory: Path) -> frozenset[str]:
    """Return the tokens of all movers that live.

    Raises:
        JournalError: the system refuses.

    """
    movers = directory / MOVERS
    with _told(movers):
        return frozenset(name for name in _names(movers) if _is_locked(movers / name))


def _taken(path: Path) -> int:
    """Make a file and lock it; return -1 where somebody just looked whether it is held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PERMISSIONS)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if samestat(os.fstat(descriptor), path.lstat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return -1


def _is_locked(path: Path) -> bool:
    """Say whether a lease's file is locked. One that can't be asked is: only what is known to be dead, is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        # Shared: two that look at the same time are not in each other's way.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove_dead(directory: Path) -> None:
    for name in _names(directory):
        with suppress(OSError):  # it is held, gone, or nothing of ours
            _remove_unless_held(directory / name)


def _remove_unless_held(path: Path) -> None:
    """Remove a file while it is locked here: only looked at before, it could be taken in between."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(descriptor)


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()] if directory.is_dir() else []


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(f"cannot lock what movers hold in {path}: {error.strerror or error}") from error
