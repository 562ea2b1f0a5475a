"""Directories of XRootD servers: EOS, dCache and others.

The client has threads of its own, which wait for servers that hang: all of it runs in a process of its own
(`xrootd_worker.py`), which is killed where nothing is heard for too long, and started anew for what is asked
next. It is killed, too, after whatever went wrong, and so begins with a new connection.

Digests are the server's Adler-32. It makes one from the bytes on its disk when it is first asked for, which
is after all has arrived: that is why the copy itself doesn't ask. XRootD's own server notes what it has made
down with the file, and repeats it as long as the file's time of change is the same: bytes that rot later are
seen by who reads them back only. Where the server makes no digest, it is made from the bytes read back.
"""

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runfolio.children import Child, Lost
from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destination import Found, Sent, digest_read_back, unheeded
from runfolio.mover.destinations.lifetimes import certificates_end, token_end
from runfolio.mover.destinations.small_files import read_small_file
from runfolio.mover.destinations.xrootd_worker import Answer, Asked, Outgoing, Start
from runfolio.mover.package import Digest, Item
from runfolio.mover.settings import XRootDDestination

__all__ = ["open_destination"]

MODULE = "runfolio.mover.destinations.xrootd_worker"

SLOWEST_START = 60.0
"""Seconds that the process may take to import what it needs, on a machine that has other things to do."""

GRACE = 3.0
"""Seconds more than the client's own limit, which it looks at each second, and whose words say more."""


def open_destination(settings: XRootDDestination, lease: int | None) -> "XRootD":
    """Return a destination, not connected yet.

    Raises:
        ModuleNotFoundError: there is no client; it is not imported here.

    """
    if find_spec("XRootD") is None:
        raise ModuleNotFoundError("No module named 'XRootD'", name="XRootD")
    return XRootD(settings, lease)


