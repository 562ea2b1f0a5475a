"""`rejected.jsonl`, `late.jsonl`: what was set aside, kept whole beside the live plots, with the reason."""

import base64
import hashlib
import logging
import os
from collections import Counter
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
        self._expected: Counter[bytes] = Counter()
        """Lines in the file that will come once more."""
        self._resumed_at = 0

    @property
    def position(self) -> int:
        """The bytes that the file has by now, 0 where there is none: for a checkpoint, to `resume` from.

        Where lines are still to come once more, those that it had at the last checkpoint.
        """
        if self._expected:
            return self._resumed_at
        with suppress(OSError):
            if is_regular(self.path):
                return self.path.stat().st_size
        return 0

    def resume(self, position: int) -> None:
        """Go on from a checkpoint: what the file has beyond it will come again, and is not written twice."""
        self._expected, self._resumed_at = Counter(), position
        for line in islice(self._lines_from(position), MOST_EXPECTED):
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # not ours, or not whole
                self._expected[_WRITTEN.decode(line).key()] += 1

    def _lines_from(self, position: int) -> Iterator[bytes]:
        """Give the lines beyond a position; a file that cannot be read has none."""
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
    ) -> bool:
        """Write down one document, and return whether it was.

        `line` and `offset` say where it began in the source; `size` is its length in bytes where `raw` is
        not all of it. A line that is there since before a restart counts as written.
        """
        if self._expected and self._is_there(_Written(source, line, offset, reason, detail).key()):
            return True
        if self.position >= self._file_limit:
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
        self._expected[key] -= 1
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


def _lines(file: IO[bytes], longest: int) -> Iterator[bytes]:
    """Give the lines of a file; one longer than we write them is not ours, and is passed over."""
    while part := file.readline(longest):
        if part.endswith(b"\n") or len(part) < longest:
            yield part
        else:
            while (rest := file.readline(1 << 16)) and not rest.endswith(b"\n"):
                pass
