"""`rejected.jsonl`: what was not accepted, kept whole beside the live plots, with the reason."""

import base64
import logging
import os
import stat
from pathlib import Path

from runfolio.clock import Clock, SystemClock, utc_text
from runfolio.errors import FolderError
from runfolio.folder import _json, durable
from runfolio.folder._files import told
from runfolio.folder.names import REJECTED

logger = logging.getLogger(__name__)

RAW_LIMIT = 16 * 1024 * 1024
"""Bytes of a document that are kept; whoever sends a longer one has the rest."""


class SetAside:
    """Appends one line of JSON for each document that was set aside.

    A line is written whole or not at all, and what cannot be written stops nothing: it is counted.
    """

    def __init__(
        self, directory: Path, name: str = REJECTED, *, clock: Clock | None = None, raw_limit: int = RAW_LIMIT
    ) -> None:
        self.path = directory / name
        self.lost = 0
        """Lines that could not be written."""
        self._clock = clock or SystemClock()
        self._raw_limit = raw_limit
        self._logged: set[str] = set()

    position = 0

    def resume(self, position: int) -> None:
        pass

    def append(
        self,
        *,
        source: str,
        line: int | None,
        offset: int | None,
        reason: str,
        detail: str,
        raw: bytes,
        size: int | None = None,
        run_number: int | None = None,
    ) -> bool:
        """Write down one document, and return whether it was.

        `line` and `offset` say where it began in the source; `size` is its length in bytes where `raw` is
        not all of it.
        """
        kept = raw[: self._raw_limit]
        size = len(raw) if size is None else size
        entry = {
            "at": utc_text(self._clock.now()),
            "source": source,
            "line": line,
            "offset": offset,
            "reason": reason,
            "detail": detail,
            "run_number": run_number,
            "bytes": size,
            **_as_text(kept, cut=len(kept) < size),
        }
        try:
            durable.ensure_directory(self.path.parent)
            _append(self.path, _json.line(entry))
        except FolderError as error:
            self._lose(str(error))
            return False
        return True

    def _lose(self, problem: str) -> None:
        self.lost += 1
        if problem not in self._logged:
            self._logged.add(problem)
            logger.warning("a rejected document is not kept: %s", problem)


def _as_text(raw: bytes, *, cut: bool) -> dict[str, object]:
    """Return the document as text where it is UTF-8, less a character that was cut in two; else as base64."""
    said: dict[str, object] = {"truncated": True} if cut else {}
    try:
        return {**said, "raw": raw.decode()}
    except UnicodeDecodeError as error:
        if cut and error.reason == "unexpected end of data":
            return {**said, "raw": raw[: error.start].decode()}
    return {**said, "raw_base64": base64.b64encode(raw).decode("ascii")}


def _append(path: Path, line: bytes) -> None:
    """Append a line by one write, and take it back if the disk took only part of it."""
    with told("append to", path):
        # O_NONBLOCK: a FIFO that has this name must not hold up the run.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o666)
        try:
            _append_whole(descriptor, path, line)
        finally:
            os.close(descriptor)


def _append_whole(descriptor: int, path: Path, line: bytes) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise FolderError(f"cannot append to {path}: it is no regular file")
    if status.st_size and os.pread(descriptor, 1, status.st_size - 1) != b"\n":
        line = b"\n" + line  # a process that was killed while it wrote left half a line
    if os.write(descriptor, line) < len(line):
        os.ftruncate(descriptor, status.st_size)
        raise FolderError(f"cannot append to {path}: the disk is full")
