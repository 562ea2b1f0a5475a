"""What runs in the process that draws."""

# ruff: noqa: PLC0415 - the program imports this module, too, and nothing that draws

import socket
from collections.abc import Sequence

import numpy as np

from runfolio.children.pipe import receive, send
from runfolio.children.serving import serving
from runfolio.images import Caption
from runfolio.memory import steady_memory
from runfolio.plots.axes import Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, grid
from runfolio.render.job import ReducerView, RenderJob
from runfolio.render.make import Recipe, recipes, render


def serve(descriptor: int) -> None:
    """Make what the parent asks for, until it is gone.

    It's sent the types of pictures that will be wanted; once it can draw them, it says so with None. It's
    sent a job, and answers None; it's sent the place of an image in that job, and answers the image or a
    failure. Another job takes the place of the one before, of which it keeps what does not change while a
    run goes on.
    """
    with serving(descriptor) as pipe:
        warm_up(receive(pipe))
        send(pipe, None)
        with steady_memory():
            _answer(pipe)


def _answer(pipe: socket.socket) -> None:
    left: dict[int, Recipe] = {}
    kept: tuple[object, ...] = ()
    while True:
        match receive(pipe, kept):
            case RenderJob() as job:
                _prepare(job.image_types)
                left, kept = dict(enumerate(recipes(job))), job.lasting
                send(pipe, None)
            case place:
                send(pipe, left.pop(place).made())


def _prepare(image_types: Sequence[str]) -> None:
    """Have pictures drawn in the one style; without any, matplotlib isn't even imported."""
    if image_types:
        from runfolio.render.style import fix_style

        fix_style()


def warm_up(image_types: Sequence[str]) -> None:
    """Make something tiny in each type, so that the first job finds all imported."""
    _prepare(image_types)
    axis = Regular(2, 0, 2)
    counts = Counts(name="warm", title="", axes=(axis,), values=np.ones(4, np.int64))
    figure = Figure(tag="warm", description="", rows=grid(["warm"], 1), size=(100, 100))
    view = ReducerView(name="warm", counts={"warm": counts}, figures=(figure,))
    caption = Caption(run_number=0, spills=0, last_spill_time=None, final=False)
    render(RenderJob(caption=caption, reducers=(view,), image_types=tuple(image_types), written_at=0))
