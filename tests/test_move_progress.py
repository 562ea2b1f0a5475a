"""What a user sees of deliveries while they are made."""

import threading

import pytest

from consoles import HOSTILE, pipe, terminal, written
from runfolio.move_progress import PLAIN_INTERVAL, PLAIN_LINES, LookProgress, MoveProgress
from runfolio.mover.entries import Delivery
from support import FakeClock


def delivery(run: str = "7", to: str = "tape") -> Delivery:
    return Delivery(run=run, destination=to, since=0.0)


def test_each_delivery_is_a_line_and_all_of_them_the_last() -> None:
    console, clock = pipe(), FakeClock()
    with MoveProgress(console, now=clock.monotonic) as told:
        told(delivery("7"), 1_200_000, lambda: 1)
        clock.sleep(2)
        told(delivery("8", "disk"), 10, lambda: 0)
    assert written(console).splitlines() == [
        "runfolio: run 7 delivered to tape, 1.2 MB",
        "runfolio: run 8 delivered to disk, 10 B",
        "2 deliveries, 1.2 MB in 2.0 s",
    ]


def test_of_many_in_a_short_time_some_are_said_and_then_their_number() -> None:
    console, clock = pipe(), FakeClock()
    with MoveProgress(console, now=clock.monotonic) as told:
        for _ in range(100):
            told(delivery(), 1, lambda: 0)
        clock.sleep(PLAIN_INTERVAL)
        told(delivery("8"), 1, lambda: 5)
    lines = written(console).splitlines()
    assert lines[:PLAIN_LINES] == ["runfolio: run 7 delivered to tape, 1 B"] * PLAIN_LINES
    assert lines[PLAIN_LINES:] == [
        "runfolio: 80 more delivered, 5 to do",
        "runfolio: run 8 delivered to tape, 1 B",
        "101 deliveries, 101 B in 10.0 s",
    ]


def test_on_a_terminal_one_line_says_how_far_it_is() -> None:
    console, clock = terminal(), FakeClock()
    with MoveProgress(console, now=clock.monotonic) as told:
        clock.sleep(10)
        told(delivery(), 20_000, lambda: 1999)
    assert "1 delivered, 1,999 to do, 2.0 kB/s; last 7 to tape" in written(console)
    assert "1 delivery, 20.0 kB in 10.0 s" in written(console)


def test_the_journal_is_not_asked_for_every_delivery() -> None:
    asked: list[int] = []

    def left() -> int:
        asked.append(1)
        return 0

    clock = FakeClock()
    with MoveProgress(terminal(), now=clock.monotonic) as told:
        for _ in range(100):
            told(delivery(), 1, left)
            clock.sleep(0.005)
    assert 1 <= len(asked) <= 5


@pytest.mark.parametrize("make", [pipe, terminal])
def test_quiet_says_nothing(make: type) -> None:
    console = make()
    with MoveProgress(console, quiet=True) as told, LookProgress(console, quiet=True) as looking:
        told(delivery(), 1, lambda: 0)
        looking.look_at("7 at tape")
    assert written(console) == ""


def test_where_nothing_was_delivered_nothing_is_said() -> None:
    console = pipe()
    with MoveProgress(console):
        pass
    assert written(console) == ""


def test_carriers_may_tell_at_the_same_time() -> None:
    console = pipe()

    def tell() -> None:
        for _ in range(50):
            told(delivery(), 1, lambda: 0)

    with MoveProgress(console) as told:
        threads = [threading.Thread(target=tell) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert written(console).splitlines()[-1].startswith("400 deliveries, 400 B")


def test_what_is_looked_at_is_shown_on_a_terminal_alone() -> None:
    shown, plain = terminal(), pipe()
    for console in (shown, plain):
        with LookProgress(console) as looking:
            looking.look_at(f"7 at {HOSTILE}")
    assert "looking at 7 at a" in written(shown)
    assert "\x1b[31m" not in written(shown)
    assert written(plain) == ""
