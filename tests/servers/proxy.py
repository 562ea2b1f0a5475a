"""A proxy between a client and a server, which does to their bytes what a bad network does.

A fault strikes a connection when it comes to carry the byte at a certain offset: those that carry less, such
as questions before a transfer, are left alone. Or it strikes at that byte of all that pass from now on.
"""

import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

import msgspec

from runfolio.mover.settings import DestinationSettings, S3Destination, SftpDestination

BLOCK = 1 << 16
HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: what is closed is reset, whatever is still under way."""

Way = Literal["sent", "received"]
"""Which bytes of a connection, as its client has it."""


@dataclass
class Fault:
    """What happens to connections at one of their bytes."""

    kind: Literal["drop", "stall", "damage"]
    at: int
    """So many bytes have passed before."""
    way: Way
    times: int | None = 1
    """Connections that it strikes; None: all that come so far."""
    from_now: bool = False
    """Whether the bytes of all connections count, from when it was set up."""
    struck: int = 0
    passed: int = 0

    def strikes(self, way: Way, begin: int, size: int) -> int | None:
        """Return which byte it strikes of so many that a connection is about to carry, after those before."""
        if way != self.way:
            return None
        if self.from_now:
            begin, self.passed = self.passed, self.passed + size
        is_left = self.times is None or self.struck < self.times
        return self.at - begin if is_left and begin <= self.at < begin + size else None


class Proxy:
    """Listens on a port of its own, from the beginning of a `with` to its end, and hands on to another.

    Where there is no server, its connections are closed as soon as they are there.

    Args:
        to: the port of the server.

    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._open: list[_Connection] = []
        self.connections = 0
        self._carried: dict[Way, int] = {"sent": 0, "received": 0}

    @property
    def sent(self) -> int:
        """Bytes that clients have sent, and that were handed on."""
        return self._carried["sent"]

    @property
    def received(self) -> int:
        """Bytes that servers have sent, and that were handed on."""
        return self._carried["received"]

    def drop(self, at: int, *, way: Way = "sent", times: int | None = 1) -> Fault:
        """Cut connections off: who receives sees the end after so many bytes, who sends on is told."""
        return self.set_up(Fault("drop", at, way, times))

    def stall(self, at: int, *, way: Way = "sent", times: int | None = 1) -> Fault:
        """Hand nothing more on, either way; connections stay open."""
        return self.set_up(Fault("stall", at, way, times))

    def damage(self, at: int, *, way: Way = "sent", times: int | None = 1) -> Fault:
        """Flip a bit of the byte at this offset."""
        return self.set_up(Fault("damage", at, way, times))

    def set_up(self, fault: Fault) -> Fault:
        """Have this happen."""
        self._faults.append(fault)
        return fault

    def mend(self) -> None:
        """Have no more faults; connections that stall already are cut off."""
        self._faults.clear()
        for connection in self._open_now():
            if connection.stalled.is_set():
                connection.cut()

    def go_down(self) -> None:
        """Refuse connections, and cut off those that are open."""
        with suppress(OSError):  # it is down already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for connection in self._open_now():
            connection.cut()
            connection.join()

    def come_up(self) -> None:
        """Accept connections again, at the same port."""
        self._listener = _bound(self.port)
        self._listener.listen()
        self._accepting = threading.Thread(target=self._accept, name="proxy", daemon=True)
        self._accepting.start()

    def __enter__(self) -> Self:
        self._held = _bound(0)  # nobody else gets the port while it is down
        self.port: int = self._held.getsockname()[1]
        self.come_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_down()
        self._held.close()

    def _open_now(self) -> Sequence["_Connection"]:
        with self._lock:
            return tuple(self._open)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it goes down
                return
            self.connections += 1
            try:
                server = socket.create_connection((HOST, self._to))
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what comes goes on at once
            connection = _Connection(self, client, server)
            with self._lock:
                self._open.append(connection)
            connection.start()

    def struck(self, way: Way, begin: int, block: bytes) -> tuple[bytes, Fault | None]:
        """Return what is handed on of a block, and what ends the connection after that."""
        with self._lock:
            for fault in tuple(self._faults):
                at = fault.strikes(way, begin, len(block))
                if at is not None:
                    fault.struck += 1
                    if fault.kind != "damage":
                        return block[:at], fault
                    block = block[:at] + bytes([block[at] ^ 1]) + block[at + 1 :]
        return block, None

    def carried(self, way: Way, count: int) -> None:
        """Count bytes."""
        with self._lock:
            self._carried[way] += count

    def ended(self, connection: "_Connection") -> None:
        with self._lock:
            self._open.remove(connection)


class _Connection(threading.Thread):
    """One client's connection and the one to the server; both ways end before either is closed."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        super().__init__(name="proxied", daemon=True)
        self._proxy = proxy
        self._client = client
        self._server = server
        self.stalled = threading.Event()
        self._cut = threading.Event()

    def run(self) -> None:
        back = threading.Thread(
            target=self._carry, args=("received", self._server, self._client), daemon=True
        )
        back.start()
        self._carry("sent", self._client, self._server)
        back.join()
        self._client.close()
        self._server.close()
        self._proxy.ended(self)

    def _carry(self, way: Way, source: socket.socket, target: socket.socket) -> None:
        """Hand on what comes one way, until that ends or the connection does."""
        begin = 0
        with suppress(OSError):  # one of the two is gone
            while block := source.recv(BLOCK):
                if self.stalled.is_set():
                    self._cut.wait()
                passing, fault = self._proxy.struck(way, begin, block)
                target.sendall(passing)
                begin += len(passing)
                self._proxy.carried(way, len(passing))
                if fault is not None:
                    self._suffer(fault, source)
                    return
            target.shutdown(socket.SHUT_WR)
            return
        self._end()

    def _suffer(self, fault: Fault, source: socket.socket) -> None:
        if fault.kind == "stall":
            self.stalled.set()
            self._cut.wait()
        else:
            self._end(reset=(source,))

    def cut(self) -> None:
        """End it at once."""
        self._end(reset=(self._client, self._server))

    def _end(self, reset: Sequence[socket.socket] = ()) -> None:
        """End both ways, whatever they wait for."""
        for each in reset:
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        for each in (self._client, self._server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._cut.set()


def _bound(port: int) -> socket.socket:
    """Return a socket at a port that may be bound twice, and is listened at by one at most."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    return bound


def port_of(settings: DestinationSettings) -> int:
    """Return the port of a destination's server."""
    port = urlsplit(_address(settings)).port
    assert port is not None, settings
    return port


def behind(proxy: Proxy, settings: DestinationSettings) -> DestinationSettings:
    """Return the settings of a destination that is reached through a proxy."""
    old = port_of(settings)
    address = _address(settings).replace(f":{old}", f":{proxy.port}", 1)
    match settings:
        case S3Destination():
            return msgspec.structs.replace(settings, endpoint=address)
        case SftpDestination(known_hosts=str(known)):  # where servers are known by their ports, too
            hosts = Path(f"{known}.{proxy.port}")
            hosts.write_text(Path(known).read_text().replace(f"]:{old} ", f"]:{proxy.port} "))
            return msgspec.structs.replace(settings, url=address, known_hosts=str(hosts))
        case _:
            return msgspec.structs.replace(settings, url=address)


def _address(settings: DestinationSettings) -> str:
    return (isinstance(settings, S3Destination) and settings.endpoint) or settings.url
