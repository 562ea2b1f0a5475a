"""The sealed folder that a package is made of: read once, against its manifest.

What is damaged is told from what the system does not let be read at the moment: that may pass.
"""

from collections.abc import Callable

import msgspec

from runfolio.errors import FolderError, SourceDamaged
from runfolio.folder import MANIFEST, RUN_RECORD, FolderReading, SealedRun, Verification, time_seconds
from runfolio.mover.digests import Digester
from runfolio.mover.package import Algorithm, Item
from runfolio.retrying import is_disk_trouble

__all__ = ["items_of", "open_source", "refuse_damaged", "sealed_at"]

SHOWN = 5
"""Problems of a folder that its error names."""

RECORD_LIMIT = 1 << 30
"""Bytes of a run's record."""


class _Sealed(msgspec.Struct):
    """What is needed of `run.json`, whichever version of runfolio has written it."""

    sealed_at: str


def open_source(run: SealedRun, between: Callable[[], object] = bool) -> FolderReading:
    """Return a run's folder, to be read; `between` is called between blocks, and may raise to give up.

    Raises:
        SourceDamaged: its manifest is gone, or is none.
        FolderError: the system does not let it be read.

    """
    try:
        return FolderReading(run.path, between)
    except FolderError as error:
        if is_disk_trouble(error):
            raise
        raise SourceDamaged(str(error)) from error


def refuse_damaged(reading: FolderReading) -> None:
    """Refuse a folder, all of which was read, that is not what was sealed.

    Raises:
        SourceDamaged: something is missing, changed or added; the message names some of it.
        FolderError: nothing but that the system does not let a file be read.

    """
    found = reading.verification()
    for name, error in reading.unreadable.items():
        if len(found.problems) == len(found.unreadable):
            raise FolderError(f"cannot read {reading.folder / name}: {error.strerror or error}") from error
    if not found.whole:
        raise SourceDamaged(f"{reading.folder} is not what was sealed: {_problems(found)}")


def _problems(found: Verification) -> str:
    words, more = ", ".join(found.problems[:SHOWN]), len(found.problems) - SHOWN
    return words if more <= 0 else f"{words} and {more:,} more: runfolio verify {found.folder} lists them"


def sealed_at(reading: FolderReading) -> int:
    """Return when a run was sealed, in Unix seconds, ahead of the reading.

    Raises:
        SourceDamaged: its record is not what was sealed, or does not say.
        FolderError: the system does not let it be read.

    """
    data = reading.content(RUN_RECORD, limit=RECORD_LIMIT)
    if data is None:
        for name in reading.names:
            for _ in reading.blocks(name):
                pass
        refuse_damaged(reading)
        raise SourceDamaged(f"{reading.folder} has no {RUN_RECORD} that says when it was sealed")
    try:
        return time_seconds(msgspec.json.decode(data, type=_Sealed).sealed_at)
    except (msgspec.DecodeError, UnicodeDecodeError, FolderError) as error:
        raise SourceDamaged(
            f"{reading.folder / RUN_RECORD} does not say when it was sealed: {error}"
        ) from error


def items_of(reading: FolderReading) -> tuple[Item, ...]:
    """Read all files of a folder and return them in the order of their names, the manifest last.

    Raises:
        SourceDamaged: it is not what was sealed.
        FolderError: the system does not let it be read.

    """
    items = [_item(reading, name) for name in reading.names]
    refuse_damaged(reading)
    manifest = Digester()
    manifest.update(reading.manifest)
    path = reading.folder / MANIFEST
    return (*items, Item(path=MANIFEST, source=path, size=manifest.size, digests=manifest.values))


def _item(reading: FolderReading, name: str) -> Item:
    # Its SHA-256 is made on the way, against the manifest.
    digester = Digester({*Algorithm} - {Algorithm.SHA256})
    digester.take(reading.blocks(name))
    digests = {Algorithm.SHA256: reading.digests[name], **digester.values}
    return Item(path=name, source=reading.folder / name, size=digester.size, digests=digests)
