"""Processing in memory: the plots of data as Python objects, with nothing written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.clock import SystemClock
from runfolio.errors import InputError
from runfolio.inputs import check_inputs, never, reader_for, tracker_for
from runfolio.memory import steady_memory
from runfolio.plots import DEFAULT, Counts, Reducer, checked, load_reducers
from runfolio.plotted import ByName, Picture, PlottedRun, by_shortest_name, each_best
from runfolio.render import Rendered, render
from runfolio.run_plots import RunPlots
from runfolio.run_record import run_record
from runfolio.runs import Data, EndedBy, Event, Images, Opened, Over, Rejected
from runfolio.settings import Settings
from runfolio.stream import expanded, open_sources

if TYPE_CHECKING:  # hist is an extra, and takes a second to import
    import hist

__all__ = ["Processed", "process"]

Plots = str | Path | Reducer
"""A plots file, a name under which installed plots are offered, or a reducer itself."""


class Processed(Mapping[int, PlottedRun]):
    """The runs of some data, by number."""

    def __init__(
        self, runs: Mapping[int, PlottedRun], rejected: Mapping[str, int], problems: Sequence[str]
    ) -> None:
        self._runs = dict(sorted(runs.items()))
        self.rejected = dict(sorted(rejected.items()))
        """Documents and rows that could not be used, by reason."""
        self.problems = tuple(problems)
        """What ended the reading of a file early."""

    def __getitem__(self, run_number: int) -> PlottedRun:
        return self._runs[run_number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        lost = f", rejected {self.rejected}" if self.rejected else ""
        return f"<{len(self)} runs: {', '.join(map(str, self))}{lost}>"


def process(
    files: str | Path | Sequence[str | Path],
    *,
    plots: Plots | Sequence[Plots] = DEFAULT,
    image_types: Sequence[str] = ("png",),
) -> Processed:
    """Return the runs of files with their plots, and write nothing.

    Args:
        files: one or several; a pattern such as `data/*.root` stands for those that are called so.
        plots: plots files, names of installed plots, or reducers.
        image_types: of the images, which are drawn when one is first looked at.

    Raises:
        InputError: a file can't be opened, or is none of those that are plotted.
        DeclarationError: there is a mistake in the plots.

    """
    settings = Settings(histogram_image_type=tuple(image_types))
    reducers = _reducers(plots)
    job = _Job(reducers, settings)
    paths = expanded([str(each) for each in ([files] if isinstance(files, str | Path) else files)])
    if not paths:
        raise InputError("no files are given: there is nothing to process")
    reader = reader_for(reducers, settings.line_limit, never, job.problems.append)
    sources = open_sources(paths, follow=False, stop=never)
    check_inputs(reader, reducers, paths)
    with steady_memory():
        for source in sources:
            for item in reader.items(source):
                job.take(job.tracker.take(item))
    job.take(job.tracker.close(EndedBy.END_OF_INPUT))
    return Processed(job.runs, job.rejected, job.problems)


def _reducers(plots: Plots | Sequence[Plots]) -> tuple[Reducer, ...]:
    given = [plots] if isinstance(plots, str | Path | Reducer) else plots
    return checked(
        reducer
        for each in given
        for reducer in ((each,) if isinstance(each, Reducer) else load_reducers([str(each)]))
    )


class _Job:
    """What comes of the events of a stream, kept in memory."""

    def __init__(self, reducers: Sequence[Reducer], settings: Settings) -> None:
        self._reducers = reducers
        self._settings = settings
        self._clock = SystemClock()
        self.tracker = tracker_for(reducers, self._clock)
        self._open: dict[int, RunPlots] = {}
        self.runs: dict[int, PlottedRun] = {}
        self.rejected: Counter[str] = Counter()
        self.problems: list[str] = []

    def take(self, events: Iterator[Event]) -> None:
        for event in events:
            match event:
                case Opened(run):
                    self._open[run.number] = RunPlots(run, self._reducers, self._settings)
                case Data(run, data):
                    self._open[run.number].fill(data)
                case Images(run, document):
                    for refused in self._open[run.number].take_document(document):
                        self.rejected[refused.reason] += refused.rows
                case Rejected(_, refused):
                    self.rejected[refused.reason] += refused.rows
                case Over(run):
                    if run.number in self.runs:
                        self.problems.append(f"run {run.number} came twice; the second is what is kept")
                    self.runs[run.number] = self._plotted(self._open.pop(run.number))

    def _plotted(self, plots: RunPlots) -> PlottedRun:
        now = self._clock.now()
        fillings = sorted(plots.fillings, key=lambda each: each.reducer.name)  # as in run.json
        counts = {filling.reducer.name: filling.snapshot() for filling in fillings}
        names = [(reducer, name) for reducer, histograms in counts.items() for name in histograms]
        return PlottedRun(
            record=run_record(plots, self._settings, (), sealed_at=now),
            histograms=ByName("histogram", lambda: by_shortest_name(names, partial(_histogram, counts))),
            images=_images(plots, now),
        )


def _histogram(counts: Mapping[str, Mapping[str, Counts]], reducer: str, name: str) -> "hist.Hist[Any]":
    from runfolio.histograms import to_hist  # noqa: PLC0415 - hist is an extra

    return to_hist(counts[reducer][name])


def _images(plots: RunPlots, now: float) -> ByName[Picture]:
    """Return a run's images, all of which are drawn when they are first looked at."""

    def drawn() -> Mapping[str, Callable[[], Picture]]:
        job = plots.job(final=True, now=now)
        rendered = render(job) if job else Rendered(images=())
        pictures = {
            (tag, image.image_type): Picture(
                tag=tag,
                image_type=image.image_type,
                data=image.data,
                description=image.description,
                keywords=image.keywords,
            )
            for tag, image in plots.named((*rendered.images, *plots.images))
        }
        return each_best(pictures, lambda tag, image_type: pictures[tag, image_type])

    return ByName("image", drawn)
