"""The mover's journal as it is read: by `runfolio move status` and others, while movers write.

    with JournalReader(directory) as journal:
        journal.deliveries(states={State.WAITING})

Reading makes and changes nothing on the disk. What is imported here is little, since people wait for it.
"""

import json
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

_RUN = "SELECT * FROM run WHERE name = :name"
_RUNS = "SELECT * FROM run ORDER BY run_number, revision"
_THESE_RUNS = "SELECT * FROM run WHERE name IN (SELECT value FROM json_each(:names))"

_DESTINATION_COLUMNS = (
    "name, url, place IS NOT NULL AS in_settings, paused, reason, next_try, failures, error"
)
_DESTINATION = f"SELECT {_DESTINATION_COLUMNS} FROM destination WHERE name = :name"  # noqa: S608 - our own
_DESTINATIONS = f"SELECT {_DESTINATION_COLUMNS} FROM destination ORDER BY place IS NULL, place, name"  # noqa: S608

_DELIVERIES = """
    SELECT delivery.* FROM delivery
    JOIN run ON run.name = delivery.run JOIN destination ON destination.name = delivery.destination
    WHERE {chosen}
    ORDER BY run.run_number, run.revision, destination.place IS NULL, destination.place, destination.name"""

_CHOSEN = {
    "run": "delivery.run = :run",
    "destination": "delivery.destination = :destination",
    "states": "delivery.destination IN (SELECT name FROM destination)"
    " AND delivery.state IN (SELECT value FROM json_each(:states))",
}
"""The destination of a state is named since the index begins with it."""

_TO_DO = "run.state <> 'removed' AND destination.place IS NOT NULL"
"""What was not delivered before its folder was removed here never will be."""

_NEWEST = """
    SELECT delivery.* FROM delivery JOIN destination ON destination.name = delivery.destination
    WHERE delivered_at IS NOT NULL AND state = 'delivered' AND place IS NOT NULL
    ORDER BY delivered_at DESC LIMIT :limit"""

_OLDEST = """
    SELECT run.* FROM run
    WHERE run.state <> 'removed' AND run.name IN (
        SELECT delivery.run FROM destination CROSS JOIN delivery ON delivery.destination = destination.name
        WHERE destination.place IS NOT NULL AND delivery.state IN ('waiting', 'sending', 'quarantined'))
    ORDER BY run.seen_at, run.run_number, run.revision LIMIT 1"""

_SENT_TO = """
    SELECT run FROM delivery WHERE destination IN (SELECT value FROM json_each(:destinations))
    GROUP BY run HAVING count(*) = :count"""

_EVENTS = """
    SELECT time, run, destination, what FROM event
    WHERE run = :run AND (:destination IS NULL OR destination = :destination)
    ORDER BY number DESC LIMIT :limit"""

_COUNTS = """
    SELECT destination, state, count(*) AS number FROM delivery WHERE state = 'delivered' GROUP BY destination
    UNION ALL
    SELECT delivery.destination, delivery.state, count(*) AS number
    FROM destination CROSS JOIN delivery ON delivery.destination = destination.name
    JOIN run ON run.name = delivery.run
    WHERE delivery.state IN ('waiting', 'sending', 'quarantined') AND run.state <> 'removed'
    GROUP BY delivery.destination, delivery.state"""


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

    def runs(self, names: Collection[str] | None = None) -> list[RunEntry]:
        """Return all runs, the lowest number first; or those of some names, in no order."""
        if names is None:
            return self._entries(_RUNS, {}, RunEntry)
        return self._entries(_THESE_RUNS, {"names": json.dumps(list(names))}, RunEntry)

    def run(self, name: str) -> RunEntry | None:
        """Return a run, None where it is not known."""
        return next(iter(self._entries(_RUN, {"name": name}, RunEntry)), None)

    def runs_sent_to(self, destinations: Collection[str]) -> set[str]:
        """Return the names of runs that have a delivery, in whatever state, to each of some destinations."""
        asked = {"destinations": json.dumps(list(destinations)), "count": len(destinations)}
        return {each["run"] for each in self._rows(_SENT_TO, asked)}

    def destinations(self) -> list[DestinationEntry]:
        """Return all destinations, in the order of the settings, then those that these no longer name."""
        return self._entries(_DESTINATIONS, {}, DestinationEntry)

    def destination(self, name: str) -> DestinationEntry | None:
        """Return a destination, None where it is not known."""
        return next(iter(self._entries(_DESTINATION, {"name": name}, DestinationEntry)), None)

    def deliveries(
        self, run: str | None = None, destination: str | None = None, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Return deliveries, by run and then in the order of the settings; None stands for any."""
        # Only what is asked for is in the question: so SQLite goes by an index, however many there are.
        given = {"run": run, "destination": destination, "states": states}
        chosen = " AND ".join(_CHOSEN[name] for name, value in given.items() if value is not None)
        asked = {**given, "states": json.dumps(list(states or ()))}
        return self._entries(_DELIVERIES.format(chosen=chosen or "true"), asked, Delivery)

    def undelivered(self, run: str | None = None) -> list[Delivery]:
        """Return what is still to be delivered to the destinations of the settings, of one run or of all."""
        chosen = [_CHOSEN["states"], _TO_DO, *([] if run is None else [_CHOSEN["run"]])]
        asked = {"run": run, "states": json.dumps(list(set(State) - {State.DELIVERED}))}
        return self._entries(_DELIVERIES.format(chosen=" AND ".join(chosen)), asked, Delivery)

    def newest_delivered(self, limit: int) -> list[Delivery]:
        """Return what was delivered last to the destinations of the settings, the newest first."""
        return self._entries(_NEWEST, {"limit": limit}, Delivery)

    def oldest_undelivered(self) -> RunEntry | None:
        """Return the run that was seen first of those that are not at all destinations of the settings."""
        return next(iter(self._entries(_OLDEST, {}, RunEntry)), None)

    def counts(self) -> dict[str, dict[State, int]]:
        """Return how many deliveries there are, by destination and state; what never will be is in none."""
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
