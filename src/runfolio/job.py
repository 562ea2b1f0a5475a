"""A job: the stages, what one hands to the next, and the state of them all that a checkpoint holds."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runfolio.checkpoints import Checkpoints, Counted, JobState, RunAtEnd, absolute
from runfolio.clock import Clock
from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import EndOfRunDirectory, LiveDirectory
from runfolio.images import Image
from runfolio.inputs import tracker_for
from runfolio.keeping import Kept
from runfolio.live_plots import LivePlots, NoLivePlots
from runfolio.on_sealed import NotCalled, OnSealed
from runfolio.plots import Reducer
from runfolio.profiling import Stage, stage
from runfolio.rejecting import Rejections
from runfolio.render import Renderer
from runfolio.resuming import Reading, Start
from runfolio.run_plots import PlotsState, RunPlots
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
    Run,
    Status,
)
from runfolio.sealing import MAX_IN_TROUBLE, MAX_WAITING, Sealer
from runfolio.settings import Settings
from runfolio.stream import (
    BrokenOff,
    Document,
    Kind,
    Place,
    Read,
    Reader,
    Refused,
    Source,
    Stop,
    StreamWriter,
    received,
)
from runfolio.summary import RunSummary, Summary

log = logging.getLogger(__name__)

LIVE_GRACE = 10.0
"""Seconds that an ended run of live input waits for stragglers, where the settings leave it open."""
LOOK_SECONDS = 0.1
"""Where the disk is waited for, a request to stop is heard so soon."""
SHARE = 8
"""Of many runs that are still open at the end, so many parts are sealed one after the other."""


@dataclass(frozen=True)
class Stages:
    """Where a job's results go: all that is opened for it."""

    live: LiveDirectory | None
    """None where it is to show other runs than the job's."""
    end_of_run: EndOfRunDirectory
    checkpoints: Checkpoints
    renderer: Renderer
    writer: StreamWriter
    on_sealed: OnSealed | NotCalled


