"""A server whose answers never end, however long one listens."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from processes import DEADLINE


@contextmanager
def endless(head: bytes, block: bytes, *, pause: float = 0.0) -> Iterator[int]:
    """Answer every connection with a head, then the block again and again; give the port."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.settimeout(DEADLINE)
        with connection, suppress(OSError):  # whoever asked has gone
            connection.recv(65536)
            connection.sendall(head)
            while not over.wait(pause):
                connection.sendall(block)

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            while not over.is_set():
                answering.append(threading.Thread(target=answer, args=(server.accept()[0],)))
                answering[-1].start()

    answering: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=serve, args=(server,))
        serving.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)  # wakes the one that waits for connections
            for thread in (serving, *answering):
                thread.join()
