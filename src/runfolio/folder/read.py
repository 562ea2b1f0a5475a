"""Run folders as a reader sees them: found by their manifest, and looked into without verifying."""

import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from runfolio.folder._files import is_regular, told
from runfolio.folder.manifest import read_manifest
from runfolio.folder.names import MANIFEST, folder_name, read_folder_name
from runfolio.folder.record import RunRecord, read_record


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A sealed folder at a glance; whether its bytes are still right only `verify` can say."""

    path: Path
    record: RunRecord
    sizes: dict[str, int | None]
    """Bytes of each file that the manifest lists, by name; None for one that is missing."""

    @property
    def bytes(self) -> int:
        """Of all files that the manifest lists."""
        return sum(size or 0 for size in self.sizes.values())


@dataclass(frozen=True, order=True)
class SealedRun:
    """One folder of an end-of-run directory; sorts by run number, then revision."""

    run_number: int
    revision: int
    path: Path

    @property
    def name(self) -> str:
        return folder_name(self.run_number, self.revision)


def open_folder(path: Path) -> RunFolder:
    """Return what a sealed folder holds.

    Raises:
        FolderError: it is not sealed, or its manifest or `run.json` cannot be read.

    """
    names = read_manifest(path)
    with told("read", path), os.scandir(path) as entries:
        sizes = {
            entry.name: entry.stat(follow_symlinks=False).st_size for entry in entries if entry.name in names
        }
    return RunFolder(
        path=path, record=read_record(path), sizes={name: sizes.get(name) for name in sorted(names)}
    )


def list_runs(end_of_run: Path, *, but: Container[str] = ()) -> tuple[SealedRun, ...]:
    """Return the sealed folders of an end-of-run directory, the lowest run number first.

    Args:
        end_of_run: the directory.
        but: names that are passed over, without a look at what has them.

    Raises:
        FolderError: the directory cannot be listed.

    """
    found = []
    with told("read", end_of_run), os.scandir(end_of_run) as entries:
        for entry in entries:
            numbers = None if entry.name in but else read_folder_name(entry.name)
            if numbers and entry.is_dir(follow_symlinks=False) and is_regular(Path(entry.path, MANIFEST)):
                found.append(SealedRun(*numbers, Path(entry.path)))
    return tuple(sorted(found))
