"""`rejected.jsonl`, `late.jsonl`: what was set aside, kept whole beside the live plots, with the reason."""

import base64
import hashlib
import logging
import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from runfolio.clock import Clock, SystemClock, utc_text
from runfolio.errors import FolderError
from runfolio.folder import _json, durable
from runfolio.folder._files import is_regular, open_regular
from runfolio.folder.names import REJECTED

logger = logging.getLogger(__name__)

RAW_LIMIT = 16 * 1024 * 1024
"""Bytes of a document that are kept; whoever sends a longer one has the rest."""

FILE_LIMIT = 4 << 30
"""Bytes of the file: a compressed megabyte can hold so many bad lines that they fill any disk."""

MOST_EXPECTED = 1_000_000
"""Lines that are known again after a restart, so that memory is bounded; more would be written twice."""


class _Written(msgspec.Struct):
    """What tells a line that was written from another."""

    source: str
    line: int | None
    offset: int | None
    reason: str
    detail: str

    def key(self) -> bytes:
        """Return a digest of what is in the file, where half a surrogate pair is written as text."""
        return hashlib.blake2b(_json.line(msgspec.structs.astuple(self)), digest_size=16).digest()


_WRITTEN = msgspec.json.Decoder(_Written)


class SetAside:
    """Appends one line of JSON for each document that was set aside.

    A line is written whole or not at all, and what cannot be written stops nothing: it is counted.

    Args:
        directory: the live directory.
        name: `rejected.jsonl`, or `late.jsonl` for what came for runs that were sealed by then.

    """

    def __init__(
        self,
        directory: Path,
        name: str = REJECTED,
        *,
        clock: Clock | None = None,
        raw_limit: int = RAW_LIMIT,
        file_limit: int = FILE_LIMIT,
    ) -> None:
        self.path = directory / name
        self.lost = 0
        """Lines that could not be written."""
        self._clock = clock or SystemClock()
        self._raw_limit = raw_limit
        self._file_limit = file_limit
        self._logged: set[str] = set()
        self._expected: dict[bytes, deque[int]] = {}
        """Where in the file lines begin that will come once more."""

    @property
    def position(self) -> int:
        """Where to `resume` from after a checkpoint that is made now.

        That is the end of the file, 0 where there is none; while lines of before a restart are still to come
        once more, it is the first of these, since it may be started again before they do.
        """
        return min((places[0] for places in self._expected.values()), default=self._size)

    @property
    def _size(self) -> int:
        with suppress(OSError):
            if is_regular(self.path):
                return self.path.stat().st_size
        return 0

    def resume(self, position: int) -> None:
        """Go on from a checkpoint: what the file has beyond it will come again, and is not written twice."""
        self._expected = {}
        for place, line in islice(self._lines_from(position), MOST_EXPECTED):
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # not ours, or not whole
                self._expected.setdefault(_WRITTEN.decode(line).key(), deque()).append(place)

    def _lines_from(self, position: int) -> Iterator[tuple[int, bytes]]:
        """Give the lines beyond a position, and where each begins; a file that cannot be read has none."""
        with suppress(OSError):
            descriptor = open_regular(self.path)
            if descriptor is None:
                return
            with os.fdopen(descriptor, "rb") as file:
                file.seek(position)
                yield from _lines(file, longest=8 * self._raw_limit + (1 << 20))

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
        revision: int | None = None,
    ) -> bool:
        """Write down one document, and return whether it was.

        `line` and `offset` say where it began in the source; `size` is its length in bytes where `raw` is
        not all of it; `revision`, that of the folder that it came too late for. A line that is there since
        before a restart counts as written.
        """
        if self._expected and self._is_there(_Written(source, line, offset, reason, detail).key()):
            return True
        if self._size >= self._file_limit:
            self._lose(
                f"{self.path} has {self._file_limit:,} bytes, and takes no more until it is moved away"
            )
            return False
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
            **({} if revision is None else {"revision": revision}),
            "bytes": size,
            **_as_text(kept, cut=len(kept) < size),
        }
        try:
            durable.ensure_directory(self.path.parent)
            durable.append_line(self.path, _json.line(entry))
        except FolderError as error:
            self._lose(str(error))
            return False
        return True

    def _is_there(self, key: bytes) -> bool:
        """Tell whether the file has a line already; each of several that are alike is told of once."""
        if key not in self._expected:
            return False
        self._expected[key].popleft()
        if not self._expected[key]:
            del self._expected[key]
        return True

    def _lose(self, problem: str) -> None:
        self.lost += 1
        if problem not in self._logged:
            self._logged.add(problem)
            logger.warning("a document that was set aside is not kept: %s", problem)


def _as_text(raw: bytes, *, cut: bool) -> dict[str, object]:
    """Return the document as text where it is UTF-8, less a character that was cut in two; else as base64."""
    said: dict[str, object] = {"truncated": True} if cut else {}
    try:
        return {**said, "raw": raw.decode()}
    except UnicodeDecodeError as error:
        if cut and error.reason == "unexpected end of data":
            return {**said, "raw": raw[: error.start].decode()}
    return {**said, "raw_base64": base64.b64encode(raw).decode("ascii")}


def _lines(file: IO[bytes], longest: int) -> Iterator[tuple[int, bytes]]:
    """Give the lines of a file, and where each begins; one longer than any of ours is passed over."""
    place = file.tell()
    while part := file.readline(longest):
        if part.endswith(b"\n") or len(part) < longest:
            yield place, part
        else:
            while (rest := file.readline(1 << 16)) and not rest.endswith(b"\n"):
                pass
        place = file.tell()
