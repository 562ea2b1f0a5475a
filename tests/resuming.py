"""Words for tests of places: what a reader gives, undisturbed, and begun anew at each place it told of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import msgspec
import numpy as np
import pytest
from msgspec import Struct

from odd_streams import LIMIT
from runfolio.stream import (
    Batch,
    Batching,
    ColumnReader,
    Decoder,
    Document,
    DocumentReader,
    Keys,
    Place,
    Read,
    Reader,
    RecordDecoder,
    Rows,
    Source,
    Stop,
    readers,
)

Problem = Callable[[str], None]
MakeReader = Callable[[Problem], Reader]
KEYS = Keys(run="run", number="n", end="last")


class Reads(Struct):
    recon_events: list[Any] | None = None


def never() -> bool:
    return False


def documents(problem: Problem, most: int = 3, stop: Stop = never) -> Reader:
    return DocumentReader(Decoder([Reads]), LIMIT, stop, problem, Batching(most))


class Event(Struct):
    run: int
    x: float | None = None


def records(problem: Problem, most: int = 4) -> Reader:
    decoder = RecordDecoder(KEYS, [Event])
    return DocumentReader(decoder, LIMIT, never, problem, Batching(most, marks=decoder.marks, by_run=True))


def columns(problem: Problem, most: int = 4) -> Reader:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH_ROWS", most)
        return ColumnReader(KEYS, None, LIMIT, never, problem)


@dataclass
class Pieces:
    """A source of pieces; None is a moment at which nothing more is there."""

    pieces: Sequence[bytes | None]
    live: bool = False
    name: str = "spills.json"
    size: int | None = None
    position: int = 0

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        ends = accumulate(len(piece or b"") for piece in self.pieces)
        for piece, end in zip(self.pieces, ends, strict=True):
            if end >= start:
                yield piece if piece is None else piece[max(0, len(piece) - (end - start)) :]


def cut(data: bytes, cuts: Sequence[int], *, pauses: bool = False) -> list[bytes | None]:
    """Return data in pieces that end at cuts, perhaps with pauses between them."""
    borders = sorted({0, len(data), *(each % (len(data) + 1) for each in cuts)})
    pieces = [data[start:stop] for start, stop in pairwise(borders)]
    return [each for piece in pieces for each in (piece, *[None] * pauses)]


@dataclass
class Given:
    """What came of a source."""

    items: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    moments: list[tuple[int, int, Place, bytes]] = field(default_factory=list)
    """Items and problems so far, and the place and the reader's state after them."""
    state: Any = None

    @property
    def places(self) -> list[Place | None]:
        """The place after each item."""
        told = {count: place for count, _, place, _ in self.moments}
        return [told.get(count) for count in range(1, len(self.items) + 1)]


def given_by(make: MakeReader, source: Source, moment: tuple[int, int, Place, bytes] | None = None) -> Given:
    """Read a source to its end, from the beginning or from a moment of an earlier reading on."""
    given = Given()
    reader = make(given.problems.append)
    if moment:
        reader.restore(msgspec.msgpack.decode(moment[3]))
    for item in reader.items(source, *([moment[2]] if moment else [])):
        if item is not None:
            given.items.append(plain(item))
        _note(given, reader)
    _note(given, reader)
    given.state = reader.state()
    return given


def _note(given: Given, reader: Reader) -> None:
    if reader.place is not None:
        state = msgspec.msgpack.encode(reader.state())
        given.moments.append((len(given.items), len(given.problems), reader.place, state))


def assert_goes_on(make: MakeReader, source: Callable[[], Source]) -> Given:
    """Begin anew at each place: what comes is what was left; return what the undisturbed reading gave."""
    given = given_by(make, source())
    for moment in given.moments:
        rest = given_by(make, source(), moment)
        items, problems, *_ = moment
        assert rest.items == given.items[items:]
        assert rest.problems == given.problems[problems:]
        assert rest.state == given.state
    return given


def plain(item: Read) -> Any:
    """Return all that an item says, as what compares by its values; of rows, the columns that are wanted."""
    match item:
        case Batch():
            said = {name: getattr(item, name) for name in Batch.__struct_fields__}
            return {**said, "marks": list(item.marks), "data": _data(item.data)}
        case Document():
            return (item.kind, item.run_number, msgspec.to_builtins(item.body), item.line, item.part)
        case _:
            return item


def _data(data: Any) -> Any:
    if not isinstance(data, Rows):
        return msgspec.to_builtins(data)
    found = {name: _column(data, name) for name in ("x", "hits")}
    if "3" in found["x"][1]:  # what a function asks for may depend on the data
        found |= {name: _column(data, name) for name in ("word", "hits.energy", "nowhere")}
    return found


def _column(rows: Rows, name: str) -> tuple[str, str]:
    try:
        column = rows[name]
    except (AttributeError, msgspec.ValidationError) as error:
        return "none", str(error)
    kind = column.dtype.str if isinstance(column, np.ndarray) else str(ak.type(column))
    return kind, repr(column.tolist())
