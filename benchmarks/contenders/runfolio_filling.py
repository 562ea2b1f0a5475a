"""runfolio's way of filling: the stages of `runfolio run` from the file to filled histograms."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.answering import answer, timed
from benchmarks.contents import write_contents
from runfolio.clock import SystemClock
from runfolio.inputs import never, reader_for, tracker_for
from runfolio.mice.reducers import BEAM_LINE
from runfolio.pipeline import run
from runfolio.processing import Processed, process
from runfolio.run_plots import RunPlots
from runfolio.runs import Data, Opened
from runfolio.settings import Settings


def in_batches(path: str, plots: str = "default", contents: str = "") -> dict[str, Any]:
    """Fill from a file, and write what the bins hold to another, if one is given."""
    found: list[Processed] = []
    figures = timed(lambda: found.append(process(path, plots=plots, image_types=())))
    if contents:
        (plotted,) = found[0].values()
        histograms = plotted.histograms
        write_contents(contents, {name: histograms[name].values(flow=True) for name in histograms})
    return figures


class LineByLine:
    """A file as live input: after each line, nothing more is there for now."""

    live = True
    size: int | None = None

    def __init__(self, path: str) -> None:
        self.name = path
        self.position = 0

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        with Path(self.name).open("rb", buffering=1 << 20) as file:
            self.position = file.seek(start)
            for line in file:
                self.position += len(line)
                yield line
                yield None


def one_spill_at_a_time(path: str) -> dict[str, float]:
    """Fill with each spill as soon as it is there."""

    def fill() -> None:
        settings = Settings(histogram_image_type=())
        reader = reader_for(BEAM_LINE, settings.line_limit, never, print)
        tracker = tracker_for(BEAM_LINE, SystemClock())
        tracker.live = True
        plots: dict[int, RunPlots] = {}
        for item in reader.items(LineByLine(path)):
            for event in tracker.take(item):
                match event:
                    case Opened(of):
                        plots[of.number] = RunPlots(of, BEAM_LINE, settings)
                    case Data(of, data):
                        plots[of.number].fill(data)

    return timed(fill)


def whole_program(path: str) -> dict[str, float]:
    """Do all that `runfolio run` does without pictures, from the file to the sealed folder."""
    with TemporaryDirectory(prefix="bench.") as directory:
        settings = Settings(
            image_directory=Path(directory, "live"),
            end_of_run_image_directory=Path(directory, "end_of_run"),
            histogram_image_type=(),
        )
        return timed(lambda: run([path], settings, BEAM_LINE))


if __name__ == "__main__":
    answer({"batches": in_batches, "one": one_spill_at_a_time, "program": whole_program})