class XRootD:
    """A directory of an XRootD server, over a process and connection of its own."""

    renames = True

    def __init__(self, settings: XRootDDestination, lease: int | None) -> None:
        self._settings = settings
        self._lease = () if lease is None else (lease,)
        self._host = f"{settings.parts.scheme}://{settings.parts.netloc}"
        self._where = f"destination {settings.name}: {self._host}"
        self._seconds = math.ceil(settings.timeout)
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._check_credentials()
        try:
            self._check_folder()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def look(self, path: str) -> Found | None:
        found: Found | None = self._ask("look", self._full(path))
        return found

    def names(self, path: str) -> frozenset[str]:
        names: frozenset[str] = self._ask("names", self._full(path))
        return names

    def make_folder(self, path: str) -> None:
        self._ask("make_folder", self._full(path))

    def put(self, item: Item, path: str, sent: Sent) -> None:
        self._ask("write", item.source, self._full(path), sent=sent)

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        if self._settings.verify == "destination":
            digest: Digest | None = self._ask("checksum", self._full(path), waiting=sent)
            if digest is not None:
                return digest
        return digest_read_back(self.read(path), sent)

    def read(self, path: str) -> Iterator[bytes]:
        place = 0
        while block := self._ask("block", self._full(path), place):
            yield block
            place += len(block)

    def rename(self, source: str, target: str) -> bool:
        """Rename where nothing is seen to have the name.

        The protocol can't be asked to refuse: what gets the name between the look and the renaming is
        replaced, unless it is a folder that holds something.
        """
        renamed: bool = self._ask("rename", self._full(source), self._full(target))
        return renamed

    def remove(self, path: str) -> None:
        self._ask("remove", self._full(path))

    def space(self) -> int | None:
        space: int | None = self._ask("space", self._settings.path)
        return space

    def credentials_end(self) -> float | None:
        """Return when the last of proxy and token ends: the client uses what the server accepts."""
        ends = [_end(path) for path in _credentials(self._settings)]
        return max((end for end in ends if end is not None), default=None)

    def _full(self, path: str) -> str:
        return f"{self._settings.path.rstrip('/')}/{path}".rstrip("/") or "/"

    def _check_credentials(self) -> None:
        """Refuse what the settings name and nobody can read: the client would try without."""
        for path in filter(None, (self._settings.proxy, self._settings.token_file)):
            try:
                read_small_file(Path(path))
            except OSError as error:
                words = f"the credentials {path} can't be read ({error.strerror}): renew them"
                raise Refused(f"{self._where}: {words}") from error

    def _check_folder(self) -> None:
        path, found = self._settings.path, self.look("")
        if found is None:
            raise Refused(f"{self._where} has no folder {path}: make it there, or correct the url")
        if not found.is_folder:
            raise Refused(f"{self._where}: {path} is no folder: correct the url")

    def _ask(
        self, operation: str, *arguments: Any, sent: Sent | None = None, waiting: Sent = unheeded
    ) -> Any:
        """Have the process do an operation, and return what that returns."""
        try:
            if self._child is None:
                self._child = self._started()
            self._child.send(Asked(operation, arguments), within=self._patience)
            return self._answer(self._child, sent, waiting)
        except Lost as lost:
            self._leave()
            kind = Interrupted if sent else Unavailable
            raise kind(f"{self._where} does not answer: its client's process {lost}") from lost
        except BaseException:
            self._leave()
            raise

    def _answer(self, child: Child, sent: Sent | None, waiting: Sent) -> Any:
        while True:
            match child.receive(within=self._patience):
                case Outgoing(count):
                    if sent is not None:
                        sent(count)
                    child.send(None, within=self._patience)
                case Answer(value):
                    return value
                case DeliveryError() as error:
                    raise error
                case _:  # ALIVE
                    waiting(0)

    @property
    def _patience(self) -> float:
        return self._seconds + GRACE

    def _started(self) -> Child:
        child = Child(MODULE, inherited=self._lease)
        start = Start(
            where=self._where,
            host=self._host,
            seconds=self._seconds,
            environment=_environment(self._settings, self._seconds),
        )
        try:
            child.send(start, within=SLOWEST_START)
            child.receive(within=SLOWEST_START)
        except BaseException:
            child.close()
            raise
        return child

    def _leave(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def _environment(settings: XRootDDestination, seconds: int) -> Mapping[str, str | None]:
    """Return what the client and the security protocols read as they are loaded."""
    limits = ("CONNECTIONWINDOW", "REQUESTTIMEOUT", "STREAMTIMEOUT")
    environment: dict[str, str | None] = {f"XRD_{name}": str(seconds) for name in limits}
    environment |= {
        "XRD_TIMEOUTRESOLUTION": "1",
        "XRD_CONNECTIONRETRY": "1",
        "XRD_STREAMERRORWINDOW": "0",
        "XRD_WRITERECOVERY": "0",  # what is cut off is sent again as a whole, by whoever has asked
        "XRD_READRECOVERY": "0",
        "XRD_LOGFILE": os.environ.get("XRD_LOGFILE", os.devnull),
        "XrdSecGSICREATEPROXY": "0",  # it would ask for a pass phrase
    }
    if settings.proxy:
        environment["X509_USER_PROXY"] = settings.proxy
    if settings.token_file:
        environment |= {"BEARER_TOKEN_FILE": settings.token_file, "BEARER_TOKEN": None}
    return environment


def _credentials(settings: XRootDDestination) -> Iterator[Path]:
    """Give the files that may hold credentials: those of the settings, else where clients look."""
    user = os.getuid()
    if settings.proxy or settings.token_file:
        yield from map(Path, filter(None, (settings.proxy, settings.token_file)))
        return
    yield Path(os.environ.get("X509_USER_PROXY") or f"/tmp/x509up_u{user}")  # noqa: S108 - the usual place
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"  # noqa: S108 - likewise
    yield Path(os.environ.get("BEARER_TOKEN_FILE") or f"{runtime}/bt_u{user}")


def _end(path: Path) -> float | None:
    with suppress(OSError):
        return certificates_end(path) or token_end(
            read_small_file(path).decode("ascii", errors="replace").strip()
        )
    return None
