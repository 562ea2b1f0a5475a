"""The mover at work: it looks for sealed folders, and has carriers take them to every destination.

The directory is looked at every few seconds; notices of the file system only wake it earlier.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from runfolio.clock import Clock
from runfolio.errors import FolderError
from runfolio.mover.carrier import Carrier, Delivered, Surroundings, unheeded
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from runfolio.mover.rate import Rate
from runfolio.mover.scanning import Scanner
from runfolio.mover.settings import MoverSettings

__all__ = ["Mover"]

log = logging.getLogger(__name__)


class Mover:
    """Delivers what is sealed in an end-of-run directory.

    Args:
        end_of_run: the directory.
        settings: the destinations, and how often what is tried.
        clock: the time.
        delivered: told of each delivery, its bytes, and how many are left.

    """

    def __init__(
        self,
        end_of_run: Path,
        settings: MoverSettings,
        clock: Clock,
        delivered: Delivered = unheeded,
    ) -> None:
        self._end_of_run = end_of_run
        self._settings = settings
        self._clock = clock
        self._delivered = delivered
        self._stopping = threading.Event()
        self._woken = threading.Event()

    def stop(self) -> None:
        """End soon: what is being sent is cut off, and goes on there the next time."""
        self._stopping.set()
        self._woken.set()

    def run(self, *, once: bool) -> None:
        """Deliver until it is stopped; with `once` only what is due now.

        Raises:
            JournalError: the journal can't be opened, read or written.
            FolderError: with `once`, the end-of-run directory can't be read.

        """
        directory = self._settings.directory(self._end_of_run)
        with Journal(directory, clock=self._clock) as journal, Lease(directory) as lease:
            around = Surroundings(
                end_of_run=self._end_of_run,
                directory=directory,
                journal=journal,
                lease=lease,
                table=self._settings.table,
                clock=self._clock,
                stopping=self._stopping,
                delivered=self._delivered,
            )
            journal.set_destinations({each.name: each.url for each in self._settings.destinations})
            names = tuple(each.name for each in self._settings.destinations)
            scanner = Scanner(self._end_of_run, journal, names, self._clock)
            with self._carriers(around) as carriers:
                if once:
                    scanner.scan()
                    carriers.carry_all()
                else:
                    self._watch(scanner, carriers, journal)

    def _watch(self, scanner: Scanner, carriers: "_Carriers", journal: Journal) -> None:
        longest = self._settings.table.scan_seconds
        with _notices(self._end_of_run, self._woken, self._stopping):
            while not self._stopping.is_set():
                try:
                    scanner.scan()
                except FolderError as error:  # not mounted, say: it may be there at the next look
                    log.warning("%s", error)
                carriers.start()
                due = journal.next_due(self._settings.table.longest_pause)
                self._woken.wait(longest if due is None else max(min(due, longest), 0.05))
                self._woken.clear()

    @contextmanager
    def _carriers(self, around: Surroundings) -> Iterator["_Carriers"]:
        made = [
            Carrier(settings, rate, around)
            for settings in self._settings.destinations
            for rate in [Rate(settings.rate, now=self._clock.monotonic, wait=around.wait)]
            for _ in range(settings.parallel)
        ]
        with ThreadPoolExecutor(max_workers=max(len(made), 1), thread_name_prefix="carrier") as threads:
            try:
                yield _Carriers(made, threads)
            finally:
                self.stop()  # also after an error here: nobody waits for a delivery of hours then


class _Carriers:
    """Carriers and their threads; a carrier that has nothing to do ends, and is started again."""

    def __init__(self, carriers: Sequence[Carrier], threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._at_work: dict[Carrier, Future[None] | None] = dict.fromkeys(carriers)

    def start(self) -> None:
        """Let those look for something due that are not at work.

        Raises:
            JournalError: one of them ended with it.

        """
        for carrier, future in self._at_work.items():
            if future is None or future.done():
                if future is not None:
                    future.result()
                self._at_work[carrier] = self._threads.submit(carrier.carry_all)

    def carry_all(self) -> None:
        """Do all that is due now.

        Raises:
            JournalError: one of them ended with it.

        """
        self.start()
        for future in self._at_work.values():
            if future is not None:
                future.result()


@contextmanager
def _notices(directory: Path, woken: threading.Event, stopping: threading.Event) -> Iterator[None]:
    """Have notices of the file system wake the mover; without them it wakes by itself."""
    ended = threading.Event()

    def listen() -> None:
        from watchfiles import watch  # noqa: PLC0415 - not for one pass

        try:
            for _ in watch(directory, recursive=False, stop_event=ended, raise_interrupt=False, step=50):
                woken.set()
        except (OSError, RuntimeError) as error:  # no more watches are to be had, or the directory is gone
            log.debug("no notices of %s: %s", directory, error)

    listener = threading.Thread(target=listen, name="notices", daemon=True)
    listener.start()
    try:
        yield
    finally:
        ended.set()
        stopping.set()
        listener.join(timeout=2.0)
