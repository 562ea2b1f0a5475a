"""What runs in the process that draws."""

import os
import signal
import threading
from multiprocessing import connection, parent_process

import numpy as np

from runfolio.images import Caption
from runfolio.plots.axes import Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, grid
from runfolio.render.job import ReducerView, RenderJob
from runfolio.render.make import render

LEFT_TO_PARENT = (signal.SIGINT, signal.SIGTERM)
"""A terminal sends the one to the whole process group, service managers the other."""


def start() -> None:
    """Leave signals to the parent, which may still want its last plots drawn, and end when it does."""
    for number in LEFT_TO_PARENT:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end, however it ended; without this a killed parent leaves an orphan behind."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def warm_up() -> int:
    """Draw something tiny, so that the first job finds all imported; return the process id."""
    axis = Regular(2, 0, 2)
    counts = Counts(name="warm", title="", axes=(axis,), values=np.ones(4, np.int64))
    figure = Figure(tag="warm", description="", rows=grid(["warm"], 1), size=(100, 100))
    view = ReducerView(name="warm", counts={"warm": counts}, figures=(figure,))
    caption = Caption(run_number=0, spills=0, last_spill_time=None, final=False)
    render(RenderJob(caption=caption, reducers=(view,), written_at=0))
    return os.getpid()
