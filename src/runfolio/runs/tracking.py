"""Tracking: which runs are open, which run a document belongs to, and when a run is over.

A run that has ended waits for what still belongs to it, further footers above all: as long as
nothing of another run comes and, where the input is live, for a grace period. Then it is over
and is sealed; what comes for it later is set aside as late. docs/runs.md has all of it as a table.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from runfolio.clock import Clock
from runfolio.runs.run import EndedBy, Run, RunState
from runfolio.stream import Batch, BrokenOff, Document, Kind, Line, Read, Refused


@dataclass(frozen=True)
class Opened:
    """A run's first document has come."""

    run: Run


@dataclass(frozen=True)
class Began:
    """A run's first header or spill has come: it is the one that is taken now."""

    run: Run


@dataclass(frozen=True)
class Data:
    """Data to fill the run's histograms with: physics spills, or rows of one's own."""

    run: Run
    data: Any


@dataclass(frozen=True)
class Images:
    """An image document of a run."""

    run: Run
    document: Document


@dataclass(frozen=True)
class Rejected:
    """A document that can't be used; `run` is the one it is counted with, None where that can't be told."""

    run: Run | None
    refused: Refused


@dataclass(frozen=True)
class Passed:
    """A header or footer, for whoever writes the stream on."""

    document: Document


@dataclass(frozen=True)
class Over:
    """The run is over: to be sealed now."""

    run: Run


Event = Opened | Began | Data | Images | Rejected | Passed | Over

MAX_WAITING = 8
"""Runs that have ended and wait for stragglers; with more, the first one's grace is cut short, so that
memory stays bounded however fast runs follow each other."""


class TrackerState(Struct, frozen=True, kw_only=True):
    """All that a tracker knows, as plain data: what a checkpoint holds of it."""

    open_runs: tuple[RunState, ...]
    """In the order in which they were opened or, side by side, got something."""
    sealed: tuple[int, ...]
    anew: dict[int, tuple[Line, ...]]
    """Headers of sealed runs, by run number."""
    job_marks: int
    stray: dict[str, int]


