"""A directory of this machine, or one that is mounted.

What is written is on the disk before a delivery goes on, and is read back from there, not from memory.
A file system that does not answer, as NFS without its server, holds whoever asks in the kernel, where no
timeout reaches.
"""

import errno
import getpass
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from runfolio.errors import DeliveryError, FolderError, Interrupted, Refused, Unavailable
from runfolio.folder import durable
from runfolio.mover.destination import Found, Sent, digest_read_back, unheeded
from runfolio.mover.destinations.mounts import missing_mount
from runfolio.mover.package import Digest, Item
from runfolio.mover.settings import FileDestination

__all__ = ["Directory", "open_destination"]

_ABSENT = (FileNotFoundError, NotADirectoryError)

_UNAVAILABLE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EREMOTEIO, errno.ESTALE, errno.ENODEV,
    errno.ENXIO, errno.ENOTCONN, errno.ESHUTDOWN, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN,
    errno.ENETUNREACH, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED,
    errno.ENOMEM, errno.EMFILE, errno.ENFILE,
}  # fmt: skip
"""The disk is full or gone, its server does not answer, or this machine is short of something."""

_REFUSED = {
    errno.EACCES, errno.EPERM, errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREJECTED, errno.EEXIST,
    errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EFBIG, errno.EINVAL,
    errno.EOPNOTSUPP, errno.ENOSYS,
}  # fmt: skip
"""Permissions, names that something else has, or what the file system can't do."""

_ADVICE = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there, or have the quota raised",
    errno.EROFS: "mount it so that it can be written",
    errno.ESTALE: "mount it again",
    errno.EACCES: "let {user} write there",
    errno.EPERM: "let {user} write there",
    errno.EEXIST: "move what has this name out of the way",
    errno.ENOTDIR: "move what has this name out of the way",
    errno.EISDIR: "move what has this name out of the way",
    errno.EFBIG: "raise the limit on the size of files",
}


def open_destination(settings: FileDestination, _lease: int | None) -> "Directory":
    """Return a directory as a destination; it has no processes that would need the lease."""
    return Directory(settings)


