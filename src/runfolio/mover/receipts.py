"""Receipts: what was delivered where and when, with the digests as the destination gave them.

One is kept beside the journal, one at the destination. From the first follows what `verify` compares
with when the run folder itself is gone; from the second the journal is rebuilt.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from runfolio import __version__
from runfolio.errors import FolderError, NotVerified, Refused
from runfolio.folder import durable, is_file_name, time_seconds
from runfolio.folder.names import read_folder_name
from runfolio.mover.delivery import Arrived
from runfolio.mover.destination import Destination, Taken, unheeded
from runfolio.mover.digests import item_of
from runfolio.mover.entries import RunEntry
from runfolio.mover.package import Algorithm, Digest, Item, Package
from runfolio.mover.settings import DestinationSettings, Packaging, is_destination_name

__all__ = [
    "FOLDER",
    "LARGEST",
    "Receipt",
    "Receipts",
    "beginning",
    "leave_receipt",
    "made_receipt",
    "parse_receipt",
    "receipt_names",
]

FOLDER = "receipts"
"""At a destination, and beside the journal."""
LARGEST = 1 << 26
"""Bytes of a receipt; one of a thousand files has 300 kB."""
MOST_BYTES = 1 << 60
DEEPEST = 2
"""Parts of a path in a package, as `data/run.json`."""


Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class FileReceipt(Struct, frozen=True, kw_only=True):
    """One file of what was delivered."""

    path: str
    """In the package; empty where that is one file."""
    bytes: Annotated[int, Meta(ge=0)]
    digests: dict[Algorithm, str]
    """Known before it was sent."""
    verified: tuple[Algorithm, str]
    """As the destination gave it afterwards."""


class Receipt(Struct, frozen=True, kw_only=True):
    """The proof that a run folder is at a destination."""

    run: str
    run_number: int
    revision: int
    manifest_sha256: Sha256
    """Of the manifest of the run folder."""
    sealed_at: str | None
    destination: str
    url: str
    packaging: Packaging
    name: str
    """At the destination, below the URL."""
    delivered_at: str
    was_there: bool
    """Whether it was there already, and was only verified."""
    verified_by: Literal["destination", "read-back"]
    """As the settings ask for; a destination that gives no digests is read back in any case."""
    files: tuple[FileReceipt, ...]
    versions: dict[str, str]

    def package(self) -> Package:
        """Return the package that is to be there, without sources."""
        items = tuple(
            Item(path=each.path, source=Path(), size=each.bytes, digests=each.digests) for each in self.files
        )
        return Package(name=self.name, items=items)

    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(each.bytes for each in self.files)

    def written(self) -> bytes:
        """Return it as JSON that people can read."""
        return (json.dumps(msgspec.to_builtins(self), indent=1) + "\n").encode("ascii")


def made_receipt(
    run: RunEntry, settings: DestinationSettings, package: Package, arrived: Arrived, delivered_at: str
) -> Receipt:
    """Return the receipt of what has arrived."""
    return Receipt(
        run=run.name,
        run_number=run.run_number,
        revision=run.revision,
        manifest_sha256=run.manifest_sha256,
        sealed_at=run.sealed_at,
        destination=settings.name,
        url=settings.url,
        packaging=settings.packaging,
        name=package.name,
        delivered_at=delivered_at,
        was_there=arrived.was_there,
        verified_by=settings.verify,
        files=tuple(_file(item, arrived.digests) for item in package.items),
        versions={"runfolio": __version__},
    )


def _file(item: Item, digests: Mapping[str, Digest]) -> FileReceipt:
    verified = digests[item.path]
    return FileReceipt(
        path=item.path,
        bytes=item.size,
        digests=dict(item.digests),
        verified=(verified.algorithm, verified.value),
    )


def parse_receipt(data: bytes) -> Receipt:
    """Return the receipt that a file holds; it may come from anywhere, and its names become paths.

    Raises:
        FolderError: it holds none.

    """
    if len(data) > LARGEST:
        raise FolderError(f"no receipt: it is larger than {LARGEST} bytes")
    try:
        found = msgspec.json.decode(data, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FolderError(f"no receipt: {error}") from None
    _check(found)
    return found


def _check(found: Receipt) -> None:
    """Refuse what no mover has written.

    Raises:
        FolderError: something in it can't be.

    """
    if read_folder_name(found.run) != (found.run_number, found.revision):
        raise FolderError("no receipt: it is of no run")
    if found.name not in {found.run, f"{found.run}.tar"} or not is_destination_name(found.destination):
        raise FolderError("no receipt: its names are none that a mover gives")
    paths = [each.path for each in found.files]
    if not paths or not all(map(_is_path, paths)) or ("" in paths and len(paths) > 1):
        raise FolderError("no receipt: its files can't be those of a package")
    if found.size() > MOST_BYTES:
        raise FolderError("no receipt: nothing is so large")
    time_seconds(found.delivered_at)


def _is_path(path: str) -> bool:
    parts = path.split("/")
    return path == "" or (len(parts) <= DEEPEST and all(map(is_file_name, parts)))


class Receipts:
    """The receipts beside a journal."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / FOLDER

    def path(self, run: str, destination: str) -> Path:
        """Return where the receipt of a delivery is, or is to be."""
        return self._directory / destination / f"{run}.json"

    def find(self, run: str, destination: str) -> Receipt | None:
        """Return the receipt of a delivery; None where there is none, or nothing that is one."""
        try:
            with self.path(run, destination).open("rb") as file:
                return parse_receipt(file.read(LARGEST + 1))
        except (FolderError, OSError):
            return None

    def keep(self, receipt: Receipt) -> Receipt:
        """Write a receipt down; return the older one where that is of the same delivery.

        Raises:
            FolderError: the system refuses.

        """
        older = self.find(receipt.run, receipt.destination)
        if older is not None and _of_the_same(older, receipt):
            return older
        path = self.path(receipt.run, receipt.destination)
        durable.ensure_directory(path.parent)
        durable.replace_file(path, receipt.written())
        return receipt