class Tracker:
    """Follows the runs of one stream.

    Args:
        clock: dates what is written down and measures the grace.
        grace: seconds that an ended run waits for stragglers while the stream goes on with others.
        says_end: whether the data say when a run is over; if not, a run whose data end is complete.
        most_open: runs that may be open side by side, where files hold the data of several in any order;
            with more, the one that got nothing for longest is over, and incomplete. Of live input the next
            run ends the one before all the same.
        idle_timeout: seconds after which a run of live input is over if nothing comes that names it;
            None to wait for ever.

    """

    def __init__(
        self,
        clock: Clock,
        grace: float = 0.0,
        *,
        says_end: bool = True,
        most_open: int = 1,
        idle_timeout: float | None = None,
    ) -> None:
        self.grace = grace
        self.idle_timeout = idle_timeout
        self.live = False
        """Whether what comes now is made now."""
        self._says_end = says_end
        self.most_open = most_open
        self._clock = clock
        self._open: dict[int, Run] = {}
        self._sealed: set[int] = set()
        self._anew: dict[int, list[Line]] = {}
        """Headers of sealed runs: late copies, unless data follow."""
        self.job_marks = 0
        """Headers and footers of the job."""
        self.stray: Counter[str] = Counter()
        """Markers, headers and footers for a run that is sealed or never was, by kind."""

    @property
    def open_runs(self) -> Sequence[Run]:
        """The runs that are not over, also those that have ended and wait."""
        return tuple(self._open.values())

    def state(self) -> TrackerState:
        """Return all that is known, as plain data; between two things of the stream, not within one."""
        when = self._clock.monotonic()
        return TrackerState(
            open_runs=tuple(run.state(when) for run in self._open.values()),
            sealed=tuple(sorted(self._sealed)),
            anew={number: tuple(lines) for number, lines in self._anew.items()},
            job_marks=self.job_marks,
            stray={str(kind): count for kind, count in self.stray.items()},
        )

    def restore(self, state: TrackerState) -> None:
        """Go on from a state: what comes next means what it would have meant there.

        Raises:
            ValueError: the state counts what is not counted here.

        """
        when = self._clock.monotonic()
        self._open = {run.number: Run.restored(run, when) for run in state.open_runs}
        self._sealed = set(state.sealed)
        self._anew = {number: list(lines) for number, lines in state.anew.items()}
        self.job_marks = state.job_marks
        self.stray = Counter(state.stray)

    def take(self, item: Read) -> Iterator[Event]:
        """Say what the next thing of the stream means; None is a moment at which nothing has come."""
        if item is None:
            self._end_idle()
        elif isinstance(item, BrokenOff):
            for run in self._open.values():
                run.torn = True
        else:
            yield from self._meant(item)
            self._note_arrival(item.run_number)
        yield from self._over(alone_too=item is None)

    def close(self, reason: EndedBy) -> Iterator[Event]:
        """End and give up every open run: nothing more will come."""
        for lines in self._anew.values():
            self.stray[Kind.RUN_HEADER] += len(lines)
        self._anew.clear()
        for run in list(self._open.values()):
            self._end(run, reason)
            yield self._give_up(run)

    def forget(self, numbers: Iterable[int]) -> None:
        """Take runs that are sealed for such as never were: what comes for them opens them anew."""
        self._sealed.difference_update(numbers)

    def _meant(self, item: Batch | Document | Refused) -> Iterator[Event]:
        if isinstance(item, Batch):
            yield from self._spills(item)
        elif isinstance(item, Refused):
            yield self._reject(item)
        else:
            yield from self._document(item)

    def _spills(self, batch: Batch) -> Iterator[Event]:
        if self._is_late(batch.run_number, data=len(batch.data) > 0):
            if batch.markers or batch.ends:
                self.stray["marker"] += batch.markers + batch.ends
            for refused in batch.refused("late", f"run {batch.run_number} is sealed already"):
                yield self._reject(refused)
            return
        run = yield from self._opened(batch.run_number, begins=True)
        run.sources[batch.source] = None
        for mark in batch.marks:
            run.see(mark)
        run.tally.filled += len(batch.data)
        run.tally.end_of_run_spills += batch.ends
        run.tally.markers += batch.markers
        run.tally.passed_over += batch.passed_over
        if batch.over:
            self._end(run, EndedBy.END_OF_RUN_SPILL)
        if len(batch.data):
            yield Data(run, batch.data)

    def _document(self, document: Document) -> Iterator[Event]:
        match document.kind:
            case Kind.RUN_HEADER:
                yield from self._header(document)
            case Kind.RUN_FOOTER:
                self._footer(document)
            case Kind.IMAGE:
                yield from self._image(document)
            case _:
                self.job_marks += 1
                yield Passed(document)

    def _header(self, document: Document) -> Iterator[Event]:
        number = _run_number(document)
        if self._is_late(number, data=False):
            self._anew.setdefault(number, []).append(document.line)
            return
        run = yield from self._opened(number, begins=True)
        yield self._headed(run, document.line)

    @staticmethod
    def _headed(run: Run, header: Line) -> Passed:
        run.tally.run_headers += 1
        run.sources[header.source] = None
        return Passed(Document(Kind.RUN_HEADER, run.number, None, header))

    def _footer(self, document: Document) -> None:
        run = self._open.get(_run_number(document))
        if run is None:
            self.stray[Kind.RUN_FOOTER] += 1
            return
        run.tally.run_footers += 1
        self._end(run, EndedBy.RUN_FOOTER)

    def _image(self, document: Document) -> Iterator[Event]:
        """File images under their own run or, lacking one, under the only open run."""
        number = document.run_number
        if number is None and len(self._open) == 1:
            number = next(iter(self._open))
        if number is None:
            detail = f"images without run_number, and {len(self._open) or 'no'} open runs to file them under"
            yield self._refuse(document, "no_run", detail)
        elif self._is_late(number, data=True):
            yield self._refuse(document, "late", f"run {number} is sealed already")
        else:
            run = yield from self._opened(number, begins=False)
            run.tally.images += 1
            run.sources[document.line.source] = None
            yield Images(run, document)

    def _opened(self, number: int, *, begins: bool) -> Generator[Event, None, Run]:
        """Return the open run of this number.

        Its first header or spill begins it, and is the end of those that went on until now. An image
        is not: another program may send one for any run.
        """
        run = self._open.get(number)
        if begins and not (run and run.begun):
            others = [other for other in self._open.values() if other is not run]
            too_many = len(others) + 1 - (self.most_open if self._side_by_side else 1)
            reason = EndedBy.MADE_ROOM if self._side_by_side else EndedBy.NEXT_RUN
            for other in others[: max(too_many, 0)]:
                self._end(other, reason)
            yield from self._over(alone_too=True, but=run)
        if self._side_by_side and run:
            self._open[number] = self._open.pop(number)  # the last to get something
        if run is None:
            now, when = self._clock.now(), self._clock.monotonic()
            run = self._open[number] = Run(number, now, says_end=self._says_end, last_came=when)
            yield Opened(run)
            for header in self._anew.pop(number, ()):
                yield self._headed(run, header)
        if begins and not run.begun:
            run.begun = True
            yield Began(run)
        return run

    @property
    def _side_by_side(self) -> bool:
        return self.most_open > 1 and not self.live

    def _end(self, run: Run, reason: EndedBy) -> None:
        run.end(reason, self._clock.now(), self._clock.monotonic())

    def _note_arrival(self, number: int | None) -> None:
        """Note for how long nothing has come of a run; what does not name it may be anybody's."""
        run = None if number is None else self._open.get(number)
        if run is not None:
            run.last_came = self._clock.monotonic()

    def _end_idle(self) -> None:
        """End the runs of live input of which nothing has come for too long.

        Asked only when all that was there has been taken, so that time spent on filling ends no run
        whose data are waiting to be read.
        """
        if not self.live or self.idle_timeout is None:
            return
        now = self._clock.monotonic()
        for run in self._open.values():
            if now - run.last_came >= self.idle_timeout:
                self._end(run, EndedBy.IDLE_TIMEOUT)

    def _over(self, *, alone_too: bool, but: Run | None = None) -> Iterator[Event]:
        """Give up the runs that have ended and need not wait; one alone waits while its stream goes on."""
        if not alone_too and len(self._open) <= 1:
            return
        now = self._clock.monotonic()
        ended = [run for run in self._open.values() if run.ended_by is not None and run is not but]
        for waiting, run in zip(range(len(ended), 0, -1), ended, strict=True):
            if now - run.ended_when >= self.grace or waiting > MAX_WAITING:
                yield self._give_up(run)

    def _give_up(self, run: Run) -> Over:
        del self._open[run.number]
        self._sealed.add(run.number)
        return Over(run)

    def _is_late(self, number: int, *, data: bool) -> bool:
        """Tell whether a run is sealed, and is not begun anew: by a header that data have followed."""
        return number in self._sealed and number not in self._open and not (data and number in self._anew)

    def _refuse(self, document: Document, reason: str, detail: str) -> Rejected:
        return self._reject(Refused(document.line, reason, detail, document.run_number))

    def _reject(self, refused: Refused) -> Rejected:
        """Count a refused document with its run; one that names none, with the only open run."""
        run = None
        if refused.run_number is not None:
            run = self._open.get(refused.run_number)
        elif len(self._open) == 1:
            run = next(iter(self._open.values()))
        if run is not None:
            run.tally.rejected[refused.reason] += refused.rows
        return Rejected(run, refused)


def _run_number(document: Document) -> int:
    number = document.run_number
    assert number is not None  # only images and the job's own documents may lack it
    return number
