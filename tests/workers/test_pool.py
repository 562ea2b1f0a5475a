"""Workers are processes: one that dies, hangs or can't work costs nothing but time, and none stays behind."""

import logging
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from drawing import drawn_here
from processes import children, until, what_is_there
from runfolio import pipeline
from runfolio.children import Child
from runfolio.plots import Integer, Reducer, load_reducers
from runfolio.plots.identity import identity
from runfolio.settings import Settings
from runfolio.stream import BEGINNING, STRETCH
from runfolio.workers import pool
from runfolio.workers.blocks import Block
from runfolio.workers.messages import Done, GivenUp, Setup
from runfolio.workers.pool import Pool, Reading
from runfolio.workers.worker import OTHER_PLOTS
from shared_out import PLOTS, left, process, small_blocks
from support import FakeClock, spill, stream


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    before = what_is_there()
    with drawn_here():
        yield
    assert what_is_there() == before


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "spills.json"
    path.write_bytes(stream(*(spill(1, n, n=n, x=[n % 10 + 0.5]) for n in range(300))))
    return path


def setup() -> Setup:
    return Setup((PLOTS,), identity(load_reducers([PLOTS])), 1 << 20, STRETCH)


def messages(reading: Reading) -> list[Any]:
    """Return all that comes of a block."""
    found = [reading.take(within=60)]
    while isinstance(found[-1], list):
        found.append(reading.take(within=60))
    return found


def submitted(pool: Pool, path: Path, count: int = 1) -> Sequence[Reading]:
    readings = [Reading(Block(0, str(path), BEGINNING), {}) for _ in range(count)]
    for reading in readings:
        pool.submit(reading)
    return readings


def test_each_block_is_read_by_one_of_them(path: Path) -> None:
    workers = Pool(2, setup())
    for reading in submitted(workers, path, 5):
        *steps, end = messages(reading)
        assert end == Done()
        assert sum(len(item.batch.data) for some in steps for step in some for item in step.items) == 300
    assert len(children()) == 2
    workers.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_is_lost_is_replaced(
    path: Path, number: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    workers = Pool(1, setup(), hangs_after=3)
    [first] = submitted(workers, path)
    whole = messages(first)
    os.kill(children()[0], number)
    [second] = submitted(workers, path)
    assert [each for each in messages(second) if not isinstance(each, list)] == whole[-1:] == [Done()]
    said = "died (signal 9)" if number == signal.SIGKILL else "hung for 3 s"
    assert caplog.messages == [f"a worker {said}; what it had in hand is read again"]
    workers.close()


def test_one_that_reads_what_is_not_wanted_any_more_is_ended_without_a_word(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started = []

    class Counted(Child):
        def __init__(self, module: str, *, heard: bool = False) -> None:
            started.append(module)
            super().__init__(module, heard=heard)

    monkeypatch.setattr(pool, "Child", Counted)
    monkeypatch.setattr(pool, "MOST_WAITING", 0)  # until it is dropped, its thread waits
    workers = Pool(1, setup())
    [first] = submitted(workers, path)
    until(lambda: first.left.start != BEGINNING)
    first.drop()
    monkeypatch.setattr(pool, "MOST_WAITING", 8)
    [second] = submitted(workers, path)
    assert messages(second)[-1] == Done()
    assert len(started) == 2
    assert not caplog.messages
    workers.close()


def test_a_block_that_every_worker_is_lost_over_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dies(Child):
        def send(self, message: Any, *, within: float) -> None:
            super().send(message, within=within)
            if not isinstance(message, Setup):
                self.kill()

    monkeypatch.setattr(pool, "Child", Dies)
    workers = Pool(1, setup())
    [reading] = submitted(workers, path)
    assert messages(reading) == [GivenUp("")]
    workers.close()


def test_one_that_loads_other_plots_reads_nothing(path: Path) -> None:
    workers = Pool(1, setup()._replace(identity="another"))
    assert [messages(each) for each in submitted(workers, path, 2)] == [
        [GivenUp(OTHER_PLOTS, for_good=True)]
    ] * 2
    workers.close()
    workers = Pool(1, setup()._replace(plots=("nowhere.py",)))
    [[given_up]] = [messages(each) for each in submitted(workers, path)]
    assert "nowhere.py" in given_up.why
    workers.close()


def test_they_can_be_closed_whatever_they_do(path: Path) -> None:
    workers = Pool(2, setup())
    submitted(workers, path, 9)
    workers.close()
    Pool(3, setup()).close()


def test_what_nobody_takes_holds_a_worker_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_WAITING", 2)
    reading = Reading(Block(0, str(path), BEGINNING), {})
    done = threading.Event()

    def put_all() -> None:
        for _ in range(4):
            reading.put(Done())
        done.set()

    thread = threading.Thread(target=put_all)
    thread.start()
    assert not done.wait(0.05)
    assert reading.take(within=60) == Done()
    assert not done.wait(0.05)
    reading.drop()
    assert done.wait(60)
    thread.join()


@pytest.mark.parametrize("when", [1, 60, 200])
def test_folders_are_the_same_where_workers_are_killed(tmp_path: Path, path: Path, when: int) -> None:
    class Killing:
        """Kills all workers once so many things have come."""

        def __init__(self) -> None:
            self.left = when

        def update(self, *_: object) -> None:
            self.left -= 1
            if self.left == 0:
                for pid in children():
                    os.kill(pid, signal.SIGKILL)

    with small_blocks(200, 100):
        alone = process(tmp_path / "1", [path], 1)
        shared = process(tmp_path / "2", [path], 2, progress=Killing())
    assert left(tmp_path / "2") == left(tmp_path / "1")
    assert shared.documents == alone.documents == 300


def test_reducers_that_no_settings_name_are_filled_without_workers(
    tmp_path: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reducer = Reducer("Mine", reads=load_reducers([PLOTS])[0].reads)
    reducer.hist("n", Integer(0, 300))
    settings = Settings(
        image_directory=tmp_path / "live",
        end_of_run_image_directory=tmp_path / "sealed",
        histogram_image_type=(),
        workers=2,
    )
    with small_blocks(1000, 1000), caplog.at_level(logging.WARNING):
        assert pipeline.run([str(path)], settings, [reducer], clock=FakeClock()).documents == 300
    assert caplog.messages == [f"--workers 2: one process reads: {OTHER_PLOTS}"]
    until(lambda: not children())
