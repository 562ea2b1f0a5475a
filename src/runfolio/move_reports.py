"""How deliveries stand, told to a user: what `runfolio move` and its commands print."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from runfolio.clock import utc_text
from runfolio.console import Column, counted, say, size_text, table
from runfolio.errors import InputError
from runfolio.mover.entries import Delivery, DestinationEntry, RunEntry, RunState, State
from runfolio.mover.leases import living
from runfolio.mover.reading import JournalReader

if TYPE_CHECKING:  # loading them takes longer than a status may
    from runfolio.mover.cleaning import Cleaned
    from runfolio.mover.doctor import Check
    from runfolio.mover.quarantine import Quarantined
    from runfolio.mover.receipts import Receipts
    from runfolio.mover.reconciling import Reconciled
    from runfolio.mover.verifying import Verified

NEWEST_DELIVERED = 20
"""Deliveries that were made, of which a status tells where not all are asked for."""
EVENTS = 50
LONGEST_ERROR = 160
NOT_DELIVERED = "not delivered"
"""The state of what never will be: its folder was removed here before."""


class DestinationStatus(Struct, frozen=True, kw_only=True):
    """How a destination stands."""

    name: str
    url: str
    state: str
    """`ok`, `paused`, `waiting` after trouble, or `not in the settings`."""
    delivered: int
    waiting: int
    """And those that are being sent."""
    quarantined: int
    error: str
    next_try: str | None


class DeliveryStatus(Struct, frozen=True, kw_only=True):
    """How a delivery stands."""

    run: str
    destination: str
    state: str
    attempts: int
    bytes: int
    """Of the run."""
    error: str
    next_try: str | None
    delivered_at: str | None


class Status(Struct, frozen=True, kw_only=True):
    """How all of it stands."""

    movers: int
    """Processes that deliver at the moment."""
    destinations: list[DestinationStatus]
    oldest_undelivered: str | None
    oldest_undelivered_since: str | None
    """When a mover first saw it."""
    deliveries: list[DeliveryStatus]
    not_listed: int
    """Deliveries that were made, and are left out."""


def status_of(directory: Path, *, every: bool) -> Status:
    """Return how all deliveries stand.

    Raises:
        JournalError: there is no journal that can be read.

    """
    with JournalReader(directory) as journal:
        found = journal.deliveries() if every else _of_interest(journal)
        runs = {each.name: each for each in journal.runs({each.run for each in found})}
        destinations = journal.destinations()
        counts, oldest = journal.counts(), journal.oldest_undelivered()
    movers = living(directory)
    by_name = {each.name: each for each in destinations}
    shown = [each for each in found if every or by_name[each.destination].in_settings]
    listed = sum(each.state is State.DELIVERED for each in shown)
    made = sum(counts[each.name][State.DELIVERED] for each in destinations if each.in_settings)
    places = {each.name: place for place, each in enumerate(destinations)}
    shown.sort(key=lambda each: (*_order(runs[each.run]), places[each.destination]))
    return Status(
        movers=len(movers),
        destinations=[_destination(each, counts[each.name]) for each in destinations],
        oldest_undelivered=oldest.name if oldest else None,
        oldest_undelivered_since=utc_text(oldest.seen_at) if oldest else None,
        deliveries=[_delivery(each, runs[each.run], by_name[each.destination], movers) for each in shown],
        not_listed=0 if every else max(made - listed, 0),  # a mover may have been faster
    )


def _of_interest(journal: JournalReader) -> list[Delivery]:
    """Return all that is still to be delivered, and the newest of what is."""
    # What is delivered between the two questions is in both answers; the later one counts.
    found = (*journal.undelivered(), *journal.newest_delivered(NEWEST_DELIVERED))
    return list({(each.run, each.destination): each for each in found}.values())


def _order(run: RunEntry) -> tuple[int, int]:
    return run.run_number, run.revision


def _destination(entry: DestinationEntry, counts: dict[State, int]) -> DestinationStatus:
    if not entry.in_settings:
        state = "not in the settings"
    elif entry.paused:
        state = "paused"
    else:
        state = "waiting" if entry.failures else "ok"
    return DestinationStatus(
        name=entry.name,
        url=entry.url,
        state=state,
        delivered=counts[State.DELIVERED],
        waiting=counts[State.WAITING] + counts[State.SENDING],
        quarantined=counts[State.QUARANTINED],
        error=entry.reason if entry.paused else entry.error if entry.failures else "",
        next_try=None if entry.paused or entry.next_try is None else utc_text(entry.next_try),
    )


def _delivery(
    entry: Delivery, run: RunEntry, destination: DestinationEntry, movers: frozenset[str]
) -> DeliveryStatus:
    if entry.state is State.SENDING and entry.owner not in movers:  # that one is gone
        entry = replace(entry, state=State.WAITING)
    open_still = entry.state is State.WAITING
    state, error = _state(entry, run), entry.error if entry.state is not State.DELIVERED else ""
    if state == NOT_DELIVERED:
        error = "removed here"
    elif open_still and run.state is RunState.QUARANTINED:
        state, error = "quarantined", run.reason
    elif open_still and destination.paused:
        state = "paused"
    later = max((each for each in (entry.next_try, destination.next_try) if each), default=None)
    return DeliveryStatus(
        run=entry.run,
        destination=entry.destination,
        state=state,
        attempts=entry.attempts,
        bytes=run.bytes,
        error=error,
        next_try=utc_text(later) if later and state == State.WAITING else None,
        delivered_at=utc_text(entry.delivered_at) if entry.delivered_at else None,
    )


def _state(entry: Delivery, run: RunEntry) -> str:
    never = run.state is RunState.REMOVED and entry.state is not State.DELIVERED
    return NOT_DELIVERED if never else str(entry.state)


def show_status(console: Console, status: Status) -> None:
    """Write how the destinations stand, then the deliveries."""
    if not status.destinations:
        say(console, "There are no destinations.")
        return
    columns = (
        Column("destination"),
        Column("state"),
        *(Column(each, right=True) for each in ("delivered", "to do", "quarantined")),
        Column("last error"),
    )
    rows = [
        (each.name, each.state, *_grouped(each.delivered, each.waiting, each.quarantined), _short(each.error))
        for each in status.destinations
    ]
    table(console, columns, rows, fold=True)
    say(console, "")
    if status.deliveries:
        headings = (Column("run", right=True), Column("destination"), Column("state"))
        figures = (Column("attempts", right=True), Column("size", right=True), Column("when"))
        table(
            console,
            (*headings, *figures, Column("last error")),
            list(map(_row, status.deliveries)),
            fold=True,
        )
        say(console, "")
    if status.not_listed:
        say(console, f"{status.not_listed:,} more were delivered; --all lists them", "dim")
    if status.oldest_undelivered:
        since = status.oldest_undelivered_since
        say(console, f"oldest undelivered: run {status.oldest_undelivered}, here since {since}")
    else:
        say(console, "all is delivered")
    say(console, f"{counted(status.movers, 'mover')} at work" if status.movers else "no mover is at work")


def _row(each: DeliveryStatus) -> tuple[object, ...]:
    when = each.delivered_at or (f"next {each.next_try}" if each.next_try else "")
    error = _short(each.error)
    return each.run, each.destination, each.state, each.attempts, size_text(each.bytes), when, error


def _grouped(*numbers: int) -> list[str]:
    return [f"{each:,}" for each in numbers]


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_ERROR else f"{words[:LONGEST_ERROR]}..."


def known_run(journal: JournalReader, name: str) -> RunEntry:
    """Return a run of the journal.

    Raises:
        InputError: it is not known.

    """
    # What is no text, as the bytes of another encoding, is the name of no run.
    found = journal.run(Path(name).name.encode(errors="replace").decode())
    if found is None:
        raise InputError(f"no run {name} is known to the mover; runfolio move status --all lists them")
    return found


def show_deliveries(console: Console, journal: JournalReader, receipts: "Receipts", name: str) -> None:
    """Write a run, its deliveries, and what has happened to them.

    Raises:
        InputError: the run is not known.

    """
    run = known_run(journal, name)
    say(console, f"Run {run.name}", "bold")
    facts = [
        ("state", f"{run.state}{f': {run.reason}' if run.reason else ''}"),
        ("sealed", f"{run.sealed_at or 'not known'}, first seen {utc_text(run.seen_at)}"),
        ("size", f"{counted(run.files, 'file')}, {size_text(run.bytes)}"),
        ("manifest", run.manifest_sha256),
    ]
    for what, words in facts:
        say(console, f"  {what:<9} {words}")
    for each in journal.deliveries(run=run.name):
        say(console, "")
        state = _state(each, run)
        say(console, f"{each.destination}: {state}, {counted(each.attempts, 'attempt')}", "bold")
        _show_delivery(console, each, state, receipts)
    say(console, "")
    for event in journal.events(run.name, limit=EVENTS):
        say(console, f"  {utc_text(event.time)}  {event.destination:<12}  {event.what}")


def _show_delivery(console: Console, delivery: Delivery, state: str, receipts: "Receipts") -> None:
    if delivery.delivered_at:
        say(console, f"  delivered {utc_text(delivery.delivered_at)}")
    if receipt := receipts.find(delivery.run, delivery.destination):
        say(console, f"  as        {receipt.name} below {receipt.url}, {counted(len(receipt.files), 'file')}")
        say(console, f"  receipt   {receipts.path(delivery.run, delivery.destination)}")
    if delivery.error and delivery.state is not State.DELIVERED:
        say(console, f"  error     {delivery.error}", "yellow")
    if delivery.temporary and delivery.state is not State.DELIVERED:
        say(console, f"  begun as  {delivery.temporary}")
    if delivery.next_try and state == State.WAITING:
        say(console, f"  next try  {utc_text(delivery.next_try)}")


def show_verified(console: Console, runs: Sequence[str], found: Iterable["Verified"]) -> int:
    """Write what a look at deliveries has found; return the exit status."""
    status, seen = 0, set()
    for each in found:
        seen.add(each.run)
        if each.problem:
            status = 1
            say(console, f"{each.run} at {each.destination}: {each.problem}", "yellow")
        else:
            files = counted(each.files, "file")
            say(console, f"{each.run} at {each.destination}: ok, {files}, {size_text(each.bytes)}")
    for run in runs:
        if Path(run).name not in seen:
            say(console, f"{run} is delivered nowhere yet", "yellow")
            status = 1
    return status


def show_quarantined(console: Console, found: Sequence["Quarantined"]) -> None:
    """Write what is in quarantine."""
    if not found:
        say(console, "Nothing is in quarantine.")
        return
    columns = (Column("run", right=True), Column("destination"), Column("since"), Column("why"))
    table(
        console,
        columns,
        [(each.run, each.destination or "(the folder)", each.since, each.reason) for each in found],
        fold=True,
    )


def show_checks(console: Console, checks: Iterable["Check"]) -> int:
    """Write each thing that was tried at a destination as it is known; return the exit status."""
    status = 0
    for each in checks:
        mark = "ok  " if each.well else "FAIL"
        say(
            console,
            f"{mark}  {each.destination:<12}  {each.what:<11}  {each.words}",
            "" if each.well else "red",
        )
        status = status if each.well else 1
    return status


def show_reconciled(console: Console, found: "Reconciled") -> int:
    """Write what the journal was rebuilt from; return the exit status."""
    say(
        console,
        f"{counted(found.runs, 'run folder')} here, {counted(len(found.removed_here), 'run')} elsewhere only",
    )
    if found.set_aside:
        say(console, f"the former journal is kept as {found.set_aside}")
    for name, count in found.delivered.items():
        say(console, f"{name}: {count:,} delivered")
    for each in found.unfinished:
        say(console, f"unfinished, of a delivery that goes on or of none any more: {each}")
    for each in found.problems:
        say(console, each, "yellow")
    return 1 if found.problems else 0


def show_left(console: Console, journal: JournalReader, *, stopped: bool, once: bool) -> int:
    """Write what is not delivered when the mover ends; return its exit status."""
    if open_still := journal.undelivered():
        runs = len({each.run for each in open_still})
        again = "the next mover goes on with them" if stopped else "runfolio move status says why"
        say(console, f"runfolio: of {counted(runs, 'run')} not all is delivered; {again}", "yellow")
    return 1 if open_still and once else 0


def show_cleaned(console: Console, cleaned: Iterable["Cleaned"], *, dry_run: bool) -> int:
    """Write what is removed here, and what stays and why, as it is known; return the exit status."""
    removed = size = stays = 0
    for each in cleaned:
        if each.reason:
            stays += 1
            say(console, f"{each.run.name} stays: {each.reason}")
        else:
            removed, size = removed + 1, size + each.bytes
            would_be = "would be removed" if dry_run else "removed"
            say(console, f"{each.run.name} {would_be}, {size_text(each.bytes)}")
    free = "would be free" if dry_run else "free"
    left = counted(stays, "folder")
    say(console, f"{counted(removed, 'folder')}, {size_text(size)} {free}; {left} left", "dim")
    return 0
