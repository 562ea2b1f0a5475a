"""A run folder as a BagIt 1.0 bag (RFC 8493): the sealed files in `data/`, with tag files around them.

Nothing in the tag files depends on where, when, or by which version of runfolio the bag is made.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from runfolio.clock import utc_text
from runfolio.folder import SealedRun, durable
from runfolio.mover.digests import Digester
from runfolio.mover.package import Algorithm, Item, Package
from runfolio.mover.source import items_of, open_source, sealed_at

__all__ = ["bag_name", "pack_bag"]

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD_MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"


def bag_name(run: SealedRun) -> str:
    """Return what the folder of a run's tag files is called here."""
    return f"{run.name}.bag"


def pack_bag(run: SealedRun, work: Path, between: Callable[[], object] = bool) -> Package:
    """Write a run's tag files, unless they are there already, and return the bag.

    Raises:
        SourceDamaged: the folder is not what was sealed.
        FolderError: the system does not let it be read, or a tag file be written.

    """
    reading = open_source(run, between)
    time = sealed_at(reading)
    payload = tuple(_in_data(item) for item in items_of(reading))
    tags = _tag_files(run.name, time, payload)
    folder = work / bag_name(run)
    durable.ensure_directory(folder)
    items = [_written(folder / name, text.encode("ascii")) for name, text in tags.items()]
    return Package(name=run.name, items=(*payload, *items))


def _in_data(item: Item) -> Item:
    return Item(path=f"data/{item.path}", source=item.source, size=item.size, digests=item.digests)


def _tag_files(name: str, time: int, payload: Sequence[Item]) -> dict[str, str]:
    """Return the tag files in the order in which they are sent: the list of the others comes last."""
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": (
            "Bag-Software-Agent: runfolio\n"
            f"Bagging-Date: {utc_text(time)[:10]}\n"
            f"External-Identifier: {name}\n"
            f"Payload-Oxum: {sum(item.size for item in payload)}.{len(payload)}\n"
        ),
        PAYLOAD_MANIFEST: _manifest({item.path: item.digests[Algorithm.SHA256] for item in payload}),
    }
    listed = {path: _digests(text.encode("ascii"))[Algorithm.SHA256] for path, text in tags.items()}
    return {**tags, TAG_MANIFEST: _manifest(listed)}


def _manifest(digests: Mapping[str, str]) -> str:
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def _written(path: Path, data: bytes) -> Item:
    try:
        there = path.read_bytes() == data
    except OSError:
        there = False
    if not there:
        durable.replace_file(path, data)
    return Item(path=path.name, source=path, size=len(data), digests=_digests(data))


def _digests(data: bytes) -> dict[Algorithm, str]:
    digester = Digester()
    digester.update(data)
    return digester.values
