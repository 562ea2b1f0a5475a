"""What a crash leaves in the staging: a folder that is whole is finished, what is not whole is set aside.

Looked at once, when a job begins and holds the lock: nobody else builds there then.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder import durable
from runfolio.folder._files import is_directory, is_refused, is_regular, names_in, told
from runfolio.folder.manifest import Verification, verify
from runfolio.folder.names import MANIFEST, SET_ASIDE, checkpoint_name, read_staged_name
from runfolio.folder.record import RunRecord, read_record
from runfolio.folder.seal import EndOfRunDirectory, Sealed

logger = logging.getLogger(__name__)

KEPT = 20
"""Folders that stay set aside; with more, the oldest are removed."""


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """What was found, and what has become of it."""

    finished: tuple[Sealed, ...]
    set_aside: tuple[Path, ...]
    lines: tuple[str, ...]
    """A line for the user on each of these, and on each thing that went wrong."""
    problems: tuple[str, ...]
    """Those of the lines that are no good news."""


def settle_leftovers(directory: EndOfRunDirectory) -> Leftovers:
    """Finish what a former process has built, or set it aside, and log that; what it will go on with stays.

    A folder of a job that has a checkpoint is left to that job, which builds it anew: its own are removed.
    Names that are not known stay, too. An error with one thing is told, and keeps nothing else from being
    settled.
    """
    settling = _Settling(directory)
    settling.settle()
    for line in settling.lines:
        logger.warning("%s", line)
    return Leftovers(
        finished=tuple(settling.finished),
        set_aside=tuple(settling.set_aside),
        lines=tuple(settling.lines),
        problems=tuple(settling.problems),
    )


class _Settling:
    """One pass over the staging."""

    def __init__(self, directory: EndOfRunDirectory) -> None:
        self._directory = directory
        self._staging = directory.staging
        self._aside = directory.staging / SET_ASIDE
        self.finished: list[Sealed] = []
        self.set_aside: list[Path] = []
        self.lines: list[str] = []
        self.problems: list[str] = []

    def settle(self) -> None:
        try:
            for name in sorted(names_in(self._staging)):
                self._settle_entry(name)
            if self.set_aside:
                self._remove_oldest()
        except FolderError as error:
            self._tell_problem(str(error))

    def _settle_entry(self, name: str) -> None:
        path, staged = self._staging / name, read_staged_name(name)
        try:
            if staged and is_directory(path):
                self._settle_folder(path, *staged)
            elif durable.read_temporary_name(name) and is_regular(path):
                durable.remove_file(path)
            else:
                logger.debug("left alone: %s", path)
        except FolderError as error:
            run = f"run {staged[0]}: " if staged else ""
            self._tell_problem(f"{run}what a former process left stays in {self._staging}: {error}")

    def _settle_folder(self, path: Path, run_number: int, job: str) -> None:
        if is_regular(self._staging / checkpoint_name(job)):
            if job == self._directory.job:
                durable.remove_directory(path)
        elif whole := _whole(path, run_number):
            self._finish(path, *whole)
        else:
            self._set_aside(path, run_number)

    def _finish(self, path: Path, verification: Verification, record: RunRecord) -> None:
        # Its bytes are right, but maybe not on the disk yet: its process may have died before the fsync.
        for name in sorted(names_in(path)):
            durable.fsync_file(path / name)
        durable.fsync_directory(path)
        with told("read", path):
            size = verification.bytes + (path / MANIFEST).lstat().st_size
        run_number = record.run_number
        published = self._directory.publish(path, run_number)
        self.finished.append(
            Sealed(
                path=published.path,
                run_number=run_number,
                revision=published.revision,
                files=verification.files + 1,
                bytes=size,
                renamed=record.renamed,
                failed=(),
                warning=published.warning,
            )
        )
        self.lines.append(
            f"run {run_number}: a former process had built its folder and was ended before it was in its"
            f" place; it is now {published.path}"
        )
        if published.warning:
            self._tell_problem(f"run {run_number}: {published.warning}")

    def _set_aside(self, path: Path, run_number: int) -> None:
        aside = self._aside / path.name
        durable.ensure_directory(self._aside)
        if not is_directory(self._aside):
            raise FolderError(f"{self._aside} leads to elsewhere")
        if not durable.rename_new(path, aside):
            raise FolderError(f"{aside} is there already")
        self.set_aside.append(aside)
        self._tell_problem(
            f"run {run_number}: a former process was ended before its folder was whole;"
            f" what there is of it is kept in {aside}"
        )

    def _remove_oldest(self) -> None:
        for path in _oldest_first(self._aside)[:-KEPT]:
            durable.remove_directory(path)

    def _tell_problem(self, line: str) -> None:
        self.lines.append(line)
        self.problems.append(line)


def _whole(folder: Path, run_number: int) -> tuple[Verification, RunRecord] | None:
    """Return what a folder holds that only lacks its place; None where it is not whole, or of another run.

    Raises:
        FolderError: the system does not let it be read, so nobody knows.

    """
    try:
        verification, record = verify(folder), read_record(folder)
    except FolderError as error:
        if is_refused(error):
            raise
        return None
    return (verification, record) if verification.whole and record.run_number == run_number else None


def _oldest_first(aside: Path) -> list[Path]:
    """Return the folders that were set aside, and nothing that a user may have put there."""
    folders: Iterable[Path] = (aside / name for name in names_in(aside) if read_staged_name(name))
    with told("read", aside):
        ages = [(path.lstat().st_mtime_ns, path) for path in folders if is_directory(path)]
    return [path for _, path in sorted(ages)]
