"""The mover's journal: which run is how far on its way to which destination, whatever is killed when.

    with Journal(directory, clock=SystemClock()) as journal, Lease(directory) as lease:
        delivery = journal.claim("tape", url, lease.token, longest_pause)

An intent is written before each effect at a destination: so the next mover knows where to look.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict, replace

from runfolio.errors import JournalError, SettingsChanged, TakenOver
from runfolio.folder.names import folder_name
from runfolio.mover.due import DUE, NEXT
from runfolio.mover.entries import Delivery, DestinationEntry, Intent, RunEntry, RunState, State
from runfolio.mover.leases import is_held
from runfolio.mover.reading import JournalReader
from runfolio.mover.writing import Change, JournalWriter, ahead

__all__ = ["Journal", "JournalReader"]

_ADD_RUN = """
    INSERT OR IGNORE INTO run VALUES (:name, :run_number, :revision, :manifest_sha256, :files, :bytes,
        :sealed_at, :state, :reason, :seen_at)"""

_JUDGE_RUN = """
    UPDATE run SET state = :state, reason = :reason
    WHERE name = :name AND (state <> :state OR reason <> :reason)"""

_TAKE_ANEW = """
    UPDATE run SET manifest_sha256 = :manifest_sha256, files = :files, bytes = :bytes, sealed_at = :sealed_at
    WHERE name = :name"""

_COLUMNS = """(:run, :destination, :state, :attempts, :not_verified, :bytes, :error, :error_kind,
    :next_try, :intent, :temporary, :since, :delivered_at, :owner, :claim)"""

_ADD_DELIVERY = f"INSERT OR IGNORE INTO delivery VALUES {_COLUMNS}"  # noqa: S608 - parts of our own
_STORE_DELIVERY = f"INSERT OR REPLACE INTO delivery VALUES {_COLUMNS}"  # noqa: S608

_PLACE = """
    INSERT INTO destination (name, url, place) VALUES (:name, :url, :place)
    ON CONFLICT (name) DO UPDATE SET url = :url, place = :place WHERE url <> :url OR place IS NOT :place"""

_SEND_ANEW = """
    UPDATE delivery SET state = 'waiting', attempts = 0, not_verified = 0, error = '', error_kind = '',
        next_try = NULL, intent = 'none', temporary = '', since = :now, delivered_at = NULL, owner = '',
        claim = claim + 1
    WHERE destination = :name AND run IN (SELECT name FROM run WHERE state <> 'removed')"""

_PAUSE = """
    UPDATE destination SET paused = :paused, reason = :reason
    WHERE name = :name AND (paused <> :paused OR reason <> :reason)"""

_FAILED = (
    "UPDATE destination SET failures = failures + 1, error = :error, next_try = :next_try WHERE name = :name"
)

_ANSWERS = """
    UPDATE destination SET failures = 0, error = '', next_try = NULL
    WHERE name = :name AND (failures > 0 OR next_try IS NOT NULL)"""

_RETRY = """
    UPDATE delivery SET next_try = NULL
    WHERE state = 'waiting' AND (:run IS NULL OR run = :run)
      AND run IN (SELECT name FROM run WHERE state <> 'removed')
      AND (:destination IS NULL OR destination = :destination)"""

_RETRY_DESTINATIONS = """
    UPDATE destination SET next_try = NULL
    WHERE next_try IS NOT NULL AND (:destination IS NULL OR name = :destination)"""


class Journal(JournalWriter):
    """The journal in a directory, made if need be, open while the `with` lasts; threads may share it.

    All that it says to have noted is on the disk. A method that is about one delivery of a mover's own
    raises TakenOver where it is no longer that.

    Raises:
        JournalError: the directory is on a network file system; the file is damaged, another program's,
            or of a newer runfolio; or the system refuses.

    """

    # Runs

    def add_run(self, entry: RunEntry, destinations: Collection[str]) -> RunEntry:
        """Note a run, and a delivery to each destination that it has none to; return what is noted of it.

        Of a run that is known that is what was noted first, which is to be compared: of another manifest,
        it is another run. One that is removed gets no more deliveries.
        """
        (known,) = self.add_runs([entry], destinations)
        return known

    def add_runs(self, entries: Sequence[RunEntry], destinations: Collection[str]) -> list[RunEntry]:
        """Note several runs at once, all or none of them; otherwise as `add_run`."""
        with self._changing(f"add {' '.join(each.name for each in entries)}") as change:
            for each in destinations:
                self._known_destination(each)
            return [self._add(change, each, destinations) for each in entries]

    def _add(self, change: Change, entry: RunEntry, destinations: Collection[str]) -> RunEntry:
        if change.do(_ADD_RUN, asdict(entry)):
            change.say(f"seen: {entry.files} files, {entry.bytes} bytes", run=entry.name)
        known = self._known_run(entry.name)
        if known.state is not RunState.REMOVED:
            for each in destinations:
                delivery = Delivery(run=entry.name, destination=each, since=change.now)
                change.do(_ADD_DELIVERY, asdict(delivery))
        return known

    def quarantine_run(self, name: str, reason: str) -> None:
        """Send nothing of a run any more, until it is released."""
        self._judge_run(name, RunState.QUARANTINED, reason, f"quarantined: {reason}")

    def release_run(self, name: str) -> None:
        """Take back that a run is quarantined or removed; its quarantined deliveries stay that."""
        self._judge_run(name, RunState.SEALED, "", "released")

    def take_anew(self, entry: RunEntry) -> None:
        """Note that a run is another folder than the one that was seen first.

        Raises:
            JournalError: of that one something was delivered, or is being sent.

        """
        with self._changing(f"take {entry.name} anew") as change:
            for each in self.deliveries(entry.name, states={State.DELIVERED, State.SENDING}):
                if each.state is State.DELIVERED:
                    other = folder_name(entry.run_number, entry.revision + 1)
                    raise JournalError(
                        f"at {each.destination} is the folder that was run {entry.name} first, and here is"
                        f" another: put that one back, or rename this one to {other}"
                    )
                if is_held(self.directory, each.owner):
                    raise JournalError(
                        f"{entry.name} is being sent to {each.destination}: let that end first"
                    )
            change.do(_TAKE_ANEW, asdict(entry))
            change.say("taken as it is now, another folder than was seen first", run=entry.name)

    def run_removed(self, name: str) -> None:
        """Note that the run's folder was removed here; what was delivered stays noted."""
        self._judge_run(name, RunState.REMOVED, "", "removed here")

    def _judge_run(self, name: str, state: RunState, reason: str, what: str) -> None:
        with self._changing(f"{state} {name}") as change:
            self._known_run(name)
            if change.do(_JUDGE_RUN, {"name": name, "state": state, "reason": reason}):
                change.say(what, run=name)

    def _known_run(self, name: str) -> RunEntry:
        run = self.run(name)
        if run is None:
            raise JournalError(f"the journal {self.path} knows no run {name[:60]!a}")
        return run

    # Destinations

    def set_destinations(self, urls: Mapping[str, str]) -> None:
        """Note the destinations of the settings, by name and in their order.

        One that has another URL than before may be another place: all runs that are still here are
        delivered there anew, for which they are only verified where they are there already.
        """
        with self._changing("set destinations") as change:
            known = {each.name: each.url for each in self.destinations()}
            for name in known.keys() - urls.keys():
                change.do(
                    "UPDATE destination SET place = NULL WHERE name = :name AND place IS NOT NULL",
                    {"name": name},
                )
            for place, (name, url) in enumerate(urls.items()):
                change.do(_PLACE, {"name": name, "url": url, "place": place})
                if known.get(name, url) != url:
                    change.do(_SEND_ANEW, {"name": name, "now": change.now})
                    change.do(_ANSWERS, {"name": name})
                    change.say(f"has another URL: {url}; before, {known[name]}", destination=name)

    def add_destinations(self, urls: Mapping[str, str]) -> None:
        """Note those destinations of the settings that are not known yet; of the others nothing changes."""
        with self._changing("add destinations") as change:
            known = {each.name for each in self.destinations()}
            for place, (name, url) in enumerate(urls.items()):
                if name not in known:
                    change.do(_PLACE, {"name": name, "url": url, "place": place})

    def pause(self, name: str, reason: str) -> None:
        """Send nothing to a destination until it is resumed."""
        self._pause(name, paused=True, reason=reason, what=f"paused: {reason}")

    def resume(self, name: str) -> None:
        """Send to a destination again."""
        self._pause(name, paused=False, reason="", what="resumed")

    def _pause(self, name: str, *, paused: bool, reason: str, what: str) -> None:
        with self._changing(f"{what.partition(':')[0]} {name}") as change:
            self._known_destination(name)
            if change.do(_PAUSE, {"name": name, "paused": paused, "reason": reason}):
                change.say(what, destination=name)

    def destination_failed(self, name: str, error: str, next_try: float, longest_pause: float) -> bool:
        """Note that a destination as a whole did not answer; nothing is sent there before `next_try`.

        Where it is waiting already all stays as it is, and False is returned: several deliveries that fail
        at the same time are one failure.
        """
        with self._changing(f"failed {name}") as change:
            known = self._known_destination(name)
            if known.next_try is not None and ahead(known.next_try, change.now, longest_pause) > 0:
                return False
            if known.failures == 0:
                change.say(f"does not answer: {error}", destination=name)
            change.do(_FAILED, {"name": name, "error": error, "next_try": next_try})
            return True

    def destination_answers(self, name: str) -> None:
        """Note that a destination is well; that costs nothing where it was."""
        with self._changing(f"answers {name}") as change:
            if change.do(_ANSWERS, {"name": name}):
                change.say("answers again", destination=name)

    def _known_destination(self, name: str) -> DestinationEntry:
        destination = self.destination(name)
        if destination is None:
            known = ", ".join(each.name for each in self.destinations()) or "none"
            raise JournalError(f"there is no destination {name[:60]!a}; there are: {known}")
        return destination

    # Deliveries

    def claim(self, destination: str, url: str, token: str, longest_pause: float) -> Delivery | None:
        """Take up the next delivery to a destination that is due; None if none is.

        Those that never failed come first, by run number; then the one that failed longest ago. Deliveries
        of movers that are dead, with all that they had started, are due at once. Its intent and temporary
        name are those that it had.

        Args:
            destination: its name.
            url: where the mover delivers to under this name.
            token: of a lease that is held.
            longest_pause: seconds. What is not due for longer than that is due: the clock was set back.

        Raises:
            SettingsChanged: the destination has another URL by now.
            JournalError: the lease is no longer held; see there.

        """
        with self._changing(f"claim {destination}") as change:
            self._refuse_other_url(destination, url)
            if not is_held(self.directory, token):
                raise JournalError(f"the lease {token} in {self.directory} is no longer held: start anew")
            asked = {"destination": destination, "now": change.now, "longest_pause": longest_pause}
            found = next(iter(self._entries(DUE, asked, Delivery)), None)
            if found is None:
                return None
            change.what = f"claim {found.run} {destination}"
            claimed = replace(
                found,
                state=State.SENDING,
                attempts=found.attempts + 1,
                next_try=None,
                since=change.now,
                owner=token,
                claim=found.claim + 1,
            )
            change.do(_STORE_DELIVERY, asdict(claimed))
            again = "" if found.state is State.WAITING else "; the mover that had it is gone"
            change.say(f"attempt {claimed.attempts}{again}", run=found.run, destination=destination)
            return claimed

    def _refuse_other_url(self, name: str, url: str) -> None:
        noted = self._known_destination(name).url
        if noted != url:
            raise SettingsChanged(
                f"destination {name} has another URL by now, {noted}, and this mover was started with {url}:"
                " start runfolio move anew"
            )

    def intend(self, delivery: Delivery, intent: Intent, temporary: str = "") -> Delivery:
        """Note what is about to happen at the destination; without a temporary name, that is as before."""
        with self._changing(f"{intent} {delivery.run} {delivery.destination}") as change:
            own = self._own(delivery)
            return self._store(change, replace(own, intent=intent, temporary=temporary or own.temporary))

    def delivered(self, delivery: Delivery, number_of_bytes: int) -> Delivery:
        """Note that it is there, verified."""
        return self._end(
            delivery,
            State.DELIVERED,
            f"delivered: {number_of_bytes} bytes",
            bytes=number_of_bytes,
            error="",
            error_kind="",
            intent=Intent.NONE,
            temporary="",
            delivered_at=self._clock.now(),
        )

    def failed(
        self, delivery: Delivery, error: str, kind: str, next_try: float, *, integrity: bool = False
    ) -> Delivery:
        """Have it wait for another attempt; with `integrity`, since what arrived was not what was sent."""
        return self._end(
            delivery,
            State.WAITING,
            f"{kind}: {error}",
            error=error,
            error_kind=kind,
            next_try=next_try,
            not_verified=delivery.not_verified + integrity,
        )

    def quarantine(self, delivery: Delivery, error: str, kind: str) -> Delivery:
        """Try no more until people have looked."""
        return self._end(delivery, State.QUARANTINED, f"quarantined: {error}", error=error, error_kind=kind)

    def let_go(self, delivery: Delivery, error: str = "", kind: str = "") -> Delivery:
        """Have it wait as if it had not been claimed: the mover stops, or the destination does not answer."""
        return self._end(
            delivery,
            State.WAITING,
            f"{kind}: {error}" if error else "stopped",
            attempts=delivery.attempts - 1,
            error=error or delivery.error,
            error_kind=kind or delivery.error_kind,
        )

    def _end(self, delivery: Delivery, state: State, what: str, **changes: Any) -> Delivery:
        with self._changing(f"{state} {delivery.run} {delivery.destination}") as change:
            ended = replace(self._own(delivery), state=state, owner="", since=change.now, **changes)
            change.say(what, run=delivery.run, destination=delivery.destination)
            return self._store(change, ended)

    def _own(self, delivery: Delivery) -> Delivery:
        """Return a claimed delivery as it is noted.

        Raises:
            TakenOver: it is another mover's by now, or was ended.

        """
        (noted,) = self.deliveries(delivery.run, delivery.destination)
        if noted.state is not State.SENDING or (noted.owner, noted.claim) != (delivery.owner, delivery.claim):
            raise TakenOver(
                f"the delivery of {delivery.run} to {delivery.destination} is no longer this mover's:"
                f" it is {noted.state}" + (f", by {noted.owner}" if noted.owner else "")
            )
        return noted

    def _store(self, change: Change, delivery: Delivery) -> Delivery:
        change.do(_STORE_DELIVERY, asdict(delivery))
        return delivery

    def release(self, run: str, destination: str) -> bool:
        """Let a delivery be tried again, as if for the first time; return whether it was quarantined.

        Its temporary name stays: something may be left under it.
        """
        with self._changing(f"release {run} {destination}") as change:
            found = self.deliveries(run, destination, {State.QUARANTINED})
            for each in found:
                anew = Delivery(
                    run=run,
                    destination=destination,
                    temporary=each.temporary,
                    since=change.now,
                    claim=each.claim,
                )
                self._store(change, anew)
                change.say("released", run=run, destination=destination)
            return bool(found)

    def retry(self, run: str | None = None, destination: str | None = None) -> int:
        """Have all that waits be due at once, and destinations be asked; return how many deliveries wait."""
        with self._changing("retry") as change:
            if run is not None:
                self._known_run(run)
            if destination is not None:
                self._known_destination(destination)
            change.do(_RETRY_DESTINATIONS, {"destination": destination})
            return change.do(_RETRY, {"run": run, "destination": destination})

    def restore(self, run: str, destination: str, *, number_of_bytes: int, delivered_at: float) -> Delivery:
        """Note what was found at a destination, verified, as delivered.

        Raises:
            JournalError: a mover is delivering it; or one of the two is not known.

        """
        with self._changing(f"restore {run} {destination}") as change:
            self._known_run(run)
            self._known_destination(destination)
            noted = next(iter(self.deliveries(run, destination)), None)
            if noted and noted.owner and is_held(self.directory, noted.owner):
                raise JournalError(f"{run} is being delivered to {destination} by a mover: let it end first")
            found = Delivery(
                run=run,
                destination=destination,
                state=State.DELIVERED,
                attempts=noted.attempts if noted else 0,
                bytes=number_of_bytes,
                since=change.now,
                delivered_at=delivered_at,
                claim=noted.claim + 1 if noted else 0,
            )
            change.say("found there, verified", run=run, destination=destination)
            return self._store(change, found)

    def next_due(self, longest_pause: float, destination: str | None = None) -> float | None:
        """Return the seconds until a delivery can be claimed, None where that is not to be foreseen."""
        asked = {"now": self._clock.now(), "longest_pause": longest_pause, "destination": destination}
        (found,) = self._rows(NEXT, asked)
        seconds: float | None = found["seconds"]
        return seconds
