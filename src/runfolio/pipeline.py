"""The whole way, top to bottom: documents in, runs, histograms, pictures, folders.

The only module that knows all stages; it decides nothing that belongs to one of them.
"""

import logging
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from os.path import samestat
from pathlib import Path

from runfolio.clock import Clock, SystemClock
from runfolio.errors import InputError
from runfolio.folder import EndOfRunDirectory, LiveDirectory, SetAside, WriterLock, settle_leftovers
from runfolio.images import Image
from runfolio.inputs import check_inputs, reader_for, tracker_for
from runfolio.live_plots import LivePlots
from runfolio.plots import Reducer
from runfolio.render import Renderer
from runfolio.run_plots import RunPlots
from runfolio.runs import (
    Began,
    Data,
    EndedBy,
    Event,
    Images,
    Opened,
    Over,
    Passed,
    Rejected,
    Status,
)
from runfolio.sealing import Sealer
from runfolio.settings import Settings
from runfolio.stopping import StopOnSignal
from runfolio.stream import (
    STDIN,
    Batch,
    BrokenOff,
    Document,
    Kind,
    Read,
    Refused,
    Source,
    StreamWriter,
    expanded,
    open_sources,
    total_size,
)
from runfolio.summary import NoProgress, Progress, RunSummary, Summary

log = logging.getLogger(__name__)

LIVE_GRACE = 10.0
"""Seconds that an ended run of live input waits for stragglers, where the settings leave it open."""


