"""The live plots: when they are drawn anew, and that filling never waits for them."""

import logging
from concurrent.futures import Future
from dataclasses import dataclass

from runfolio.clock import Clock
from runfolio.folder import LiveDirectory
from runfolio.images import Caption, Image
from runfolio.profiling import Stage, stage
from runfolio.render import Failure, Rendered, Renderer
from runfolio.run_plots import RunPlots
from runfolio.settings import Settings
from runfolio.stream import StreamWriter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Drawing:
    """A refresh on its way: the run, what its pictures will say, and the images that need no drawing."""

    plots: RunPlots
    caption: Caption
    images: tuple[Image, ...]
    future: Future[Rendered]


class LivePlots:
    """Keeps the live directory at the newest open run; draws at most one refresh at a time."""

    def __init__(
        self,
        settings: Settings,
        renderer: Renderer,
        directory: LiveDirectory,
        writer: StreamWriter,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._directory = directory
        self._writer = writer
        self._clock = clock
        self._plots: RunPlots | None = None
        self._drawing: _Drawing | None = None
        self._shown_changes = 0
        self._shown_spills = 0
        self._shown_at = 0.0
        self._took = 0.0
        self._told: set[tuple[str, str]] = set()

    @property
    def problems(self) -> list[str]:
        """What could not be shown."""
        return self._directory.problems

    def offer(self, plots: RunPlots) -> None:
        """Show a run of which only images have come, unless another one is under way."""
        if self._plots is None or not self._plots.run.begun:
            self.open(plots)

    def open(self, plots: RunPlots) -> None:
        """Show this run from now on."""
        if self._plots is plots:
            return
        self._plots = plots
        self._shown_changes = self._shown_spills = 0
        self._shown_at = self._clock.monotonic()
        self._told.clear()
        self._open(plots)

    def _open(self, plots: RunPlots) -> None:
        self._names = plots.names
        self._directory.open_run(plots.run.number, names=plots.names, unit=plots.unit)

    def keep_up(self) -> None:
        """Write down what has been drawn, and have drawn what is due."""
        if self._drawing is not None:
            if not self._drawing.future.done():
                return
            drawing, self._drawing = self._drawing, None
            self._show(drawing)
        if self._plots is not None and self._due(self._plots):
            self._refresh(self._plots)

    def close(self, plots: RunPlots, images: tuple[Image, ...]) -> None:
        """Show the last images of a run, the ones that are sealed."""
        if self._drawing is not None and self._drawing.plots is plots:
            self._drawing = None
        if self._plots is plots:
            self._replace(plots, plots.caption(final=True), images)
            self._plots = None

    def _due(self, plots: RunPlots) -> bool:
        if plots.changes == self._shown_changes:
            return False
        rate = self._settings.refresh_rate
        if rate is not None and plots.run.tally.filled - self._shown_spills >= rate:
            return True
        return self._clock.monotonic() - self._shown_at >= self._pause

    @property
    def _pause(self) -> float:
        """Seconds between refreshes: more where thousands of files take long to write, or reading starves."""
        seconds = self._settings.refresh_seconds
        return max(seconds, 2 * self._took) if seconds else 0.0

    def _refresh(self, plots: RunPlots) -> None:
        self._shown_changes = plots.changes
        self._shown_spills = plots.run.tally.filled
        self._shown_at = self._clock.monotonic()
        caption = plots.caption(final=False)
        with stage(Stage.DRAWING):
            job = plots.job(final=False, now=self._clock.now())
            future = self._renderer.submit(job, live=True) if job else None
        if future is None:
            self._write(plots, caption, plots.images)
        else:
            self._drawing = _Drawing(plots, caption, plots.images, future)

    def _show(self, drawing: _Drawing) -> None:
        """Write a refresh down, unless it was cut short, its run is over, or another one is shown by now."""
        if drawing.plots is not self._plots:
            return
        rendered = drawing.future.result()
        if rendered.cut_short:
            return
        for failure in rendered.failures:
            self._tell(drawing.plots.run.number, failure)
        self._write(drawing.plots, drawing.caption, rendered.images + drawing.images)

    def _tell(self, run_number: int, failure: Failure) -> None:
        """Log that an image can't be drawn, once in a run."""
        image = (failure.tag, failure.image_type)
        if image not in self._told:
            self._told.add(image)
            log.warning("run %d: %s.%s not drawn: %s", run_number, *image, failure.reason)

    def _write(self, plots: RunPlots, caption: Caption, images: tuple[Image, ...]) -> None:
        began = self._clock.monotonic()
        self._replace(plots, caption, images)
        with stage(Stage.WRITING):
            self._writer.live_images(plots.run.number, plots.named(images))
        self._took = self._clock.monotonic() - began

    def _replace(self, plots: RunPlots, caption: Caption, images: tuple[Image, ...]) -> None:
        with stage(Stage.WRITING):
            if plots.names is not self._names:  # the first spill has changed which tags are our own
                self._open(plots)
            self._directory.refresh(images, caption)


class NoLivePlots:
    """Shows nothing: where the live directory is to go on showing other runs."""

    problems: tuple[str, ...] = ()

    def offer(self, plots: RunPlots) -> None:
        """Pass over a run of which only images have come."""

    def open(self, plots: RunPlots) -> None:
        """Pass over a run that is shown otherwise."""

    def keep_up(self) -> None:
        """Have nothing to draw."""

    def close(self, plots: RunPlots, images: tuple[Image, ...]) -> None:
        """Pass over the last images of a run."""
