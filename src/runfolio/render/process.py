"""The renderer: one process that draws, so that drawing never holds up filling.

A process that dies or hangs is replaced, and costs at most the image that it was at.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Timer
from types import TracebackType
from typing import Self

from runfolio.children import Child, Lost, shield_children
from runfolio.render.job import TOLD_TO_STOP, Rendered, RenderJob
from runfolio.render.making import Making

logger = logging.getLogger(__name__)

HANGS_AFTER = 60.0
"""Seconds without an image after which a process counts as hung."""
LIVE_PATIENCE = 0.5
"""Seconds that are left to a live picture in work when the program is told to stop: most are drawn in a tenth
of that, and a new process takes about a second to start."""
MODULE = "runfolio.render.worker"
"""Of the process that draws."""
_AHEAD = 1
"""Images asked for beyond the one in work, so that the process does not wait for a program that is busy."""


class Renderer:
    """Draws jobs one after the other in a process of its own, which starts when the `with` begins.

    The `with` ends when all jobs are drawn. Left by an exception, it drops the jobs that wait and ends
    the process in the middle of what it draws.

    Args:
        image_types: what pictures will be wanted as; the process warms up for them.
        started: a process of `MODULE` that was started ahead, to be used first; it is closed with the others.
        hangs_after: seconds without an image after which the process is replaced.
        starts_within: seconds after which a process that starts is replaced.

    """

    def __init__(
        self,
        image_types: Sequence[str] = ("png",),
        *,
        started: Child | None = None,
        hangs_after: float = HANGS_AFTER,
        starts_within: float = HANGS_AFTER,
    ) -> None:
        self._image_types = tuple(image_types)
        self._hangs_after = hangs_after
        self._starts_within = starts_within
        # One thread asks and waits. Others only set what it looks at, and kill the process to wake it.
        self._thread = ThreadPoolExecutor(1, "renderer", initializer=shield_children)
        self._started = started
        self._drawer: Child | None = None
        self._timers: list[Timer] = []
        self._at_live = False
        self._hurried = False
        self._out_of_time = False
        self._leaving = False
        self.seconds_at_work = 0.0
        """What its jobs have taken, one after the other."""

    def __enter__(self) -> Self:
        self._thread.submit(self._start_early)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._leaving = True
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._kill()
        self._thread.shutdown()
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self._close()

    def submit(self, job: RenderJob, *, live: bool = False) -> Future[Rendered]:
        """Have a job drawn after those before it; return at once. What it holds must not change any more.

        Args:
            job: what to draw.
            live: whether it may be dropped when time is short.

        """
        return self._thread.submit(self._draw, job, live)

    def hurry(self, seconds: float) -> None:
        """Give up, from so many seconds from now on, each picture that isn't there; return at once.

        Files of data are made all the same, and from now on before the pictures. Live jobs are given up
        at once.
        """
        self._hurried = True
        self._later(min(LIVE_PATIENCE, seconds), self._abandon_live)
        self._later(seconds, self._end_drawing)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        timer = Timer(seconds, action)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _abandon_live(self) -> None:
        if self._at_live:
            self._kill()

    def _end_drawing(self) -> None:
        self._out_of_time = True
        self._kill()

    def _kill(self) -> None:
        drawer = self._drawer
        if drawer is not None:
            drawer.kill()

    def _draw(self, job: RenderJob, live: bool) -> Rendered:
        began = time.perf_counter()
        try:
            return self._drawn(Making(job), live=live)
        finally:
            self.seconds_at_work += time.perf_counter() - began

    def _drawn(self, making: Making, *, live: bool) -> Rendered:
        job = making.job
        while not making.done and self._may_draw(live=live):
            try:
                self._make(making, live=live)
            except Lost as lost:
                self._close()
                if self._may_draw(live=live):  # else it was killed on purpose
                    making.lost(str(lost))
            except Exception as error:
                self._close()
                logger.exception("run %d: a job could not be drawn", job.caption.run_number)
                making.give_up_pictures(f"{type(error).__name__}: {error}")
            finally:
                self._at_live = False
        if not live:
            self._make_data(making)
        making.give_up("the program ended before it was drawn" if self._leaving else TOLD_TO_STOP)
        return making.rendered()

    def _may_draw(self, *, live: bool) -> bool:
        return not (self._leaving or self._out_of_time or (live and self._hurried))

    def _make(self, making: Making, *, live: bool) -> None:
        """Have the images made that are left, or as many as there is time for."""
        drawer = self._ready()
        self._at_live = live
        drawer.send(making.job, within=self._hangs_after)
        drawer.kept = making.job.lasting
        making.sent()
        while making.asked:
            while making.asked <= _AHEAD and self._may_draw(live=live):
                place = making.next(data_first=self._hurried)
                if place is None:
                    break
                drawer.send(place, within=self._hangs_after)
            making.answered(drawer.receive(within=self._hangs_after))

    def _make_data(self, making: Making) -> None:
        """Make in this process the files of data that the other one had no time for, or did not take."""
        for place in making.data_left:
            if not self._leaving:
                making.make_here(place)

    def _start_early(self) -> None:
        try:
            self._ready()
        except Lost as lost:
            self._close()
            if self._may_draw(live=False):
                logger.warning("the drawing process %s at its start", lost)

    def _ready(self) -> Child:
        """Return a process that has imported all it needs.

        Raises:
            Lost: it died or hung while it started, or is not wanted any more.

        """
        if self._drawer is None:
            self._drawer, self._started = self._started or Child(MODULE), None
            if not self._may_draw(live=False):  # only now: whoever says so before this can't kill it
                raise Lost("is not wanted any more")
            self._drawer.send(self._image_types, within=self._starts_within)
            self._drawer.receive(within=self._starts_within)
        return self._drawer

    def _close(self) -> None:
        drawer, self._drawer = self._drawer, None
        if drawer is not None:
            drawer.close()
