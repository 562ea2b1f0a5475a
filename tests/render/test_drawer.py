"""A drawing process that is lost is told in words, whoever waits for it, and nothing of it is left."""

import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from processes import children, what_is_there
from runfolio.plots import Figure
from runfolio.render import RenderJob, render
from runfolio.render.drawer import Drawer, Lost


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    before = what_is_there()
    yield
    assert what_is_there() == before


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    drawer = Drawer()
    yield drawer
    drawer.close()


def test_it_is_asked_and_answers(drawer: Drawer, job: RenderJob) -> None:
    for asked in (("png",), job, 1):
        drawer.send(asked, within=60)
    assert [drawer.receive(within=60) for _ in range(3)] == [None, None, render(job).images[1]]


def test_what_it_has_of_the_job_before_shows_what_is_counted_now(
    drawer: Drawer, job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    [view] = job.reducers
    counts = {name: replace(each, values=each.values + 7) for name, each in view.counts.items()}
    later = replace(job, reducers=(replace(view, counts=counts),))
    sent: list[str] = []

    def state(figure: Figure) -> object:
        sent.append(figure.tag)
        return vars(figure)

    monkeypatch.setattr(Figure, "__getstate__", state)
    for each in (("png",), job, 1, later, 1):
        drawer.send(each, within=60)
    answers = [drawer.receive(within=60) for _ in range(5)]
    assert answers == [None, None, render(job).images[1], None, render(later).images[1]]
    assert answers[2] != answers[4]
    assert sent == [figure.tag for figure in view.figures]


def test_one_that_was_killed_is_lost(drawer: Drawer) -> None:
    drawer.kill()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        drawer.receive(within=60)


def test_one_that_was_killed_takes_nothing(drawer: Drawer) -> None:
    drawer.kill()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        drawer.send(bytes(10_000_000), within=60)


def test_one_that_ends_by_itself_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.render.drawer._CODE", "raise SystemExit(3)")
    drawer = Drawer()
    with pytest.raises(Lost, match=r"^died \(exit status 3\)$"):
        drawer.receive(within=60)
    drawer.close()


def test_one_that_says_nothing_is_lost(drawer: Drawer) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    with pytest.raises(Lost, match=r"^hung for 0\.01 s$"):
        drawer.receive(within=0.01)


def test_one_that_takes_nothing_is_lost(drawer: Drawer) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    with pytest.raises(Lost, match=r"^hung for 0\.01 s$"):
        drawer.send(bytes(10_000_000), within=0.01)


def test_another_thread_ends_the_waiting(drawer: Drawer) -> None:
    os.kill(children()[0], signal.SIGSTOP)
    killing = threading.Timer(0.05, drawer.kill)
    killing.start()
    with pytest.raises(Lost, match=r"^died \(signal 9\)$"):
        drawer.receive(within=60)
    killing.join()


def test_it_can_be_closed_whatever_it_does() -> None:
    drawer = Drawer()
    os.kill(children()[0], signal.SIGSTOP)
    drawer.close()


def test_without_an_interpreter_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Lost, match=r"^could not be started \(No such file or directory\)$"):
        Drawer()


def test_without_descriptors_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(socket, "socketpair", none_left)
    with pytest.raises(Lost, match=r"^could not be started \(Too many open files\)$"):
        Drawer()
