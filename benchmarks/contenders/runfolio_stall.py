"""How long filling stands still for a snapshot of ten thousand histograms on its way to the renderer."""

import time
from contextlib import suppress
from typing import Any

import numpy as np
from msgspec import Struct

from benchmarks.answering import answer, timed
from runfolio.images import Caption
from runfolio.plots import Reducer, Regular, Spills
from runfolio.render import Renderer, RenderJob
from runfolio.run_plots import RunPlots
from runfolio.runs import Run
from runfolio.settings import Settings

HISTOGRAMS, BINS, SPILLS = 10_000, 100, 32
WATCHED_SECONDS = 0.5
"""For so long after the handing over it's watched for what holds this thread up."""
GAP_SECONDS = 0.001
"""A pause in a loop that does nothing else is longer than this only if it was held up."""
NOTHING = RenderJob(
    caption=Caption(run_number=0, spills=0, last_spill_time=None, final=False), reducers=(), written_at=0
)


class Spill(Struct):
    """Of no content: what is filled is made here."""


class Left(Exception):  # noqa: N818
    """Leaves a renderer without waiting for what it draws."""


def reducer(histograms: int) -> Reducer:
    values = np.random.default_rng(1).uniform(0, 100, 1000)
    many = Reducer("Many", reads=Spills(Spill, lambda _: values))
    for number in range(histograms):
        many.hist(f"h{number}", Regular(BINS, 0, 100), values=lambda columns: columns, figure=False)
    return many


def held_up() -> float:
    """Return how long this thread could not run within the time that it's watched."""
    found = 0.0
    last = began = time.perf_counter()
    while last - began < WATCHED_SECONDS:
        now = time.perf_counter()
        if now - last > GAP_SECONDS:
            found += now - last
        last = now
    return found


class Filling:
    """Plots of one run."""

    def __init__(self, histograms: int = HISTOGRAMS) -> None:
        self._plots = RunPlots(Run(number=1, opened_at=0.0), [reducer(histograms)], Settings())
        self._spills = [Spill()] * SPILLS
        self._bins = np.ones((histograms, BINS + 2), np.int64)

    def snapshot(self) -> dict[str, float]:
        """Fill a batch; return the seconds that a snapshot then takes, without handing it over."""
        self._plots.fill(self._spills)
        return timed(lambda: self._plots.job(final=False, now=0.0))

    def stall(self) -> dict[str, Any]:
        """Fill a batch, hand a snapshot to a renderer; return the seconds for which filling stood still."""
        began = time.perf_counter()
        self._plots.fill(self._spills)
        filled = time.perf_counter() - began
        with suppress(Left), Renderer() as renderer:
            renderer.submit(NOTHING).result()
            usual = held_up()
            began = time.perf_counter()
            job = self._plots.job(final=False, now=0.0)
            snapshot = time.perf_counter() - began
            assert job is not None
            renderer.submit(job, live=True)
            handed = time.perf_counter() - began - snapshot
            after = max(held_up() - usual, 0.0)
            raise Left
        return {
            "fill": filled,
            "snapshot": snapshot,
            "handing": handed + after,
            "stall": snapshot + handed + after,
        }

    def copy(self) -> dict[str, float]:
        """Return the seconds that a copy of as many counts takes in memory."""
        return timed(self._bins.copy)


if __name__ == "__main__":
    filling = Filling()
    answer({"stall": filling.stall, "copy": filling.copy})
