"""What runs in a worker: blocks are read, decoded and filled, and what was counted is sent."""

import logging
import socket
import time
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

import runfolio
from runfolio.children.pipe import receive, send
from runfolio.children.serving import serving
from runfolio.errors import InputError, RunfolioError
from runfolio.inputs import never, reader_for
from runfolio.memory import steady_memory
from runfolio.plots import Reducer, load_reducers
from runfolio.plots.identity import identity
from runfolio.plots.shares import Sharing
from runfolio.runs import Run
from runfolio.stream import (
    Batch,
    BrokenOff,
    ColumnReader,
    DocumentReader,
    Place,
    Read,
    Source,
    SpillMark,
    file_source,
    open_sources,
)
from runfolio.workers.blocks import BlockSource
from runfolio.workers.messages import Done, FarBatch, GivenUp, Setup, Step, Task

OTHER_PLOTS = "its plots are not those that these settings name"
MOST_STEPS = 256
MOST_SECONDS = 0.1
"""What was made is sent after so many steps, or so long."""
MOST_MERGING = 1.0
"""Seconds for which batches are put into one share: a slow worker is not to be taken for one that hangs."""
MOST_MERGED = 4 << 20
"""Bytes of arrays in a share, from which on it gets no further batch."""
MOST_GIVEN = 64 << 20
"""Bytes of arrays that a share may hold: more are filled faster than sent."""


class _CannotGoOn(Exception):  # noqa: N818 - no error, but what another process has to hear of
    """Another process has to read the block from here on."""


def serve(descriptor: int) -> None:
    """Read the blocks that the parent asks for, until it is gone."""
    logging.getLogger(runfolio.__name__).setLevel(logging.CRITICAL)  # the parent tells of all that goes wrong
    with serving(descriptor) as pipe:
        found, refusal = tools(receive(pipe))
        send(pipe, refusal)
        with steady_memory():
            while found:
                _answer(pipe, found, receive(pipe))


