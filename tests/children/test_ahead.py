"""A process that is started ahead is there for who needs it, and gone with the `with`."""

import signal
import subprocess

import pytest

from processes import what_is_there
from runfolio.children import started_ahead


def test_it_is_asked_and_answers_and_is_gone_afterwards() -> None:
    before = what_is_there()
    with started_ahead("echoing") as child:
        assert child is not None
        child.send("this", within=60)
        assert [child.receive(within=60) for _ in range(2)] == [None, "this"]
    assert what_is_there() == before


def test_whoever_used_it_may_close_it() -> None:
    with started_ahead("echoing") as child:
        assert child is not None
        child.close()


def test_it_is_born_deaf_to_what_asks_to_stop_and_its_parent_is_not() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with started_ahead("echoing") as child:
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
        assert child is not None
        assert child.receive(within=60) is None


def test_one_that_cannot_be_started_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with started_ahead("echoing") as child:
        assert child is None
