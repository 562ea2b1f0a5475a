"""Batches: data of one run, as the next stages take them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from runfolio.stream.documents import BrokenOff, Document, Kind, Part, Refused, SpillMark
from runfolio.stream.lines import Line
from runfolio.stream.places import Cursor

BATCH_SPILLS = 96
"""A batch ends after so many: larger ones gained nothing, smaller ones cost a third more time in filling. Of
three documents two hold no data: they mark the beginning and the end of a burst."""
STRETCH = 8 << 20
"""No batch goes beyond a multiple of so many bytes of its source, whatever came before: so one is known
to begin there without reading what is before it."""


class Stopped(Exception):  # noqa: N818 - no error, but how a request to stop gets past a line half read
    """The reading was stopped on request: what has come of an unfinished line or document is dropped."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Data of one run that came together, and the moments marked among them."""

    run_number: int
    source: str
    data: Any
    """What reducers make columns of; it has a length, and slices."""
    marks: Sequence[SpillMark] = ()
    """Of the data, at least of the first and last."""
    lines: Sequence[Line]
    """Where all but markers stand; of columns, only where the rows begin."""
    ends: int = 0
    """Documents that say that the run is over, and hold no data."""
    markers: int = 0
    passed_over: int = 0
    over: bool = False
    """Whether the run is over after this."""

    @property
    def received(self) -> int:
        return len(self.data) + self.ends + self.markers + self.passed_over

    def refused(self, reason: str, detail: str) -> Iterator[Refused]:
        """Give all but the markers as things that can't be used."""
        rows = len(self.data) + self.passed_over
        for line in self.lines:
            yield Refused(line, reason, detail, self.run_number, rows // len(self.lines))


Item = Document | Refused | None
"""What comes of lines; None is a moment at which nothing more is there."""

Read = Batch | BrokenOff | Item
"""What comes of a source."""


def received(item: Read) -> int:
    """Return how many documents an item stands for."""
    match item:
        case Batch():
            return item.received
        case Refused():
            return item.rows
        case BrokenOff() | None:
            return 0
        case _:
            return 1


def bodies(documents: Sequence[Document]) -> Any:
    """Return documents' bodies as the data of a batch."""
    return [document.body for document in documents]


def own_marks(documents: Sequence[Document]) -> Sequence[SpillMark]:
    """Return the marks that documents carry."""
    return [each.mark for each in documents if each.mark]


@dataclass(frozen=True)
class Batching:
    """How documents are put together."""

    most: int = BATCH_SPILLS
    """Documents that are put together at a time."""
    data: Callable[[Sequence[Document]], Any] = bodies
    marks: Callable[[Sequence[Document]], Sequence[SpillMark]] = own_marks
    by_run: bool = False
    """Whether those of one run are put together also where others stand between them."""
    stretch: int = STRETCH
    """Bytes of a source at whose multiples batches end."""


SPILLS = Batching()

OF_DATA = (Part.DATA, Part.LAST)


def in_batches(
    documents: Iterable[Item], how: Batching = SPILLS, cursor: Cursor | None = None
) -> Iterator[Batch | Item]:
    """Put consecutive spills together, of one run each; hand them on when nothing more is there for now.

    Data do not follow others in a batch: they may begin a run anew, which what came before them does not.
    """
    hand_on = (cursor or Cursor()).batches.pieces
    held: list[Document] = []
    for document in _until_stopped(documents):
        spill = document if isinstance(document, Document) and document.kind is Kind.SPILL else None
        if held and (spill is None or not _goes_with(spill, held[0], how)):
            yield from hand_on(_batches(held, how), document.line.place if document else None)
            held = []
        if spill is None:
            yield document
            continue
        held.append(spill)
        ends = not how.by_run and spill.part in (Part.END, Part.LAST)
        if len(held) >= how.most or ends:
            yield from hand_on(_batches(held, how))
            held = []
    if held:
        yield from hand_on(_batches(held, how))


def _goes_with(spill: Document, first: Document, how: Batching) -> bool:
    if spill.line.offset // how.stretch != first.line.offset // how.stretch:
        return False
    alike = spill.run_number == first.run_number and (first.part in OF_DATA or spill.part not in OF_DATA)
    return how.by_run or alike


def _batches(documents: Sequence[Document], how: Batching) -> Iterator[Batch]:
    """Give a batch for each run, up to its end, in the order in which they begin."""
    if not how.by_run:
        yield _batch(documents, how)
        return
    parts: list[list[Document]] = []
    going_on: dict[int | None, list[Document]] = {}
    for document in documents:
        part = going_on.get(document.run_number)
        if part is None:
            part = going_on[document.run_number] = []
            parts.append(part)
        part.append(document)
        if document.part in (Part.END, Part.LAST):
            del going_on[document.run_number]
    for part in parts:
        yield _batch(part, how)


def _until_stopped(documents: Iterable[Item]) -> Iterator[Item]:
    with suppress(Stopped):
        yield from documents


def _batch(documents: Sequence[Document], how: Batching) -> Batch:
    number = documents[0].run_number
    assert number is not None  # a spill always has one
    of_data = [each for each in documents if each.part in OF_DATA]
    parts = [each.part for each in documents]
    return Batch(
        run_number=number,
        source=documents[0].line.source,
        data=how.data(of_data),
        marks=how.marks(of_data),
        lines=[each.line for each in documents if each.part not in (Part.END, Part.MARKER)],
        ends=parts.count(Part.END),
        markers=parts.count(Part.MARKER),
        passed_over=parts.count(Part.OTHER),
        over=parts[-1] in (Part.END, Part.LAST),
    )
