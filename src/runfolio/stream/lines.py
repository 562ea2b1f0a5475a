"""Lines: the bytes of a source cut at newlines, each with its place, none longer than a limit."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from runfolio.stream.places import Cursor, Place

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors put it before UTF-8; only at the very beginning of a source it means nothing."""

KEPT_OF_LONG_LINE = 65536
"""Of a line beyond the limit only so many bytes are kept, to show what it was."""

NEWLINES = re.compile(rb"\n+")


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
        else:
            yield from pending.lines(chunk)
    if line := pending.end(newline=0):
        yield line


class _Pending:
    """The line that is being put together."""

    def __init__(self, source: str, limit: int, start: Place) -> None:
        self._source = source
        self._limit = limit
        self._number = start.line
        self._offset = start.offset
        self._parts: list[bytes | memoryview] = []
        self._length = 0

    def place(self) -> Place:
        """Return where it begins."""
        return Place(self._offset, self._number)

    def lines(self, chunk: bytes) -> Iterator[Line]:
        """Give the lines that end in a chunk, and hold what is left of it.

        Each is looked for by itself and copied once: to look for all of them first takes far longer for
        lines of a MB.
        """
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            if self._length or end - start > self._limit:
                self._hold(memoryview(chunk)[start:end])
                line = self.end(newline=1)
            elif end > start:
                line = self._line(chunk[start:end], end - start, newline=1)
            else:
                start = self._pass_over(chunk, start)
                continue
            start = end + 1
            if line:
                yield line
        if start < len(chunk):
            self._hold(memoryview(chunk)[start:] if start else chunk)

    def end(self, newline: int) -> Line | None:
        """Return the line that was held, None where it is blank."""
        data, length = b"".join(self._parts), self._length
        self._parts, self._length = [], 0
        return self._line(data, length, newline)

    def _line(self, data: bytes, length: int, newline: int) -> Line | None:
        if not self._offset and data.startswith(BYTE_ORDER_MARK):
            data = data[len(BYTE_ORDER_MARK) :]
            self._offset, length = len(BYTE_ORDER_MARK), length - len(BYTE_ORDER_MARK)
        line = None
        if length > len(data) or (data and not data.isspace()):
            line = Line(self._source, self._number, self._offset, data, length)
        self._offset += length + newline
        self._number += newline
        return line

    def _hold(self, part: bytes | memoryview) -> None:
        before, self._length = self._length, self._length + len(part)
        if self._length <= self._limit:
            self._parts.append(part)
        elif before <= self._limit:
            kept = min(KEPT_OF_LONG_LINE, self._limit)
            self._parts = [b"".join((*self._parts, part))[:kept]]

    def _pass_over(self, chunk: bytes, start: int) -> int:
        """Pass over the newlines that begin here; return where they end.

        All at once, since a few compressed bytes can stand for 10^9 of them.
        """
        end = NEWLINES.match(chunk, start).end()  # type: ignore[union-attr]  # there is one at least
        self._offset += end - start
        self._number += end - start
        return end
