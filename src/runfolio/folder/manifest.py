"""The manifest: the digest of each file of a run folder, in the format of `sha256sum`.

A manifest comes from outside as soon as a folder was carried somewhere: what it lists is checked
before it touches a path, and what stands at a listed name is looked at before it is opened.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import FolderError
from runfolio.folder._files import is_refused, names_in, open_regular, read_whole
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
    return _manifest_of(folder)[1]


def _manifest_of(folder: Path) -> tuple[bytes, dict[str, str]]:
    """Return a folder's manifest as it is, and what `read_manifest` does.

    Raises:
        FolderError: as there.

    """
    path = folder / MANIFEST
    if MANIFEST not in names_in(folder):
        raise FolderError(f"{folder} is no sealed run folder: it has no {MANIFEST}")
    try:
        data = read_whole(path, limit=MANIFEST_LIMIT)
        return data, parse_manifest(data)
    except FolderError as error:
        raise FolderError(f"{folder}: {error}") from error.__cause__


def manifest_digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's manifest, in hex: it stands for all that the folder holds.

    Raises:
        FolderError: there is no manifest, or it cannot be read.

    """
    return hashlib.sha256(read_whole(folder / MANIFEST, limit=MANIFEST_LIMIT)).hexdigest()


def verify(folder: Path, *, advance: Callable[[int], object] = lambda _: None) -> Verification:
    """Compare each file of a folder with the manifest; `advance` is told of bytes as they are read.

    Links and special files are not followed or opened: at a listed name they count as changed.

    Raises:
        FolderError: the folder cannot be listed, or has no manifest that can be read.

    """
    reading = FolderReading(folder)
    for name in reading.names:
        for block in reading.blocks(name):
            advance(len(block))
    return reading.verification()


class FolderReading:
    """A folder that is read against its manifest: whoever has a use for the bytes takes them as they pass.

    Args:
        folder: the folder.
        between: called after each block that was read; it may raise to give up.

    Raises:
        FolderError: the folder cannot be listed, or has no manifest that can be read.

    """

    def __init__(self, folder: Path, between: Callable[[], object] = bool) -> None:
        self.folder = folder
        self._between = between
        self.manifest, self.digests = _manifest_of(folder)
        self._there = names_in(folder)
        self._bytes = 0
        self._changed: list[str] = []
        self.unreadable: dict[str, OSError] = {}
        """What the system said, by the name of the file."""

    @property
    def names(self) -> list[str]:
        """The files to be read: those that are listed, and there."""
        return sorted(self._there & self.digests.keys())

    def size(self, name: str) -> int:
        """Return the bytes of a listed file as the system has it now, 0 where it does not say."""
        with suppress(OSError):
            return (self.folder / name).lstat().st_size
        return 0

    def blocks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a listed file, to be taken to the end; what is wrong with it is noted there."""
        digest = hashlib.sha256()
        try:
            for block in _blocks(self.folder / name):
                digest.update(block)
                self._bytes += len(block)
                self._between()
                yield block
        except OSError as error:
            self.unreadable[name] = error
        except _NoFile:
            self._changed.append(name)
        else:
            if digest.hexdigest() != self.digests[name]:
                self._changed.append(name)

    def content(self, name: str, *, limit: int) -> bytes | None:
        """Return a file whole, ahead of its turn; None where it is not what is listed, or larger.

        Raises:
            FolderError: the system does not let it be read.

        """
        try:
            data = read_whole(self.folder / name, limit=limit)
        except FolderError as error:
            if is_refused(error):
                raise
            return None
        return data if hashlib.sha256(data).hexdigest() == self.digests.get(name) else None

    def verification(self) -> Verification:
        """Return what was found, once all files were read."""
        listed = self.digests.keys()
        return Verification(
            folder=self.folder,
            files=len(listed),
            bytes=self._bytes,
            missing=tuple(sorted(listed - self._there)),
            changed=tuple(self._changed),
            extra=tuple(sorted(self._there - listed - {MANIFEST})),
            unreadable=tuple((name, e.strerror or str(e)) for name, e in self.unreadable.items()),
        )


class _NoFile(Exception):  # noqa: N818 - what is raised is that it is none
    """What has the name is no regular file."""


def _blocks(path: Path) -> Iterator[bytes]:
    descriptor = open_regular(path)
    if descriptor is None:
        raise _NoFile
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def _printable(name: str) -> str:
    return name if is_file_name(name) else ascii(name)
