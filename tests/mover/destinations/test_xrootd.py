"""What is special about XRootD: its client runs in a process of its own, which hangs with its server."""

import base64
import fcntl
import hashlib
import json
import os
import signal
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from processes import children, what_is_there
from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination
from runfolio.mover.package import Algorithm, Digest, Item
from runfolio.mover.settings import XRootDDestination
from servers.proxy import Fault, Proxy, behind, port_of
from servers.xrootd import XRootDPlace

PLENTY = bytes(range(256)) * 20_000
"""More than all the blocks that are under way at a time."""


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    processes, threads, pipes = what_is_there()
    yield
    left = what_is_there()
    assert left[0] == processes
    assert left[1] <= threads  # what another test has left may end meanwhile
    assert left[2] <= pipes


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., XRootDPlace]]:
    """Start a server as a test wants it."""
    (tmp_path / "server").mkdir()
    started: list[XRootDPlace] = []

    def start(**options: float | bool) -> XRootDPlace:
        started.append(place := XRootDPlace(tmp_path / "server", **options))  # type: ignore[arg-type]
        return place

    yield start
    for place in started:
        place.stop()


@pytest.fixture
def place(start: Callable[..., XRootDPlace]) -> XRootDPlace:
    return start()


@pytest.fixture
def destination(place: XRootDPlace) -> Iterator[Destination]:
    with make_destination(place.settings) as opened:
        yield opened


def item(directory: Path, data: bytes = b"some") -> Item:
    """Return a file to send."""
    (directory / "source").write_bytes(data)
    digests = {Algorithm.ADLER32: f"{zlib.adler32(data):08x}"}
    return Item(path="", source=directory / "source", size=len(data), digests=digests)


def put(destination: Destination, directory: Path, data: bytes = b"some", name: str = "a") -> Item:
    """Send a file."""
    destination.put(sent := item(directory, data), name, lambda _: None)
    return sent


def changed(place: XRootDPlace, **settings: str) -> XRootDDestination:
    return msgspec.structs.replace(place.settings, **settings)


def test_a_server_that_hangs_is_unavailable(start: Callable[..., XRootDPlace]) -> None:
    place = start(timeout=1)
    with make_destination(place.settings) as destination:
        place.send(signal.SIGSTOP)
        with pytest.raises(Unavailable, match=r"^destination xrootd: root://127\.0\.0\.1:\d+ "):
            destination.look("a")
        with pytest.raises(Unavailable):
            destination.look("a")
        place.send(signal.SIGCONT)
        assert destination.look("a") is None


def test_a_server_that_hangs_lets_nobody_in(start: Callable[..., XRootDPlace]) -> None:
    place = start(timeout=1)
    place.send(signal.SIGSTOP)
    with pytest.raises(Unavailable), make_destination(place.settings):
        pytest.fail("it was let in")


def test_a_transfer_that_stalls_is_cut_off(start: Callable[..., XRootDPlace], tmp_path: Path) -> None:
    place = start(timeout=1)
    with make_destination(place.settings) as destination:
        with pytest.raises(Interrupted, match="a"):
            destination.put(item(tmp_path, PLENTY), "a", lambda _: place.send(signal.SIGSTOP))
        place.send(signal.SIGCONT)
        sent = put(destination, tmp_path, PLENTY)
        assert sent.is_as_sent(destination.digest("a"))


