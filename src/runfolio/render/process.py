"""The renderer: one process that draws, so that drawing never holds up filling.

The process is started by `spawn`. A forked one would inherit the threads and the fonts of its
parent in any state.
"""

import logging
import multiprocessing
import signal
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Self

from runfolio.render import worker
from runfolio.render.job import Rendered, RenderJob
from runfolio.render.make import all_failed, render

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a job is given to a process before it counts as the one that kills it."""


class Renderer:
    """Draws jobs one after the other in a process of its own, which starts when the `with` begins.

    The `with` ends when all jobs are drawn. Left by an exception, it drops the jobs that wait and ends
    the process in the middle of what it draws.
    """

    def __init__(self) -> None:
        # One thread hands over job by job: when the process dies, it's known which job it was drawing.
        self._thread = ThreadPoolExecutor(1, "renderer", initializer=_shield_children)
        self._pool: ProcessPoolExecutor | None = None
        self._pid: int | None = None
        self._leaving = False

    def __enter__(self) -> Self:
        self._thread.submit(self._ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._leaving = True
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._kill()
        self._thread.shutdown()
        self._close_pool()

    def submit(self, job: RenderJob) -> Future[Rendered]:
        """Have a job drawn after those before it; return at once. What it holds must not change any more."""
        return self._thread.submit(self._draw, job)

    def _draw(self, job: RenderJob) -> Rendered:
        run = job.caption.run_number
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._ready().submit(render, job).result()
            except BrokenProcessPool:
                self._close_pool()
                if self._leaving:
                    return all_failed(job, "the program ended before it was drawn")
                logger.warning("run %d: the drawing process died, attempt %d of %d", run, attempt, ATTEMPTS)
            except Exception as error:
                logger.exception("run %d: a job could not be drawn", run)
                return all_failed(job, f"{type(error).__name__}: {error}")
        return all_failed(job, f"the drawing process died {ATTEMPTS} times")

    def _ready(self) -> ProcessPoolExecutor:
        """Return the pool with a process that has imported all it needs.

        Raises:
            BrokenProcessPool: it died while it started, or the `with` is being left.

        """
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=worker.start)
            self._pid = self._pool.submit(worker.warm_up).result()
        if self._leaving:  # looked at after the id is known: either side sees the other's
            raise BrokenProcessPool
        return self._pool

    def _close_pool(self) -> None:
        pool, self._pool, self._pid = self._pool, None, None
        if pool is not None:
            pool.shutdown()

    def _kill(self) -> None:
        """Kill the process if it's there; by way of its object, as its number may be another's by now."""
        for child in multiprocessing.active_children():
            if child.pid == self._pid:
                child.kill()


def _shield_children() -> None:
    """Block in this thread, and so in the processes it starts, what they will ignore as soon as they can.

    The resource tracker comes first: starting it would lift the block again.
    """
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, worker.LEFT_TO_PARENT)
