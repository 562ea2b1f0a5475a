"""Batches: consecutive data of one run, as the next stages take them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from runfolio.stream.documents import Document, Kind, Part, Refused, SpillMark
from runfolio.stream.lines import Line

BATCH_SPILLS = 32
BATCH_BYTES = 8 << 20
"""A batch ends at either; larger ones gained nothing, smaller ones cost a third more time in filling."""


class Stopped(Exception):  # noqa: N818 - no error, but how a request to stop gets past a line half read
    """The reading was stopped on request: what has come of an unfinished line or document is dropped."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive data of one run, and the moments marked among them."""

    run_number: int
    source: str
    data: Any
    """What reducers make columns of; it has a length, and slices."""
    marks: Sequence[SpillMark] = ()
    """Of the data, at least of the first and last by number."""
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
"""None is a moment at which nothing more is there."""


def bodies(documents: Sequence[Document]) -> Any:
    """Return documents' bodies as the data of a batch."""
    return [document.body for document in documents]


def in_batches(
    documents: Iterable[Item],
    *,
    most: int = BATCH_SPILLS,
    data: Callable[[Sequence[Document]], Any] = bodies,
) -> Iterator[Batch | Item]:
    """Put consecutive spills of one run together; hand them on when nothing more is there for now.

    Args:
        documents: the stream.
        most: documents in a batch.
        data: makes the data of a batch from its documents.

    """
    batch: list[Document] = []
    size = 0
    for document in _until_stopped(documents):
        spill = document if isinstance(document, Document) and document.kind is Kind.SPILL else None
        if batch and (spill is None or spill.run_number != batch[0].run_number):
            yield _batch(batch, data)
            batch, size = [], 0
        if spill is None:
            yield document
            continue
        batch.append(spill)
        size += spill.line.length
        if len(batch) >= most or size >= BATCH_BYTES or spill.part in (Part.END, Part.LAST):
            yield _batch(batch, data)
            batch, size = [], 0
    if batch:
        yield _batch(batch, data)


def _until_stopped(documents: Iterable[Item]) -> Iterator[Item]:
    with suppress(Stopped):
        yield from documents


def _batch(documents: Sequence[Document], data: Callable[[Sequence[Document]], Any]) -> Batch:
    number = documents[0].run_number
    assert number is not None  # a spill always has one
    of_data = [each for each in documents if each.part in (Part.DATA, Part.LAST)]
    parts = [each.part for each in documents]
    return Batch(
        run_number=number,
        source=documents[0].line.source,
        data=data(of_data),
        marks=[each.mark for each in of_data if each.mark],
        lines=[each.line for each in documents if each.part not in (Part.END, Part.MARKER)],
        ends=parts.count(Part.END),
        markers=parts.count(Part.MARKER),
        passed_over=parts.count(Part.OTHER),
        over=parts[-1] in (Part.END, Part.LAST),
    )
