"""The proxy that tests of deliveries go through: what it does to bytes, and to nothing else."""

import getpass
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from processes import DEADLINE, until, what_is_there
from runfolio.mover.settings import DavDestination, S3Destination, SftpDestination
from servers.proxy import Fault, Proxy, behind, port_of
from servers.started import free_port

DATA = bytes(range(256)) * 4096
ANSWER = DATA[::-1]


class Server:
    """Takes all that each connection sends, and answers then."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                with self._listener.accept()[0] as client:
                    self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        got = bytearray()
        with suppress(OSError):
            while block := client.recv(1 << 16):
                got += block
        self.got.append(bytes(got))
        with suppress(OSError):
            client.sendall(ANSWER)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.port) as made:
        yield made


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=DEADLINE)


def ask(proxy: Proxy, data: bytes = DATA) -> bytes:
    """Send data and return the answer, or what of it comes."""
    answer = bytearray()
    with connected(proxy) as client, suppress(ConnectionError):
        client.sendall(data)
        with suppress(OSError):  # it is not connected any more
            client.shutdown(socket.SHUT_WR)
        while block := client.recv(1 << 16):
            answer += block
    return bytes(answer)


def test_without_a_fault_all_passes_and_is_counted(proxy: Proxy, server: Server) -> None:
    assert ask(proxy) == ANSWER
    assert ask(proxy, b"") == ANSWER
    assert server.got == [DATA, b""]
    assert (proxy.connections, proxy.sent, proxy.received) == (2, len(DATA), 2 * len(ANSWER))


@pytest.mark.parametrize("at", [0, 1, 100_000, len(DATA) - 1])
def test_a_connection_is_dropped_after_so_many_bytes(proxy: Proxy, server: Server, at: int) -> None:
    fault = proxy.drop(at)
    ask(proxy)
    until(lambda: server.got)
    assert server.got == [DATA[:at]]
    assert fault.struck == 1
    assert ask(proxy) == ANSWER


def test_an_answer_is_dropped_after_so_many_bytes(proxy: Proxy) -> None:
    proxy.drop(70_001, way="received")
    assert ask(proxy) == ANSWER[:70_001]
    assert ask(proxy) == ANSWER


def test_who_sends_to_a_connection_that_was_dropped_is_told(proxy: Proxy) -> None:
    proxy.drop(10)
    with connected(proxy) as client, pytest.raises(ConnectionError):
        client.sendall(DATA * 100)


def test_connections_that_carry_less_are_left_alone(proxy: Proxy, server: Server) -> None:
    fault = proxy.drop(1000, times=2)
    for _ in range(3):
        assert ask(proxy, DATA[:1000]) == ANSWER
    for _ in range(2):
        ask(proxy)
    assert ask(proxy) == ANSWER
    assert [len(each) for each in server.got] == [1000, 1000, 1000, 1000, 1000, len(DATA)]
    assert fault.struck == 2


def test_bytes_may_count_over_all_connections_from_now_on(proxy: Proxy, server: Server) -> None:
    ask(proxy, DATA[:1000])
    fault = proxy.set_up(Fault("drop", 1500, "sent", from_now=True))
    for _ in range(3):
        ask(proxy, DATA[:1000])
    assert [len(each) for each in server.got] == [1000, 1000, 500, 1000]
    assert (fault.struck, fault.passed) == (1, 3000)


def test_all_connections_are_dropped_until_that_is_mended(proxy: Proxy, server: Server) -> None:
    proxy.drop(5, times=None)
    for _ in range(3):
        ask(proxy)
    proxy.mend()
    assert ask(proxy) == ANSWER
    assert server.got == [DATA[:5]] * 3 + [DATA]


def test_one_bit_of_one_byte_is_damaged(proxy: Proxy, server: Server) -> None:
    proxy.damage(70_000)
    proxy.damage(3)
    assert ask(proxy) == ANSWER
    [got] = server.got
    assert [at for at, pair in enumerate(zip(got, DATA, strict=True)) if pair[0] != pair[1]] == [3, 70_000]
    assert got[3] ^ DATA[3] == 1


def test_an_answer_is_damaged(proxy: Proxy) -> None:
    proxy.damage(1, way="received")
    answer = ask(proxy)
    assert (answer[1], answer[2:]) == (ANSWER[1] ^ 1, ANSWER[2:])


def test_a_connection_stalls_both_ways_and_stays_open(proxy: Proxy, server: Server) -> None:
    fault = proxy.stall(10)
    with connected(proxy) as client:
        client.sendall(DATA[:100])
        until(lambda: fault.struck)
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        with pytest.raises(TimeoutError):  # once the buffers are full
            client.sendall(DATA * 100)
        assert proxy.sent == 10
        proxy.mend()
        client.settimeout(DEADLINE)
        with suppress(ConnectionError):
            assert client.recv(1) == b""
    until(lambda: server.got)
    assert server.got == [DATA[:10]]


def test_one_that_is_down_refuses_and_comes_up_at_the_same_port(proxy: Proxy) -> None:
    proxy.go_down()
    with pytest.raises(ConnectionRefusedError):
        connected(proxy)
    proxy.come_up()
    assert ask(proxy) == ANSWER


def test_going_down_cuts_off_what_is_open(proxy: Proxy) -> None:
    with connected(proxy) as client:
        client.sendall(DATA)
        until(lambda: proxy.sent == len(DATA))
        proxy.go_down()
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""


def test_without_a_server_a_connection_is_closed() -> None:
    with Proxy(free_port()) as proxy:
        assert ask(proxy) == b""
        assert (proxy.connections, proxy.sent) == (1, 0)


def test_nothing_is_left_of_it(server: Server) -> None:
    before = what_is_there()
    with Proxy(server.port) as proxy:
        ask(proxy)
        proxy.stall(10)
        with connected(proxy) as client:
            client.sendall(DATA[:100])
            until(lambda: proxy.sent == len(DATA) + 10)
    until(lambda: what_is_there() == before)  # the server is told, too


def test_a_destination_is_reached_through_it_by_its_port_alone(proxy: Proxy) -> None:
    dav = DavDestination(name="a", url="dav://user@127.0.0.1:8080/a:8080/b")
    assert port_of(dav) == 8080
    assert behind(proxy, dav).url == f"dav://user@127.0.0.1:{proxy.port}/a:8080/b"
    s3 = S3Destination(name="a", url="s3://bucket/prefix", endpoint="http://127.0.0.1:9000")
    through = behind(proxy, s3)
    assert isinstance(through, S3Destination)
    assert (through.url, through.endpoint) == (s3.url, f"http://127.0.0.1:{proxy.port}")


def test_an_ssh_server_is_known_at_the_port_of_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text("[127.0.0.1]:2222 ssh-ed25519 AAAA2222 \n")
    url = f"sftp://{getpass.getuser()}@127.0.0.1:2222/files"
    through = behind(proxy, SftpDestination(name="a", url=url, known_hosts=str(known)))
    assert isinstance(through, SftpDestination)
    assert through.url == url.replace("2222", str(proxy.port))
    assert Path(str(through.known_hosts)).read_text() == f"[127.0.0.1]:{proxy.port} ssh-ed25519 AAAA2222 \n"
