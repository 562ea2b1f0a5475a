"""A carrier: one thread that takes one delivery after the other to a destination, and notes what came of it.

Which class an error is of decides what becomes of the delivery, its run, or its destination.
"""

import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from runfolio.clock import Clock, utc_text
from runfolio.errors import (
    Conflict,
    JournalError,
    JournalUnavailable,
    NotVerified,
    Refused,
    SourceDamaged,
    TakenOver,
    Unavailable,
    in_one_line,
)
from runfolio.folder import SealedRun, manifest_digest
from runfolio.mover.delivery import deliver, temporary_name
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination
from runfolio.mover.entries import Delivery, Intent, RunEntry, State
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from runfolio.mover.package import Package
from runfolio.mover.packaging import WORK, packed
from runfolio.mover.rate import Rate
from runfolio.mover.receipts import Receipts, leave_receipt, made_receipt
from runfolio.mover.settings import DestinationSettings, MoveTable
from runfolio.mover.telling import TellingDestination
from runfolio.mover.tidying import tidy
from runfolio.mover.trouble import Trouble

__all__ = ["Carrier", "Delivered", "Gone", "Surroundings", "unheeded"]

log = logging.getLogger(__name__)

MOST_NOT_VERIFIED = 3
"""Times that what arrives may differ from what was sent, before people have to look."""


Delivered = Callable[[Delivery, int, Callable[[], int]], object]
"""Told of each delivery, by its thread: its bytes, and what counts how many are left."""


class Gone(Exception):  # noqa: N818 - what is raised is that the mover is to be gone
    """The mover was asked to stop."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the carriers of a mover share."""

    end_of_run: Path
    directory: Path
    """Of the journal."""
    journal: Journal
    lease: Lease
    table: MoveTable
    clock: Clock
    stopping: threading.Event
    trouble: Trouble
    """With the journal."""
    is_patient: bool
    """Whether it is waited for a journal that can't be written; else that is an error."""
    delivered: Delivered

    @property
    def work(self) -> Path:
        """Where packages are written that have to be files of their own."""
        return self.directory / WORK

    def wait(self, seconds: float) -> None:
        """Wait, and raise `Gone` as soon as the mover is to stop."""
        if self.stopping.wait(seconds) if seconds > 0 else self.stopping.is_set():
            raise Gone

    def pause(self, failures: int) -> float:
        """Return the seconds to wait after so many failures: twice as many each time, and never the same."""
        longest = min(self.table.first_pause * 2.0 ** min(failures - 1, 40), self.table.longest_pause)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - so that many don't come back at once


def unheeded(_delivery: Delivery, _bytes: int, _left: Callable[[], int]) -> None:
    """Heed no delivery."""


