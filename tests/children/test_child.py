"""A child process that is lost is told in words, whoever waits for it, and nothing of it is left."""

import errno
import fcntl
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from processes import children, what_is_there
from runfolio.children import Child, Lost


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    before = what_is_there()
    yield
    assert what_is_there() == before


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child("echoing")
    yield child
    child.close()


def test_it_is_asked_and_answers(child: Child) -> None:
    for asked in ("this", 1):
        child.send(asked, within=60)
    assert [child.receive(within=60) for _ in range(3)] == [None, "this", 1]


def test_what_it_has_kept_of_an_object_is_not_sent_again(child: Child) -> None:
    child.kept = (unsent := threading.Lock(),)  # which can't be
    with pytest.raises(TypeError):
        child.send(threading.Lock(), within=60)
    child.send(unsent, within=60)


def test_one_that_was_killed_is_lost(child: Child) -> None:
    child.kill()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        child.receive(within=60)


def test_one_that_was_killed_takes_nothing(child: Child) -> None:
    child.kill()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        child.send(bytes(10_000_000), within=60)


def test_one_that_ends_by_itself_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.children.child._CODE", "raise SystemExit(3)")
    child = Child("echoing")
    with pytest.raises(Lost, match=r"^died \(exit status 3\)$"):
        child.receive(within=60)
    child.close()


def test_one_that_says_nothing_is_lost(child: Child) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    with pytest.raises(Lost, match=r"^hung for 0\.01 s$"):
        child.receive(within=0.01)


def test_one_that_takes_nothing_is_lost(child: Child) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    with pytest.raises(Lost, match=r"^hung for 0\.01 s$"):
        child.send(bytes(10_000_000), within=0.01)


def test_another_thread_ends_the_waiting(child: Child) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    killing = threading.Timer(0.05, child.kill)
    killing.start()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        child.receive(within=60)
    killing.join()


def test_it_can_be_closed_whatever_it_does() -> None:
    child = Child("echoing")
    os.kill(children()[0], signal.SIGSTOP)
    child.close()


def test_it_holds_what_it_inherits_until_its_end(tmp_path: Path) -> None:
    with (tmp_path / "lease").open("w") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        child = Child("echoing", inherited=[ours.fileno()])
        assert child.receive(within=60) is None
    with (tmp_path / "lease").open("w") as another:
        with pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child.close()
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_without_an_interpreter_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Lost, match=r"^could not be started \(No such file or directory\)$"):
        Child("echoing")


def test_without_descriptors_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(socket, "socketpair", none_left)
    with pytest.raises(Lost, match=r"^could not be started \(Too many open files\)$"):
        Child("echoing")
