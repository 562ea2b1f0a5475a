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

from benchmarks.answering import answer
from runfolio.clock import SystemClock
from runfolio.folder import LiveDirectory
from runfolio.images import Image
from runfolio.inputs import never, reader_for, tracker_for
from runfolio.mice.reducers import BEAM_LINE
from runfolio.render import RenderJob
from runfolio.render.drawer import Drawer
from runfolio.render.make import ROOT, recipes
from runfolio.run_plots import RunPlots
from runfolio.runs import Data, Opened
from runfolio.settings import Settings
from runfolio.stream import open_sources

PATIENCE = 60.0


class Drawing:
    """A process that draws, asked for nothing but pictures."""

    def __init__(self) -> None:
        self._drawer = Drawer()
        self._drawer.receive(within=PATIENCE)

    def pictures(self, job: RenderJob) -> Sequence[Image]:
        """Have the pictures of a job drawn, one after the other as a renderer does, one asked for ahead."""
        self._drawer.send(job, within=PATIENCE)
        wanted = [place for place, recipe in enumerate(recipes(job)) if recipe.image_type != ROOT]
        for place in wanted[:1]:
            self._drawer.send(place, within=PATIENCE)
        self._drawer.receive(within=PATIENCE)
        found = []
        for following in [*wanted[1:], None]:
            if following is not None:
                self._drawer.send(following, within=PATIENCE)
            found.append(self._drawer.receive(within=PATIENCE))
        return found

    def cpu(self) -> float:
        """Return the seconds of CPU that the process has had."""
        return time.clock_gettime((~self._drawer._process.pid << 3) | 2)  # noqa: SLF001

    def close(self) -> None:
        self._drawer.close()


class Run:
    """A run that grows."""

    def __init__(self, path: str, directory: str) -> None:
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
        self._directory = LiveDirectory(
            Path(directory), prefix="image", auto_number=False, clock=SystemClock()
        )
        self._directory.prepare()
        self._directory.open_run(self._plots.run.number, names=self._plots.names, unit="spill")
        self._drawing = Drawing()

    def refresh(self, first: int, last: int, *, compare: bool = False) -> dict[str, Any]:
        """Fill with some of the spills; return what the pictures then take, and whether they are right."""
        self._plots.fill(self._spills[first:last])
        wall, cpu, drawn = time.perf_counter(), time.process_time(), self._drawing.cpu()
        job = self._plots.job(final=False, now=0.0)
        assert job is not None
        images = self._drawing.pictures(job)
        self._directory.refresh(images, job.caption)
        found: dict[str, Any] = {
            "cpu": time.process_time() - cpu + self._drawing.cpu() - drawn,
            "wall": time.perf_counter() - wall,
            "pictures": len(images),
        }
        if compare:
            found["wrong"] = different(images, job)
        return found


def different(images: Sequence[Image], job: RenderJob) -> list[str]:
    """Return the tags of pictures whose pixels are others than a new process draws."""
    anew = Drawing()
    try:
        redrawn = anew.pictures(job)
    finally:
        anew.close()
    return [
        one.tag
        for one, other in zip(images, redrawn, strict=True)
        if not np.array_equal(pixels(one.data), pixels(other.data))
    ]


def pixels(png: bytes) -> Any:
    return np.asarray(Pillow.open(BytesIO(png)))


if __name__ == "__main__":
    answer({"refresh": Run(*sys.argv[1:]).refresh})
