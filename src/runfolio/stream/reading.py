"""Lines to documents, also those that are written over several lines."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from runfolio.errors import DocumentError
from runfolio.stream.batches import Item
from runfolio.stream.decoding import CUT_OFF, STRINGS
from runfolio.stream.documents import Document, Refused
from runfolio.stream.lines import Line
from runfolio.stream.places import Cursor, Place

GROUP_LINES = 1 << 20
"""Of one document: each line costs some hundred bytes beside its own."""

GOES_ON = re.compile(rb'[ \t}\]]|"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*:')
"""How a line begins that is not the first of its document: indented, with a bracket, or with a key."""

WANTS_VALUE = (b"[", b",", b":")
"""How a line ends where a value has to follow."""


class LineDecoder(Protocol):
    """Makes documents of lines."""

    def decode(self, line: Line) -> Document:
        """Return a line's document.

        Raises:
            DocumentError: it is none, and has to be set aside.

        """
        ...

    def run_number(self, line: Line) -> int | None:
        """Return the run that a line which could not be decoded speaks of, None where it can't be told."""
        ...


def read_documents(
    lines: Iterable[Line | None],
    decoder: LineDecoder,
    limit: int,
    cursor: Cursor | None = None,
    *,
    unindented: bool = True,
) -> Iterator[Item]:
    """Decode each line; a document written over several lines is put together first.

    Such a document begins with a line that ends too early; the lines up to its closing bracket
    belong to it. A line cut off by accident is told from that by a later one that begins a
    document of its own at its first column. Where lines are not indented, an object within a
    document begins there too; with `unindented`, that is tried first.
    """
    cursor = cursor or Cursor()
    hand_on = cursor.documents.pieces
    group = _Group(decoder, limit, unindented=unindented)
    cursor.unfinished = group.place
    for line in lines:
        if line is None:
            yield None
        elif group.begun and group.takes(line):
            if group.add(line):
                yield from hand_on(group.close())
        else:
            if group.begun:
                yield from hand_on(group.give_up(), line.place)
            document = decoded(line, decoder)
            if (
                isinstance(document, Refused)
                and document.reason == CUT_OFF
                and line.data.lstrip().startswith(b"{")
            ):
                if group.add(line):
                    yield from hand_on(group.close())
            else:
                yield document
    yield from hand_on(group.give_up())


class _Group:
    """The lines of a document that was begun and is not yet closed."""

    def __init__(self, decoder: LineDecoder, limit: int, *, unindented: bool) -> None:
        self._decoder = decoder
        self._limit = limit
        self._unindented = unindented
        self._clear()

    @property
    def begun(self) -> bool:
        return bool(self._lines)

    def place(self) -> Place | None:
        """Return where it begins, None where it is not begun."""
        return self._lines[0].place if self._lines else None

    def takes(self, line: Line) -> bool:
        return (
            len(self._lines) < GROUP_LINES
            and (not line.data.startswith(b"{") or self._goes_on_unindented())
            and self._length + line.length <= self._limit
        )

    def _goes_on_unindented(self) -> bool:
        """Tell whether an object at the first column may be one within the document."""
        return (
            self._unindented
            and not any(line.data[:1].isspace() for line in self._lines[1:2])
            and self._lines[-1].data.rstrip().endswith(WANTS_VALUE)
        )

    def add(self, line: Line) -> bool:
        """Take a line; return whether the document is closed by it."""
        self._objects += line.data.startswith(b"{")
        self._lines.append(line)
        self._length += line.length + 1
        self._depth += _depth(line.data)
        return self._depth <= 0

    def close(self) -> Iterator[Item]:
        """Give the document, or where its lines make none, what they stand for."""
        document = decoded(_joined(self._lines), self._decoder)
        if isinstance(document, Refused) and document.reason in ("not_json", CUT_OFF):
            yield from self.give_up()
            return
        self._clear()
        yield document

    def give_up(self) -> Iterator[Item]:
        """They make no document: each line stands for itself, but for those that only go on with one."""
        lines, objects = self._lines, self._objects
        self._clear()
        if objects > 1:
            yield from read_documents(lines, self._decoder, self._limit, unindented=False)
            return
        refused: Refused | None = None
        parts: list[Line] = []
        for line in lines:
            found = decoded(line, self._decoder)
            if refused is not None and isinstance(found, Refused) and GOES_ON.match(line.data):
                parts.append(line)
                continue
            if refused is not None:
                yield _set_aside_whole(refused, parts)
            refused, parts = (found, [line]) if isinstance(found, Refused) else (None, [])
            if refused is None:
                yield found
        if refused is not None:
            yield _set_aside_whole(refused, parts)

    def _clear(self) -> None:
        self._lines: list[Line] = []
        self._objects = 0
        """Lines that begin with an object."""
        self._length = 0
        self._depth = 0


def _joined(lines: list[Line]) -> Line:
    first = lines[0]
    data = b"\n".join(line.data for line in lines)
    return Line(first.source, first.number, first.offset, data, len(data))


def _set_aside_whole(refused: Refused, lines: list[Line]) -> Refused:
    line = refused.line if len(lines) == 1 else _joined(lines)
    return Refused(line, refused.reason, refused.detail, refused.run_number)


def decoded(line: Line, decoder: LineDecoder) -> Document | Refused:
    """Return the document of a line, or that it has to be set aside."""
    try:
        return decoder.decode(line)
    except DocumentError as error:
        return Refused(line, error.reason, error.detail, decoder.run_number(line))


def _depth(data: bytes) -> int:
    """Return how many brackets a line opens more than it closes, outside of strings."""
    bare = STRINGS.sub(b"", data)
    return sum(bare.count(c) for c in (b"{", b"[")) - sum(bare.count(c) for c in (b"}", b"]"))
