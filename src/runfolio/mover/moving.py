"""The mover at work: it looks for sealed folders, and has carriers take them to every destination.

The directory is looked at every few seconds; notices of the file system only wake it earlier.
"""

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from os.path import samestat
from pathlib import Path
from queue import Empty, SimpleQueue

from runfolio.clock import Clock
from runfolio.errors import FolderError, JournalUnavailable
from runfolio.mover.carrier import Carrier, Delivered, Surroundings, unheeded
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from runfolio.mover.rate import Rate
from runfolio.mover.scanning import Scanner
from runfolio.mover.settings import DestinationSettings, MoverSettings
from runfolio.mover.tidying import tidy
from runfolio.mover.trouble import Trouble

__all__ = ["Mover"]

log = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds that deliveries have to end once the mover is to stop; the program is then given five in all."""
_LISTEN_SECONDS = 1.0
"""How often it is looked whether the directory that notices are had of is still the one of that name."""


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
        # Not an Event: `stop` is called by a handler of signals, which may interrupt this very waiting.
        self._woken: SimpleQueue[None] = SimpleQueue()

    def stop(self) -> None:
        """End soon: what is being sent is cut off, and goes on there the next time."""
        self._stopping.set()
        self._wake()

    def run(self, *, once: bool) -> bool:
        """Deliver until it is stopped; with `once` only what is due now. Return whether all has ended.

        Where it has not, a thread hangs in a delivery: it keeps the journal and the lease as long as this
        process lives, which is to end as if it were killed.

        Raises:
            JournalError: the journal can't be opened, or is damaged; with `once`, can't be written.
            SettingsChanged: another process has noted another URL of a destination.
            FolderError: with `once`, the end-of-run directory can't be read.

        """
        directory = self._settings.directory(self._end_of_run)
        with ExitStack() as held:
            journal = held.enter_context(Journal(directory, clock=self._clock))
            lease = held.enter_context(Lease(directory))
            around = Surroundings(
                end_of_run=self._end_of_run,
                directory=directory,
                journal=journal,
                lease=lease,
                table=self._settings.table,
                clock=self._clock,
                stopping=self._stopping,
                trouble=Trouble(),
                is_patient=not once,
                delivered=self._delivered,
            )
            journal.set_destinations({each.name: each.url for each in self._settings.destinations})
            tidy(around.work, journal)
            return self._deliver(around, held, once=once)

    def _deliver(self, around: Surroundings, held: ExitStack, *, once: bool) -> bool:
        """Do as `run` says; what is held is not let go of as long as a thread needs it."""
        names = tuple(each.name for each in self._settings.destinations)
        scanner = Scanner(self._end_of_run, around.journal, names, self._clock)
        with self._threads() as threads:
            crews = [_Crew(each, around, threads, self._wake) for each in self._settings.destinations]
            if not (ended := self._carry(scanner, crews, around.trouble, once=once)):
                held.pop_all()
        return ended

    def _carry(self, scanner: Scanner, crews: Sequence["_Crew"], trouble: Trouble, *, once: bool) -> bool:
        """Return whether all has ended a moment after it was to stop."""
        try:
            if once:
                scanner.scan()
                self._wait_for([each for crew in crews for each in crew.start()])
            else:
                self._watch(scanner, crews, trouble)
            self.stop()
            return not wait([each for crew in crews for each in crew.at_work], PATIENCE).not_done
        except KeyboardInterrupt:
            if not self._stopping.is_set():
                raise
            return False  # who asks twice does not want to wait

    def _wait_for(self, futures: Sequence[Future[None]]) -> None:
        """Wait until all have ended, one has ended with an error, or it is to stop."""
        left = list(futures)
        while left and not self._stopping.is_set():
            self._sleep(self._settings.table.scan_seconds)
            for future in left:
                if future.done():
                    future.result()
            left = [each for each in left if not each.done()]

    def _watch(self, scanner: Scanner, crews: Sequence["_Crew"], trouble: Trouble) -> None:
        away = Trouble()
        with _notices(self._end_of_run, self._wake):
            while not self._stopping.is_set():
                try:
                    if scanner.scan():
                        trouble.over()
                    away.over()
                except FolderError as error:  # not mounted, say: it may be there at the next look
                    away.met(error)
                except JournalUnavailable as error:
                    trouble.met(error)
                self._sleep(min([self._settings.table.scan_seconds, *(each.start_due() for each in crews)]))

    def _wake(self) -> None:
        self._woken.put(None)

    def _sleep(self, seconds: float) -> None:
        """Sleep until it is woken, for whatever reasons."""
        with suppress(Empty):
            self._woken.get(timeout=seconds)
            while True:
                self._woken.get_nowait()

    @contextmanager
    def _threads(self) -> Iterator[ThreadPoolExecutor]:
        at_most = sum(each.parallel for each in self._settings.destinations)
        threads = ThreadPoolExecutor(max_workers=max(at_most, 1), thread_name_prefix="carrier")
        try:
            yield threads
        except BaseException:
            self.stop()  # nobody waits for a delivery of hours then
            threads.shutdown()
            raise
        threads.shutdown(wait=False)


class _Crew:
    """The carriers to one destination; one that has nothing to do ends, and is started again.

    Args:
        settings: the destination.
        around: what all carriers share.
        threads: as many as there are carriers.
        wake: told each time that a carrier has ended, for whatever reason.

    """

    def __init__(
        self,
        settings: DestinationSettings,
        around: Surroundings,
        threads: ThreadPoolExecutor,
        wake: Callable[[], object],
    ) -> None:
        self._name = settings.name
        self._around = around
        self._threads = threads
        self._wake = wake
        rate = Rate(settings.rate, now=around.clock.monotonic, wait=around.wait)
        self._free = [Carrier(settings, rate, around) for _ in range(settings.parallel)]
        self._at_work: dict[Future[None], Carrier] = {}

    def start_due(self) -> float:
        """Start who is free if something is due, and return the seconds until it has to be looked again.

        A carrier at work takes what is due as soon as it can.

        Raises:
            JournalError: the journal is damaged, or one of them ended with it.
            SettingsChanged: one of them ended with it.

        """
        for future in [each for each in self._at_work if each.done()]:
            self._free.append(self._at_work.pop(future))
            future.result()
        try:
            due = self._around.journal.next_due(self._around.table.longest_pause, self._name)
        except JournalUnavailable as error:
            self._around.trouble.met(error)
            return math.inf
        if due == 0:
            self.start()
        return due or math.inf

    @property
    def at_work(self) -> tuple[Future[None], ...]:
        """Done where the carrier has ended."""
        return tuple(self._at_work)

    def start(self) -> list[Future[None]]:
        """Let those look for something due that are free."""
        started = {self._threads.submit(each.carry_all): each for each in self._free}
        self._free = []
        self._at_work |= started
        for future in started:
            future.add_done_callback(lambda _: self._wake())
        return list(started)


@contextmanager
def _notices(directory: Path, wake: Callable[[], object]) -> Iterator[None]:
    """Have notices of the file system wake the mover; without them it wakes by itself."""
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            try:
                _listen(directory, wake, ended)
            except (
                OSError,
                RuntimeError,
            ) as error:  # the directory is gone, or no more watches are to be had
                log.debug("no notices of %s: %s", directory, error)
                ended.wait(_LISTEN_SECONDS)

    listener = threading.Thread(target=listen, name="notices", daemon=True)
    listener.start()
    try:
        yield
    finally:
        ended.set()
        listener.join(timeout=2.0)


def _listen(directory: Path, wake: Callable[[], object], ended: threading.Event) -> None:
    """Tell of notices, until the directory is no longer the one that has its name."""
    from watchfiles import Change, watch  # noqa: PLC0415 - not for one pass

    heard, is_first = directory.stat(), True
    for changes in watch(
        directory,
        recursive=False,
        watch_filter=None,
        stop_event=ended,
        raise_interrupt=False,
        step=50,
        rust_timeout=int(1000 * _LISTEN_SECONDS),
        yield_on_timeout=True,
    ):
        if changes or is_first:  # what came before there were notices
            wake()
        is_first = False
        if (Change.deleted, str(directory.absolute())) in changes or not samestat(heard, directory.stat()):
            return
