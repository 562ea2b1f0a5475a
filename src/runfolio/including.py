"""Including: what came late is put into the state that its run was sealed with, and sealed as a new revision.

One run after the other is a job of its own, whose input are lines of `late.jsonl`. Its checkpoint says which
ones; they are taken out of the file when the folder is there, and before the checkpoint is removed. So after
a kill it is known what has been done.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby

import msgspec

from runfolio.checkpoints import Checkpoints, Counted, Included, JobState, absolute, job_name
from runfolio.children import Child
from runfolio.clock import Clock, SystemClock
from runfolio.errors import CheckpointError, FolderError, InputError
from runfolio.folder import (
    EndOfRunDirectory,
    LateLine,
    LateLines,
    WriterLock,
)
from runfolio.inputs import reader_for
from runfolio.job import Job, Stages
from runfolio.keeping import Kept, KeptRun
from runfolio.on_sealed import NotCalled, OnSealed, settled
from runfolio.plots import Reducer
from runfolio.render import Renderer
from runfolio.resuming import Start, identity_of
from runfolio.runs import EndedBy, TrackerState
from runfolio.sealing import CUT_SHORT
from runfolio.settings import Settings
from runfolio.stopping import STOPPED_SECONDS, StopOnSignal
from runfolio.stream import (
    BEGINNING,
    ColumnReader,
    HeldRun,
    Line,
    Read,
    Reader,
    Refused,
    Stop,
    StreamWriter,
    WriterState,
)
from runfolio.summary import RunSummary, Summary

JOB = job_name((), follow=False)
"""Of all jobs that put in what came late: they have no inputs of their own."""
AGAIN = "run again on its files, with a longer --grace"


def include_late(
    settings: Settings,
    reducers: Sequence[Reducer],
    *,
    clock: Clock | None = None,
    drawer: Child | None = None,
) -> Summary:
    """Seal a new revision of each run for which something came late, and take that out of `late.jsonl`.

    What cannot be put in is told, and stays there.

    Args:
        settings: where the folders and `late.jsonl` are; they shape the folders as they did before.
        reducers: the plots that the runs were sealed with.
        clock: the system's, if none is given.
        drawer: a process that draws, where one was started ahead.

    Raises:
        FolderError: the directories can't be read or written, or another process writes them.
        CheckpointError: a job that was killed is to be gone on with first.

    """
    clock = clock or SystemClock()
    settings = replace(settings, documents=None)
    with StopOnSignal() as stop, ExitStack() as stack:
        end_of_run = EndOfRunDirectory(
            settings.end_of_run_image_directory, prefix=settings.image_file_prefix, job=JOB
        )
        end_of_run.refuse_within(settings.image_directory)
        end_of_run.prepare()
        stack.enter_context(WriterLock(end_of_run.staging))
        _refuse_unfinished(end_of_run)
        including = _Including(settings, reducers, end_of_run, clock, stop)
        on_sealed = stack.enter_context(settled(end_of_run, settings.on_sealed, stop, including.problems))
        if including.is_there_anything():
            renderer = stack.enter_context(Renderer(settings.histogram_image_type, started=drawer))
            stop.then(partial(renderer.hurry, STOPPED_SECONDS))
            including.include_all(renderer, on_sealed)
    return including.summary()


def _refuse_unfinished(end_of_run: EndOfRunDirectory) -> None:
    """Refuse to begin while a job may be gone on with that has written to `late.jsonl`.

    Raises:
        CheckpointError: there is one. It would set aside once more what has been put in by then.

    """
    for path in end_of_run.other_checkpoints():
        raise CheckpointError(
            f"{path} is of a job that was killed: start that again first, or remove this file to give it up"
        )


class _Including:
    """One pass over what came late."""

    def __init__(
        self,
        settings: Settings,
        reducers: Sequence[Reducer],
        end_of_run: EndOfRunDirectory,
        clock: Clock,
        stop: Stop,
    ) -> None:
        self._settings = settings
        self._reducers = reducers
        self._end_of_run = end_of_run
        self._clock = clock
        self._stop = stop
        self._began = clock.monotonic()
        self._identity = identity_of(reducers, settings)
        self._checkpoints = Checkpoints(end_of_run, settings.checkpoint_seconds, clock)
        self._kept = Kept(end_of_run.staging, self._identity, clock)
        self._late = LateLines(settings.image_directory)
        self._summaries: list[Summary] = []
        self.problems: list[str] = []

    def is_there_anything(self) -> bool:
        """Tell whether there is anything to be put in, or to be gone on with."""
        return any(os.path.lexists(path) for path in (self._late.path, self._checkpoints.path))

    def include_all(self, renderer: Renderer, on_sealed: OnSealed | NotCalled) -> None:
        """Go on with what a former process has begun, then take one run after the other.

        Raises:
            FolderError: the system refuses.
            CheckpointError: what a former process has left is of other plots or settings, or damaged.

        """
        self._renderer = renderer
        self._on_sealed = on_sealed
        if not self._go_on():
            return
        for number, count in sorted(self._counts().items()):
            if self._stop():
                self.problems.append(f"interrupted: the rest stays in {self._late.path}")
                return
            try:
                kept = self._fitting(number)
                reader = self._reader(kept)
            except (FolderError, CheckpointError) as error:
                self._stays(number, count, str(error))
                continue
            try:
                if not self._include(kept, reader):
                    return
            except InputError as error:
                self._stays(number, count, str(error))

    def _go_on(self) -> bool:
        """Finish what a former process has begun; return whether that is done."""
        state = self._checkpoints.read()
        if state is None:
            return True
        if state.included is None or state.closing is None or state.identity != self._identity:
            raise CheckpointError(
                f"{self._checkpoints.path} is of late documents that were being put in when runfolio was"
                " killed, with other plots or settings: give those again"
            )
        return self._seal(self._job(state), state.included, state.closing)

    def _counts(self) -> Counter[int]:
        """Return how many lines there are for each run."""
        found = Counter(line.document.run_number for line in self._late.found())
        if self._late.unreadable:
            self.problems.append(
                f"{self._late.path}: {self._late.unreadable} of its lines cannot be read, and stay there"
            )
        return found

    def _include(self, kept: KeptRun, reader: Reader) -> bool:
        """Put in what can be put into a run; return whether one can go on with the next."""
        number = kept.run.number
        taken = self._fit(kept, reader)
        if not taken:
            return True
        included = Included(lines=tuple(line.digest for line in taken), origin=kept.origin)
        job = self._job(_state(kept, included, self._late, self._clock))
        for item in self._items(number, reader, taken):
            job.take(item)
        job.bytes_read = sum(line.size for line in taken)
        return self._seal(job, included, EndedBy.END_OF_INPUT)

    def _fitting(self, number: int) -> KeptRun:
        """Return the state of a run that something can be put into.

        Raises:
            FolderError: it cannot be read.
            CheckpointError: there is none, or it is of other plots or settings, or of an older folder.

        """
        kept = self._kept.read(number)
        if kept is None:
            raise CheckpointError(f"its state is no longer kept; {AGAIN}")
        if kept.identity != self._identity:
            raise CheckpointError("it was sealed with other plots or settings; give those again")
        if self._end_of_run.free_revision(number, range(kept.revision + 1)) > kept.revision + 1:
            raise CheckpointError(f"it has a newer folder, whose state is not kept; {AGAIN}")
        return kept

    def _reader(self, kept: KeptRun) -> Reader:
        """Return a reader that knows what was learned of the run's data.

        Raises:
            CheckpointError: it cannot be.

        """
        reader = reader_for(self._reducers, self._settings.line_limit, self._stop, self.problems.append)
        try:
            reader.restore(kept.reader)
        except ValueError as error:
            raise CheckpointError(f"its state is damaged: {error}") from error
        return reader

    def _fit(self, kept: KeptRun, reader: Reader) -> Sequence[LateLine]:
        """Return the lines that can be put into a run, and tell of its others."""
        number = kept.run.number
        why: Counter[str] = Counter()
        taken = []
        for line in self._late.found():
            if line.document.run_number != number:
                continue
            if line.document.revision != kept.origin:
                why["they came for another folder of it than the newest"] += 1
            elif line.document.truncated:
                why[f"they were too long to be kept whole; {AGAIN}"] += 1
            elif isinstance(reader, ColumnReader) and _stands_for_rows(self._late.raw(line)):
                why[f"they stand for rows of files of columns; {AGAIN}"] += 1
            else:
                taken.append(line)
        for reason, count in why.items():
            self._stays(number, count, reason)
        return taken

    def _stays(self, number: int, count: int, why: str) -> None:
        lines = "a line stays" if count == 1 else f"{count} lines stay"
        self.problems.append(f"run {number}: {lines} in {self._late.path}: {why}")

    def _items(self, number: int, reader: Reader, lines: Sequence[LateLine]) -> Iterator[Read]:
        """Give what is read of late lines.

        Raises:
            InputError: it is not of the run.

        """
        for source, group in groupby(lines, key=lambda line: line.document.source):
            for item in reader.items_of(self._line(source, each) for each in group):
                if isinstance(item, Refused) or getattr(item, "run_number", None) != number:
                    raise InputError(
                        f"{self._late.path}: a line does not hold a document of run {number}, as it says"
                    )
                yield item

    def _line(self, source: str, late: LateLine) -> Line:
        raw = self._late.raw(late)
        return Line(source, late.document.line, late.document.offset, raw, len(raw))

    def _job(self, state: JobState) -> Job:
        writer = StreamWriter(None, headers_and_footers=False, resume=state.writer)
        return Job(
            self._settings,
            self._reducers,
            Stages(None, self._end_of_run, self._checkpoints, self._renderer, writer, self._on_sealed),
            Start(paths=state.inputs, state=state),
            identity=self._identity,
            clock=self._clock,
            stop=self._stop,
            problems=[],
        )

    def _seal(self, job: Job, included: Included, reason: EndedBy) -> bool:
        """Seal a run and take out its lines; return whether nothing is left of it to go on with."""
        done = job.seal_open(reason)
        summary = job.summary()
        self._summaries.append(replace(summary, runs=[_without_old_news(run) for run in summary.runs]))
        if done:
            if all(run.folder for run in summary.runs):
                self._late.remove(frozenset(included.lines))
            job.forget()
        return done

    def summary(self) -> Summary:
        """Return what came of all runs."""
        rejected: Counter[str] = Counter()
        for each in self._summaries:
            rejected.update(each.rejected)
        return Summary(
            runs=[run for each in self._summaries for run in each.runs],
            rejected=dict(sorted(rejected.items())),
            set_aside=next((each.set_aside for each in self._summaries if each.set_aside), None),
            stray={},
            problems=[problem for each in self._summaries for problem in each.problems] + self.problems,
            documents=sum(each.documents for each in self._summaries),
            bytes_read=sum(each.bytes_read for each in self._summaries),
            seconds=self._clock.monotonic() - self._began,
        )


def _state(kept: KeptRun, included: Included, late: LateLines, clock: Clock) -> JobState:
    """Return a job in which a run has ended, and is still open for what came late."""
    number = kept.run.number
    return JobState(
        identity=kept.identity,
        written_at=clock.now(),
        inputs=(),
        source=0,
        place=BEGINNING,
        fingerprint="",
        closing=None,
        reader=kept.reader,
        tracker=TrackerState(open_runs=(kept.run,), sealed=(), anew={}, job_marks=0, stray={}),
        plots={number: kept.plots},
        over=(),
        counted=Counted(),
        job_footers=(),
        writer=WriterState(position=None, runs=[HeldRun(number)], problem="", given_up=False),
        documents="",
        image_directory=absolute(late.path.parent),
        rejected_size=0,  # what a former try has set aside is there already
        late_size=late.size,
        problems=(),
        revisions={number: kept.revision},
        included=included,
    )


class _Rows(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in `late.jsonl` for rows of a file of columns."""

    rows: list[tuple[int, int]]


def _stands_for_rows(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=_Rows)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _without_old_news(run: RunSummary) -> RunSummary:
    """Return a summary without what was told when the run was sealed first."""
    old = CUT_SHORT.values()
    return replace(run, problems=tuple(problem for problem in run.problems if problem not in old))
