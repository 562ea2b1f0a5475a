"""The manifest: the digest of each file of a run folder, in the format of `sha256sum`.

A manifest comes from outside as soon as a folder was carried somewhere: what it lists is checked
before it touches a path, and what stands at a listed name is looked at before it is opened.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder._files import names_in, open_regular, read_whole
from runfolio.folder.names import MANIFEST, is_file_name

MANIFEST_LIMIT = 256 * 1024 * 1024
"""Bytes; a run of a million images has a manifest of about 200 MB."""

BLOCK = 1024 * 1024

_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a folder holds, against its manifest. Names are as found on the disk: any bytes are possible."""

    folder: Path
    files: int
    """Files that the manifest lists."""
    bytes: int
    """Bytes read of them."""
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Another digest, or something else than a file at the name."""
    extra: tuple[str, ...] = ()
    """Anything that the manifest does not list."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Names and the system's reasons."""

    @property
    def whole(self) -> bool:
        """The folder is what was sealed: nothing missing, changed, added or unreadable."""
        return not (self.missing or self.changed or self.extra or self.unreadable)

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each, such as `changed: imagetof_time.png`, safe to print whatever the names are."""
        lists = (("missing", self.missing), ("changed", self.changed), ("extra", self.extra))
        lines = [f"{what}: {_printable(name)}" for what, names in lists for name in names]
        return (*lines, *(f"unreadable: {_printable(name)} ({reason})" for name, reason in self.unreadable))


def manifest_bytes(digests: Mapping[str, str]) -> bytes:
    """Return the manifest of files and their digests in hex, sorted by name.

    Raises:
        FolderError: a name that no file of a folder may have.

    """
    for name in digests:
        _check_name(name)
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode("ascii")


def parse_manifest(data: bytes) -> dict[str, str]:
    """Return names and digests in lower-case hex.

    Raises:
        FolderError: anything that `manifest_bytes` would not have written, and `sha256sum` neither for
            such a folder: the message says the line.

    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise FolderError(f"{MANIFEST}, line {number}: characters other than ASCII") from None
    if not text.endswith("\n"):
        raise FolderError(f"{MANIFEST} is cut off within its last line" if text else f"{MANIFEST} is empty")
    digests: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        try:
            name, digest = _parse_line(line)
        except FolderError as error:
            raise FolderError(f"{MANIFEST}, line {number}: {error}") from None
        if name in digests:
            raise FolderError(f"{MANIFEST}, line {number}: lists {name} a second time")
        digests[name] = digest
    return digests


def _parse_line(line: str) -> tuple[str, str]:
    if line.startswith("\\"):
        raise FolderError("an escaped name; no file of a run folder has a name that needs it")
    if line.endswith("\r"):
        raise FolderError("ends in a carriage return; the file was changed on its way")
    found = _LINE.fullmatch(line)
    if not found:
        raise FolderError(f"no SHA-256 digest and name: {line[:80]!a}")
    return _check_name(found[2]), found[1].lower()


def _check_name(name: str) -> str:
    if not is_file_name(name) or name == MANIFEST:
        raise FolderError(f"{name[:80]!a} is no name of a file in a run folder")
    return name


def read_manifest(folder: Path) -> dict[str, str]:
    """Return names and digests of a folder's manifest.

    Raises:
        FolderError: there is none, so the folder is not sealed, or it is not what one looks like.

    """
    path = folder / MANIFEST
    if MANIFEST not in names_in(folder):
        raise FolderError(f"{folder} is no sealed run folder: it has no {MANIFEST}")
    try:
        return parse_manifest(read_whole(path, limit=MANIFEST_LIMIT))
    except FolderError as error:
        raise FolderError(f"{folder}: {error}") from error.__cause__


def verify(folder: Path, *, advance: Callable[[int], object] = lambda _: None) -> Verification:
    """Compare each file of a folder with the manifest; `advance` is told of bytes as they are read.

    Links and special files are not followed or opened: at a listed name they count as changed.

    Raises:
        FolderError: the folder cannot be listed, or has no manifest that can be read.

    """
    digests = read_manifest(folder)
    there = names_in(folder)
    changed: list[str] = []
    unreadable: list[tuple[str, str]] = []
    total = 0
    for name in sorted(there & digests.keys()):
        hasher = _Hasher(advance)
        try:
            if hasher.digest(folder / name) != digests[name]:
                changed.append(name)
        except OSError as error:
            unreadable.append((name, error.strerror or str(error)))
        total += hasher.bytes
    return Verification(
        folder=folder,
        files=len(digests),
        bytes=total,
        missing=tuple(sorted(digests.keys() - there)),
        changed=tuple(changed),
        extra=tuple(sorted(there - digests.keys() - {MANIFEST})),
        unreadable=tuple(unreadable),
    )


class _Hasher:
    """Reads a file in blocks, and knows how far it came when reading fails half way."""

    def __init__(self, advance: Callable[[int], object]) -> None:
        self.bytes = 0
        self._advance = advance

    def digest(self, path: Path) -> str | None:
        """Return the digest of a regular file, None for anything else; raises OSError."""
        descriptor = open_regular(path)
        if descriptor is None:
            return None
        digest = hashlib.sha256()
        block = memoryview(bytearray(BLOCK))
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            while size := file.readinto(block):
                digest.update(block[:size])
                self.bytes += size
                self._advance(size)
        return digest.hexdigest()


def _printable(name: str) -> str:
    return name if is_file_name(name) else ascii(name)
