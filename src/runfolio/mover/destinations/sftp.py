"""Directories of SSH servers, by SFTP.

The protocol has no digests: they are made from the bytes read back. A file is forced to the server's disk
where the server offers that (OpenSSH does); of folders SFTP can't ask for it.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncssh

from runfolio.errors import Refused, Unavailable
from runfolio.mover.destination import Found, Sent, digest_read_back, unheeded
from runfolio.mover.destinations import ssh
from runfolio.mover.destinations.sftp_session import Missing, Session
from runfolio.mover.package import Digest, Item
from runfolio.mover.settings import SftpDestination

__all__ = ["Sftp", "open_destination"]

LARGEST_BLOCK = 1024 * 1024

FLUSHED = 256 * 1024 * 1024
"""Bytes after which they are to go to the server's disk: all at the end could take longer than `timeout`."""


def open_destination(settings: SftpDestination, _lease: int | None) -> "Sftp":
    """Return a destination, not connected yet. It starts no processes that would need the lease."""
    return Sftp(settings)


class Sftp:
    """A directory of an SSH server."""

    renames = True

    def __init__(self, settings: SftpDestination) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        self._session = Session(self._settings)
        self._sftp = self._session.sftp
        try:
            self._check_folder()
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def _check_folder(self) -> None:
        path, found = self._settings.path, self.look("")
        if found is None:
            raise Refused(f"{self._session.where}: there is no folder {path}: make it, or correct the url")
        if not found.is_folder:
            raise Refused(f"{self._session.where}: {path} is no folder: correct the url")

    def _full(self, path: str) -> bytes:
        """Return a path as it is sent: the names that others have given may be any bytes."""
        root = self._settings.path
        return (f"{root.rstrip('/')}/{path}" if path else root).encode(errors="surrogateescape")

    def look(self, path: str) -> Found | None:
        """A link is what it leads to; where that is nothing, the link still has the name."""
        for asked in (self._sftp.stat, self._sftp.lstat):
            with suppress(Missing):
                return _found(self._session.ask(f"can't look at {path}", asked(self._full(path))))
        return None

    def names(self, path: str) -> frozenset[str]:
        try:
            found = self._session.ask(f"can't list {path}", self._names(path), bounded=False)
        except Missing:
            return frozenset()
        return found - {".", ".."}

    async def _names(self, path: str) -> frozenset[str]:
        """Return the names in a folder; each answer has some of them, and has its own time."""
        found = set()
        now, seconds = asyncio.get_running_loop().time, self._settings.timeout
        async with asyncio.timeout(seconds) as limit:
            async for each in self._sftp.scandir(self._full(path)):
                limit.reschedule(now() + seconds)
                found.add(_text(each.filename))
        return frozenset(found)

    def make_folder(self, path: str) -> None:
        parts = path.split("/")
        for folder in ("/".join(parts[:count]) for count in range(1, len(parts) + 1)):
            found = self.look(folder) or self._made(folder)
            if found is not None and not found.is_folder:
                raise Refused(f"{self._session.where}: {folder} is no folder: remove it, it is in the way")

    def _made(self, folder: str) -> Found | None:
        """Make one folder; return what another delivery has made of the name meanwhile."""
        try:
            self._session.ask(f"can't make the folder {folder}", self._sftp.mkdir(self._full(folder)))
        except Unavailable:
            if found := self.look(folder):
                return found
            raise
        return None

    def put(self, item: Item, path: str, sent: Sent) -> None:
        # What is there may be a link, or a session that has hung may still write into it.
        self.remove(path)
        try:
            self._write(item.source, path, sent)
        except Unavailable as error:
            space = self.space()
            if space is None or space > item.size:
                raise
            raise Unavailable(
                f"{self._session.where}: no room for {path}: it needs {item.size} bytes, {space} are free"
            ) from error

    def _write(self, source: Path, path: str, sent: Sent) -> None:
        """Write what a file holds, down to the disk. After an error the file stays open until we leave."""
        doing, ask = f"can't write {path}", self._session.ask
        file = ask(doing, self._sftp.open(self._full(path), "xb", block_size=0))
        for written in self._session.ask_ahead(doing, self._writes(file, source)):
            sent(written)
        ask(doing, _flush(file))
        ask(doing, file.close())

    def _writes(self, file: asyncssh.SFTPClientFile, source: Path) -> Iterator[Coroutine[Any, Any, int]]:
        size = min(self._sftp.limits.max_write_len, LARGEST_BLOCK)
        offset = flushed = 0
        with source.open("rb") as blocks:
            while block := blocks.read(size):
                yield file.write(block, offset)
                offset += len(block)
                if offset - flushed >= FLUSHED:
                    yield _flush(file)
                    flushed = offset

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        """Return the digest of the bytes read back, of a file that is on the server's disk by then."""
        return digest_read_back(self._blocks(path, lasting=True), sent)

    def read(self, path: str) -> Iterator[bytes]:
        return self._blocks(path, lasting=False)

    def _blocks(self, path: str, *, lasting: bool) -> Iterator[bytes]:
        doing, ask = f"can't read {path}", self._session.ask
        file = ask(doing, self._sftp.open(self._full(path), "rb", block_size=0))
        if lasting:  # a delivery that was killed has perhaps not come to that
            ask(doing, _flush(file))
        length = ask(doing, file.stat()).size or 0
        size = min(self._sftp.limits.max_read_len, LARGEST_BLOCK)
        reads = (_read(file, offset, size) for offset in range(0, length, size))
        yield from self._session.ask_ahead(doing, reads)
        ask(doing, file.close())

    def rename(self, source: str, target: str) -> bool:
        """SFTP's own renaming is asked for, which refuses a name that is taken; we look before, all the same.

        OpenSSH links a file to its new name, so nothing can be overwritten. For a folder it looks, too, and
        then renames: what could be lost in between is an empty folder that somebody else has just made.
        """
        if self.look(target) is not None:
            return False
        renamed = self._sftp.rename(self._full(source), self._full(target))  # posix_rename would overwrite
        try:
            self._session.ask(f"can't rename {source} to {target}", renamed)
        except Unavailable:
            if self.look(target) is None:
                raise
            return False
        return True

    def remove(self, path: str) -> None:
        if not path:
            raise ValueError("a whole archive is never removed")
        full, doing, ask = self._full(path), f"can't remove {path}", self._session.ask
        with suppress(Missing):
            if not _found(ask(doing, self._sftp.lstat(full))).is_folder:
                ask(doing, self._sftp.remove(full))
                return
            for name in self.names(path):
                self.remove(f"{path}/{name}")
            ask(doing, self._sftp.rmdir(full))

    def space(self) -> int | None:
        return self._session.ask("can't tell the free space", _free(self._sftp, self._full("")))

    def credentials_end(self) -> float | None:
        return ssh.certificate_end(self._settings)


def _found(attributes: asyncssh.SFTPAttrs) -> Found:
    folder = attributes.type == asyncssh.FILEXFER_TYPE_DIRECTORY
    return Found(is_folder=folder, size=None if folder else attributes.size, modified=attributes.mtime)


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode(errors="surrogateescape")


async def _read(file: asyncssh.SFTPClientFile, offset: int, size: int) -> bytes:
    """Return a block of a file; a server may answer with less than is asked for, also before the end."""
    data = b""
    while len(data) < size:
        more: bytes = await file.read(size - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


async def _flush(file: asyncssh.SFTPClientFile) -> int:
    """Have a file forced to the disk, where the server and its file system offer that; no bytes go out."""
    with suppress(asyncssh.SFTPOpUnsupported, asyncssh.SFTPBadMessage, asyncssh.SFTPPermissionDenied):
        await file.fsync()
    return 0


async def _free(sftp: asyncssh.SFTPClient, path: bytes) -> int | None:
    try:
        found = await sftp.statvfs(path)
    except asyncssh.SFTPOpUnsupported:
        return None
    return found.bavail * found.frsize
