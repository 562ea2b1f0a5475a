"""Words for tests of workers: a job with small blocks, and all that it leaves."""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runfolio import pipeline
from runfolio.inputs import reader_for
from runfolio.plots import Reducer, load_reducers
from runfolio.settings import Settings
from runfolio.summary import Progress, Summary
from runfolio.workers import reader as workers_reader
from runfolio.workers.messages import Setup
from runfolio.workers.pool import Reading
from runfolio.workers.reader import with_workers
from runfolio.workers.worker import answers, tools
from support import FakeClock

PLOTS = str(Path(__file__).with_name("plots_of_all_kinds.py"))


class PoolHere:
    """Workers within the test's own process."""

    def __init__(self, workers: int, setup: Setup) -> None:
        self.workers = workers
        self._tools, refusal = tools(setup)
        assert not refusal

    def submit(self, reading: Reading) -> None:
        assert self._tools
        for message in answers(self._tools, reading.left):
            reading.put(pickle.loads(pickle.dumps(message)))  # noqa: S301 - as from a worker

    def close(self) -> None:
        """Nothing is left."""


@contextmanager
def workers_here() -> Iterator[None]:
    """Have jobs' workers work in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers_reader, "Pool", PoolHere)
        patch.setattr("runfolio.workers.pool.MOST_WAITING", 10**9)
        yield


@contextmanager
def small_blocks(block: int, stretch: int) -> Iterator[None]:
    """Have blocks, and the stretches at whose ends batches end, be so small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "reader_for", partial(reader_for, stretch=stretch))
        patch.setattr(pipeline, "with_workers", partial(with_workers, block=block, stretch=stretch))
        yield


def process(
    directory: Path,
    paths: Sequence[Path],
    workers: int,
    plots: str = PLOTS,
    *,
    progress: Progress | None = None,
    **settings: Any,
) -> Summary:
    """Run a job, what it leaves being in a directory of its own."""
    found = Settings(
        image_directory=directory / "live",
        end_of_run_image_directory=directory / "sealed",
        histogram_image_type=(),
        plots=(plots,),
        workers=workers,
        **settings,
    )
    reducers: Sequence[Reducer] = load_reducers(found.plots)
    return pipeline.run(list(map(str, paths)), found, reducers, clock=FakeClock(), progress=progress)


def left(directory: Path) -> Mapping[str, bytes]:
    """Return all files of run folders, and what was set aside."""
    sealed = [each for each in (directory / "sealed").rglob("*") if ".staging" not in each.parts]
    aside = [directory / "live" / name for name in ("rejected.jsonl", "late.jsonl")]
    return {
        str(each.relative_to(directory)): each.read_bytes() for each in (*sealed, *aside) if each.is_file()
    }
