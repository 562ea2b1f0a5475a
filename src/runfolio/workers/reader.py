"""A reader that has workers: to the next stage it is as one that reads alone.

What a worker began is right where the one before it has ended just there, knowing the same. Where it has not,
as within a document of several lines, this process reads by itself up to where a block begins again.
"""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from typing import Any

from msgspec.structs import replace

from runfolio.inputs import never, reader_for
from runfolio.plots import Reducer
from runfolio.plots.identity import identity
from runfolio.profiling import Stage, stage
from runfolio.resuming import Start
from runfolio.settings import Settings
from runfolio.stream import (
    BEGINNING,
    STRETCH,
    Batch,
    ColumnReader,
    Document,
    File,
    Line,
    Place,
    Read,
    Reader,
    Refused,
    Source,
    Stop,
    file_source,
)
from runfolio.workers.blocks import BLOCK, Block, blocks_of, is_whole, may_be_shared
from runfolio.workers.far_lines import FarLines
from runfolio.workers.held_files import HeldFiles
from runfolio.workers.messages import Done, FarBatch, GivenUp, Setup, Step
from runfolio.workers.pool import Message, Pool, Reading

log = logging.getLogger(__name__)

AHEAD = 3
"""Blocks for each worker that are read or wait to be taken."""
LOOK_SECONDS = 0.1
"""While a worker is waited for, a request to stop is heard so soon."""


@contextmanager
def with_workers(
    reader: Reader,
    reducers: Sequence[Reducer],
    settings: Settings,
    start: Start,
    stop: Stop,
    *,
    follow: bool,
    block: int = BLOCK,
    stretch: int = STRETCH,
) -> Iterator[Reader]:
    """Give what reads the inputs from a start on: with as many workers as the settings say, or alone.

    Args:
        reader: reads them alone.
        reducers: what the workers fill.
        settings: name the workers' number, and the plots that they load.
        start: where the job begins.
        stop: asked whether the reading shall end.
        follow: whether the input is a file that grows.
        block: bytes of a plain file that are read together.
        stretch: bytes of a source at whose multiples the reader's batches end.

    """
    if settings.workers == 1 or start.closing:
        yield reader
        return
    paths = start.paths[start.source :]
    _tell_of_rest(reader, paths, settings.workers, follow=follow)
    blocks = [] if follow else list(islice(blocks_of(reader, paths, start.place, block), settings.workers))
    if len(blocks) <= 1:
        yield reader
        return
    asked_all = isinstance(reader, ColumnReader) and reader.asked_all
    setup = Setup(settings.plots, identity(reducers), settings.line_limit, stretch, asked_all)
    again = partial(reader_for, reducers, settings.line_limit, never, stretch=stretch)
    planned = blocks_of(reader, paths, start.place, block)
    with closing(Pool(len(blocks), setup)) as pool, closing(HeldFiles()) as held:
        yield SharedReader(reader, again, planned, pool, held, stretch=stretch, stop=stop)


def _tell_of_rest(reader: Reader, paths: Sequence[str], workers: int, *, follow: bool) -> None:
    """Tell of inputs that are read by one process all the same."""
    rest = [path for path in paths if follow or not may_be_shared(reader, path)]
    if rest:
        first = "stdin" if rest[0] == "-" else rest[0]
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        why = "what comes as it is made, and JSON lines of any columns, cannot be shared out"
        log.warning("--workers %d: %s%s: read by one process: %s", workers, first, more, why)


