"""What every child process does: it leaves signals to its parent, and ends with it."""

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LEFT_TO_PARENT = (signal.SIGINT, signal.SIGTERM)
"""A terminal sends the one to the whole process group, service managers the other."""


@contextmanager
def serving(descriptor: int) -> Iterator[socket.socket]:
    """Give the pipe to the parent; that it closes ends the `with`, and is no error."""
    with socket.socket(fileno=descriptor) as pipe:
        _leave_signals_to_parent()
        threading.Thread(target=_end_with_parent, args=[pipe], daemon=True).start()
        with suppress(EOFError, ConnectionError):
            yield pipe


def shield_children() -> None:
    """Block in this thread, and so in the processes it starts, what they will ignore as soon as they can."""
    signal.pthread_sigmask(signal.SIG_BLOCK, LEFT_TO_PARENT)


def _leave_signals_to_parent() -> None:
    """Ignore what asks to stop: the parent may still want what it has asked for."""
    for number in LEFT_TO_PARENT:
        signal.signal(number, signal.SIG_IGN)


def _end_with_parent(pipe: socket.socket) -> None:
    """Wait for the parent's end, however it ended; without this a killed parent leaves an orphan behind."""
    hang_up = select.poll()
    hang_up.register(pipe, 0)  # that the other side is gone is told without being asked for
    hang_up.poll()
    os._exit(1)
