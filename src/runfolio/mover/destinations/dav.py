"""Deliveries to a WebDAV server: nginx, Apache, XRootD, dCache, EOS and others.

What renaming is worth depends on the server, so every rename looks first, asks the server not to overwrite,
and looks afterwards. Tried with nginx 1.22 and Apache 2.4: both refuse to overwrite, a file as well as a
folder. Neither does so in one step with the renaming: what somebody else puts there in the instant between
is lost if it is a file (or an empty folder). XRootD 5.5 overwrites a file although it is asked not to, and an
empty folder; one that holds anything it leaves alone. There, what was looked for first is all there is. No
server is asked for more than that by WebDAV; leases keep the project's own movers apart.
"""

from collections.abc import Iterator
from io import FileIO
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

import httpx

from runfolio.errors import DeliveryError, Interrupted, SourceDamaged, Unavailable
from runfolio.mover.destination import Found, Sent, digest_read_back, unheeded
from runfolio.mover.destinations.dav_credentials import read_credentials
from runfolio.mover.destinations.dav_http import DavHttp, Outgoing
from runfolio.mover.destinations.dav_responses import (
    WANTED_DIGESTS,
    WANTED_PROPERTIES,
    Entry,
    children_of,
    read_digest,
    read_listing,
)
from runfolio.mover.package import Digest, Item
from runfolio.mover.settings import DavDestination

__all__ = ["WebDav", "open_destination"]

BLOCK = 256 * 1024
"""Bytes that go out, or come in, at a time."""

_NOT_OFFERED = {405, 501}
_FOLDER_BY_HEAD = {200, 204, 403}
"""403: it is there, and does not show what it holds."""
_NOT_REPLACED = {403, 405, 409, 412}
"""What servers may say that write files only once, as dCache does unless it is told otherwise."""
_MAYBE_BELOW_A_FILE = {400, 500}
"""What Apache and XRootD say where part of a path is no folder."""


def open_destination(settings: DavDestination, lease: int | None) -> "WebDav":
    """Return the destination, not connected yet; it starts no processes that would need the lease."""
    del lease
    return WebDav(settings)