class Directory:
    """A directory that somebody else has made; nothing is ever written but in that one.

    Files get the permissions that they have in a sealed folder: nobody writes to them. Links below it are
    not followed.
    """

    renames = True

    def __init__(self, settings: FileDestination) -> None:
        self._root = Path(settings.path)
        self._identity: tuple[int, int] | None = None
        self._lasting: set[Path] = set()
        """Folders whose names are on the disk, so that a folder of many files is forced there once."""

    def __enter__(self) -> Self:
        if point := missing_mount(self._root):
            raise Unavailable(f"nothing is mounted on {point}, which {self._root} is on: mount it")
        self._identity = self._identify()
        if self._identity is None:
            raise self._missing()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open."""

    def look(self, path: str) -> Found | None:
        """Return what has a name, also where that is a link or a device: then as a file."""
        self._forget_what_lasts(path)
        with self._below(path) as place:
            try:
                status = place.lstat()
            except _ABSENT:
                self._check()
                return None
        is_folder = stat.S_ISDIR(status.st_mode)
        return Found(
            is_folder=is_folder, size=None if is_folder else status.st_size, modified=status.st_mtime
        )

    def names(self, path: str) -> frozenset[str]:
        self._forget_what_lasts(path)
        with self._below(path, all_of_it=True) as place:
            try:
                with os.scandir(place) as entries:
                    return frozenset(entry.name for entry in entries)
            except _ABSENT:
                self._check()
                return frozenset()

    def make_folder(self, path: str) -> None:
        self._lasting.clear()
        with self._below(path, all_of_it=True) as place:
            durable.ensure_directory(place, below=self._root)

    def put(self, item: Item, path: str, sent: Sent) -> None:
        self.remove(path)
        with self._below(path) as place:
            durable.write_new(place, _outgoing(item, sent), permissions=durable.READ_ONLY)
            durable.fsync_directory(place.parent)

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        """Return the digest of what the disk holds, once it is certain that its name lasts, too."""
        digest = digest_read_back(self.read(path), sent)
        with self._below(path) as place:
            for each in place.parents[: len(place.parents) - len(self._root.parents)]:
                if each not in self._lasting:
                    durable.fsync_directory(each)
                    self._lasting.add(each)
        return digest

    def _forget_what_lasts(self, path: str) -> None:
        """Be certain of no folder any more once a package is looked for: somebody else may have put it."""
        if "/" not in path:
            self._lasting.clear()

    def read(self, path: str) -> Iterator[bytes]:
        with self._below(path) as place:
            yield from durable.read_blocks(place, from_disk=True)

    def rename(self, source: str, target: str) -> bool:
        self._lasting.clear()
        with self._below(source) as old, self._below(target) as new:
            if not durable.rename_new(old, new):
                return False
            for each in {new.parent, old.parent}:
                durable.fsync_directory(each)
            return True

    def remove(self, path: str) -> None:
        if not path:
            raise ValueError("a whole archive is never removed")
        self._lasting.clear()
        found = self.look(path)
        if found is None:
            return
        with self._below(path) as place:
            (durable.remove_directory if found.is_folder else durable.remove_file)(place)
            durable.fsync_directory(place.parent)

    def space(self) -> int:
        with self._below("") as place:
            status = os.statvfs(place)
        return status.f_bavail * status.f_frsize

    def credentials_end(self) -> None:
        """There are none."""

    @contextmanager
    def _below(self, path: str, *, all_of_it: bool = False) -> Iterator[Path]:
        """Give the place of a name, and turn errors into those of a delivery.

        No folder on the way may be a link, and with `all_of_it` the name itself may be none either.
        """
        self._check()
        place = self._root.joinpath(path)
        try:
            self._refuse_links(path if all_of_it else str(PurePosixPath(path).parent))
            yield place
        except (FolderError, OSError) as error:
            self._check()  # what a directory lacks that is gone is not the trouble
            raise _as_delivery_error(error, place) from error

    def _refuse_links(self, path: str) -> None:
        place = self._root
        for part in PurePosixPath(path).parts:
            place /= part
            if place.is_symlink():
                raise Refused(f"{place} is a link, which is not followed: move it out of the way")

    def _check(self) -> None:
        """Raise where the directory is not the one that it was: then it was unmounted, or moved."""
        if self._identify() != self._identity:
            raise Unavailable(f"{self._root} is gone since it was opened: mount it again")

    def _identify(self) -> tuple[int, int] | None:
        """Return what tells the directory from others that get its name; None where it is not there."""
        try:
            status = self._root.stat()
        except _ABSENT:
            return None
        except OSError as error:
            raise _as_delivery_error(error, self._root) from error
        if not stat.S_ISDIR(status.st_mode):
            raise Refused(f"{self._root} is no directory: give the url of one")
        return status.st_dev, status.st_ino

    def _missing(self) -> DeliveryError:
        """Return what to say: below an empty directory it is a mount that is missing, which may come back."""
        words = f"{self._root} is not there: make it, or mount it"
        try:
            above = next(each for each in self._root.parents if each.is_dir())
            is_empty = not any(above.iterdir())
        except OSError:
            return Refused(words)
        return Unavailable(f"{words} ({above} is empty)") if is_empty else Refused(words)


def _outgoing(item: Item, sent: Sent) -> Iterator[bytes]:
    """Give the bytes of a file to send, telling of each block once it was written."""
    blocks = durable.read_blocks(item.source)
    while block := _next(blocks):
        yield block
        sent(len(block))


def _next(blocks: Iterator[bytes]) -> bytes:
    try:
        return next(blocks, b"")
    except FolderError as error:
        raise Interrupted(f"{error}, the file to send") from error


def _as_delivery_error(error: FolderError | OSError, place: Path) -> DeliveryError:
    reason = error if isinstance(error, OSError) else error.__cause__
    if not isinstance(reason, OSError):
        return Refused(str(error))
    words = f"cannot use {place}: {reason.strerror or reason}" if reason is error else str(error)
    number = reason.errno or 0
    if advice := _ADVICE.get(number):
        words += f"; {advice.format(user=_user())}"
    kind = Unavailable if number in _UNAVAILABLE else Refused if number in _REFUSED else Interrupted
    return kind(words)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # one that has no name here
        return f"user {os.geteuid()}"
