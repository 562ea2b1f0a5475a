"""Places: where the reading of a source could go on, by what was given and what is still held back."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

Piece = TypeVar("Piece")


class Place(msgspec.Struct, frozen=True):
    """Where reading goes on: all before it has been given, and nothing after it."""

    offset: int
    """Bytes of the (decompressed) source before it; of a file of columns, rows."""
    line: int
    """The number of the line, or row, that begins there."""


BEGINNING = Place(0, 1)


class HandedOn:
    """What a stage gives piece by piece, though it all came of the same lines.

    Reading can go on only behind the last piece. So that this one is known, each is made before the one
    ahead of it is given.
    """

    def __init__(self) -> None:
        self.more = False
        """Whether pieces are still to come; for good where they were not asked for."""
        self.several = False
        """Whether the piece given last is one of several."""
        self.then: Place | None = None
        """Behind the last piece: where that begins which the stage has taken beyond them already."""

    def pieces(self, pieces: Iterable[Piece], then: Place | None = None) -> Iterator[Piece]:
        """Give the pieces; `then` is where that begins which was taken beyond them."""
        ahead: Piece | None = None
        for piece in pieces:
            if ahead is not None:
                self.more = self.several = True
                yield ahead
            ahead = piece
        self.more = False
        if ahead is not None:
            self.then = then
            yield ahead
        self.several, self.then = False, None


class Cursor:
    """Follows the reading of one source; each stage says what it holds, which costs nothing for most lines.

    Args:
        start: where the reading begins.

    """

    def __init__(self, start: Place = BEGINNING) -> None:
        self.start = start
        self.next: Callable[[], Place] = lambda: start
        """Where the first line, or row, begins that was not taken from the source."""
        self.unfinished: Callable[[], Place | None] = lambda: None
        """Where the document begins of which only some lines have come."""
        self.documents = HandedOn()
        self.batches = HandedOn()
        self.broken_off = False
        """Whether the source could not be read on. Nothing is behind that: read anew, it breaks off again."""

    @property
    def ahead(self) -> bool:
        """Whether a document behind the place has been made already."""
        return self.batches.then is not None

    @property
    def place(self) -> Place | None:
        """Where reading could go on after all that was given; None as long as some of its lines is not."""
        if self.broken_off or self.batches.more:
            return None
        if self.batches.then is not None:
            return None if self.documents.several else self.batches.then
        if self.documents.more:
            return None
        return self.documents.then or self.unfinished() or self.next()