class WebDav:
    """A collection of a WebDAV server, or of a plain HTTP server that takes PUT, MKCOL, MOVE and DELETE."""

    renames = True

    def __init__(self, settings: DavDestination) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._http = DavHttp(settings)
        self._lists = True
        """Whether the server answers PROPFIND."""

    def __enter__(self) -> Self:
        self._http.open()
        try:
            self._check_folder()
        except BaseException:
            self._http.close()
            raise
        return self

    def _check_folder(self) -> None:
        found = self.look("")
        if found is None or not found.is_folder:
            what = "there is no folder" if found is None else "it is a file,"
            raise self._http.errors.refused(f"{what} {self._settings.path}: make one, or mend the url")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    # What is there

    def look(self, path: str) -> Found | None:
        listed = self._listed(path, depth="0")
        if listed is None:
            return self._looked_by_head(path)
        if not listed:
            return None
        entry = listed[0]
        if not entry.is_folder and entry.size is None:
            return self._looked_by_head(path)
        size = None if entry.is_folder else entry.size
        return Found(is_folder=entry.is_folder, size=size, modified=entry.modified)

    def names(self, path: str) -> frozenset[str]:
        listed = self._listed(path, depth="1")
        if listed is None:
            raise self._http.errors.refused("its server does not list what is in a folder (no PROPFIND)")
        return children_of(self._http.url(path).raw_path.decode("ascii"), listed)

    def space(self) -> int | None:
        listed = self._listed("", depth="0")
        return listed[0].available if listed else None

    def credentials_end(self) -> float | None:
        return read_credentials(self._settings, self._http.errors).end

    def _listed(self, path: str, *, depth: str) -> list[Entry] | None:
        """Return what PROPFIND tells, nothing where nothing is; None where the server has no PROPFIND."""
        if not self._lists:
            return None
        headers = {"Depth": depth, "Content-Type": "application/xml"}
        with self._http.asked("PROPFIND", path, headers=headers, body=WANTED_PROPERTIES) as response:
            if response.status_code in _NOT_OFFERED:
                self._lists = False
                return None
            if response.status_code in {404, 410}:
                return []
            if response.status_code == httpx.codes.MULTI_STATUS:
                try:
                    return read_listing(self._http.small_answer(response, path))
                except ValueError as error:
                    raise self._http.errors.of_listing(path, error) from error
            failed = self._http.failed(response, path)
        if "/" in path and response.status_code in _MAYBE_BELOW_A_FILE and not self._has_parent(path):
            return []
        raise failed

    def _looked_by_head(self, path: str) -> Found | None:
        """Look without PROPFIND: a folder is what is sent to the same name with a slash."""
        with self._http.asked("HEAD", path, is_folder=not path) as response:
            if response.status_code in {404, 410}:
                return None
            if response.url.path.endswith("/") and response.status_code in _FOLDER_BY_HEAD:
                return Found(is_folder=True)
            if not response.is_success:
                raise self._http.failed(response, path)
            size = response.headers.get("Content-Length", "")
            return Found(is_folder=False, size=int(size) if size.isdecimal() else None)

    # What is brought there

    def make_folder(self, path: str) -> None:
        parts = PurePosixPath(path).parts
        for number in range(1, len(parts) + 1):
            self._make_one_folder("/".join(parts[:number]))

    def _make_one_folder(self, path: str) -> None:
        found = self.look(path)
        if found is None:
            with self._http.asked("MKCOL", path, is_folder=True) as response:
                failed = None if response.is_success else self._http.failed(response, path)
            found = self.look(path) if failed else Found(is_folder=True)  # another may have been faster
            if found is None and failed:
                raise failed
        if found is None or not found.is_folder:
            raise Interrupted(f"cannot make the folder {path} at {self._settings.name}: a file has the name")

    def put(self, item: Item, path: str, sent: Sent) -> None:
        """Write a file; nothing is returned, since servers compute digests only when they are asked."""
        status, failed = self._sent(item, path, sent)
        if status in _NOT_REPLACED and self.look(path):
            self.remove(path)
            status, failed = self._sent(item, path, sent)
        if isinstance(failed, Unavailable) and not self._has_parent(path):  # nginx says 500
            raise Interrupted(f"{failed}; the folder that it would be in is not there")
        if failed:
            raise failed

    def _sent(self, item: Item, path: str, sent: Sent) -> tuple[int, DeliveryError | None]:
        body = Outgoing(item.size, lambda: _outgoing(item, sent))
        with self._http.asked("PUT", path, body=body) as response:
            return response.status_code, None if response.is_success else self._http.failed(response, path)

    def _has_parent(self, path: str) -> bool:
        found = self.look(path.rpartition("/")[0])
        return found is not None and bool(found.is_folder)

    # What it is there

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        given = self._given_digest(path) if self._settings.verify == "destination" else None
        return given or digest_read_back(self.read(path), sent)

    def _given_digest(self, path: str) -> Digest | None:
        """Return the digest that the server makes, None where it makes none, or not before the timeout."""
        try:
            with self._http.asked("HEAD", path, headers=WANTED_DIGESTS) as response:
                headers = response.headers if response.is_success else httpx.Headers()
        except (Interrupted, Unavailable):  # one that is gone, or a name that is, is seen in reading back
            return None
        return read_digest([*headers.get_list("Repr-Digest"), *headers.get_list("Digest")])

    def read(self, path: str) -> Iterator[bytes]:
        with self._http.asked("GET", path) as response:
            if response.status_code != httpx.codes.OK:
                raise self._http.failed(response, path)
            yield from response.iter_raw(BLOCK)

    # Names

    def rename(self, source: str, target: str) -> bool:
        """Rename by MOVE with `Overwrite: F`; see the module for what that is worth.

        What had no answer, or an answer that says that it was done in part, is an error: look what is there.
        """
        if self.look(target) is not None:
            return False
        found = self.look(source)
        if found is None:
            raise Interrupted(f"cannot rename {source} at {self._settings.name}: it is not there")
        is_folder = bool(found.is_folder)
        headers = {"Destination": str(self._http.url(target, is_folder=is_folder)), "Overwrite": "F"}
        with self._http.asked("MOVE", source, is_folder=is_folder, headers=headers) as response:
            if response.status_code == httpx.codes.PRECONDITION_FAILED:
                return False
            if response.status_code not in {200, 201, 204}:
                raise self._http.failed(response, source)
        if self.look(target) is None:  # XRootD does not decode names here
            raise self._http.errors.refused(
                f"it has given {source} another name than {target}; use a path without blanks and accents"
            )
        return True

    def remove(self, path: str) -> None:
        found = self.look(path)
        if found is None:
            return
        if found.is_folder and self._deleted(path, is_folder=True) is not None:
            for name in self.names(path):  # XRootD removes only empty ones
                self.remove(f"{path}/{name}")
        failed = self._deleted(path, is_folder=bool(found.is_folder))
        if failed:
            raise failed

    def _deleted(self, path: str, *, is_folder: bool) -> DeliveryError | None:
        """Remove it; return why not, where it is still there."""
        with self._http.asked("DELETE", path, is_folder=is_folder) as response:
            done = response.status_code in {200, 204, 404, 410}
            return None if done else self._http.failed(response, path)


def _outgoing(item: Item, sent: Sent) -> Iterator[bytes]:
    """Give the bytes of a file to send, as many as it had, and tell of each block once it is out.

    Raises:
        Interrupted: it cannot be read.
        SourceDamaged: it has another size by now.

    """
    left = item.size
    with _opened(item.source) as file:
        while block := _next(file, left + 1):
            left -= len(block)
            if left < 0:
                break
            yield block
            sent(len(block))
    if left:
        raise SourceDamaged(f"{item.source} does not have the {item.size} bytes that it had")


def _opened(source: Path) -> FileIO:
    try:
        return FileIO(source)
    except OSError as error:
        raise Interrupted(f"cannot read {source}, the file to send: {error.strerror}") from error


def _next(file: FileIO, most: int) -> bytes:
    try:
        return file.read(min(BLOCK, most))
    except OSError as error:
        raise Interrupted(f"cannot read {file.name}, the file to send: {error.strerror}") from error
