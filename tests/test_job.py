"""A job that goes on from a checkpoint: what it has counted and written, and where, is gone on with."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from drawing import drawn_here
from following import GARBAGE, JOB_FOOTER, JOB_HEADER, footer, header
from runfolio import pipeline
from runfolio.checkpoints import JobState
from runfolio.errors import CheckpointError
from runfolio.folder import read_checkpoint, write_checkpoint
from runfolio.plots import Integer, Reducer, Spills
from runfolio.settings import Settings
from runfolio.summary import Summary
from support import FakeClock, spill, stream


@pytest.fixture(autouse=True, scope="module")
def _in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


class Spill(msgspec.Struct):
    hits: int = 0


def columns(spills: Sequence[Spill]) -> Any:
    return SimpleNamespace(hits=np.array([each.hits for each in spills]))


def reducer() -> Reducer:
    made = Reducer("Mine", reads=Spills(Spill, columns))
    made.hist("hits", Integer(0, 4))
    return made


class Killed(BaseException):
    """Stands for the end of the process: nothing of the job is done after it."""


class KilledAt:
    """Kills the job once it has taken so many spills."""

    def __init__(self, spills: int) -> None:
        self._spills = spills

    def update(self, _read: int, _total: int | None, spills: int, _run: int | None, /) -> None:
        if spills >= self._spills:
            raise Killed


class Job:
    """A job in a directory, as often as it is started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.input = directory / "s.json"

    def run(self, progress: Any = None, **settings: Any) -> Summary:
        given = {"image_directory": self.directory / "live", "documents": self.directory / "out.json"}
        return pipeline.run(
            [str(self.input)],
            Settings(
                end_of_run_image_directory=self.directory / "end_of_run",
                checkpoint_seconds=0,
                histogram_image_type=(),
                **(given | settings),
            ),
            [reducer()],
            progress=progress,
            clock=FakeClock(),
        )

    def kill(self, spills: int, **settings: Any) -> None:
        with pytest.raises(Killed):
            self.run(KilledAt(spills), **settings)

    @property
    def checkpoint(self) -> Path:
        [path] = (self.directory / "end_of_run" / ".staging").glob("checkpoint.*")
        return path

    def kinds(self, name: str = "out.json") -> list[str]:
        """Return what was written on, less images."""
        lines = (self.directory / name).read_text().splitlines()
        kinds = [json.loads(line)["maus_event_type"] for line in lines]
        return [kind for kind in kinds if kind != "Image"]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = Job(tmp_path)
    documents: list[Any] = [JOB_HEADER, header(1), spill(1, 1), GARBAGE, spill(1, 2), footer(1)]
    documents += [header(2), GARBAGE, spill(2, 1), footer(2), JOB_FOOTER]
    job.input.write_bytes(stream(*documents))
    return job


@pytest.mark.parametrize("spills", [0, 1, 2, 3])
def test_all_is_counted_once_and_written_on_once(job: Job, spills: int) -> None:
    job.kill(spills)
    done = job.run()
    assert (done.documents, done.bytes_read) == (11, job.input.stat().st_size)
    assert done.rejected == {"not_json": 2}
    assert {run.run_number: run.spills for run in done.runs}.items() <= {1: 2, 2: 1}.items()
    assert job.kinds() == ["JobHeader", *["RunHeader", "RunFooter"] * 2, "JobFooter"]
    assert len((job.directory / "live" / "rejected.jsonl").read_text().splitlines()) == 2
    assert sorted(each.name for each in (job.directory / "end_of_run").iterdir()) == [".staging", "1", "2"]


def test_the_stream_may_be_written_on_to_another_file(job: Job) -> None:
    job.kill(1)
    other = job.directory / "other.json"
    other.write_text("what somebody else has written\n" * 9)
    done = job.run(documents=other)
    assert job.kinds("other.json") == ["RunFooter", "RunHeader", "RunFooter", "JobFooter"]
    before = job.directory / "out.json"
    assert done.problems == [f"{other}: begins where the job goes on; what came before is in {before}"]


def test_what_was_set_aside_elsewhere_is_not_looked_for(job: Job) -> None:
    job.kill(2)
    done = job.run(image_directory=job.directory / "other")
    assert done.set_aside == job.directory / "other" / "rejected.jsonl"
    assert len(done.set_aside.read_text().splitlines()) == 1


def test_a_checkpoint_that_does_not_hold_together_is_told(job: Job) -> None:
    job.kill(1)
    state = msgspec.msgpack.decode(read_checkpoint(job.checkpoint), type=JobState)
    write_checkpoint(job.checkpoint, msgspec.msgpack.encode(msgspec.structs.replace(state, plots={})))
    with pytest.raises(CheckpointError, match=r"does not hold together: KeyError\(1\); .* move it away$"):
        job.run()
    assert job.checkpoint.exists()
