"""Objects over a socket between the program and the process that draws, each as its length and its pickle.

What `multiprocessing` offers for this can't be told how long to wait for the middle of an object.
"""

import pickle
import struct
from socket import socket
from typing import Any

_LENGTH = struct.Struct("!Q")


def send(pipe: socket, message: Any) -> None:
    """Send an object; where it can't be pickled, nothing is sent.

    Raises:
        OSError: the other side is gone, or does not take it within the socket's timeout (TimeoutError).

    """
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.sendall(_LENGTH.pack(len(data)))
    pipe.sendall(data)


def receive(pipe: socket) -> Any:
    """Wait for an object and return it.

    Raises:
        EOFError: the other side is gone.
        OSError: likewise, or nothing more comes within the socket's timeout (TimeoutError).

    """
    (length,) = _LENGTH.unpack(_read(pipe, _LENGTH.size))
    return pickle.loads(_read(pipe, length))  # noqa: S301 - of a process of our own


def _read(pipe: socket, length: int) -> memoryview:
    data = memoryview(bytearray(length))
    filled = 0
    while filled < length:
        count = pipe.recv_into(data[filled:])
        if not count:
            raise EOFError
        filled += count
    return data