class Job:
    """The stages of one job.

    Args:
        settings: where to write, and how.
        reducers: what to plot.
        stages: where the results go.
        start: what a former process has left to go on with.
        identity: of plots and settings.
        clock: dates what is written down, and measures pauses.
        stop: asked whether the job shall end.
        problems: lines for the user.

    Raises:
        CheckpointError: what was left is damaged.

    """

    def __init__(
        self,
        settings: Settings,
        reducers: Sequence[Reducer],
        stages: Stages,
        start: Start,
        *,
        identity: str,
        clock: Clock,
        stop: Stop,
        problems: list[str],
    ) -> None:
        self._settings = settings
        self._reducers = reducers
        self._clock = clock
        self._started = clock.monotonic()
        self._stop = stop
        self._problems = problems
        self._start = start
        self._included = start.state.included if start.state else None
        self._identity = identity
        self._checkpoints = stages.checkpoints
        self._writer = stages.writer
        self._renderer = stages.renderer
        self.bytes_read = 0
        self.spills = 0
        self.newest_run: int | None = None
        self._documents = 0
        self._summaries: list[RunSummary] = []
        self._sealed_since = False
        self._closing: EndedBy | None = None
        self._plots: dict[int, RunPlots] = {}
        self._job_footers: list[bytes] = []
        self._tracker = tracker_for(reducers, clock, settings.idle_timeout)
        self._rejections = Rejections(settings.image_directory, clock)
        self._live: LivePlots | NoLivePlots = NoLivePlots()
        if stages.live is not None:
            self._live = LivePlots(settings, stages.renderer, stages.live, stages.writer, clock)
        self._on_sealed = stages.on_sealed
        self._sealer = Sealer(
            settings, stages.renderer, stages.end_of_run, clock, self._sealed, on_sealed=stages.on_sealed
        )
        if start.problem:
            problems.append(start.problem)
        origin = self._included.origin if self._included else None
        self._kept = Kept(stages.end_of_run.staging, identity, clock, origin)
        self._revisions: dict[int, int] = {}
        self._reading = Reading(start.source, start.place)
        if start.state is not None:
            self._restore(start.state)

    @property
    def in_trouble(self) -> bool:
        """Whether the disk gives trouble, and the settings say that the job shall end then."""
        return self._settings.on_disk_trouble == "stop" and self._trouble is not None

    @property
    def _trouble(self) -> FolderError | None:
        return self._checkpoints.trouble or self._sealer.trouble

    @property
    def _one_try(self) -> bool:
        """Whether the disk is not waited for: the job is asked to stop, or is to stop at trouble."""
        return self._stop() or self._settings.on_disk_trouble == "stop"

    def begin(self, source: Source, number: int, reader: Reader, place: Place) -> None:
        """Turn to an input, which is read from this place on."""
        grace = LIVE_GRACE if source.live else 0.0
        self._tracker.grace = grace if self._settings.grace is None else self._settings.grace
        self._tracker.live = source.live
        self._reading.source, self._reading.path, self._reading.reader = number, source.name, reader
        self._reading.note(place)
        if not self._checkpoints.is_there:
            self._checkpoint()  # so that after a kill it is known what this job has set aside by then

    def end(self, source: Source) -> None:
        """Turn away from an input that was read."""
        self.bytes_read += source.position

    def take(self, item: Read) -> None:
        """Carry one thing of the stream through the stages."""
        self._documents += received(item)
        for event in self._tracker.take(item):
            self._handle(event)
        self._live.keep_up()

    def keep_up(self) -> None:
        """Write a checkpoint where it is time and one could go on from here; seal what can be sealed.

        Where too many runs wait for the disk, nothing more is read until it works, or the job is to stop.
        """
        self._keep_up()
        if self._is_held_up:
            log.warning("%d runs wait for the disk: reading goes on once it works", self._sealer.waiting)
        while self._is_held_up:
            _wait()
            self._keep_up()

    @property
    def _is_held_up(self) -> bool:
        too_many = self._trouble is not None and self._sealer.waiting > MAX_IN_TROUBLE
        return too_many and self._reading.place_now is not None and not self._one_try

    def _keep_up(self) -> None:
        place = self._reading.place_now
        urgent = self._sealer.unsecured
        if place is not None and self._checkpoints.due(urgent=urgent, sealed=self._sealed_since):
            self._reading.note(place)
            self._checkpoint()
        self._sealer.keep_up()

    def finish(self, reason: EndedBy) -> None:
        """Seal what is still open; when that is done and told, nothing is left of the job to go on with."""
        if self.seal_open(reason):
            with stage(Stage.WAITING):
                self._on_sealed.finish()
            self.forget()

    def seal_open(self, reason: EndedBy) -> bool:
        """End what is still open, and wait until all is sealed; return whether it is.

        What the disk does not take stays in the checkpoint.
        """
        self._closing = reason
        self._reading.note(self._reading.place)
        at_once = max(MAX_WAITING, len(self._plots) // SHARE)
        for event in self._tracker.close(reason):
            self._handle(event)
            if self._sealer.waiting > at_once:
                self._settle()
        self._settle()
        sealed = not self._sealer.waiting
        if not sealed:
            self._give_up()
        for line in self._job_footers:
            self._writer.job_mark(line)
        self._tell_of_outputs()
        return sealed

    def _tell_of_outputs(self) -> None:
        """Tell what went wrong with the live plots and with the stream that is written on."""
        self._problems += self._live.problems
        if self._writer.problem:
            self._problems.append(self._writer.problem)

    def forget(self) -> None:
        """Remove the checkpoint: the job is done, and started again it is another one."""
        while not self._checkpoints.remove(last=(last := self._one_try)):
            if last:
                self._problems.append(f"{self._checkpoints.path} could not be removed: remove it yourself")
                return
            while self._checkpoints.wait and not self._one_try:
                _wait()

    def _settle(self) -> None:
        """Seal all that is over, however long the disk takes; with one try where the job is to stop."""
        while self._sealer.waiting:
            last = self._one_try
            if self._sealer.unsecured and (last or self._checkpoints.wait == 0):
                self._checkpoint()
            self._sealer.seal_all(at_once=last)
            if self._trouble:
                if last:
                    return
                _wait()

    def leave(self) -> None:
        """Leave all as it is for a job that goes on from here."""
        place = self._reading.place_now
        if place is not None and not self._checkpoints.trouble:
            self._reading.note(place)
            self._checkpoint()
        self._problems += [f"run {number}: open, not sealed" for number in self._plots]
        self._give_up()
        self._tell_of_outputs()

    def _give_up(self) -> None:
        """Tell of what is not sealed, and what becomes of it."""
        self._problems.append(self._checkpoints.outlook())
        self._sealer.give_up(self._checkpoints.trouble)

    def summary(self) -> Summary:
        rejections = self._rejections
        if rejections.lost:
            self._problems.append(f"{rejections.lost} of the documents that were set aside could not be kept")
        return Summary(
            runs=self._summaries,
            rejected=dict(sorted(rejections.by_reason.items())),
            set_aside=rejections.path,
            late=dict(sorted(rejections.late.items())),
            set_aside_late=rejections.late_path,
            stray=dict(sorted(self._tracker.stray.items())),
            problems=self._problems,
            documents=self._documents,
            bytes_read=self.bytes_read,
            seconds=self._clock.monotonic() - self._started,
            drawing_seconds=self._renderer.seconds_at_work,
        )

    def _checkpoint(self) -> None:
        with stage(Stage.WRITING):
            written = self._checkpoints.write(self._state, last=self._one_try)
        if written:
            self._sealer.secure()
            self._sealed_since = False

    def _state(self) -> JobState:
        now = self._clock.monotonic()
        over = self._sealer.claimed()
        reading = self._reading
        rejected_size, late_size = self._rejections.positions
        return JobState(
            identity=self._identity,
            written_at=time.time(),
            inputs=tuple(map(absolute, self._start.paths)),
            source=reading.source,
            place=reading.place,
            fingerprint=reading.fingerprint,
            closing=self._closing,
            reader=reading.learned,
            tracker=self._tracker.state(),
            plots={number: plots.state() for number, plots in self._plots.items()},
            over=tuple(RunAtEnd(plots.run.state(now), plots.state(), revision) for plots, revision in over),
            counted=Counted(
                documents=self._documents,
                spills=self.spills,
                bytes_read=self.bytes_read,
                newest_run=self.newest_run,
                rejected=dict(self._rejections.by_reason),
                late=dict(self._rejections.late),
            ),
            job_footers=tuple(self._job_footers),
            writer=self._writer.state(),
            documents=absolute(self._settings.documents) if self._settings.documents else "",
            image_directory=absolute(self._settings.image_directory),
            rejected_size=rejected_size,
            late_size=late_size,
            problems=tuple(self._problems),
            revisions=dict(self._revisions),
            included=self._included,
        )

    def _restore(self, state: JobState) -> None:
        """Take up what a former process had come to."""
        now = self._clock.monotonic()
        try:
            self._tracker.restore(state.tracker)
            for run in self._tracker.open_runs:
                self._plots[run.number] = self._restored(run, state.plots[run.number])
            for each in state.over:
                plots = self._restored(Run.restored(each.run, now), each.plots)
                after = state.revisions.get(each.run.number, 0)
                self._sealer.give(plots, revision=each.revision, after=after)
        except (KeyError, ValueError, CheckpointError) as error:
            raise CheckpointError(
                f"{self._checkpoints.path} does not hold together: {error!r:.200};"
                " to read all from the beginning, move it away"
            ) from error
        counted = state.counted
        self._documents, self.spills = counted.documents, counted.spills
        self.bytes_read, self.newest_run = counted.bytes_read, counted.newest_run
        self._rejections.by_reason.update(counted.rejected)
        self._rejections.late.update(counted.late)
        self._revisions.update(state.revisions)
        self._job_footers += state.job_footers
        self._problems += state.problems
        self._reading.learned = state.reader
        comes_again = not self._start.torn and self._start.over is None
        if comes_again and state.image_directory == absolute(self._settings.image_directory):
            self._rejections.resume(state.rejected_size, state.late_size)
        for plots in self._plots.values():
            self._live.offer(plots)
        if counted.newest_run in self._plots:
            self._live.open(self._plots[counted.newest_run])
        self._mend(self._start)

    def _restored(self, run: Run, state: PlotsState) -> RunPlots:
        plots = RunPlots(run, self._reducers, self._settings)
        plots.restore(state)
        return plots

    def _mend(self, start: Start) -> None:
        """Let the open runs know of data that are lost between the former process and now."""
        if start.torn:
            self._events(self._tracker.take(BrokenOff()))
        if start.over is not None:
            known = {run.number for run in self._tracker.open_runs}
            if start.state is not None and start.state.closing:
                known.update(start.state.tracker.sealed)  # what comes now is another stream
            self._events(self._tracker.close(start.over))
            self._tracker.forget(known)  # more of them is not late, but makes a further revision

    def _events(self, events: Iterable[Event]) -> None:
        for event in events:
            self._handle(event)

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
                self._sealer.give(self._plots.pop(run.number), after=self._revisions.get(run.number, 0))

    def _pass_on(self, document: Document) -> None:
        """Write a header on; a job's footer has to wait for the runs that are still to be sealed."""
        if document.run_number is not None:
            self._writer.run_header(document.run_number, document.line.data)
        elif document.kind is Kind.JOB_FOOTER:
            self._job_footers.append(document.line.data)
        else:
            self._writer.job_mark(document.line.data)

    def _reject(self, refused: Refused) -> None:
        revision = None
        if refused.reason == "late" and (number := refused.run_number) is not None:
            revision = self._sealer.revision_of(number) or self._revisions.get(number)
        with stage(Stage.WRITING):
            self._rejections.take(refused, revision)

    def _sealed(self, plots: RunPlots, images: tuple[Image, ...], summary: RunSummary) -> None:
        """Show and hand on what a run has come to, its last pictures before its footer."""
        self._summaries.append(summary)
        self._sealed_since = True
        with stage(Stage.WRITING):
            if summary.folder is not None:
                self._revisions[plots.run.number] = summary.revision
                self._kept.keep(plots, self._reading.learned_by_now, summary.revision)
            self._live.close(plots, images)
            complete = plots.run.status is Status.COMPLETE
            self._writer.close_run(plots.run.number, plots.named(images), footer=complete)


def _wait() -> None:
    with stage(Stage.WAITING):
        time.sleep(LOOK_SECONDS)
