"""The mover's journal as it is read: by `runfolio move status` and others, while movers write.

    with JournalReader(directory) as journal:
        journal.deliveries(states={State.WAITING})

Reading makes and changes nothing on the disk. What is imported here is little, since people wait for it.
"""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from runfolio.mover.entries import Delivery, DestinationEntry, Event, RunEntry, State
from runfolio.mover.tables import JOURNAL, connect_to_read, told

__all__ = ["JournalReader"]

_Entry = TypeVar("_Entry", bound=msgspec.Struct)

_RUNS = "SELECT * FROM run WHERE :name IS NULL OR name = :name ORDER BY run_number, revision"

_DESTINATIONS = """
    SELECT name, url, place IS NOT NULL AS in_settings, paused, reason, next_try, failures, error
    FROM destination WHERE :name IS NULL OR name = :name ORDER BY place IS NULL, place, name"""

_DELIVERIES = """
    SELECT delivery.* FROM delivery
    JOIN run ON run.name = delivery.run JOIN destination ON destination.name = delivery.destination
    WHERE (:run IS NULL OR delivery.run = :run)
      AND (:destination IS NULL OR delivery.destination = :destination)
      AND (:states IS NULL OR instr(:states, delivery.state) > 0)
    ORDER BY run.run_number, run.revision, destination.place IS NULL, destination.place, destination.name"""

_OLDEST = """
    SELECT run.* FROM run
    WHERE run.state <> 'removed' AND EXISTS (
        SELECT 1 FROM delivery JOIN destination ON destination.name = delivery.destination
        WHERE delivery.run = run.name AND delivery.state <> 'delivered' AND destination.place IS NOT NULL)
    ORDER BY run.seen_at, run.run_number, run.revision LIMIT 1"""

_EVENTS = """
    SELECT time, run, destination, what FROM event
    WHERE run = :run AND (:destination IS NULL OR destination = :destination)
    ORDER BY number DESC LIMIT :limit"""

_COUNTS = "SELECT destination, state, count(*) AS number FROM delivery GROUP BY destination, state"


class JournalReader:
    """The journal in a directory, open while the `with` lasts; threads may share it.

    Raises:
        JournalError: there is none, it is damaged or of a newer runfolio, or the system refuses.

    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / JOURNAL
        self._lock = RLock()
        self._database: sqlite3.Connection
        self._still: tuple[int, ...] | None = None
        """What marks the file, where it is read as one that nobody writes to."""

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._database.close()

    def runs(self) -> list[RunEntry]:
        """Return all runs, the lowest number first."""
        return self._entries(_RUNS, {"name": None}, RunEntry)

    def run(self, name: str) -> RunEntry | None:
        """Return a run, None where it is not known."""
        return next(iter(self._entries(_RUNS, {"name": name}, RunEntry)), None)

    def destinations(self) -> list[DestinationEntry]:
        """Return all destinations, in the order of the settings, then those that these no longer name."""
        return self._entries(_DESTINATIONS, {"name": None}, DestinationEntry)

    def destination(self, name: str) -> DestinationEntry | None:
        """Return a destination, None where it is not known."""
        return next(iter(self._entries(_DESTINATIONS, {"name": name}, DestinationEntry)), None)

    def deliveries(
        self, run: str | None = None, destination: str | None = None, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Return deliveries, by run and then in the order of the settings; None stands for any."""
        chosen = {
            "run": run,
            "destination": destination,
            "states": None if states is None else " ".join(states),
        }
        return self._entries(_DELIVERIES, chosen, Delivery)

    def oldest_undelivered(self) -> RunEntry | None:
        """Return the run that was seen first of those that are not at all destinations of the settings."""
        return next(iter(self._entries(_OLDEST, {}, RunEntry)), None)

    def counts(self) -> dict[str, dict[State, int]]:
        """Return how many deliveries there are, by destination and state."""
        found = {each.name: dict.fromkeys(State, 0) for each in self.destinations()}
        for each in self._rows(_COUNTS, {}):
            found[each["destination"]][State(each["state"])] = each["number"]
        return found

    def events(self, run: str = "", destination: str | None = None, limit: int = 100) -> list[Event]:
        """Return the newest events of a run, or of destinations as a whole, in the order of time."""
        chosen = {"run": run, "destination": destination, "limit": limit}
        return self._entries(_EVENTS, chosen, Event)[::-1]

    def _entries(self, question: str, parameters: Mapping[str, Any], kind: type[_Entry]) -> list[_Entry]:
        return msgspec.convert(self._rows(question, parameters), list[kind], strict=False)  # type: ignore[valid-type]

    def _rows(self, question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask anew where a mover began to write meanwhile to a file that was taken as still."""
        while True:
            with self._lock, told(self.path):
                try:
                    return self._asked(question, parameters)
                except _Moved:
                    self._database.close()
                    self._connect()

    def _asked(self, question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            found = self._database.execute(question, parameters)
            names = [each[0] for each in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
        except sqlite3.DatabaseError:
            self._look_whether_still()
            raise
        self._look_whether_still()
        return rows

    def _connect(self) -> None:
        marks = self._marks()
        self._database, still = connect_to_read(self.path)
        self._still = marks if still else None

    def _look_whether_still(self) -> None:
        if self._still is not None and self._still != self._marks():
            raise _Moved

    def _marks(self) -> tuple[int, ...]:
        """Return what changes as soon as a mover opens the journal, and again when it has closed it."""
        found = []
        for path in (self.path, self.path.with_name(f"{self.path.name}-wal")):
            try:
                status = path.stat()
            except OSError:
                found += [0, 0, 0]
            else:
                found += [status.st_ino, status.st_size, status.st_mtime_ns]
        return tuple(found)


class _Moved(Exception):  # noqa: N818 - what is raised is that it moved
    """The file that was read as one that nobody writes to may have been written to."""
