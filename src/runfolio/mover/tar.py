"""A run folder as one file, `4235.tar`: the same folder gives the same bytes, wherever and whenever.

Members are sorted, the manifest comes last; they are of the time at which the run was sealed, and nobody's.
The file is written as it is read, and kept only if every member was what the manifest says.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from runfolio.errors import SourceDamaged
from runfolio.folder import MANIFEST, FolderReading, SealedRun, durable
from runfolio.mover.digests import Digester
from runfolio.mover.package import Item, Package
from runfolio.mover.source import open_source, refuse_damaged, sealed_at

__all__ = ["pack_tar", "tar_name"]

BLOCK = 1 << 20


def tar_name(run: SealedRun) -> str:
    """Return what a run's file is called."""
    return f"{run.name}.tar"


def pack_tar(run: SealedRun, work: Path, between: Callable[[], object] = bool) -> Package:
    """Write a run's file, unless it is there already, and return it.

    Raises:
        SourceDamaged: the folder is not what was sealed.
        FolderError: the system does not let it be read, or the file be written.

    """
    path = work / tar_name(run)
    digests = _made_before(run, path, between)
    if digests is None:
        digests = Digester()
        durable.ensure_directory(work)
        durable.replace_file(path, digests.passing(_file(run, between)))
    return Package(
        name=path.name, items=(Item(path="", source=path, size=digests.size, digests=digests.values),)
    )


def _made_before(run: SealedRun, path: Path, between: Callable[[], object]) -> Digester | None:
    """Return the digests of a file that was made before, None where there is none with the right bytes."""
    there, right = Digester(), Digester()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(BLOCK), b""):
                between()
                there.update(block)
    except OSError:
        return None
    right.take(_file(run, between))
    return right if right.values == there.values else None


def _file(run: SealedRun, between: Callable[[], object]) -> Iterator[bytes]:
    """Give the bytes of a run's file.

    Raises:
        SourceDamaged: at the end of them, the folder is not what was sealed.
        FolderError: the system does not let it be read.

    """
    size = 0
    for block in _members(run.name, open_source(run, between)):
        size += len(block)
        yield block
    yield bytes(2 * tarfile.BLOCKSIZE)
    yield _filling(size + 2 * tarfile.BLOCKSIZE, tarfile.RECORDSIZE)


def _members(folder: str, reading: FolderReading) -> Iterator[bytes]:
    time, torn = sealed_at(reading), False
    yield _header(folder, 0, time, folder=True)
    for name in reading.names:
        size = reading.size(name)
        taken = Digester(())
        yield from _member(f"{folder}/{name}", size, time, taken.passing(reading.blocks(name)))
        torn = torn or taken.size != size
    refuse_damaged(reading)
    if torn:
        raise SourceDamaged(f"{reading.folder} was changed while it was read")
    yield from _member(f"{folder}/{MANIFEST}", len(reading.manifest), time, [reading.manifest])


def _member(path: str, size: int, time: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield _header(path, size, time)
    yield from blocks
    yield _filling(size, tarfile.BLOCKSIZE)


def _header(path: str, size: int, time: int, *, folder: bool = False) -> bytes:
    member = tarfile.TarInfo(path)
    member.size, member.mtime = size, time
    member.type, member.mode = (tarfile.DIRTYPE, 0o755) if folder else (tarfile.REGTYPE, 0o444)
    return member.tobuf(tarfile.PAX_FORMAT)


def _filling(size: int, unit: int) -> bytes:
    """Return the zeros that make a size a multiple of the unit."""
    return bytes(-size % unit)
