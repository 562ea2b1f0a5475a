"""Objects over a socket between the program and its child processes, each as its length and its pickle.

To pickle holds up the program's other threads: large arrays are sent from where they lie, and what both sides
have kept of an object before is not sent again.
"""

import pickle
import struct
from collections.abc import Sequence
from io import BytesIO
from socket import socket
from typing import Any

_COUNT = struct.Struct("!Q")
_LARGE = 1 << 16
"""Bytes from which on an array is sent by itself."""


def send(pipe: socket, message: Any, kept: Sequence[object] = ()) -> None:
    """Send an object; where it can't be pickled, nothing is sent.

    Args:
        pipe: to the other side.
        message: the object.
        kept: what may be part of it, and the other side has, in the same order.

    Raises:
        OSError: the other side is gone, or does not take it within the socket's timeout (TimeoutError).

    """
    apart: list[memoryview] = []

    def is_sent_with_the_rest(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < _LARGE:
            return True
        apart.append(raw)
        return False

    data = BytesIO()
    _Pickler(data, kept, is_sent_with_the_rest).dump(message)
    parts = [data.getbuffer(), *apart]
    pipe.sendall(b"".join(_COUNT.pack(number) for number in (len(parts), *(part.nbytes for part in parts))))
    for part in parts:
        pipe.sendall(part)


class _Pickler(pickle.Pickler):
    def __init__(self, file: BytesIO, kept: Sequence[object], buffer_callback: Any) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL, buffer_callback=buffer_callback)
        self._places = {id(each): place for place, each in enumerate(kept)}

    def persistent_id(self, thing: object) -> int | None:
        return self._places.get(id(thing))


def receive(pipe: socket, kept: Sequence[object] = ()) -> Any:
    """Wait for an object and return it.

    Args:
        pipe: to the other side.
        kept: what the other side takes for granted, in the same order.

    Raises:
        EOFError: the other side is gone.
        OSError: likewise, or nothing more comes within the socket's timeout (TimeoutError).

    """
    (count,) = _COUNT.unpack(_read(pipe, _COUNT.size))
    lengths = _read(pipe, count * _COUNT.size).cast("B")
    data, *apart = [_read(pipe, length) for (length,) in _COUNT.iter_unpack(lengths)]
    return _Unpickler(BytesIO(data), kept, apart).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BytesIO, kept: Sequence[object], buffers: Sequence[memoryview]) -> None:
        super().__init__(file, buffers=buffers)
        self._kept = kept

    def persistent_load(self, place: int) -> object:
        return self._kept[place]


def _read(pipe: socket, length: int) -> memoryview:
    data = memoryview(bytearray(length))
    filled = 0
    while filled < length:
        count = pipe.recv_into(data[filled:])
        if not count:
            raise EOFError
        filled += count
    return data
