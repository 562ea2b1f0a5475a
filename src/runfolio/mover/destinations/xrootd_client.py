"""What an XRootD server is asked for a destination. Imported only in the process that `xrootd.py` starts."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from XRootD.client.file import File
from XRootD.client.filesystem import FileSystem
from XRootD.client.flags import AccessMode, DirListFlags, MkDirFlags, OpenFlags, QueryCode, StatInfoFlags

from runfolio.errors import Interrupted, Refused
from runfolio.mover.destination import Found
from runfolio.mover.destinations.xrootd_errors import (
    Missing,
    error_of,
    is_answer,
    is_missing,
    is_taken,
    is_unsupported,
)
from runfolio.mover.package import Algorithm, Digest

BLOCK = 256 * 1024
AT_ONCE = 8
"""Blocks under way: enough for a line of high latency, and few enough for a slow one not to count as dead."""

FLUSHED = 256 * 1024 * 1024
"""Bytes after which the server is to write to its disk: all at the end could take longer than the timeout."""

READ_BLOCK = 2 * 1024 * 1024
LONGEST_CHECKSUM = 6 * 3600
"""Seconds that a server which is alive may take over a checksum."""

SHARED_FILE = AccessMode.UR | AccessMode.UW | AccessMode.GR | AccessMode.OR
SHARED_FOLDER = SHARED_FILE | AccessMode.UX | AccessMode.GX | AccessMode.OX

CREATE = OpenFlags.NEW | OpenFlags.WRITE | OpenFlags.FORCE
"""By force, since for a server the writer that was killed just now may be there still.

