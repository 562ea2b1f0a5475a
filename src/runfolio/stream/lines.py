"""Lines: the bytes of a source cut at newlines, each with its place, none longer than a limit."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from runfolio.stream.places import Cursor, Place

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors put it before UTF-8; only at the very beginning of a source it means nothing."""

KEPT_OF_LONG_LINE = 65536
"""Of a line beyond the limit only so many bytes are kept, to show what it was."""

RUN = 64
"""So many newlines on end are passed over at once: a few compressed bytes can stand for 10^9 of them."""
NEWLINES = b"\n" * RUN
RUNS = re.compile(rb"(\n{%d,})" % RUN)


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line without its newline, and where it stands."""

    source: str
    number: int
    """From 1, the first of several lines for a document that was written over several."""
    offset: int
    """Bytes before it in the (decompressed) source."""
    data: bytes
    length: int
    """Its true length in bytes: more than `data` holds where the line was beyond the limit."""

    @property
    def complete(self) -> bool:
        return self.length == len(self.data)

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.offset, self.number)


def split_lines(
    source: str, chunks: Iterable[bytes | None], limit: int, cursor: Cursor | None = None
) -> Iterator[Line | None]:
    """Cut chunks into lines; blank lines are passed over.

    None in, which says that nothing more is there for now, gives None out. Of a line longer than
    `limit` bytes only the beginning is held, so that memory stays bounded.
    The chunks are those from the place on where `cursor` starts.
    """
    cursor = cursor or Cursor()
    pending = _Pending(source, limit, cursor.start)
    cursor.next = pending.place
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        for piece in RUNS.split(chunk) if NEWLINES in chunk else (chunk,):
            empty = len(piece) - 1 if piece.startswith(NEWLINES) else 0
            *whole, rest = piece[empty:].split(b"\n")
            for part in whole:
                pending.add(part)
                if line := pending.end(newline=1):
                    yield line
            pending.pass_over(empty)
            pending.add(rest)
    if line := pending.end(newline=0):
        yield line


class _Pending:
    """The line that is being put together."""

    def __init__(self, source: str, limit: int, start: Place) -> None:
        self._source = source
        self._limit = limit
        self._number = start.line
        self._offset = start.offset
        self._parts: list[bytes] = []
        self._length = 0

    def place(self) -> Place:
        """Return where it begins."""
        return Place(self._offset, self._number)

    def add(self, part: bytes) -> None:
        if not part:
            return
        before, self._length = self._length, self._length + len(part)
        if self._length <= self._limit:
            self._parts.append(part)
        elif before <= self._limit:
            kept = min(KEPT_OF_LONG_LINE, self._limit)
            self._parts = [b"".join((*self._parts, part))[:kept]]

    def pass_over(self, lines: int) -> None:
        """Pass over empty lines; none is begun."""
        self._offset += lines
        self._number += lines

    def end(self, newline: int) -> Line | None:
        line = None
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self._offset == 0 and data.startswith(BYTE_ORDER_MARK):
            data = data[len(BYTE_ORDER_MARK) :]
            self._offset, self._length = len(BYTE_ORDER_MARK), self._length - len(BYTE_ORDER_MARK)
        if self._length > len(data) or (data and not data.isspace()):
            line = Line(self._source, self._number, self._offset, data, self._length)
        self._offset += self._length + newline
        self._number += newline
        self._parts, self._length = [], 0
        return line
