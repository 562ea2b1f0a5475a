"""Objects cross whole; the other side's end and its silence are errors."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from runfolio.children.pipe import receive, send


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a pipe, with little patience."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.05)
        theirs.settimeout(60)
        yield ours, theirs


def sent(message: object) -> bytes:
    """Return what crosses the pipe for an object."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, message)
        return theirs.recv(10_000)


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


@pytest.mark.parametrize("part", [0, 3, 8, 12, 16, 20])
def test_an_end_before_the_end_of_an_object_is_told(
    ends: tuple[socket.socket, socket.socket], part: int
) -> None:
    ours, theirs = ends
    theirs.sendall(sent("x" * 9)[:part])
    theirs.close()
    with pytest.raises(EOFError):
        receive(ours)


@pytest.mark.parametrize("part", [0, 3, 8, 12, 16, 20])
def test_silence_before_the_end_of_an_object_is_told(
    ends: tuple[socket.socket, socket.socket], part: int
) -> None:
    ours, theirs = ends
    theirs.sendall(sent("x" * 9)[:part])
    with pytest.raises(TimeoutError):
        receive(ours)


def test_one_that_takes_nothing_is_told(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        send(ends[0], bytes(10_000_000))


@pytest.mark.parametrize("kind", [np.int64, np.float32])
def test_large_arrays_cross_whole_and_can_be_written_to(
    ends: tuple[socket.socket, socket.socket], kind: Any
) -> None:
    ours, theirs = ends
    ours.settimeout(60)
    arrays = [np.arange(100_000, dtype=kind), np.arange(3, dtype=kind), np.arange(80_000, dtype=kind)]
    sending = threading.Thread(target=send, args=(ours, (arrays, "x")))
    sending.start()
    received, word = receive(theirs)
    sending.join()
    assert word == "x"
    for one, other in zip(received, arrays, strict=True):
        assert np.array_equal(one, other)
        one[0] = 7


def test_what_the_other_side_has_kept_is_not_sent_again(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    figures, layout = ("a", "b"), ["c"]
    send(ours, {"figures": figures, "again": figures, "layout": layout, "new": ["c"]}, [figures, layout])
    theirs_kept = (("their", "figures"), ["their layout"])
    received = receive(theirs, theirs_kept)
    assert received["figures"] is received["again"] is theirs_kept[0]
    assert received["layout"] is theirs_kept[1]
    assert received["new"] == ["c"]
