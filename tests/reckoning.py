"""A plain reckoning of what each run of a stream must come to, by the words of docs/runs.md and nothing else.

It shares no code with what it is compared to. It is told what each document is, and does not read it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

COUNTED_AS = {
    "header": "run_headers",
    "footer": "run_footers",
    "physics": "filled",
    "other": "passed_over",
    "marker": "markers",
    "end": "end_of_run_spills",
    "images": "images",
}
"""What a run counts each kind of document as."""
SPILLS = ("physics", "other", "marker", "end")
ENDS = {"footer": "run_footer", "end": "end_of_run_spill"}
COMPLETE = set(ENDS.values())
BINS = 4
"""Of the histogram of hits, from 0."""


@dataclass(frozen=True)
class Sent:
    """A document as it is sent, and what it is."""

    data: bytes
    kind: str
    """One of COUNTED_AS, `job`, or `bad`."""
    run: int | None = None
    number: int = 0
    """Of a spill."""
    hits: tuple[int, ...] = ()
    bad: tuple[str, ...] = ()
    """Of a bad document, and of each bad image: why it is refused."""


@dataclass(frozen=True)
class Refusal:
    """A line that is set aside: where it stands, in one file or the other, and why."""

    source: str
    offset: int
    reason: str
    run: int | None


@dataclass
class Reckoned:
    """What one run must come to."""

    number: int
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    images_rejected: Counter[str] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * (BINS + 2))
    """Hits: below, in each bin, above."""
    spills: list[int] = field(default_factory=list)
    begun: bool = False
    ended_by: str = ""
    ended_at: int = 0
    last_came: int = 0

    @property
    def status(self) -> str:
        if self.ended_by == "interrupted":
            return "interrupted"
        return "complete" if self.ended_by in COMPLETE else "incomplete"

    def fill(self, sent: Sent) -> None:
        self.spills.append(sent.number)
        for hit in sent.hits:
            self.bins[min(max(hit, -1), BINS) + 1] += 1

    def end(self, reason: str, now: int) -> None:
        if not self.ended_by:
            self.ended_by, self.ended_at = reason, now


@dataclass
class Reckoning:
    """All runs of a stream."""

    grace: float
    idle_timeout: float | None = None
    now: int = 0
    open: dict[int, Reckoned] = field(default_factory=dict)
    over: list[Reckoned] = field(default_factory=list)
    """In the order in which they are sealed."""
    again: Counter[int] = field(default_factory=Counter)
    """Headers of sealed runs, of which nothing has come since."""
    stray: int = 0
    jobs_own: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def take(self, sent: Sent, source: str, offset: int) -> None:
        """Count a document that stands there."""
        self._source, self._offset = source, offset
        match sent.kind:
            case "job":
                self.jobs_own += 1
            case "bad":
                run = self.open.get(sent.run) if sent.run is not None else self._only()
                self._refuse(sent.bad[0], sent.run, run)
            case "header":
                self._header(sent)
            case "footer":
                self._footer(sent)
            case "images":
                self._images(sent)
            case _:
                self._spill(sent)
        if sent.run in self.open:
            self.open[sent.run].last_came = self.now
        if len(self.open) > 1:
            self._seal_ended()

    def idle(self) -> None:
        """Nothing has come for now."""
        for run in self.open.values():
            if self.idle_timeout is not None and self.now - run.last_came >= self.idle_timeout:
                run.end("idle_timeout", self.now)
        self._seal_ended()

    def close(self, reason: str) -> None:
        """Nothing more comes."""
        self.stray += self.again.total()
        self.again.clear()
        for run in list(self.open.values()):
            run.end(reason, self.now)
            self._seal(run)

    def _header(self, sent: Sent) -> None:
        assert sent.run is not None
        if self._is_sealed(sent.run):
            self.again[sent.run] += 1
        else:
            self._count(sent, self._opened(sent.run, begins=True))

    def _footer(self, sent: Sent) -> None:
        run = self.open.get(sent.run or 0)
        if run is None:
            self.stray += 1
        else:
            self._count(sent, run)

    def _spill(self, sent: Sent) -> None:
        assert sent.run is not None
        begins_again = sent.kind == "physics" and sent.run in self.again
        if self._is_sealed(sent.run) and not begins_again:
            if sent.kind in ("marker", "end"):
                self.stray += 1
            else:
                self._refuse("late", sent.run, None)
            return
        run = self._opened(sent.run, begins=True)
        self._count(sent, run)
        if sent.kind == "physics":
            run.fill(sent)

    def _images(self, sent: Sent) -> None:
        only = self._only()
        number = only.number if sent.run is None and only else sent.run
        if number is None:
            self._refuse("no_run", None, None)
        elif self._is_sealed(number) and number not in self.again:
            self._refuse("late", number, None)
        else:
            run = self._opened(number, begins=False)
            self._count(sent, run)
            for reason in sent.bad:
                run.images_rejected[reason] += 1
                self._refuse(reason, number, None)

    def _opened(self, number: int, *, begins: bool) -> Reckoned:
        run = self.open.get(number)
        if begins and not (run and run.begun):
            for other in self.open.values():
                if other is not run:
                    other.end("next_run", self.now)
            self._seal_ended(but=run)
        if run is None:
            run = self.open[number] = Reckoned(number, last_came=self.now)
            if headers := self.again.pop(number, 0):
                run.counts["run_headers"] = headers
        run.begun |= begins
        return run

    def _count(self, sent: Sent, run: Reckoned) -> None:
        run.counts[COUNTED_AS[sent.kind]] += 1
        if sent.kind in ENDS:
            run.end(ENDS[sent.kind], self.now)

    def _refuse(self, reason: str, number: int | None, run: Reckoned | None) -> None:
        self.refused.append(Refusal(self._source, self._offset, reason, number))
        if run is not None:
            run.rejected[reason] += 1

    def _only(self) -> Reckoned | None:
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    def _is_sealed(self, number: int) -> bool:
        return number not in self.open and any(run.number == number for run in self.over)

    def _seal_ended(self, but: Reckoned | None = None) -> None:
        for run in list(self.open.values()):
            if run.ended_by and run is not but and self.now - run.ended_at >= self.grace:
                self._seal(run)

    def _seal(self, run: Reckoned) -> None:
        del self.open[run.number]
        self.over.append(run)


@dataclass(frozen=True)
class Read:
    """All that ends up to here was read, of all inputs together."""

    offset: int


@dataclass(frozen=True)
class Idle:
    """There was nothing more for a moment."""


@dataclass(frozen=True)
class Wait:
    """Time went by."""

    seconds: int


@dataclass(frozen=True)
class Close:
    """Nothing more came."""

    reason: str


Moment = Read | Idle | Wait | Close


def placed(inputs: Iterable[tuple[str, Sequence[Sent]]]) -> Iterator[tuple[Sent, str, int, int]]:
    """Give each document, its input, where it begins there, and where it ends in all of them together."""
    before = 0
    for name, documents in inputs:
        ends = accumulate(len(each.data) for each in documents)
        for each, end in zip(documents, ends, strict=True):
            yield each, name, end - len(each.data), before + end
        before += sum(len(each.data) for each in documents)


def reckoned(
    inputs: Iterable[tuple[str, Sequence[Sent]]], history: Iterable[Moment], empty: Reckoning
) -> Reckoning:
    """Return what an empty reckoning comes to when inputs are read in this way."""
    left = list(placed(inputs))
    for moment in history:
        match moment:
            case Read(offset):
                while left and left[0][3] <= offset:
                    empty.take(*left.pop(0)[:3])
            case Idle():
                empty.idle()
            case Wait(seconds):
                empty.now += seconds
            case Close(reason):
                empty.close(reason)
    return empty