def _answer(pipe: socket.socket, tools: "Tools", task: Task) -> None:
    for message in answers(tools, task):
        try:
            send(pipe, message)
        except (OSError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001  (words of a histogram may be objects of any kind)
            send(pipe, GivenUp(f"{type(error).__name__}: {error}"))
            return


def tools(setup: Setup) -> tuple["Tools | None", str]:
    """Return what blocks are read and filled with, or why there is nothing."""
    try:
        reducers = load_reducers(setup.plots)
    except RunfolioError as error:
        return None, str(error)
    if identity(reducers) != setup.identity:
        return None, OTHER_PLOTS
    return Tools(setup, reducers), ""


def answers(tools: "Tools", task: Task) -> Iterator[list[Step] | Done | GivenUp]:
    """Give what a task is answered with."""
    try:
        yield from _in_time(_Reading(tools, task).steps())
    except _CannotGoOn:
        yield GivenUp("")
    else:
        yield Done()


def _in_time(steps: Iterator[Step]) -> Iterator[list[Step]]:
    """Put steps together, as many as are made within a while."""
    held: list[Step] = []
    since = time.monotonic()
    for step in steps:
        held.append(step)
        if len(held) >= MOST_STEPS or time.monotonic() - since >= MOST_SECONDS:
            yield held
            held, since = [], time.monotonic()
    if held:
        yield held


class Tools:
    """What blocks are read and filled with."""

    def __init__(self, setup: Setup, reducers: Sequence[Reducer]) -> None:
        self.problems: list[str] = []
        self.reader = reader_for(
            reducers, setup.line_limit, never, self.problems.append, stretch=setup.stretch
        )
        if isinstance(self.reader, ColumnReader):
            self.reader.asked_all = setup.asked_all
        self.sharing = Sharing(reducers)


class _Reading:
    """The reading of one block."""

    def __init__(self, tools: Tools, task: Task) -> None:
        self._task = task
        self._problems = tools.problems
        self._reader = tools.reader
        self._sharing = tools.sharing
        self._held: FarBatch | None = None
        """What is filled, and goes into one share."""
        self._held_to = task.start
        self._held_since = 0.0
        self._position = 0

    def steps(self) -> Iterator[Step]:
        """Give what is in the block.

        Raises:
            _CannotGoOn: it can't be read to its end here.

        """
        self._problems.clear()
        self._reader.restore(self._task.learned)
        self._sharing.share()  # of a block that was not read to its end
        for items, place in self._between_places(self._open()):
            batch = items[0] if len(items) == 1 and isinstance(items[0], Batch) else None
            if self._held and not (batch and self._goes_on(self._held.batch, batch)):
                yield self._hand_over()
            if batch and isinstance(self._reader, DocumentReader) and (self._held or len(batch.data)):
                self._hold(batch, place)
            else:
                yield self._step([self._sent(item, nth) for nth, item in enumerate(items)], place)
        if self._held:
            yield self._hand_over()

    def _open(self) -> Source:
        if self._task.at != self._task.path:
            source = file_source(self._task.path, never, at=self._task.at)
        else:
            try:
                [source] = open_sources([self._task.path], follow=False, stop=never)
            except InputError as error:  # gone since the block was planned: who owns the input tells of that
                raise _CannotGoOn from error
        if self._task.end is None:
            return source
        assert isinstance(self._reader, DocumentReader)
        reader = self._reader
        return BlockSource(source, self._task.end, lambda: reader.within_document)

    def _between_places(self, source: Source) -> Iterator[tuple[list[Read], Place]]:
        """Give what comes between places where one could go on; the last may lie behind the block's end."""
        items: list[Read] = []
        place: Place | None = self._task.start
        for item in self._reader.items(source, self._task.start):
            if isinstance(item, BrokenOff):
                break
            items.append(item)
            place = self._reader.place
            if place is not None:
                self._position = source.position
                yield items, place
                items = []
                if self._task.end is not None and place.offset >= self._task.end:
                    return
        place = self._reader.place
        if place is None or self._problems:
            raise _CannotGoOn
        self._position = source.position
        yield items, place

    def _goes_on(self, held: Batch, batch: Batch) -> bool:
        """Tell whether a batch means to its run what it would mean as a part of what is held.

        Behind data, which alone may begin a run anew, all of one run is late, or none of it.
        """
        return (
            batch.run_number == held.run_number
            and not held.over
            and self._sharing.bytes_given < MOST_MERGED
            and time.monotonic() - self._held_since < MOST_MERGING
        )

    def _hold(self, batch: Batch, place: Place) -> None:
        filled = self._filled(batch, 0)
        if self._held is None:
            self._held, self._held_since = filled, time.monotonic()
        else:
            self._held = _joined(self._held, filled)
        self._held_to = place

    def _hand_over(self) -> Step:
        assert self._held
        held, self._held = self._held, None
        return self._step([self._with_share(held)], self._held_to)

    def _sent(self, item: Read, nth: int) -> Read | FarBatch:
        if not isinstance(item, Batch):
            return item
        filled = self._filled(item, nth)
        return self._with_share(filled) if len(item.data) else filled

    def _filled(self, batch: Batch, nth: int) -> FarBatch:
        """Fill the data of a batch; return what else is to be told of it."""
        if len(batch.data):
            self._sharing.fill(batch.data)
        if self._sharing.bytes_given > MOST_GIVEN:
            raise _CannotGoOn
        far = isinstance(self._reader, DocumentReader)
        rest = replace(batch, data=(), marks=_outermost(batch.marks), lines=() if far else batch.lines)
        return FarBatch(rest, len(batch.lines) if far else 0, nth, 1)

    def _with_share(self, filled: FarBatch) -> FarBatch:
        return filled._replace(batch=replace(filled.batch, data=self._sharing.share()))

    def _step(self, items: Sequence[Read | FarBatch], place: Place) -> Step:
        return Step(items, place, self._position, self._reader.state())


def _joined(first: FarBatch, then: FarBatch) -> FarBatch:
    one, other = first.batch, then.batch
    batch = replace(
        one,
        marks=_outermost([*one.marks, *other.marks]),
        ends=one.ends + other.ends,
        markers=one.markers + other.markers,
        passed_over=one.passed_over + other.passed_over,
        over=other.over,
    )
    return first._replace(batch=batch, lines=first.lines + then.lines, batches=first.batches + then.batches)


def _outermost(marks: Sequence[SpillMark]) -> list[SpillMark]:
    """Return those of which a run keeps one."""
    run = Run(0, 0.0)
    for mark in marks:
        run.see(mark)
    kept = (run.first_spill, run.last_spill, run.last_dated_spill)
    return list(dict.fromkeys(each for each in kept if each is not None))