class SharedReader:
    """Reads inputs by workers, which begin with the next ones while one is still read.

    Args:
        reader: reads what workers can't; it holds what was learned.
        again: makes a reader that is used only to read something again.
        blocks: of all inputs that are going to be read, in their order.
        pool: the workers.
        held: keeps the files open that are read.
        stretch: bytes of a source at whose multiples batches end.
        stop: asked whether the reading shall end.

    """

    def __init__(
        self,
        reader: Reader,
        again: Callable[[Callable[[str], None]], Reader],
        blocks: Iterator[Block],
        pool: Pool,
        held: HeldFiles,
        *,
        stretch: int,
        stop: Stop,
    ) -> None:
        self._reader = reader
        self._again = again
        self._blocks = blocks
        self._pool = pool
        self._stretch = stretch
        self._stop = stop
        self._held = held
        self._ahead: deque[Reading] = deque()
        """The blocks that are read, or wait to be, in their order."""
        self._input = -1
        """Which of the inputs is read."""
        self._at = BEGINNING
        """In it, the last place that was known."""
        self._place: Place | None = BEGINNING
        self._by_itself = True
        """Whether the reader itself reads now."""
        self._no_workers = False
        """Whether it reads all that is left of an input."""

    def check(self, paths: Sequence[str]) -> None:
        self._reader.check(paths)

    def items_of(self, lines: Iterable[Line]) -> Iterator[Read]:
        return self._reader.items_of(lines)

    @property
    def place(self) -> Place | None:
        return self._reader.place if self._by_itself else self._place

    def state(self) -> dict[str, Any]:
        return self._reader.state()

    def restore(self, state: dict[str, Any]) -> None:
        self._reader.restore(state)

    def items(self, source: Source, start: Place = BEGINNING) -> Iterator[Read]:
        self._input += 1
        self._at = start
        self._no_workers = False
        self._held.release(self._input)
        self._open_held(source)
        at_end = False
        while not (at_end or self._stop()):
            reading = self._next()
            if reading is None:
                at_end = yield from self._by_reader(source)
            else:
                at_end = yield from self._by_worker(source, reading)
                self._drop_first()

    def _open_held(self, source: Source) -> None:
        """Have this process open the same file as the workers."""
        self._next()
        if isinstance(source, File) and (at := self._held.path(self._input)):
            source.open_at(at)

    def _next(self) -> Reading | None:
        """Return what a worker makes of what comes next; None where no worker has begun just there.

        What was begun before that, in the middle of something, is dropped.
        """
        self._advance()
        while self._ahead and self._is_over(self._ahead[0].block):
            self._drop_first()
        if not self._ahead or self._no_workers:
            return None
        first = self._ahead[0]
        begins = (first.block.number, first.block.start.offset) == (self._input, self._at.offset)
        return first if begins and first.learned == self._reader.state() else None

    def _is_over(self, block: Block) -> bool:
        return block.number < self._input or (
            block.number == self._input and block.start.offset < self._at.offset
        )

    def _advance(self) -> None:
        """Have blocks read ahead, as many as there is room for."""
        room = AHEAD * self._pool.workers - len(self._ahead)
        for block in islice(self._blocks, max(room, 0)):
            if not isinstance(self._reader, ColumnReader):  # columns are read by their file's name
                self._held.hold(block.number, block.path)
            self._ahead.append(Reading(block, self._reader.state(), at=self._held.path(block.number)))
            self._pool.submit(self._ahead[-1])

    def _drop_first(self) -> None:
        self._ahead.popleft().drop()
        self._advance()

    def _by_reader(self, source: Source) -> Generator[Read, None, bool]:
        """Read on without workers up to where one has begun; return whether that is the end of the input."""
        self._by_itself = True
        for item in self._reader.items(source, self._at):
            yield item
            place = self._reader.place
            if place is not None and place != self._at:
                self._at = place
                if self._next() is not None:
                    return False
        return True

    def _by_worker(self, source: Source, reading: Reading) -> Generator[Read, None, bool]:
        """Give what a worker makes of a block, as far as it is right; return whether the input ends there."""
        self._by_itself, self._place = False, self._at
        end = reading.block.end
        lines_before = self._at.line - reading.block.start.line
        while isinstance(message := self._taken(reading), list):
            for step in message:
                place = Place(step.place.offset, step.place.line + lines_before)
                if end is not None and place.offset > end:
                    return False  # its last document goes on in the next block
                yield from self._given(step, place, lines_before, source)
                if self._no_workers or (end is not None and self._splits_batch(place.offset, end)):
                    return False
        if isinstance(message, GivenUp):
            self._give_up(message, source)
        return isinstance(message, Done) and end is None

    def _give_up(self, given_up: GivenUp, source: Source) -> None:
        """Tell why a worker can't go on; where none can, have nothing more read by them."""
        if given_up.for_good:
            log.warning("--workers %d: one process reads: %s", self._pool.workers, given_up.why)
            self._blocks = iter(())
            for reading in list(self._ahead)[1:]:
                reading.drop()
                self._ahead.remove(reading)
        elif given_up.why:
            log.warning("%s: read on without workers: %s", source.name, given_up.why)

    def _splits_batch(self, offset: int, end: int) -> bool:
        """Tell whether what begins at a byte may be in one batch with what begins the next block."""
        return end - end % self._stretch <= offset < end

    def _taken(self, reading: Reading) -> Message | None:
        """Wait for what comes next of a block; None where the reading is to stop, and nothing is there."""
        with stage(Stage.WORKERS):
            while True:
                stopped = self._stop()
                message = reading.take(within=0 if stopped else LOOK_SECONDS)
                if stopped or message is not None:
                    return message

    def _given(self, step: Step, place: Place, lines_before: int, source: Source) -> Iterator[Read]:
        before = self._at
        items = [
            self._far(item, source.name, before)
            if isinstance(item, FarBatch)
            else _with_lines_before(item, lines_before)
            for item in step.items
        ]
        for item in items[:-1]:
            self._place = None
            yield item
        self._at = self._place = place
        source.position = step.position
        if step.learned != self._reader.state():
            self._reader.restore(step.learned)
        yield from items[-1:]

    def _far(self, far: FarBatch, path: str, before: Place) -> Batch:
        """Return a batch with its lines, which are read again if anybody looks at them."""
        if not far.lines:
            return far.batch
        read = partial(self._lines_again, path, before, far.first, far.batches)
        return replace(far.batch, lines=FarLines(far.lines, path, before, read))

    def _lines_again(self, path: str, before: Place, first: int, count: int) -> Sequence[Line]:
        # What is compressed would be read from its beginning for each batch of which that is wanted.
        self._no_workers = self._no_workers or is_whole(self._reader, path)
        reader = self._again(_never_mind)
        source = file_source(path, never, at=self._held.path(self._input) or path)
        items = islice(reader.items(source, before), first, first + count)
        batches = [each for each in items if isinstance(each, Batch)]
        return [line for each in batches for line in each.lines]


def _with_lines_before(item: Read, lines: int) -> Read:
    """Return what a worker gave, counting the lines before its block."""
    if isinstance(item, Document | Refused) and lines:
        return replace(item, line=replace(item.line, number=item.line.number + lines))
    return item


def _never_mind(_problem: str) -> None:
    """What is wrong with a source was told when it was read before."""
