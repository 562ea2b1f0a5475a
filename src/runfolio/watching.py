"""Effects that last, wherever they happen: a watcher is told of each, before and after.

That is where a test records the effects, fails one, or kills the process before or after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

__all__ = ["Operation", "Watcher", "effect", "watched"]

Operation = Literal[
    "mkdir", "create", "write", "append", "fsync_file", "fsync_directory", "rename", "remove",
    "commit", "make_folder", "put", "sent", "move", "delete",
]  # fmt: skip
"""The first are of this machine's files, `commit` of a journal; the last of what a destination holds."""


class Watcher(Protocol):
    """Is told of each operation; an OSError that `before` raises stands for one of the system's."""

    def before(self, operation: Operation, path: Path, /) -> None:
        """Nothing has happened yet; `path` is what will be changed, the new name for a rename."""
        ...

    def after(self, operation: Operation, path: Path, /) -> None:
        """It has happened, without an error."""
        ...


_watchers: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher of every operation of this process, in whichever thread. For tests."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


@contextmanager
def effect(operation: Operation, path: Path) -> Iterator[None]:
    """Tell the watchers of the operation that the `with` does."""
    for watcher in tuple(_watchers):
        watcher.before(operation, path)
    yield
    for watcher in tuple(_watchers):
        watcher.after(operation, path)
