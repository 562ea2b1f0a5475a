"""The whole way, top to bottom: documents in, runs, histograms, pictures, folders.

The only module that knows all stages; it decides nothing that belongs to one of them.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from os.path import samestat
from pathlib import Path

from msgspec.structs import replace

from runfolio.checkpoints import Checkpoints, JobState, absolute, job_name
from runfolio.children import Child
from runfolio.clock import Clock, SystemClock
from runfolio.errors import InputError
from runfolio.folder import EndOfRunDirectory, LiveDirectory, WriterLock
from runfolio.inputs import check_inputs, reader_for
from runfolio.job import Job, Stages
from runfolio.memory import steady_memory
from runfolio.on_sealed import settled
from runfolio.plots import Reducer
from runfolio.profiling import Stage, timed_steps
from runfolio.render import Renderer
from runfolio.resuming import Start, find_start, identity_of
from runfolio.runs import EndedBy
from runfolio.settings import Settings
from runfolio.stopping import STOPPED_SECONDS, StopOnSignal
from runfolio.stream import (
    BEGINNING,
    STDIN,
    Reader,
    StreamWriter,
    WriterState,
    expanded,
    open_sources,
    total_size,
)
from runfolio.summary import NoProgress, Progress, Summary
from runfolio.workers.reader import with_workers

LAST_READING_SECONDS = 1.0
"""After a request to stop, what was read of an input is still taken for so long."""


def run(
    paths: Sequence[str],
    settings: Settings,
    reducers: Sequence[Reducer],
    *,
    follow: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
    drawer: Child | None = None,
) -> Summary:
    """Read the stream to its end, or until SIGINT or SIGTERM, and seal every run of it.

    Where a job with the same inputs was killed, it is gone on with.

    Args:
        paths: files, or `-` for standard input.
        settings: where to write, and how.
        reducers: what to plot.
        follow: watch the one file for what is still being written to it.
        progress: is told how far the reading is.
        clock: the system's, if none is given.
        drawer: a process that draws, where one was started ahead.

    Raises:
        InputError: a path can't be opened.
        FolderError: the directories can't be written, or another process writes them.
        DeclarationError: the reducers do not go together.

    """
    clock = clock or SystemClock()
    with StopOnSignal() as stop, ExitStack() as stack:
        problems: list[str] = []
        given = expanded(paths)
        reader = reader_for(reducers, settings.line_limit, stop, problems.append)
        open_sources(given, follow=follow, stop=stop)
        check_inputs(reader, reducers, given)

        live, end_of_run = _directories(settings, clock, job_name(paths, follow=follow))
        stack.enter_context(WriterLock(end_of_run.staging))
        checkpoints = Checkpoints(end_of_run, settings.checkpoint_seconds, clock)
        made_with = identity_of(reducers, settings)
        start = find_start(checkpoints, given, made_with, follow=follow)
        on_sealed = stack.enter_context(settled(end_of_run, settings.on_sealed, stop, problems))
        renderer = stack.enter_context(Renderer(settings.histogram_image_type, started=drawer))
        stop.then(partial(renderer.hurry, STOPPED_SECONDS))
        writer = stack.enter_context(_writer(settings, given, start))
        job = Job(
            settings,
            reducers,
            Stages(live, end_of_run, checkpoints, renderer, writer, on_sealed),
            start,
            identity=made_with,
            clock=clock,
            stop=stop,
            problems=problems,
        )
        reader = stack.enter_context(with_workers(reader, reducers, settings, start, stop, follow=follow))
        stack.enter_context(steady_memory())
        ended_by = start.closing or _read(job, reader, start, follow=follow, stop=stop, progress=progress)
        if ended_by is None:
            job.leave()
        else:
            job.finish(ended_by)
    return job.summary()


def _read(
    job: Job, reader: Reader, start: Start, *, follow: bool, stop: StopOnSignal, progress: Progress | None
) -> EndedBy | None:
    """Read the inputs from where the job begins; return why that has ended, None where the disk is why."""
    progress = progress or NoProgress()
    paths = start.paths[start.source :]
    total = None if follow else total_size(paths)
    if total is not None:
        total += job.bytes_read
    if start.state is not None:
        reader.restore(start.state.reader)
    place = start.place
    for number, source in enumerate(open_sources(paths, follow=follow, stop=stop), start.source):
        job.begin(source, start.source if follow else number, reader, place)
        for item in timed_steps(Stage.READING, reader.items(source, place)):
            job.take(item)
            job.keep_up()
            progress.update(job.bytes_read + source.position, total, job.spills, job.newest_run)
            if job.in_trouble and reader.place is not None:
                return None
            if stop.since(LAST_READING_SECONDS):
                break
        job.end(source)
        place = BEGINNING
    return EndedBy.INTERRUPTED if stop() else EndedBy.END_OF_INPUT


def _directories(settings: Settings, clock: Clock, job: str) -> tuple[LiveDirectory, EndOfRunDirectory]:
    """Make the directories that are written to, and refuse what would have them written over."""
    live = LiveDirectory(
        settings.image_directory,
        prefix=settings.image_file_prefix,
        auto_number=settings.histogram_auto_number,
        clock=clock,
    )
    end_of_run = EndOfRunDirectory(
        settings.end_of_run_image_directory, prefix=settings.image_file_prefix, job=job
    )
    end_of_run.refuse_within(settings.image_directory)
    if settings.documents is not None and not settings.documents_to_stdout:
        end_of_run.refuse_within(settings.documents)
        live.refuse_own(settings.documents)
    live.prepare()
    end_of_run.prepare()
    return live, end_of_run


def _writer(settings: Settings, paths: Sequence[str], start: Start) -> StreamWriter:
    """Return what writes the stream on; it is refused to write over what is read."""
    target = settings.documents
    if target is not None and target.is_file():
        for path in paths:
            with suppress(FileNotFoundError):  # an input that has vanished by now is told of when it is read
                if samestat(target.stat(), os.fstat(STDIN) if path == "-" else Path(path).stat()):
                    raise InputError(f"{target} is an input: the stream written on to it would destroy it")
    return StreamWriter(
        target,
        headers_and_footers=settings.header_and_footer_mode == "append",
        resume=_written(start.state, target) if start.state else None,
    )


def _written(state: JobState, target: Path | None) -> WriterState:
    """Return how far the stream was written on: to another file, nothing was."""
    if target is None or not state.documents or state.documents == absolute(target):
        return state.writer
    problem = f"{target}: begins where the job goes on; what came before is in {state.documents}"
    return replace(state.writer, position=None, problem=problem, given_up=False)
