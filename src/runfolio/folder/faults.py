"""Watchers for tests of what lasts: record the durable operations, fail one, or be killed at one.

They ship with the package, since whoever builds on `durable` proves it with the same ones.
"""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runfolio.watching import Operation


@dataclass
class Recorder:
    """Keeps each operation that was done, in order."""

    operations: list[tuple[Operation, Path]] = field(default_factory=list)

    def before(self, operation: Operation, path: Path) -> None:
        """Nothing yet."""

    def after(self, operation: Operation, path: Path) -> None:
        self.operations.append((operation, path))


@dataclass
class Fail:
    """Fails the operation of this number, counted from 0, and with `through` all after it too."""

    at: int
    errno: int
    through: bool = False
    failed: Operation | None = None
    """The operation that was failed, None where there were not as many."""
    _count: int = 0

    def before(self, operation: Operation, path: Path) -> None:
        number, self._count = self._count, self._count + 1
        if number == self.at or (self.through and number > self.at):
            self.failed = self.failed or operation
            raise OSError(self.errno, os.strerror(self.errno), os.fspath(path))

    def after(self, operation: Operation, path: Path) -> None:
        """Nothing to do."""


@dataclass
class Kill:
    """Ends this process by SIGKILL before or after the operation of this number, counted from 0."""

    at: int
    moment: Literal["before", "after"]
    _count: int = -1

    def before(self, *_: object) -> None:
        self._count += 1
        self._at("before")

    def after(self, *_: object) -> None:
        self._at("after")

    def _at(self, moment: str) -> None:
        if self._count == self.at and moment == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)
