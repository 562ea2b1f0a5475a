"""runfolio's way of pictures: the drawing process, and the live directory."""

import sys
import time
from collections.abc import Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from benchmarks.answering import answer, timed
from runfolio.clock import SystemClock
from runfolio.folder import LiveDirectory
from runfolio.images import Image
from runfolio.inputs import never, reader_for, tracker_for
from runfolio.mice.reducers import BEAM_LINE
from runfolio.render import Renderer, RenderJob
from runfolio.render.rootfile import root_file
from runfolio.run_plots import RunPlots
from runfolio.runs import Data, Opened
from runfolio.settings import Settings
from runfolio.stream import open_sources

DATA = "root"


class Run:
    """A run that grows."""

    def __init__(self, path: str, directory: str, renderer: Renderer) -> None:
        self._settings = Settings()
        reader = reader_for(BEAM_LINE, self._settings.line_limit, never, print)
        tracker = tracker_for(BEAM_LINE, SystemClock())
        self._spills: list[Any] = []
        for source in open_sources([path], follow=False, stop=never):
            for event in chain.from_iterable(map(tracker.take, reader.items(source))):
                match event:
                    case Opened(run):
                        self._plots = RunPlots(run, BEAM_LINE, self._settings)
                    case Data(_, data):
                        self._spills += data
        self._directory = LiveDirectory(Path(directory))
        self._directory.prepare()
        self._directory.open_run(self._plots.run.number, names=self._plots.names)
        self._renderer = renderer

    def refresh(self, first: int, last: int, *, compare: bool = False) -> dict[str, Any]:
        """Fill with some of the spills; return what the pictures then take, and whether they are right.

        With the pictures come files of histograms, which are also made apart, to be taken off.
        """
        self._plots.fill(self._spills[first:last])
        wall, cpu = time.perf_counter(), time.process_time() + cpu_of_children()
        job = self._plots.job(final=False, now=0.0)
        assert job is not None
        images = self._renderer.submit(job, live=True).result().images
        self._directory.refresh(images, job.caption)
        cpu, wall = time.process_time() + cpu_of_children() - cpu, time.perf_counter() - wall
        files = timed(lambda: [root_file(view, job.written_at) for view in job.reducers])
        found = {
            "cpu": cpu - files["cpu"],
            "wall": wall - files["wall"],
            "files": files["cpu"],
            "pictures": sum(image.image_type != DATA for image in images),
        }
        return found | {"wrong": different(images, job)} if compare else found


def different(images: Sequence[Image], job: RenderJob) -> list[str]:
    """Return the tags of pictures whose pixels are others than a new process draws."""
    with Renderer() as anew:
        redrawn = anew.submit(job).result().images
    return [
        one.tag
        for one, other in zip(images, redrawn, strict=True)
        if one.image_type != DATA and not np.array_equal(pixels(one.data), pixels(other.data))
    ]


def pixels(png: bytes) -> Any:
    return np.asarray(Pillow.open(BytesIO(png)))


def cpu_of_children() -> float:
    """Return the seconds of CPU that the processes have had which this one has started and not ended."""
    lists = Path("/proc/self/task").glob("*/children")
    children = (int(child) for each in lists for child in each.read_text().split())
    return sum(time.clock_gettime((~child << 3) | 2) for child in children)  # a process's clock, in Linux


if __name__ == "__main__":
    stream, live = sys.argv[1:]
    with Renderer() as renderer:
        answer({"refresh": Run(stream, live, renderer).refresh})
