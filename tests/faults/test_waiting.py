"""What the disk refuses again and again is done in the end; meanwhile memory stays bounded."""

import errno
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trials
from runfolio import job, pipeline
from runfolio.folder import verify
from runfolio.settings import Settings
from runfolio.summary import Progress, Summary
from runfolio.watching import Operation, watched
from support import contents, mark, spill, stream

END_OF_RUN = Path("end_of_run")
Folders = dict[str, dict[str, bytes]]


@contextmanager
def at_work(directory: Path, documents: bytes) -> Iterator[trials.OneDay]:
    """Be in a directory with an input, where drawing takes no time and pauses pass at once."""
    clock = trials.OneDay()
    (directory / "s.json").write_bytes(documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        patch.setattr(time, "sleep", clock.sleep)
        patch.setattr(pipeline, "Renderer", trials.Drawn)
        yield clock


def process(clock: trials.OneDay, *, progress: Progress | None = None, **changes: Any) -> Summary:
    """Process the input, with a checkpoint whenever one can be."""
    usual: dict[str, Any] = {
        "image_directory": Path("live"),
        "end_of_run_image_directory": END_OF_RUN,
        "histogram_image_type": (),
        "checkpoint_seconds": 0,
        "refresh_seconds": 86_400,
    }
    chosen = Settings(**usual | changes)
    return pipeline.run(["s.json"], chosen, [trials.reducer()], progress=progress, clock=clock)


def folders() -> Folders:
    """Return all that is visible, and see that it is whole."""
    found = sorted(END_OF_RUN.glob("[0-9]*"))
    assert all(verify(each).whole for each in found)
    return {each.name: contents(each) for each in found}


@dataclass
class Refusals:
    """Refuses operations by their number, counted from the first one of a checkpoint on."""

    errors: Mapping[int, int]
    count: int = -1

    def before(self, _: Operation, path: Path) -> None:
        if self.count >= 0 or "checkpoint" in path.name:
            self.count += 1
        if self.count in self.errors:
            error = self.errors[self.count]
            raise OSError(error, os.strerror(error), os.fspath(path))

    def after(self, operation: Operation, path: Path) -> None:
        """Nothing to do."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Return the folders of a job to which nothing happens."""
    with at_work(tmp_path_factory.mktemp("undisturbed"), trials.input_of_all_sorts()) as clock:
        process(clock)
        return folders()


SYSTEM_SAYS = st.sampled_from(
    [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ESTALE]
)
SINGLE = st.dictionaries(st.integers(0, 400), SYSTEM_SAYS, max_size=60)
FOR_A_WHILE = st.builds(
    lambda start, length, error: dict.fromkeys(range(start, start + length), error),
    st.integers(0, 250),
    st.integers(0, 200),
    SYSTEM_SAYS,
)


@settings(max_examples=30)
@given(single=SINGLE, for_a_while=FOR_A_WHILE)
def test_whatever_is_refused_each_run_is_sealed_once_as_if_nothing_had_happened(
    tmp_path_factory: pytest.TempPathFactory,
    undisturbed: Folders,
    single: dict[int, int],
    for_a_while: dict[int, int],
) -> None:
    refusals = Refusals(single | for_a_while)
    with (
        at_work(tmp_path_factory.mktemp("refused"), trials.input_of_all_sorts()) as clock,
        watched(refusals),
    ):
        summary = process(clock)
        assert folders() == undisturbed
        assert sorted(run.run_number for run in summary.runs) == [1, 2, 3]
        assert all(run.folder for run in summary.runs)
        assert not list((END_OF_RUN / ".staging").glob("checkpoint.*"))


OUTAGE = 200.0
"""Seconds for which the disk refuses."""
MOST = 3
MANY = range(1, 13)


@dataclass
class Outage:
    """Refuses the files or folders of one kind for a while, and notes how far the reading is meanwhile."""

    clock: trials.OneDay
    kind: str
    read: list[int] = field(default_factory=list)

    def before(self, operation: Operation, path: Path) -> None:
        refused = "checkpoint" in path.name if self.kind == "checkpoint" else path.parent == END_OF_RUN
        if operation == "rename" and refused and self.clock.seconds < OUTAGE:
            raise OSError(errno.EROFS, "Read-only file system")

    def after(self, operation: Operation, path: Path) -> None:
        """Nothing to do."""

    def update(self, _read: int, _total: int | None, _spills: int, run_number: int | None) -> None:
        if self.clock.seconds < OUTAGE and run_number is not None:
            self.read.append(run_number)


def many_runs() -> bytes:
    return b"".join(
        stream(mark("RunHeader", run), spill(run, 1, hits=[1]), mark("RunFooter", run)) for run in MANY
    )


@pytest.mark.parametrize("kind", ["checkpoint", "folder"])
def test_with_many_runs_that_wait_for_the_disk_the_reading_waits_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    monkeypatch.setattr(job, "MAX_IN_TROUBLE", MOST)
    with at_work(tmp_path, many_runs()) as clock, watched(outage := Outage(clock, kind)):
        summary = process(clock, progress=outage, checkpoint_seconds=10)
        assert MOST <= max(outage.read) <= MOST + 1
        assert list(folders()) == sorted(map(str, MANY))
    assert (summary.exit_status, len(summary.runs)) == (0, len(MANY))
    assert caplog.text.count("runs wait for the disk: reading goes on once it works") == 1
    tried = [message for message in caplog.messages if "tried again in" in message]
    assert len(tried) <= MOST + 10  # one for each run, and then one for each pause of the outage


@dataclass
class Removing:
    """Lets no checkpoint be removed, or takes the whole directory away just before."""

    vanishes: bool

    def before(self, operation: Operation, path: Path) -> None:
        if operation == "remove" and "checkpoint" in path.name:
            if not self.vanishes:
                raise OSError(errno.EACCES, "Permission denied")
            END_OF_RUN.rename("elsewhere")

    def after(self, operation: Operation, path: Path) -> None:
        """Nothing to do."""


@pytest.mark.parametrize("vanishes", [False, True])
def test_a_checkpoint_that_cannot_be_removed_costs_no_summary(tmp_path: Path, vanishes: bool) -> None:
    with at_work(tmp_path, many_runs()) as clock, watched(Removing(vanishes)):
        summary = process(clock, on_disk_trouble="stop")
    assert [run.run_number for run in summary.runs] == list(MANY)
    assert all(run.folder for run in summary.runs)
    told = [problem for problem in summary.problems if problem.endswith("remove it yourself")]
    assert len(told) == (0 if vanishes else 1)
    assert summary.exit_status == len(told)
