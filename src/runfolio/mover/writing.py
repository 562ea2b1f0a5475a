"""Changes of the journal: each is one transaction, whole or not at all, and lasts when it is made.

Several threads and processes may make them at once; each waits for the other.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from runfolio.clock import Clock
from runfolio.errors import FolderError, JournalError
from runfolio.folder.durable import ensure_directory, fsync_directory
from runfolio.mover.filesystems import network_file_system
from runfolio.mover.leases import is_held
from runfolio.mover.reading import JournalReader
from runfolio.mover.tables import connect, told
from runfolio.watching import effect

__all__ = ["Change", "JournalWriter", "ahead"]

EVENTS_KEPT = 100
"""Of a run, the newest; of destinations as a whole, as many of each."""

_FORGET = """
    DELETE FROM event WHERE run = :run AND (:run <> '' OR destination = :destination) AND number <= (
        SELECT number FROM event WHERE run = :run AND (:run <> '' OR destination = :destination)
        ORDER BY number DESC LIMIT 1 OFFSET :kept)"""


@dataclass
class Change:
    """A transaction that is being made."""

    database: sqlite3.Connection
    now: float
    what: str
    """For watchers: `rename 4235 tape`."""

    def do(self, statement: str, parameters: Mapping[str, Any]) -> int:
        """Return how many rows were changed."""
        return self.database.execute(statement, parameters).rowcount

    def say(self, what: str, *, run: str = "", destination: str = "") -> None:
        """Note what happened."""
        named = {"run": run, "destination": destination}
        self.do(
            "INSERT INTO event (time, run, destination, what) VALUES (:time, :run, :destination, :what)",
            {"time": self.now, "what": what, **named},
        )
        self.do(_FORGET, {"kept": EVENTS_KEPT, **named})


class JournalWriter(JournalReader):
    """A journal that can be changed; it is begun where there is none."""

    def __init__(self, directory: Path, *, clock: Clock) -> None:
        super().__init__(directory)
        self._clock = clock

    def __enter__(self) -> Self:
        _refuse_network(self.directory)
        try:
            ensure_directory(self.directory)
            super().__enter__()
            fsync_directory(self.directory)
        except FolderError as error:
            raise JournalError(f"the journal can't be kept in {self.directory}: {error}") from error
        return self

    def _connect(self) -> None:
        self._database = connect(self.path)
        self._database.create_function("ahead", 3, ahead, deterministic=True)
        self._database.create_function("held", 1, partial(is_held, self.directory))

    @contextmanager
    def _changing(self, what: str) -> Iterator[Change]:
        """Make a change; an error takes all of it back, and what changes nothing is no effect.

        Raises:
            JournalUnavailable: SQLite or the system refuses, which may pass.
            JournalError: the journal is damaged.

        """
        with self._lock, told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                before = self._database.total_changes
                change = Change(self._database, self._clock.now(), what)
                yield change
                if self._database.total_changes != before:
                    with effect("commit", Path(change.what)):
                        self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    with suppress(sqlite3.Error):
                        self._database.execute("ROLLBACK")


def ahead(next_try: float | None, now: float, longest_pause: float) -> float:
    """Return the seconds until something is due; what is further ahead than any pause is due at once.

    That is so after the clock was set back.
    """
    seconds = 0.0 if next_try is None else next_try - now
    return seconds if 0 < seconds <= longest_pause else 0.0


def _refuse_network(directory: Path) -> None:
    kind = network_file_system(directory)
    if kind is not None:
        raise JournalError(
            f"the journal can't be kept in {directory}: that is on a network file system ({kind}), where it"
            " would be damaged; give a `directory` on a local disk in [move]"
        )
