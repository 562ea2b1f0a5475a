"""Stopping: the first signal asks, the second one is obeyed at once."""

import signal
import subprocess
import sys

import pytest

from runfolio.stopping import SIGNALS, StopOnSignal

signals = pytest.mark.parametrize("number", SIGNALS)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in SIGNALS]


@signals
def test_the_first_signal_asks_to_stop(number: int) -> None:
    with StopOnSignal() as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()
    assert stop()


def test_without_a_signal_nothing_is_asked_and_the_handlers_are_restored() -> None:
    before = handlers()
    with StopOnSignal() as stop:
        assert handlers() != before
    assert not stop()
    assert handlers() == before


@signals
def test_the_handlers_are_restored_by_the_first_signal(number: int) -> None:
    before = handlers()
    with StopOnSignal():
        signal.raise_signal(number)
        assert handlers() == before
    assert handlers() == before


@signals
def test_a_signal_that_is_ignored_already_stays_ignored(number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with StopOnSignal() as stop:
            signal.raise_signal(number)
            assert not stop()
    finally:
        signal.signal(number, before)


def test_how_long_ago_it_was_asked_is_known() -> None:
    with StopOnSignal() as stop:
        assert not stop.since(0)
        signal.raise_signal(SIGNALS[0])
        assert stop.since(0)
        assert not stop.since(3600)


@signals
@pytest.mark.parametrize("before", [True, False])
def test_what_is_to_be_done_is_done_at_once_and_once(number: int, before: bool) -> None:
    done: list[int] = []
    with StopOnSignal() as stop:
        if before:
            stop.then(lambda: done.append(number))
            assert not done
        signal.raise_signal(number)
        if not before:
            stop.then(lambda: done.append(number))
        assert done == [number]


def test_the_handlers_are_restored_after_an_error() -> None:
    before = handlers()
    with pytest.raises(ZeroDivisionError), StopOnSignal():
        raise ZeroDivisionError
    assert handlers() == before


SIGNALLED = """
import signal, sys
from runfolio.stopping import StopOnSignal
signal.signal(signal.SIGINT, signal.default_int_handler)
with StopOnSignal() as stop:
    for number in sys.argv[1:]:
        print(stop(), flush=True)
        signal.raise_signal(int(number))
print("went on", stop())
"""


def signalled(*numbers: int) -> subprocess.CompletedProcess[str]:
    arguments = [str(int(number)) for number in numbers]
    return subprocess.run(
        [sys.executable, "-c", SIGNALLED, *arguments], capture_output=True, text=True, check=False
    )


@signals
def test_after_one_signal_the_process_goes_on_to_its_end(number: int) -> None:
    done = signalled(number)
    assert (done.returncode, done.stdout) == (0, "False\nwent on True\n")


@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_a_second_signal_has_its_usual_effect(first: int, second: int) -> None:
    done = signalled(first, second)
    assert done.stdout == "False\nTrue\n"
    assert done.returncode == -second