Not "persist on successful close": of a writer that was cut off the server keeps the name to itself then, for
ten minutes, and removes afterwards what has it.
"""

Status = Any
"""An XRootDStatus; the client has no types."""

Reply = tuple[Status, Any]


class Client:
    """One server, asked by one thread. Paths are absolute.

    Args:
        where: how errors name the destination.
        host: `root://user@host:1094`.
        seconds: without any sign of the server, after which it counts as dead.
        alive: called with each of its answers.
        going_out: told of bytes before they go out; returns when they may.

    """

    def __init__(
        self,
        where: str,
        host: str,
        seconds: float,
        alive: Callable[[], None],
        going_out: Callable[[int], None],
    ) -> None:
        self.where = where
        self._host = host
        self._seconds = seconds
        self._alive = alive
        self._going_out = going_out
        self._system = FileSystem(host)
        self._reading: File | None = None

    def look(self, path: str) -> Found | None:
        try:
            status = self._value(self._system.stat(self._named(path)), f"can't look at {path}")
        except Missing:
            return None
        is_folder = bool(status.flags & StatInfoFlags.IS_DIR)
        size = None if is_folder else status.size
        return Found(is_folder=is_folder, size=size, modified=float(status.mtime))

    def names(self, path: str) -> frozenset[str]:
        try:
            reply = self._system.dirlist(self._named(path), DirListFlags.NONE)
            entries = self._value(reply, f"can't list {path}")
        except Missing:
            return frozenset()
        return frozenset(entry.name for entry in entries)

    def make_folder(self, path: str) -> None:
        reply = self._system.mkdir(self._named(path), MkDirFlags.MAKEPATH, SHARED_FOLDER)
        if is_answer(reply[0].code) and (found := self.look(path)) and found.is_folder:
            return  # not every server takes that for well done
        self._value(reply, f"can't make the folder {path}")

    def write(self, source: Path, path: str) -> None:
        """Write a file anew.

        What has the name is removed first, not truncated: a file keeps the checksum that a server has noted
        with it, and of one that changes within the second the server doesn't see that it has changed.
        """
        self.remove(path)
        target, doing = File(), f"can't write {path}"
        try:
            with source.open("rb") as file:
                self._create(target, path, doing)
                self._send(file, target, doing)
        except OSError as error:
            raise Interrupted(f"{source}, the file to send, cannot be read ({error.strerror})") from error
        self._value(target.close(), doing, under_way=True)

    def _create(self, target: File, path: str, doing: str) -> None:
        reply = target.open(self._url(path), CREATE, SHARED_FILE)
        if is_taken(reply[0].code, reply[0].errno):
            # The answer was cut off, and the client has asked once more by itself; or somebody was faster.
            raise Interrupted(f"{self.where} {doing}: it has the name since just now")
        self._value(reply, doing)

    def _send(self, file: IO[bytes], target: File, doing: str) -> None:
        flying: deque[tuple[bytes, SimpleQueue[Reply]]] = deque()
        place = 0

        def land(most: int) -> None:
            while len(flying) > most:
                self._value(flying[0][1].get(), doing, under_way=True)
                flying.popleft()

        while block := file.read(BLOCK):
            self._going_out(len(block))
            land(AT_ONCE - 1)
            reply = SimpleQueue[Reply]()
            flying.append((block, reply))  # which keeps the block where it is until then
            self._begun(target.write(block, place, callback=_into(reply)), doing, under_way=True)
            place += len(block)
            if place % FLUSHED == 0:
                land(0)
                self._flush(target, doing)
        land(0)
        self._flush(target, doing)

    def _flush(self, target: File, doing: str) -> None:
        reply = target.sync()
        if not is_unsupported(reply[0].code, reply[0].errno):
            self._value(reply, doing, under_way=True)

    def checksum(self, path: str) -> Digest | None:
        """Return the digest that the server makes; None where it makes none that we know.

        It may take long over a large file. Meanwhile it is asked for signs of life.
        """
        doing, reply = f"can't get the checksum of {path}", SimpleQueue[Reply]()
        asked = f"{self._named(path)}?cks.type=adler32"
        self._begun(
            self._system.query(QueryCode.CHECKSUM, asked, timeout=LONGEST_CHECKSUM, callback=_into(reply)),
            doing,
        )
        while (answered := _within(self._seconds / 2, reply)) is None:
            self._value(self._system.ping(), doing)
        if is_unsupported(answered[0].code, answered[0].errno):
            return None
        return _digest(self._value(answered, doing))

    def block(self, path: str, place: int) -> bytes:
        """Return the next bytes of a file, none at its end; a file is read from its beginning on."""
        doing = f"can't read {path}"
        if place == 0:
            self._reading = File()
            self._value(self._reading.open(self._url(path), OpenFlags.READ), doing)
        if self._reading is None:
            raise Interrupted(f"{self.where} {doing}: another file was read meanwhile")
        data: bytes = self._value(self._reading.read(place, READ_BLOCK), doing, under_way=True)
        if not data:
            self._reading.close()
            self._reading = None
        return data

    def rename(self, source: str, target: str) -> bool:
        """Give a name that nothing has, by what is seen before: the protocol can't be asked to refuse.

        XRootD's own server (5.5.3) replaces a file with a file, and an empty folder with a folder. A folder
        that holds something is never replaced.
        """
        if self.look(target) is not None:
            return False
        reply = self._system.mv(self._named(source), self._named(target))
        if is_answer(reply[0].code) and self.look(source) and self.look(target):
            return False
        self._value(reply, f"can't rename {source} to {target}")
        return True

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all it holds, name by name: the protocol has no other way."""
        found = self.look(path)
        if found is None:
            return
        if found.is_folder:
            for name in sorted(self.names(path)):
                self.remove(f"{path}/{name}")
        reply = self._system.rmdir(path) if found.is_folder else self._system.rm(path)
        if not is_missing(reply[0].code, reply[0].errno):
            self._value(reply, f"can't remove {path}")

    def space(self, path: str) -> int | None:
        """Return the free bytes, by the quota where there is one; None where the server does not tell."""
        reply = self._system.query(QueryCode.SPACE, self._named(path))
        return None if is_answer(reply[0].code) else _free(self._value(reply, "can't ask for the space"))

    def _named(self, path: str) -> str:
        """Return a path, unless the protocol takes some of it for something else."""
        if "?" in path or not path.isprintable():
            raise Refused(f"{self.where} can't have a file named {path!a}: no ? and no control characters")
        return path

    def _url(self, path: str) -> str:
        return f"{self._host}/{self._named(path)}"

    def _value(self, reply: Reply, doing: str, *, under_way: bool = False) -> Any:
        """Return what was answered."""
        self._alive()
        self._begun(reply[0], doing, under_way=under_way)
        return reply[1]

    def _begun(self, status: Status, doing: str, *, under_way: bool = False) -> None:
        if not status.ok:
            doing = f"{self.where} {doing}"
            raise error_of(status.code, status.errno, status.message, doing, under_way=under_way)


def _into(replies: SimpleQueue[Reply]) -> Callable[[Status, Any, object], None]:
    """Return what the client's threads call with a reply; nothing may be raised there."""
    return lambda status, value, _hosts: replies.put((status, value))


def _within(seconds: float, replies: SimpleQueue[Reply]) -> Reply | None:
    try:
        return replies.get(timeout=seconds)
    except Empty:
        return None


def _text(answer: bytes) -> str:
    return answer.decode("ascii", errors="replace").strip("\0\n ")


def _digest(answer: bytes) -> Digest | None:
    """Return what a server has answered, as `adler32 5eadcfd1`; some leave zeros in front away."""
    match _text(answer).lower().split():
        case [("adler32" | "md5" | "sha256") as name, value]:
            return Digest(Algorithm(name), value.zfill(8))
        case _:
            return None


def _free(answer: bytes) -> int | None:
    """Return the free bytes of `oss.space=…&oss.free=…`, where a quota of -1 is none."""
    said = dict(each.partition("=")[::2] for each in _text(answer).split("&"))
    try:
        free, quota, used = (int(said.get(f"oss.{name}", -1)) for name in ("free", "quota", "used"))
    except ValueError:
        return None
    left = free if quota < 0 else min(free, quota - used)
    return left if free >= 0 else None