def test_a_server_that_is_killed_meanwhile_and_comes_back(
    destination: Destination, place: XRootDPlace, tmp_path: Path
) -> None:
    with pytest.raises((Interrupted, Unavailable)):
        destination.put(item(tmp_path, PLENTY), "a", lambda _: place.stop())
    with pytest.raises(Unavailable):
        destination.look("a")
    place.start()
    sent = put(destination, tmp_path, PLENTY)
    assert place.files() == {"a": PLENTY}
    assert sent.is_as_sent(destination.digest("a"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_client_that_dies_is_replaced(place: XRootDPlace, tmp_path: Path, number: signal.Signals) -> None:
    server = children()
    with make_destination(place.settings) as destination:
        (client,) = set(children()) - set(server)
        with pytest.raises(Interrupted, match=rf"died \(signal {int(number)}\)"):
            destination.put(item(tmp_path, PLENTY), "a", lambda _: os.kill(client, number))
        put(destination, tmp_path, PLENTY)
    assert place.files() == {"a": PLENTY}


def test_a_client_that_hangs_is_killed(start: Callable[..., XRootDPlace], tmp_path: Path) -> None:
    place = start(timeout=1)
    server = children()
    with make_destination(place.settings) as destination:
        (client,) = set(children()) - set(server)
        with pytest.raises(Interrupted, match="does not answer: its client's process hung"):
            destination.put(item(tmp_path), "a", lambda _: os.kill(client, signal.SIGSTOP))
        assert children() == server


def test_a_pause_that_keeps_to_a_rate_is_no_stall(start: Callable[..., XRootDPlace], tmp_path: Path) -> None:
    place = start(timeout=1)
    pauses = iter([6.0])
    with make_destination(place.settings) as destination:
        destination.put(item(tmp_path, PLENTY), "a", lambda _: time.sleep(next(pauses, 0)))
    assert place.files() == {"a": PLENTY}


def test_who_gives_up_leaves_no_process(place: XRootDPlace, tmp_path: Path) -> None:
    class GivenUpError(Exception):
        pass

    def give_up(_: int) -> None:
        raise GivenUpError

    before = children()
    with make_destination(place.settings) as destination:
        with pytest.raises(GivenUpError):
            destination.put(item(tmp_path, PLENTY), "a", give_up)
        assert children() == before


def test_a_process_of_the_client_holds_the_lease(place: XRootDPlace, tmp_path: Path) -> None:
    with (tmp_path / "lease").open("w") as ours, (tmp_path / "lease").open("w") as another:
        fcntl.flock(ours, fcntl.LOCK_EX)
        with make_destination(place.settings, ours.fileno()):
            ours.close()
            with pytest.raises(BlockingIOError):
                fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_damaged_byte_is_seen_by_the_digest(
    destination: Destination, place: XRootDPlace, tmp_path: Path
) -> None:
    sent = put(destination, tmp_path)
    place.damage("a", 2)
    assert not sent.is_as_sent(destination.digest("a"))


def test_what_rots_after_its_digest_was_made_is_seen_by_reading_back(
    destination: Destination, place: XRootDPlace, tmp_path: Path
) -> None:
    put(destination, tmp_path)
    destination.digest("a")
    place.damage("a", 2)
    with make_destination(changed(place, verify="read-back")) as reading:
        assert reading.digest("a") == Digest(Algorithm.SHA256, hashlib.sha256(b"sole").hexdigest())


def test_a_digest_is_never_that_of_what_had_the_name_before(destination: Destination, tmp_path: Path) -> None:
    for data in (b"some", b"more", b"less"):  # within a second
        sent = put(destination, tmp_path, data)
        assert sent.is_as_sent(destination.digest("a"))


def test_a_server_without_checksums_has_its_bytes_read_back(
    start: Callable[..., XRootDPlace], tmp_path: Path
) -> None:
    with make_destination(start(checksums=False).settings) as destination:
        put(destination, tmp_path, PLENTY)
        assert destination.digest("a").algorithm is Algorithm.SHA256


def test_reading_may_be_left_off_and_begun_anew(destination: Destination, tmp_path: Path) -> None:
    put(destination, tmp_path, PLENTY)
    assert next(destination.read("a")) == PLENTY[: 2 * 1024 * 1024]
    assert b"".join(destination.read("a")) == PLENTY


def test_where_nobody_may_write_is_refused(start: Callable[..., XRootDPlace], tmp_path: Path) -> None:
    with make_destination(start(read_only=True).settings) as destination:
        with pytest.raises(Refused):
            destination.make_folder("a")
        with pytest.raises(Refused):
            put(destination, tmp_path)


def test_a_folder_that_is_not_there_is_refused(place: XRootDPlace) -> None:
    url = f"{place.settings.url}/mice"
    with pytest.raises(Refused, match="no folder /archive/mice"), make_destination(changed(place, url=url)):
        pytest.fail("it was let in")


def test_a_file_where_a_folder_is_to_be_is_refused(destination: Destination, tmp_path: Path) -> None:
    put(destination, tmp_path)
    with pytest.raises(Refused):
        destination.make_folder("a")
    with pytest.raises(DeliveryError):
        destination.make_folder("a/b")


def test_names_are_as_they_are(destination: Destination, place: XRootDPlace, tmp_path: Path) -> None:
    names = {"a b", "Über", "100%20", "#1 & 2=3", "~", "'"}
    for name in names:
        put(destination, tmp_path, name=name)
    assert set(place.files()) == destination.names("") == names
    assert {b"".join(destination.read(name)) for name in names} == {b"some"}


@pytest.mark.parametrize("name", ["a?b", "a\nb"])
def test_names_that_stand_for_others_are_refused(destination: Destination, tmp_path: Path, name: str) -> None:
    put(destination, tmp_path)
    for operation in (destination.look, destination.names, destination.remove, destination.digest):
        with pytest.raises(Refused, match="can't have a file named"):
            operation(name)
    assert destination.look("a") is not None


def test_names_that_are_too_long_are_refused(destination: Destination, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        put(destination, tmp_path, name="x" * 300)


def test_what_is_not_there_cannot_be_renamed(destination: Destination) -> None:
    with pytest.raises(DeliveryError):
        destination.rename("nothing", "a")


def test_a_file_that_cannot_be_read_is_named(destination: Destination, tmp_path: Path) -> None:
    (gone := item(tmp_path)).source.unlink()
    with pytest.raises(Interrupted, match=r"source, the file to send, cannot be read \(No such file"):
        destination.put(gone, "a", lambda _: None)


def test_the_client_prints_nothing(place: XRootDPlace, capfd: pytest.CaptureFixture[str]) -> None:
    place.stop()
    with pytest.raises(Unavailable), make_destination(place.settings):
        pytest.fail("it was let in")
    assert capfd.readouterr() == ("", "")


def test_credentials_that_are_not_there_are_named(place: XRootDPlace, tmp_path: Path) -> None:
    for settings in (changed(place, proxy=f"{tmp_path}/x"), changed(place, token_file=f"{tmp_path}/x")):
        with pytest.raises(Refused, match=f"{tmp_path}/x"), make_destination(settings):
            pytest.fail("it was let in")


def test_the_end_of_a_token_is_told(place: XRootDPlace, tmp_path: Path) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4_000_000_000}).encode()).decode().rstrip("=")
    (tmp_path / "token").write_text(f"e30.{claims}.x\n")
    settings = changed(place, token_file=f"{tmp_path}/token")
    assert make_destination(settings).credentials_end() == 4_000_000_000


def test_without_credentials_there_is_no_end(
    place: XRootDPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("X509_USER_PROXY", "BEARER_TOKEN_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/nothing")
    assert make_destination(place.settings).credentials_end() is None


def test_a_file_whose_making_had_no_answer_is_no_reason_for_a_pause(
    place: XRootDPlace, tmp_path: Path
) -> None:
    """The client asks once more by itself, and then what it has made is in its own way."""
    with (
        Proxy(port_of(place.settings)) as proxy,
        make_destination(behind(proxy, place.settings)) as destination,
    ):
        probe = proxy.set_up(Fault("drop", 1 << 30, "received", from_now=True))
        destination.look("a")
        proxy.set_up(Fault("drop", probe.passed, "received", from_now=True))
        with pytest.raises(Interrupted, match="it has the name since just now"):
            put(destination, tmp_path)
        put(destination, tmp_path)
    assert place.files() == {"a": b"some"}
