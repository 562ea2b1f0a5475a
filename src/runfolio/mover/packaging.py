"""From a sealed folder to what is delivered of it: as the folder itself, a tar file, or a bag.

The folder is verified on the way. What has to be written for that lies in a directory for such work, where it
is found again by the next delivery of the run, also after a crash, until it is discarded.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from runfolio.folder import SealedRun, durable
from runfolio.mover.bagit import bag_name, pack_bag
from runfolio.mover.package import Package
from runfolio.mover.settings import Packaging
from runfolio.mover.source import items_of, open_source
from runfolio.mover.tar import pack_tar, tar_name

__all__ = ["WORK", "discard", "packed", "runs_in"]

WORK = "work"
"""Beside the journal: what has to be written for packages."""


def packed(run: SealedRun, packaging: Packaging, work: Path, between: Callable[[], object] = bool) -> Package:
    """Verify a run's folder, and return it as it is to be delivered.

    May be called for one run by several threads and processes at once.

    Args:
        run: the folder.
        packaging: of the destination.
        work: takes what has to be written; made where it is missing.
        between: called between blocks that are read; it may raise to give up.

    Raises:
        SourceDamaged: the folder is not what was sealed.
        FolderError: the system does not let it be read, or what is needed be written; that may pass.

    """
    if packaging == "tar":
        return pack_tar(run, work, between)
    if packaging == "bagit":
        return pack_bag(run, work, between)
    return Package(name=run.name, items=items_of(open_source(run, between)))


def runs_in(work: Path) -> set[str]:
    """Return the names of the runs that something was written for, also by a process that was killed."""
    files = {durable.read_temporary_name(name) or name for name in _names(work)}
    return {stem for stem, _, kind in (name.rpartition(".") for name in files) if kind in {"tar", "bag"}}


def discard(run: SealedRun, work: Path) -> None:
    """Remove what was written for a run, also what a process that was killed has left of it.

    To be called when no delivery of the run is under way.

    Raises:
        FolderError: the system refuses.

    """
    for name in _names(work):
        if name == bag_name(run):
            durable.remove_directory(work / name)
        elif tar_name(run) in (name, durable.read_temporary_name(name)):
            durable.remove_file(work / name)


def _names(work: Path) -> list[str]:
    """Return the names of all that was written; none where that can't be told."""
    with suppress(OSError):
        return sorted(path.name for path in work.iterdir())
    return []
