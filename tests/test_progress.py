"""Progress: a bar on a terminal, a line now and then in a pipe."""

import logging
from collections.abc import Callable

import pytest
from rich.console import Console

from consoles import pipe, terminal, written
from runfolio import progress as looks
from runfolio.console import log_to
from runfolio.progress import JobProgress

log = logging.getLogger("runfolio.test")


class Seconds:
    """Stands in for the time module, and is set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    seconds = Seconds()
    monkeypatch.setattr(looks, "time", seconds)
    return seconds


def test_piped_progress_is_a_line_now_and_then(clock: Seconds) -> None:
    console = pipe()
    with JobProgress(console) as progress:
        for spills in range(1000):
            clock.now += 0.125
            progress.update(spills * 1000, 2_000_000, spills, 4235)
    assert written(console).splitlines() == [
        "runfolio: run 4235, 239 spills, 239.0 kB of 2.0 MB",
        "runfolio: run 4235, 479 spills, 479.0 kB of 2.0 MB",
        "runfolio: run 4235, 719 spills, 719.0 kB of 2.0 MB",
        "runfolio: run 4235, 959 spills, 959.0 kB of 2.0 MB",
    ]


def test_piped_progress_of_unknown_length_and_run(clock: Seconds) -> None:
    console = pipe()
    with JobProgress(console) as progress:
        clock.now += 60
        progress.update(5000, None, 7, None)
    assert written(console) == "runfolio: 7 spills, 5.0 kB\n"


def test_short_jobs_have_no_piped_progress(clock: Seconds) -> None:
    console = pipe()
    with JobProgress(console) as progress:
        clock.now += 1
        progress.update(5000, None, 7, None)
    assert written(console) == ""


@pytest.mark.parametrize("make", [pipe, terminal])
def test_quiet_progress_shows_nothing(clock: Seconds, make: Callable[[], Console]) -> None:
    console = make()
    with JobProgress(console, quiet=True) as progress:
        clock.now += 1000
        progress.update(5000, None, 7, None)
        progress.advance(5)
    assert written(console) == ""


@pytest.mark.parametrize("width", [20, 60, 160])
def test_progress_on_a_terminal_is_a_bar_that_goes_away(clock: Seconds, width: int) -> None:
    console = terminal(width)
    with JobProgress(console) as progress:
        clock.now += 1
        progress.update(500_000, 1_000_000, 7, 4235)
    assert "run 42" in written(console)
    assert written(console).endswith("\x1b[2K")


def test_a_narrow_terminal_has_its_progress_on_one_line(clock: Seconds) -> None:
    console = terminal(60)
    with JobProgress(console) as progress:
        clock.now += 1
        progress.update(124_700_000, 124_800_000, 400, 4235)
        assert "\n" not in written(console)


def test_work_that_takes_no_time_shows_no_bar(clock: Seconds) -> None:
    console = terminal()
    with JobProgress(console) as progress:
        clock.now += 0.2
        progress.update(500_000, 1_000_000, 7, 4235)
        progress.update(1_000_000, 1_000_000, 14, 4235)
    assert written(console) == ""


def test_the_end_of_the_input_is_shown_at_once(clock: Seconds) -> None:
    console = terminal()
    with JobProgress(console) as progress:
        clock.now += 1
        progress.update(500_000, 1_000_000, 7, 4235)
        progress.update(1_000_000, 1_000_000, 14, 4235)
    assert "run 4235, 14 spills, finishing" in written(console)


def test_progress_updates_are_cheap_between_two_displays(
    clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    progress = JobProgress(pipe())
    monkeypatch.setattr(progress, "_show", lambda _where, done, _total: shown.append(done))
    clock.now += 30
    for count in range(100):
        progress.update(count, None, 0, None)
    assert shown == [0]


def test_advancing_adds_up(clock: Seconds) -> None:
    console = pipe()
    with JobProgress(console) as progress:
        progress.advance(1000)
        clock.now += 60
        progress.advance(500)
    assert written(console) == "runfolio: reading, 1.5 kB\n"


def test_log_lines_stand_above_the_bar(clock: Seconds) -> None:
    console = terminal()
    with log_to(console, verbose=True), JobProgress(console) as progress:
        clock.now += 1
        progress.update(1, 10, 1, 4235)
        log.info("run 4235 sealed")
    assert "runfolio: run 4235 sealed\n" in written(console)