class Carrier:
    """The deliveries of one thread to one destination."""

    def __init__(self, settings: DestinationSettings, rate: Rate, around: Surroundings) -> None:
        self._settings = settings
        self._rate = rate
        self._around = around
        self._journal = around.journal
        self._receipts = Receipts(around.directory)
        self._place: Destination | None = None

    def carry_all(self) -> None:
        """Deliver what is due, until nothing is, or the mover is to stop."""
        try:
            with suppress(Gone):
                while not self._around.stopping.is_set() and (found := self._noted(self._claim)):
                    self._carry(found)
        finally:
            self._disconnect()

    def _noted(self, note: Callable[[], Delivery | None]) -> Delivery | None:
        """Return what comes of a change of the journal, which is made as soon as it can be."""
        around = self._around
        while True:
            try:
                found = note()
            except JournalUnavailable as error:
                if not around.is_patient:
                    raise
                around.trouble.met(error)
                around.wait(around.table.scan_seconds)
            else:
                if found:
                    around.trouble.over()
                return found

    def _claim(self) -> Delivery | None:
        settings, around = self._settings, self._around
        return self._journal.claim(
            settings.name, settings.url, around.lease.token, around.table.longest_pause
        )

    def _carry(self, delivery: Delivery) -> None:
        try:
            self._try(delivery)
        except TakenOver as error:  # its destination may have another URL by now
            log.warning("%s", error)
        except JournalUnavailable as error:
            if not self._around.is_patient:
                raise
            self._give_back(delivery, error)

    def _give_back(self, delivery: Delivery, error: JournalUnavailable) -> None:
        """Have a delivery wait of which it can't be noted how far it is; the next try finds what is there."""
        around = self._around
        self._disconnect()
        around.trouble.met(error)
        around.wait(around.table.scan_seconds)
        with suppress(TakenOver):  # how it ended was noted, after all
            self._noted(lambda: self._journal.let_go(delivery, str(error), type(error).__name__))

    def _try(self, delivery: Delivery) -> None:
        try:
            size = self._deliver(delivery)
        except Gone:
            self._journal.let_go(delivery)
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up other deliveries
            self._failed(delivery, error, in_one_line(error))
        else:
            tidy(self._around.work, self._journal, [delivery.run])
            self._around.delivered(delivery, size, self._left)

    def _failed(self, delivery: Delivery, error: Exception, words: str) -> None:
        """Note what an error means for its delivery, run or destination."""
        kind = type(error).__name__
        match error:
            case SourceDamaged():
                self._tell(delivery, words, "the run is quarantined")
                self._journal.quarantine_run(delivery.run, words)
                self._journal.let_go(delivery, words, kind)
            case Conflict():
                self._tell(delivery, words, "quarantined")
                self._quarantine(delivery, words, kind)
            case NotVerified() if delivery.not_verified + 1 >= MOST_NOT_VERIFIED:
                self._tell(delivery, words, f"quarantined, after {MOST_NOT_VERIFIED} times")
                self._quarantine(delivery, words, kind)
            case Refused():
                self._refused(delivery, words)
            case Unavailable():
                self._unavailable(delivery, words)
            case _:
                log.debug("%s to %s", delivery.run, delivery.destination, exc_info=error)
                self._again(delivery, words, kind, integrity=isinstance(error, NotVerified))

    def _left(self) -> int:
        counts = self._journal.counts().values()
        return sum(each[State.WAITING] + each[State.SENDING] for each in counts)

    def _deliver(self, delivery: Delivery) -> int:
        """Deliver a run and leave its receipts; return its bytes."""
        journal, name = self._journal, self._settings.name
        place = self._connected()
        run = journal.run(delivery.run)
        assert run is not None
        package = self._packed(run)
        temporary = delivery.temporary or temporary_name(package.name)

        def intend(intent: Intent) -> None:
            journal.intend(delivery, intent, temporary)

        arrived = deliver(package, place, name, temporary, intend=intend, sent=self._rate.sent)
        intend(Intent.RECEIPT)
        now = utc_text(self._around.clock.now())
        receipt = self._receipts.keep(made_receipt(run, self._settings, package, arrived, now))
        leave_receipt(place, receipt, self._receipts.path(run.name, name), temporary)
        journal.delivered(delivery, package.bytes)
        journal.destination_answers(name)
        return package.bytes

    def _packed(self, run: RunEntry) -> Package:
        """Verify a run's folder and return what is sent of it."""
        sealed = self._sealed(run)
        try:
            package = packed(
                sealed, self._settings.packaging, self._around.work, partial(self._around.wait, 0)
            )
        except SourceDamaged:
            manifest_digest(sealed.path)  # without a manifest it is not damaged but away, and may come back
            raise
        if manifest_digest(sealed.path) != run.manifest_sha256:
            raise SourceDamaged(f"{sealed.path} is another folder than the one that was seen first")
        return package

    def _sealed(self, run: RunEntry) -> SealedRun:
        return SealedRun(run.run_number, run.revision, self._around.end_of_run / run.name)

    def _connected(self) -> Destination:
        if self._place is None:
            made = make_destination(self._settings, self._around.lease.descriptor)
            self._place = TellingDestination(made, self._settings.name).__enter__()
        return self._place

    def _disconnect(self) -> None:
        place, self._place = self._place, None
        if place is None:
            return
        try:
            place.__exit__(None, None, None)
        except Exception as error:  # noqa: BLE001 - what there was to lose is known by then
            log.debug("leaving %s: %s", self._settings.name, in_one_line(error))

    def _refused(self, delivery: Delivery, words: str) -> None:
        name = self._settings.name
        self._disconnect()
        self._tell(delivery, words, f"paused; once it is mended: runfolio move resume {name}")
        self._journal.pause(name, words)
        self._journal.failed(delivery, words, "Refused", self._around.clock.now())

    def _unavailable(self, delivery: Delivery, words: str) -> None:
        name, longest_pause = self._settings.name, self._around.table.longest_pause
        self._disconnect()
        known = self._journal.destination(name)
        pause = self._around.pause((known.failures if known else 0) + 1)
        next_try = self._around.clock.now() + pause
        if self._journal.destination_failed(name, words, next_try, longest_pause):
            self._tell(delivery, words, f"all that goes there again in {pause:.0f} s")
        self._journal.let_go(delivery, words, "Unavailable")

    def _again(self, delivery: Delivery, words: str, kind: str, *, integrity: bool) -> None:
        self._disconnect()
        pause = self._around.pause(delivery.attempts)
        self._tell(delivery, words, f"again in {pause:.0f} s")
        next_try = self._around.clock.now() + pause
        self._journal.failed(delivery, words, kind, next_try, integrity=integrity)

    def _quarantine(self, delivery: Delivery, words: str, kind: str) -> None:
        """Have nobody go on with a delivery; what was begun of it is removed there, if it can be."""
        (noted,) = self._journal.deliveries(delivery.run, delivery.destination)
        try:
            if noted.temporary and self._place and self._place.renames:
                self._place.remove(noted.temporary)
        except Exception as error:  # noqa: BLE001 - when it is released, it goes on with what is there
            log.debug("left at %s: %s: %s", delivery.destination, noted.temporary, in_one_line(error))
        self._journal.quarantine(delivery, words, kind)

    def _tell(self, delivery: Delivery, words: str, then: str) -> None:
        log.warning("%s to %s: %s; %s", delivery.run, delivery.destination, words, then)
