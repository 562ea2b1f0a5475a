"""Sealing: a run that is over waits for its last pictures, and becomes a run folder."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from runfolio import __version__
from runfolio.clock import Clock, utc_text
from runfolio.errors import RunfolioError
from runfolio.folder import (
    DocumentCounts,
    EndOfRunDirectory,
    ImageFailed,
    RunRecord,
    Sealed,
    SpillMark,
    histogram_record,
    time_text,
    tree_record,
)
from runfolio.images import Image
from runfolio.plots import Filling
from runfolio.render import Rendered, Renderer
from runfolio.run_plots import RunPlots
from runfolio.runs import EndedBy, Tally
from runfolio.runs import SpillMark as SeenSpill
from runfolio.settings import Settings
from runfolio.summary import RunSummary

log = logging.getLogger(__name__)

MAX_WAITING = 4
"""Runs waiting for their last pictures; with more, the reading waits, so that memory stays bounded."""

BUILT_ON = ("boost-histogram", "matplotlib", "msgspec", "numpy", "uproot")


@dataclass(frozen=True)
class _Waiting:
    plots: RunPlots
    future: Future[Rendered] | None
    """None where there is nothing to draw."""


class Sealer:
    """Seals runs in the order in which they were over.

    Args:
        sealed: is called with each run that is over, sealed or not, and the images of its folder but
            files of data.

    """

    def __init__(
        self,
        settings: Settings,
        renderer: Renderer,
        end_of_run: EndOfRunDirectory,
        clock: Clock,
        sealed: Callable[[RunPlots, tuple[Image, ...], RunSummary], None],
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._end_of_run = end_of_run
        self._clock = clock
        self._sealed = sealed
        self._waiting: list[_Waiting] = []

    def give(self, plots: RunPlots) -> None:
        """Have a run's last pictures drawn; it is sealed by `keep_up` once they are there."""
        job = plots.job(final=True, now=self._clock.now())
        self._waiting.append(_Waiting(plots, self._renderer.submit(job) if job else None))

    def keep_up(self) -> None:
        """Seal the runs whose pictures are there, waiting for them only where too many runs wait."""
        while self._waiting and (len(self._waiting) > MAX_WAITING or self._ready(self._waiting[0])):
            self._seal(self._waiting.pop(0))

    def finish(self) -> None:
        """Seal every run that is over."""
        while self._waiting:
            self._seal(self._waiting.pop(0))

    @staticmethod
    def _ready(waiting: _Waiting) -> bool:
        return waiting.future is None or waiting.future.done()

    def _seal(self, waiting: _Waiting) -> None:
        plots = waiting.plots
        rendered, problems = _last_pictures(waiting)
        problems += _lost_spills(plots.fillings) + _lost_rows(plots.fillings)
        if plots.run.reason is EndedBy.INTERRUPTED:
            problems.append("interrupted while it was open; its folder holds what had come by then")
        images = rendered.images + plots.images
        folder = None
        try:
            folder = self._end_of_run.seal(
                self._record(plots, rendered), images, plots.caption(final=True), names=plots.names
            )
        except RunfolioError as error:
            problems.append(f"not sealed: {error}")
        else:
            log.info("run %d: sealed as %s", plots.run.number, folder.path)
            problems += _imperfect(folder)
        shown = tuple(each for each in images if not each.data_file)
        self._sealed(plots, shown, _summary(plots, folder, images, problems))

    def _record(self, plots: RunPlots, rendered: Rendered) -> RunRecord:
        run = plots.run
        return RunRecord(
            run_number=run.number,
            status=run.reason.status.value,
            ended_by=run.reason.value,
            started_at=utc_text(run.opened_at),
            ended_at=utc_text(run.opened_at if run.ended_at is None else run.ended_at),
            sealed_at=utc_text(self._clock.now()),
            first_spill=_mark(run.first_spill),
            last_spill=_mark(run.last_spill),
            documents=_document_counts(run.tally),
            image_entries_rejected=dict(sorted(plots.entries_rejected.items())),
            histograms={
                filling.reducer.name: tuple(map(histogram_record, filling.snapshot().values()))
                for filling in plots.fillings
                if filling.reducer.histograms or not filling.reducer.tables | filling.reducer.trees
            },
            tables={
                filling.reducer.name: tuple(filling.tables().values())
                for filling in plots.fillings
                if filling.reducer.tables
            },
            trees={
                filling.reducer.name: tuple(map(tree_record, filling.trees().values()))
                for filling in plots.fillings
                if filling.reducer.trees
            },
            images_failed=tuple(
                ImageFailed(tag=each.tag, image_type=each.image_type, reason=each.reason)
                for each in rendered.failures
            ),
            settings=self._settings.folder_settings(),
            versions=_versions(),
            sources=tuple(dict.fromkeys(Path(source).name for source in run.sources)),
        )


def _last_pictures(waiting: _Waiting) -> tuple[Rendered, list[str]]:
    """Return what was drawn for a run's folder, and a line for each thing that was not."""
    if waiting.future is None:
        return Rendered(images=()), []
    rendered = waiting.future.result()
    return rendered, [
        f"{each.tag}.{each.image_type} could not be drawn: {each.reason}" for each in rendered.failures
    ]


def _lost_spills(fillings: Sequence[Filling]) -> list[str]:
    return [
        f"{name} of {filling.reducer.name} lost {lost} spills to an error"
        for filling in fillings
        for name, lost in filling.lost_spills().items()
        if lost
    ]


def _lost_rows(fillings: Sequence[Filling]) -> list[str]:
    return [
        f"{tree.name} of {filling.reducer.name} lost {tree.lost_rows:,} rows: {tree.rows:,} are its limit"
        for filling in fillings
        for tree in filling.trees().values()
        if tree.lost_rows
    ]


def _imperfect(folder: Sealed) -> list[str]:
    problems = [f"an image could not be filed: {each.reason}" for each in folder.failed]
    return [*problems, folder.warning] if folder.warning else problems


def _summary(
    plots: RunPlots, folder: Sealed | None, images: tuple[Image, ...], problems: list[str]
) -> RunSummary:
    run = plots.run
    return RunSummary(
        run_number=run.number,
        status=run.reason.status.value,
        ended_by=run.reason.value,
        spills=run.tally.filled,
        rejected=run.tally.rejected.total() + plots.entries_rejected.total(),
        folder=folder.path if folder else None,
        revision=folder.revision if folder else 0,
        images=len(images) if folder else 0,
        renamed=tuple(f"{each.tag} of {each.producer} is filed as {each.name}" for each in folder.renamed)
        if folder
        else (),
        problems=tuple(problems),
    )


def _mark(spill: SeenSpill | None) -> SpillMark | None:
    return SpillMark(number=spill.number, time=time_text(spill.time)) if spill else None


def _document_counts(tally: Tally) -> DocumentCounts:
    return DocumentCounts(
        received=tally.received,
        run_headers=tally.run_headers,
        run_footers=tally.run_footers,
        end_of_run_spills=tally.end_of_run_spills,
        markers=tally.markers,
        filled=tally.filled,
        passed_over=tally.passed_over,
        images=tally.images,
        rejected=dict(sorted(tally.rejected.items())),
    )


@cache
def _versions() -> dict[str, str]:
    return {"runfolio": __version__, "python": python_version()} | {name: version(name) for name in BUILT_ON}
