"""Telling a site's own command of each sealed folder, beside the run and never in its way.

One call at a time, in the order of the seals. A folder is noted down in the staging before it is there, and
struck out when the command has done it: what a kill, a signal or an error comes between is called for again
by the next process.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from runfolio.errors import FolderError
from runfolio.folder import (
    MANIFEST,
    EndOfRunDirectory,
    Sealed,
    Untold,
    folder_name,
    manifest_digest,
    settle_leftovers,
)
from runfolio.hook import Dropped, Failed, TookTooLong, call
from runfolio.settings import TOLD_TO_HOOKS
from runfolio.stopping import StopOnSignal

__all__ = ["NotCalled", "OnSealed", "settled"]

LIMIT = 300.0
"""Seconds that a call may take."""
STOPPED_SECONDS = 4.0
"""After a request to stop, calls may take so long; the program is then given five seconds in all."""
LOOK_SECONDS = 0.1
SILENT_SECONDS = 2.0
"""Waiting that is longer is told of."""
MOST_NAMED = 20
"""Folders that one message lists."""

log = logging.getLogger(__name__)


class NotCalled:
    """Stands for no command."""

    def will_be_there(self, run_number: int, revision: int) -> None:
        """Nothing to do."""

    def is_there(self, folder: Sealed) -> None:
        """Nothing to do."""

    def finish(self) -> None:
        """Nothing to do."""


class OnSealed:
    """Calls a command for each folder, from the beginning of the `with` to its end, which waits for it.

    Left by an exception, or some seconds after a request to stop, it ends the call in work, and leaves those
    that wait to the next process.

    Args:
        command: its words; run number, path and digest of the manifest are added.
        end_of_run: where the folders are.
        stop: asked whether the program is to end.
        problems: lines for the user, added at the end.
        limit: seconds that a call may take.

    """

    def __init__(
        self,
        command: Sequence[str],
        end_of_run: EndOfRunDirectory,
        stop: StopOnSignal,
        problems: list[str],
        *,
        limit: float = LIMIT,
    ) -> None:
        self._command = command
        self._directory = end_of_run.directory
        self._untold = Untold(end_of_run.directory, end_of_run.staging)
        self._stop = stop
        self._problems = problems
        self._limit = limit
        self._own: set[str] = set()
        """Folders that this process makes; those of former ones were called for when it began."""
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._left: list[str] = []
        self._told: list[str] = []
        self._at_end = False
        self._leaving = False
        self._thread = Thread(target=self._serve, name="on-sealed", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def begin(self, finished: Sequence[Sealed]) -> None:
        """Call for what former processes have left, and for the folders that were finished for them."""
        for folder in finished:
            self._note(folder.name)
        try:
            names = self._untold.there()
        except FolderError as error:
            self._tell(f"--on-sealed was not called for folders of former processes: {error}")
            return
        for name in names:
            self._waiting.put(name)

    def will_be_there(self, run_number: int, revision: int) -> None:
        """Note down a folder that is about to get its name."""
        name = folder_name(run_number, revision)
        self._note(name)
        self._own.add(name)

    def is_there(self, folder: Sealed) -> None:
        """Have it called for a folder that is in its place, and will last; return at once."""
        if folder.name in self._own:
            self._own.remove(folder.name)
            self._waiting.put(folder.name)

    def finish(self) -> None:
        """Wait for the calls that are left; no folder comes after that.

        A job does so while its checkpoint is still there: killed meanwhile, it is not begun anew.
        """
        self._at_end = True
        self._waiting.put(None)
        self._thread.join(LOOK_SECONDS if self._stop() else SILENT_SECONDS)
        if self._thread.is_alive() and not self._stop():
            log.warning("waiting for --on-sealed")
        while self._thread.is_alive():
            self._leaving = self._leaving or self._stop.since(STOPPED_SECONDS)
            self._thread.join(LOOK_SECONDS)

    def _note(self, name: str) -> None:
        try:
            self._untold.add(name)
        except FolderError as error:
            log.warning("killed now, --on-sealed would not be called for %s: %s", name, error)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = self._leaving or kind is not None
        self.finish()
        self._problems += self._told
        if self._left:
            more = f" and {len(self._left) - MOST_NAMED:,} more" if len(self._left) > MOST_NAMED else ""
            names = ", ".join(self._left[:MOST_NAMED])
            self._problems.append(
                f"--on-sealed is still to be done for {names}{more}: the next start calls it"
            )

    def _serve(self) -> None:
        """Call for one folder after the other; the thread's whole life."""
        while (name := self._waiting.get()) is not None:
            if self._leaving:
                self._left.append(name)
                continue
            try:
                self._call(name)
            except Dropped:
                self._left.append(name)
            except (Failed, FolderError) as error:
                self._left.append(name)
                self._tell(f"{self._directory / name}: --on-sealed {error}")
                if self._at_end and isinstance(error, TookTooLong):
                    self._leaving = True  # who has waited for one that hangs does not wait for the next, too

    def _call(self, name: str) -> None:
        """Call for one folder; one that is gone by now was carried away.

        Raises:
            Failed: the command did not do it.
            Dropped: it was ended.
            FolderError: the system refuses.

        """
        folder = Path(os.path.abspath(self._directory / name))  # noqa: PTH100 - no links followed
        if os.path.lexists(folder / MANIFEST):
            told = (name.partition(".")[0], str(folder), manifest_digest(folder))
            environment = dict(zip(TOLD_TO_HOOKS, told, strict=True))
            call([*self._command, *told], environment, limit=self._limit, wanted=lambda: not self._leaving)
        else:
            log.info("%s: gone before --on-sealed was called for it", folder)
        self._untold.remove(name)

    def _tell(self, problem: str) -> None:
        log.warning("%s", problem)
        self._told.append(problem)


@contextmanager
def settled(
    end_of_run: EndOfRunDirectory, command: Sequence[str] | None, stop: StopOnSignal, problems: list[str]
) -> Iterator[OnSealed | NotCalled]:
    """Settle what former processes have left, and give what is to be told of folders until the `with` ends.

    Args:
        end_of_run: where the folders are; this process holds its lock.
        command: its words, None where nobody is to be told.
        stop: asked whether the program is to end.
        problems: lines for the user.

    """
    leftovers = settle_leftovers(end_of_run)
    problems += leftovers.problems
    if command is None:
        yield NotCalled()
        return
    with OnSealed(command, end_of_run, stop, problems) as on_sealed:
        on_sealed.begin(leftovers.finished)
        yield on_sealed
