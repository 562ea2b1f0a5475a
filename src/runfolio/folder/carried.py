"""What stays of run folders that were removed here since they are delivered: `.carried/4235/`, a few files.

As long as it is there no other folder gets the name, and the run is known to be sealed. First that entry is
there, then the folder gets a hidden name beside it, then it is removed; each of these lasts before the next.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runfolio.errors import FolderError
from runfolio.folder import _json, durable
from runfolio.folder._files import is_directory, is_refused, names_in, read_whole, refuse_elsewhere, told
from runfolio.folder.names import CARRIED, RUN_RECORD, folder_name, read_folder_name
from runfolio.folder.read import SealedRun
from runfolio.folder.record import RECORD_LIMIT, RunRecord, read_record
from runfolio.folder.thumbnail import make_thumbnail

__all__ = ["CarriedRun", "LeftBehind", "carry_away", "finish_carrying", "list_carried"]

LeftBehind = Literal["record", "thumbnail"]

DOCUMENTS = "documents.sha256"
"""Tells whether another record is of the same run and documents, also where this one's does not stay."""
THUMBNAIL = "thumbnail.png"


@dataclass(frozen=True, order=True)
class CarriedRun:
    """What stays of one run folder; sorts by run number, then revision."""

    run_number: int
    revision: int
    path: Path

    @property
    def name(self) -> str:
        return folder_name(self.run_number, self.revision)


def list_carried(end_of_run: Path) -> tuple[CarriedRun, ...]:
    """Return what stays of the folders that were removed, the lowest run number first.

    Raises:
        FolderError: that cannot be read.

    """
    carried = end_of_run / CARRIED
    names = names_in(carried) if _is_there(carried) else ()
    numbers = {name: read_folder_name(name) for name in names}
    return tuple(sorted(CarriedRun(*each, carried / name) for name, each in numbers.items() if each))


def carried_entry(folder: Path) -> Path:
    """Return where what stays of a run folder would be."""
    return folder.parent / CARRIED / folder.name


def is_carried(folder: Path) -> bool:
    """Tell whether a run folder of this name was removed, or is about to be.

    Raises:
        FolderError: the system does not say.

    """
    return _is_there(carried_entry(folder))


def _is_there(path: Path) -> bool:
    try:
        with told("read", path):
            path.lstat()
    except FolderError as error:
        if is_refused(error):
            raise
        return False
    return True


def tells_of(entry: Path, record: RunRecord) -> bool:
    """Tell whether a run folder that was removed had the same documents of the same run.

    Raises:
        FolderError: the system does not let it be read.

    """
    try:
        return read_whole(entry / DOCUMENTS, limit=1000) == _documents(record)
    except FolderError as error:
        if is_refused(error):
            raise
        return False


def _documents(record: RunRecord) -> bytes:
    return hashlib.sha256(_json.line(record.of_the_run)).hexdigest().encode() + b"\n"


def carry_away(run: SealedRun, leave_behind: Collection[LeftBehind]) -> Path:
    """Remove a run folder here, that nobody needs here any more; return what stays of it.

    To be called by one process at a time. Ended at any point, it is finished by the next call, or by
    `finish_carrying`.

    Raises:
        FolderError: the system refuses, or the folder is not there. It may be gone by then, but not its name.

    """
    entry = carried_entry(run.path)
    durable.ensure_directory(entry.parent)
    refuse_elsewhere(entry.parent, run.path.parent)
    if not _is_there(entry):
        _leave(entry, _left_behind(run.path, leave_behind))
    durable.fsync_directory(entry.parent)
    if is_directory(run.path):
        durable.rename_new(run.path, _hidden(entry))
    finish_carrying(run.path.parent)
    return entry


def finish_carrying(end_of_run: Path) -> None:
    """Remove what a process that was killed while it carried folders away has left.

    Raises:
        FolderError: the system refuses.

    """
    carried = end_of_run / CARRIED
    names = names_in(carried) if _is_there(carried) else ()
    hidden = [carried / name for name in sorted(names) if durable.read_temporary_name(name)]
    if hidden:
        # Before anything of it goes: after a power cut a folder could have its old name, and lack files.
        durable.fsync_directory(carried)
        durable.fsync_directory(end_of_run)
    for path in hidden:
        durable.remove_directory(path)


def _left_behind(folder: Path, leave_behind: Collection[LeftBehind]) -> dict[str, bytes]:
    record = read_record(folder)
    files = {DOCUMENTS: _documents(record)}
    if "record" in leave_behind:
        files[RUN_RECORD] = read_whole(folder / RUN_RECORD, limit=RECORD_LIMIT)
    thumbnail = make_thumbnail(folder, record) if "thumbnail" in leave_behind else None
    return files if thumbnail is None else {**files, THUMBNAIL: thumbnail}


def _leave(entry: Path, files: dict[str, bytes]) -> None:
    """Make an entry, seen whole or not at all."""
    hidden = _hidden(entry)
    durable.make_directory(hidden)
    for name, data in files.items():
        durable.write_new(hidden / name, data, permissions=durable.READ_ONLY)
    durable.fsync_directory(hidden)
    durable.rename_new(hidden, entry)


def _hidden(entry: Path) -> Path:
    return entry.with_name(durable.temporary_name(entry.name))
