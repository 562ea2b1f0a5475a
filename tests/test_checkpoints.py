"""Checkpoints: when they are due, what is read back, and what a job is called."""

import errno
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpointed import checkpoints_in, job_state, with_open_runs
from runfolio.checkpoints import MOST_OF_TIME, SEALED_SECONDS, Checkpoints, JobState, job_name
from runfolio.errors import CheckpointError
from runfolio.folder import write_checkpoint
from runfolio.folder.faults import Fail
from runfolio.runs import EndedBy
from runfolio.stream import Place
from runfolio.watching import watched
from support import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(100)


@pytest.fixture
def checkpoints(tmp_path: Path, clock: FakeClock) -> Checkpoints:
    return checkpoints_in(tmp_path, clock)


def due(checkpoints: Checkpoints, **why: bool) -> bool:
    return checkpoints.due(**({"urgent": False, "sealed": False} | why))


def test_one_is_due_every_so_many_seconds(checkpoints: Checkpoints, clock: FakeClock) -> None:
    for _ in range(2):
        clock.sleep(9.9)
        assert not due(checkpoints)
        clock.sleep(0.1)
        assert due(checkpoints)
        assert checkpoints.write(job_state, last=False)
        assert not due(checkpoints)


def test_one_is_due_at_once_for_a_run_that_waits(checkpoints: Checkpoints) -> None:
    assert due(checkpoints, urgent=True)


def test_one_is_due_soon_after_a_run_was_sealed(checkpoints: Checkpoints, clock: FakeClock) -> None:
    assert not due(checkpoints, sealed=True)
    clock.sleep(SEALED_SECONDS)
    assert due(checkpoints, sealed=True)
    assert not due(checkpoints)


@pytest.fixture
def slow(clock: FakeClock) -> Any:
    """A disk on which each rename takes a second."""

    class Slow:
        def before(self, operation: str, _: Path) -> None:
            clock.sleep(operation == "rename")

        def after(self, *_: object) -> None:
            pass

    return Slow()


def test_one_that_took_long_is_followed_by_a_long_pause(
    checkpoints: Checkpoints, clock: FakeClock, slow: Any
) -> None:
    with watched(slow):
        checkpoints.write(job_state, last=False)
    clock.sleep(MOST_OF_TIME - 1.5)
    assert not due(checkpoints, sealed=True)
    clock.sleep(0.5)
    assert due(checkpoints)


def test_a_state_that_takes_long_to_take_counts_as_well(checkpoints: Checkpoints, clock: FakeClock) -> None:
    def slowly() -> JobState:
        clock.sleep(1)
        return job_state()

    checkpoints.write(slowly, last=False)
    clock.sleep(MOST_OF_TIME - 1.5)
    assert not due(checkpoints)
    clock.sleep(0.5)
    assert due(checkpoints)


def test_one_that_the_disk_refuses_is_tried_again_and_the_one_before_stays(
    checkpoints: Checkpoints, clock: FakeClock
) -> None:
    checkpoints.write(lambda: job_state(source=1), last=False)
    with watched(Fail(0, errno.ENOSPC)):
        assert not checkpoints.write(lambda: job_state(source=2), last=False)
    assert "No space left on device" in str(checkpoints.trouble)
    assert not due(checkpoints, urgent=True)
    clock.sleep(checkpoints.wait)
    assert due(checkpoints)
    state = checkpoints.read()
    assert state is not None
    assert state.source == 1
    assert checkpoints.write(lambda: job_state(source=2), last=False)
    assert checkpoints.trouble is None


def test_what_is_written_is_read(checkpoints: Checkpoints) -> None:
    state = job_state(
        inputs=("/a", "-"),
        place=Place(5, 2),
        closing=EndedBy.INTERRUPTED,
        reader={"names": ["x"]},
        problems=("torn",),
        **with_open_runs(7),
    )
    checkpoints.write(lambda: state, last=False)
    assert checkpoints.read() == state


def test_without_one_nothing_is_read(checkpoints: Checkpoints) -> None:
    assert checkpoints.read() is None


def test_one_of_another_version_is_told(checkpoints: Checkpoints) -> None:
    fields = msgspec.to_builtins(job_state(), builtin_types=(bytes,))
    del fields["tracker"]
    write_checkpoint(checkpoints.path, msgspec.msgpack.encode(fields))
    with pytest.raises(CheckpointError, match=r"is of another version of runfolio: .*`tracker`"):
        checkpoints.read()


def test_one_that_is_removed_is_gone_and_may_be_gone_already(checkpoints: Checkpoints) -> None:
    checkpoints.write(job_state, last=False)
    assert checkpoints.remove(last=False)
    assert checkpoints.remove(last=False)
    assert checkpoints.read() is None


def test_a_job_is_called_by_its_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [
        job_name(["a"], follow=False),
        job_name(["a"], follow=True),
        job_name(["a", "b"], follow=False),
        job_name(["b", "a"], follow=False),
        job_name(["-"], follow=False),
        job_name(["./-"], follow=False),
        job_name(["a*"], follow=False),
    ]
    assert len(set(names)) == len(names)
    assert job_name([str(tmp_path / "x" / ".." / "a")], follow=False) == names[0]
    monkeypatch.chdir("/")
    assert job_name(["-"], follow=False) == names[4]
    assert job_name(["a"], follow=False) != names[0]
