"""Sealing: a run that is over waits for its last pictures, and becomes a run folder."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from runfolio.clock import Clock
from runfolio.errors import RunfolioError
from runfolio.folder import EndOfRunDirectory, Sealed
from runfolio.images import Image
from runfolio.plots import Filling
from runfolio.render import Rendered, Renderer
from runfolio.run_plots import RunPlots
from runfolio.run_record import run_record
from runfolio.runs import EndedBy
from runfolio.settings import Settings
from runfolio.summary import RunSummary

log = logging.getLogger(__name__)

MAX_WAITING = 4
"""Runs waiting for their last pictures; with more, the reading waits, so that memory stays bounded."""

CUT_SHORT = {
    EndedBy.INTERRUPTED: "interrupted while it was open; its folder holds what had come by then",
    EndedBy.MADE_ROOM: "sealed early, to make room for other runs; what still comes for it is set aside",
    EndedBy.CRASHED: "open when runfolio was killed; its folder holds what the last checkpoint did",
}
"""What is told of a run that something else than its data ended."""


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
        problems += _lost_spills(plots.fillings, plots.unit) + _lost_rows(plots.fillings)
        if plots.run.reason in CUT_SHORT:
            problems.append(CUT_SHORT[plots.run.reason])
        images = rendered.images + plots.images
        folder = None
        try:
            folder = self._end_of_run.seal(
                run_record(plots, self._settings, rendered.failures, sealed_at=self._clock.now()),
                images,
                plots.caption(final=True),
                names=plots.names,
            )
        except RunfolioError as error:
            problems.append(f"not sealed: {error}")
        else:
            log.info("run %d: sealed as %s", plots.run.number, folder.path)
            problems += _imperfect(folder)
        shown = tuple(each for each in images if not each.data_file)
        self._sealed(plots, shown, _summary(plots, folder, images, problems))


def _last_pictures(waiting: _Waiting) -> tuple[Rendered, list[str]]:
    """Return what was drawn for a run's folder, and a line for each thing that was not."""
    if waiting.future is None:
        return Rendered(images=()), []
    rendered = waiting.future.result()
    return rendered, [
        f"{each.tag}.{each.image_type} could not be drawn: {each.reason}" for each in rendered.failures
    ]


def _lost_spills(fillings: Sequence[Filling], unit: str) -> list[str]:
    return [
        f"{name} of {filling.reducer.name} lost {lost} {unit}{'' if lost == 1 else 's'} to an error"
        for filling in fillings
        for name, lost in filling.lost_spills().items()
        if lost
    ]


def _lost_rows(fillings: Sequence[Filling]) -> list[str]:
    return [
        f"{tree.name} of {filling.reducer.name} lost {tree.lost_rows:,} rows:"
        f" {_why_rows_are_lost(tree.rows, filling.reducer.trees[tree.name].limit)}"
        for filling in fillings
        for tree in filling.trees().values()
        if tree.lost_rows
    ]


def _why_rows_are_lost(rows: int, limit: int) -> str:
    if rows < limit:
        return "a branch does not hold one of their values"
    return f"{limit:,} are its limit, or a branch does not hold a value"


def _imperfect(folder: Sealed) -> list[str]:
    problems = [f"an image could not be filed: {each.reason}" for each in folder.failed]
    return [*problems, folder.warning] if folder.warning else problems


def _summary(
    plots: RunPlots, folder: Sealed | None, images: tuple[Image, ...], problems: list[str]
) -> RunSummary:
    run = plots.run
    return RunSummary(
        run_number=run.number,
        status=run.status.value,
        ended_by=run.reason.value,
        spills=run.tally.filled,
        unit=plots.unit,
        rejected=run.tally.rejected.total() + plots.entries_rejected.total(),
        folder=folder.path if folder else None,
        revision=folder.revision if folder else 0,
        images=len(images) if folder else 0,
        renamed=tuple(f"{each.tag} of {each.producer} is filed as {each.name}" for each in folder.renamed)
        if folder
        else (),
        problems=tuple(problems),
    )