def _of_the_same(one: Receipt, other: Receipt) -> bool:
    facts = ("manifest_sha256", "url", "packaging", "name")
    return all(getattr(one, each) == getattr(other, each) for each in facts)


def receipt_names(receipt: Receipt) -> tuple[str, str]:
    """Return what a receipt is called at a destination, and what where another has that name."""
    which = hashlib.sha256(f"{receipt.manifest_sha256} {receipt.packaging}".encode()).hexdigest()[:8]
    return f"{FOLDER}/{receipt.name}.json", f"{FOLDER}/{receipt.name}.{which}.json"


def leave_receipt(place: Destination, receipt: Receipt, source: Path, temporary: str) -> None:
    """Put a receipt at the destination; whatever is there already stays as it is.

    What has its name there may tell of something else, which had this run's place before it was moved away:
    then it gets its other name.

    Args:
        place: the destination, connected.
        receipt: of what was delivered.
        source: where it is kept here.
        temporary: the name of the delivery while it was no more.

    Raises:
        NotVerified: what arrived is not the receipt.
        Unavailable, Interrupted, Refused: see there.

    """
    item = item_of(source)
    for final in receipt_names(receipt):
        if place.look(final) is None and _put_new(place, item, final, temporary):
            return
        if _tells_of_the_same(place, final, item, receipt):
            return


def _put_new(place: Destination, item: Item, final: str, temporary: str) -> bool:
    """Put a receipt where nothing is; return False where by now something is."""
    if not place.renames:
        try:
            place.put(item, final, unheeded)
        except Taken:
            return False
        return True
    aside = f"{FOLDER}/{temporary}"
    place.make_folder(FOLDER)
    place.put(item, aside, unheeded)
    if not item.is_as_sent(place.digest(aside)):
        place.remove(aside)
        raise NotVerified(f"the receipt {final} did not arrive as it was sent")
    if place.rename(aside, final):
        return True
    place.remove(aside)
    return False


def _tells_of_the_same(place: Destination, path: str, item: Item, receipt: Receipt) -> bool:
    found = place.look(path)
    if found is None or found.is_folder:
        return False
    try:
        if item.is_as_sent(place.digest(path)):
            return True
        there = parse_receipt(beginning(place.read(path)))
    except (FolderError, Refused):  # a site's own program need not be able to read
        return False
    return _of_the_same(there, msgspec.structs.replace(receipt, url=there.url))


def beginning(blocks: Iterable[bytes]) -> bytes:
    """Return as much of a file as may be a receipt, and not all of one that is too large."""
    data = b""
    for block in blocks:
        data += block
        if len(data) > LARGEST:
            break
    return data
