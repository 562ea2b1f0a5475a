"""How long filling stands still for a snapshot of ten thousand histograms on its way to the renderer."""

import time
from pathlib import Path

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


def reducer(histograms: int) -> Reducer:
    values = np.random.default_rng(1).uniform(0, 100, 1000)
    many = Reducer("Many", reads=Spills(Spill, lambda _: values))
    for number in range(histograms):
        many.hist(f"h{number}", Regular(BINS, 0, 100), values=lambda columns: columns, figure=False)
    return many


def held_up() -> float:
    """Return for how long other threads kept this one from running, within the time that it's watched.

    What the machine's other processes took of it is not in it.
    """
    found, waited = 0.0, waited_for_processor()
    last = began = time.perf_counter()
    while last - began < WATCHED_SECONDS:
        now = time.perf_counter()
        if now - last > GAP_SECONDS:
            waited, before = waited_for_processor(), waited
            found += max(now - last - (waited - before), 0.0)
        last = now
    return found


def waited_for_processor() -> float:
    """Return the seconds for which this thread could have run, and other processes did."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


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

    def stall(self, renderer: Renderer) -> dict[str, float]:
        """Fill a batch, hand a snapshot to a renderer; return the seconds for which filling stood still."""
        filled = timed(lambda: self._plots.fill(self._spills))["wall"]
        usual = held_up()
        began = time.perf_counter()
        job = self._plots.job(final=False, now=0.0)
        snapshot = time.perf_counter() - began
        assert job is not None
        drawn = renderer.submit(job, live=True)
        handed = time.perf_counter() - began
        stall = handed + max(held_up() - usual, 0.0)
        drawn.result()
        return {"fill": filled, "snapshot": snapshot, "stall": stall}

    def copy(self) -> dict[str, float]:
        """Return the seconds that a copy of as many counts takes in memory."""
        return timed(self._bins.copy)


if __name__ == "__main__":
    filling = Filling()
    with Renderer() as renderer:
        renderer.submit(NOTHING).result()
        answer({"stall": lambda: filling.stall(renderer), "copy": filling.copy})