def run(
    paths: Sequence[str],
    settings: Settings,
    reducers: Sequence[Reducer],
    *,
    follow: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Summary:
    """Read the stream to its end, or until SIGINT or SIGTERM, and seal every run of it.

    Args:
        paths: files, or `-` for standard input.
        settings: where to write, and how.
        reducers: what to plot.
        follow: watch the one file for what is still being written to it.
        progress: is told how far the reading is.
        clock: the system's, if none is given.

    Raises:
        InputError: a path can't be opened.
        FolderError: the directories can't be written.
        DeclarationError: the reducers do not go together.

    """
    clock = clock or SystemClock()
    paths = expanded(paths)
    with StopOnSignal() as stop, ExitStack() as stack:
        problems: list[str] = []
        reader = reader_for(reducers, settings.line_limit, stop, problems.append)
        sources = open_sources(paths, follow=follow, stop=stop)
        check_inputs(reader, reducers, paths)
        job = _Job(paths, settings, reducers, clock=clock, stack=stack, problems=problems)
        progress = progress or NoProgress()
        total = None if follow else total_size(paths)
        for source in sources:
            job.begin(source)
            for item in reader.items(source):
                job.take(item)
                progress.update(job.bytes_read + source.position, total, job.spills, job.newest_run)
            job.bytes_read += source.position
        job.finish(EndedBy.INTERRUPTED if stop() else EndedBy.END_OF_INPUT)
    return job.summary()


def _writer(settings: Settings, paths: Sequence[str]) -> StreamWriter:
    """Return what writes the stream on; it is refused to write over what is read."""
    target = settings.documents
    if target is not None and target.is_file():
        for path in paths:
            with suppress(FileNotFoundError):  # an input that has vanished by now is told of when it is read
                if samestat(target.stat(), os.fstat(STDIN) if path == "-" else Path(path).stat()):
                    raise InputError(f"{target} is an input: the stream written on to it would destroy it")
    return StreamWriter(target, headers_and_footers=settings.header_and_footer_mode == "append")


class _Job:
    """The stages, and what one hands to the next."""

    def __init__(
        self,
        paths: Sequence[str],
        settings: Settings,
        reducers: Sequence[Reducer],
        *,
        clock: Clock,
        stack: ExitStack,
        problems: list[str],
    ) -> None:
        self._settings = settings
        self._reducers = reducers
        self._clock = clock
        self._started = clock.monotonic()
        self._problems = problems
        self.bytes_read = 0
        self.spills = 0
        self.newest_run: int | None = None
        self._documents = 0
        self._rejected: Counter[str] = Counter()
        self._summaries: list[RunSummary] = []
        self._plots: dict[int, RunPlots] = {}
        self._job_footers: list[bytes] = []
        self.tracker = tracker_for(reducers, clock)

        self._live_directory = LiveDirectory(
            settings.image_directory,
            prefix=settings.image_file_prefix,
            auto_number=settings.histogram_auto_number,
            clock=clock,
        )
        end_of_run = EndOfRunDirectory(settings.end_of_run_image_directory, prefix=settings.image_file_prefix)
        end_of_run.refuse_within(settings.image_directory)
        if settings.documents is not None and not settings.documents_to_stdout:
            end_of_run.refuse_within(settings.documents)
            self._live_directory.refuse_own(settings.documents)
        self._live_directory.prepare()
        end_of_run.prepare()
        stack.enter_context(WriterLock(end_of_run.staging))
        self._settle_leftovers(end_of_run)
        self._set_aside = SetAside(settings.image_directory, clock=clock)
        self._writer = stack.enter_context(_writer(settings, paths))
        renderer = stack.enter_context(Renderer())
        self._live = LivePlots(settings, renderer, self._live_directory, self._writer, clock)
        self._sealer = Sealer(settings, renderer, end_of_run, clock, self._sealed)

    def _settle_leftovers(self, end_of_run: EndOfRunDirectory) -> None:
        leftovers = settle_leftovers(end_of_run)
        for line in leftovers.lines:
            log.warning("%s", line)
        self._problems += leftovers.problems

    def begin(self, source: Source) -> None:
        grace = LIVE_GRACE if source.live else 0.0
        self.tracker.grace = grace if self._settings.grace is None else self._settings.grace
        self.tracker.live = source.live

    def take(self, item: Read) -> None:
        """Carry one thing of the stream through the stages."""
        self._documents += _documents(item)
        for event in self.tracker.take(item):
            self._handle(event)
        self._live.keep_up()
        self._sealer.keep_up()

    def finish(self, reason: EndedBy) -> None:
        """End what is still open, and wait until all is sealed."""
        for event in self.tracker.close(reason):
            self._handle(event)
            self._sealer.keep_up()
        self._sealer.finish()
        for line in self._job_footers:
            self._writer.job_mark(line)
        self._problems += self._live_directory.problems
        if self._writer.problem:
            self._problems.append(self._writer.problem)

    def summary(self) -> Summary:
        kept = self._rejected and self._set_aside.lost < self._rejected.total()
        if self._set_aside.lost:
            self._problems.append(f"{self._set_aside.lost} of the rejected documents could not be kept")
        return Summary(
            runs=self._summaries,
            rejected=dict(sorted(self._rejected.items())),
            set_aside=self._set_aside.path if kept else None,
            stray=dict(sorted(self.tracker.stray.items())),
            problems=self._problems,
            documents=self._documents,
            bytes_read=self.bytes_read,
            seconds=self._clock.monotonic() - self._started,
        )

    def _handle(self, event: Event) -> None:
        match event:
            case Opened(run):
                plots = self._plots[run.number] = RunPlots(run, self._reducers, self._settings)
                self._live.offer(plots)
                self._writer.open_run(run.number)
            case Began(run):
                self.newest_run = run.number
                self._live.open(self._plots[run.number])
            case Data(run, data):
                self._plots[run.number].fill(data)
                self.spills += len(data)
            case Images(run, document):
                for refused in self._plots[run.number].take_document(document):
                    self._reject(refused)
            case Rejected(_, refused):
                self._reject(refused)
            case Passed(document):
                self._pass_on(document)
            case Over(run):
                self._sealer.give(self._plots.pop(run.number))

    def _pass_on(self, document: Document) -> None:
        """Write a header on; a job's footer has to wait for the runs that are still to be sealed."""
        if document.run_number is not None:
            self._writer.run_header(document.run_number, document.line.data)
        elif document.kind is Kind.JOB_FOOTER:
            self._job_footers.append(document.line.data)
        else:
            self._writer.job_mark(document.line.data)

    def _reject(self, refused: Refused) -> None:
        line = refused.line
        self._rejected[refused.reason] += refused.rows
        if self._rejected[refused.reason] == refused.rows:
            log.warning(
                "%s, line %d: set aside: %s: %s", line.source, line.number, refused.reason, refused.detail
            )
        self._set_aside.append(
            source=line.source,
            line=line.number,
            offset=line.offset,
            reason=refused.reason,
            detail=refused.detail,
            raw=line.data,
            size=line.length,
            run_number=refused.run_number,
        )

    def _sealed(self, plots: RunPlots, images: tuple[Image, ...], summary: RunSummary) -> None:
        """Show and hand on what a run has come to, its last pictures before its footer."""
        self._summaries.append(summary)
        self._live.close(plots, images)
        complete = plots.run.status is Status.COMPLETE
        self._writer.close_run(plots.run.number, plots.named(images), footer=complete)


def _documents(item: Read) -> int:
    match item:
        case Batch():
            return item.received
        case Refused():
            return item.rows
        case BrokenOff() | None:
            return 0
        case _:
            return 1
