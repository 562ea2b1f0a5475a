"""Objects cross whole; the other side's end and its silence are errors."""

import pickle
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from runfolio.render.pipe import receive, send


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a pipe, with little patience."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.05)
        theirs.settimeout(60)
        yield ours, theirs


def test_objects_cross_in_their_order(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    for each in (None, 7, "x"):
        send(ours, each)
    assert [receive(theirs) for _ in range(3)] == [None, 7, "x"]


def test_an_object_larger_than_the_pipe_crosses_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    ours.settimeout(60)
    data = bytes(range(256)) * 20_000
    sending = threading.Thread(target=send, args=(ours, data))
    sending.start()
    assert receive(theirs) == data
    sending.join()


def test_nothing_is_sent_of_what_cannot_be_pickled(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    unsent: Any = threading.Lock()
    with pytest.raises(TypeError, match="pickle"):
        send(ours, unsent)
    send(ours, "next")
    assert receive(theirs) == "next"


@pytest.mark.parametrize("part", [0, 3, 8, 12])
def test_an_end_before_the_end_of_an_object_is_told(
    ends: tuple[socket.socket, socket.socket], part: int
) -> None:
    ours, theirs = ends
    theirs.sendall((b"\0" * 7 + b"\x10" + pickle.dumps("x" * 9))[:part])
    theirs.close()
    with pytest.raises(EOFError):
        receive(ours)


@pytest.mark.parametrize("part", [0, 3, 8, 12])
def test_silence_before_the_end_of_an_object_is_told(
    ends: tuple[socket.socket, socket.socket], part: int
) -> None:
    ours, theirs = ends
    theirs.sendall((b"\0" * 7 + b"\x10" + pickle.dumps("x" * 9))[:part])
    with pytest.raises(TimeoutError):
        receive(ours)


def test_one_that_takes_nothing_is_told(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        send(ends[0], bytes(10_000_000))
