"""What is special of deliveries by SFTP, on OpenSSH's own server."""

import hashlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destination import Destination
from runfolio.mover.destinations import make_destination, sftp
from runfolio.mover.package import Algorithm, Digest, Item
from servers.asyncssh_server import password_server
from servers.sshd import Sshd
from small_disks import small_file_system

MUCH = 24 * 1024 * 1024
"""Bytes: more than is under way at a time."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Sshd]:
    made = Sshd(tmp_path / "server")
    yield made
    made.stop()


@pytest.fixture
def destination(place: Sshd) -> Iterator[Destination]:
    with make_destination(place.settings) as opened:
        yield opened


def item(directory: Path, size: int = 1000) -> Item:
    """Return a file of random bytes to send."""
    data = os.urandom(size)
    (directory / "run.json").write_bytes(data)
    digests = {Algorithm.SHA256: hashlib.sha256(data).hexdigest()}
    return Item(path="run.json", source=directory / "run.json", size=size, digests=digests)


def ignore(_: int) -> None:
    pass


def test_a_large_file_arrives_whole(destination: Destination, place: Sshd, tmp_path: Path) -> None:
    destination.put(each := item(tmp_path, MUCH), "a", ignore)
    assert place.files() == {"a": each.source.read_bytes()}
    assert each.is_as_sent(destination.digest("a"))


def test_a_shorter_file_leaves_nothing_of_a_longer_one(
    destination: Destination, place: Sshd, tmp_path: Path
) -> None:
    destination.put(item(tmp_path, 1000), "a", ignore)
    destination.put(each := item(tmp_path, 10), "a", ignore)
    assert place.files() == {"a": each.source.read_bytes()}


@pytest.mark.parametrize("name", ["with blank", "100%", "50%25", "größe µ", "a#b?c", "'quoted\""])
def test_any_name_may_be_in_the_url_and_below(tmp_path: Path, name: str) -> None:
    place = Sshd(tmp_path / "server", name=name)
    try:
        with make_destination(place.settings) as destination:
            destination.make_folder(name)
            destination.put(item(tmp_path), f"{name}/{name}", ignore)
            assert destination.names(name) == {name}
        assert set(place.files()) == {f"{name}/{name}"}
    finally:
        place.stop()


def test_names_of_others_may_be_any_bytes(destination: Destination, place: Sshd) -> None:
    Path(os.fsdecode(os.fsencode(place.disk) + b"/\xff")).write_bytes(b"x")
    assert destination.names("") == {"\udcff"}
    assert b"".join(destination.read("\udcff")) == b"x"
    destination.remove("\udcff")
    assert place.files() == {}


def test_a_folder_that_is_not_there_is_refused(place: Sshd) -> None:
    url = place.settings.url
    with pytest.raises(Refused, match=f"there is no folder {place.disk}/runs: make it"):
        make_destination(place.settings_with(url=f"{url}/runs")).__enter__()
    (place.disk / "runs").write_bytes(b"")
    with pytest.raises(Refused, match=f"{place.disk}/runs is no folder"):
        make_destination(place.settings_with(url=f"{url}/runs")).__enter__()


def test_what_may_not_be_written_is_refused(destination: Destination, place: Sshd, tmp_path: Path) -> None:
    place.disk.chmod(0o555)
    with pytest.raises(Refused, match=r"can't write a: .*Permission denied"):
        destination.put(item(tmp_path), "a", ignore)
    with pytest.raises(Refused, match="can't make the folder b: "):
        destination.make_folder("b")


def test_a_file_where_a_folder_is_to_be_is_refused(destination: Destination, tmp_path: Path) -> None:
    destination.put(item(tmp_path), "a", ignore)
    with pytest.raises(Refused, match="a is no folder"):
        destination.make_folder("a/b")


def test_a_disk_without_room_is_unavailable(place: Sshd, tmp_path: Path) -> None:
    with small_file_system(tmp_path / "server" / "files") as disk:
        settings = place.settings_with(url=place.settings.url.replace(str(place.disk), str(disk.directory)))
        with make_destination(settings) as destination:
            with pytest.raises(Unavailable, match=r"no room for a: it needs 100000 bytes, 0 are free"):
                destination.put(item(tmp_path, 100_000), "a", ignore)
            (disk.directory / "filler").unlink()
            destination.put(each := item(tmp_path, 100_000), "a", ignore)
            assert each.is_as_sent(destination.digest("a"))


def test_a_server_that_hangs_in_a_transfer_interrupts_it(place: Sshd, tmp_path: Path) -> None:
    with make_destination(place.settings_with(timeout=1.5)) as destination:
        began = time.monotonic()
        with pytest.raises(Interrupted, match=r"can't write a: no answer for 1.5 s"):
            destination.put(item(tmp_path, MUCH), "a", lambda _: place.signal(signal.SIGSTOP))
        with pytest.raises(Interrupted):  # at once, since the connection is cut
            destination.look("a")
    assert time.monotonic() - began < 30


def test_a_server_that_hangs_in_a_reading_interrupts_it(place: Sshd, tmp_path: Path) -> None:
    with make_destination(place.settings_with(timeout=1.5)) as destination:
        destination.put(item(tmp_path, MUCH), "a", ignore)
        blocks = destination.read("a")
        next(blocks)
        place.signal(signal.SIGSTOP)
        with pytest.raises(Interrupted, match=r"can't read a: no answer for 1.5 s"):
            b"".join(blocks)


def test_a_connection_lost_in_a_transfer_interrupts_it_alone(place: Sshd, tmp_path: Path) -> None:
    each = item(tmp_path, MUCH)
    with (
        pytest.raises(Interrupted, match="can't write a: "),
        make_destination(place.settings) as destination,
    ):
        destination.put(each, "a", lambda _: place.signal(signal.SIGKILL))
    with make_destination(place.settings) as destination:
        destination.put(each, "a", ignore)
        assert each.is_as_sent(destination.digest("a"))


def test_bytes_damaged_on_the_way_interrupt_a_transfer(place: Sshd, tmp_path: Path) -> None:
    port = place.settings.parts.port
    assert port
    with flipping(port, after=2_000_000) as proxy:
        url = place.settings.url.replace(f":{port}", f":{proxy}")
        (place.directory / "known_hosts").write_text(f"* {(place.directory / 'host_key.pub').read_text()}")
        with (
            pytest.raises(Interrupted, match="can't write a: "),
            make_destination(place.settings_with(url=url)) as destination,
        ):
            destination.put(item(tmp_path, MUCH), "a", ignore)


@contextmanager
def flipping(port: int, *, after: int) -> Iterator[int]:
    """Give the port of a proxy that flips a bit of what a client sends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, server = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
            with client, server:
                back = threading.Thread(target=pass_on, args=(server, client, bytes))
                back.start()
                seen = 0

                def flip(block: bytes) -> bytes:
                    nonlocal seen
                    seen += len(block)
                    hit = seen - len(block) <= after < seen
                    return bytes([block[0] ^ 1]) + block[1:] if hit else block

                pass_on(client, server, flip)
                back.join()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def pass_on(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
    """Pass on what comes, until either side is closed."""
    with suppress(OSError):
        while block := source.recv(65536):
            target.sendall(change(block))
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("taken", ["folder", "dangling link", "file"])
@pytest.mark.parametrize("source", ["a", "folder"])
def test_no_name_that_is_taken_is_renamed_to(
    destination: Destination, place: Sshd, tmp_path: Path, source: str, taken: str
) -> None:
    destination.put(item(tmp_path), "a", ignore)
    destination.make_folder("folder")
    target = place.disk / "4235"
    if taken == "folder":
        target.mkdir()
    elif taken == "file":
        target.write_bytes(b"")
    else:
        target.symlink_to("nowhere")
    assert not destination.rename(source, "4235")
    assert {each.name for each in place.disk.iterdir()} == {"a", "folder", "4235"}
    assert destination.rename(source, "4236")


@pytest.mark.parametrize("source", ["a", "folder"])
def test_the_server_itself_does_not_overwrite_either(
    destination: Destination, place: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Also a name that another gives after we have looked is left as it is."""
    destination.put(item(tmp_path), "a", ignore)
    destination.make_folder("folder")
    look = sftp.Sftp.look

    def look_too_early(self: sftp.Sftp, path: str) -> Any:
        found = look(self, path)
        taken = place.disk / "4235"
        (taken.mkdir if source == "folder" else taken.touch)(exist_ok=True)
        return found

    monkeypatch.setattr(sftp.Sftp, "look", look_too_early)
    assert not destination.rename(source, "4235")
    assert {each.name for each in place.disk.iterdir()} == {"a", "folder", "4235"}


def test_what_is_removed_is_the_link_and_not_what_it_leads_to(destination: Destination, place: Sshd) -> None:
    (place.disk / "kept").mkdir()
    (place.disk / "kept" / "run.json").write_bytes(b"x")
    (place.disk / "a").mkdir()
    for name in ("link", "a/link"):
        (place.disk / name).symlink_to(place.disk / "kept")
        assert destination.look(name)
    destination.remove("link")
    destination.remove("a")
    assert {each.name for each in place.disk.iterdir()} == {"kept"}
    assert place.files() == {"kept/run.json": b"x"}


def test_a_link_in_the_place_of_a_file_is_replaced(
    destination: Destination, place: Sshd, tmp_path: Path
) -> None:
    (place.disk / "kept").write_bytes(b"x")
    (place.disk / "a").symlink_to(place.disk / "kept")
    destination.put(each := item(tmp_path), "a", ignore)
    assert place.files() == {"a": each.source.read_bytes(), "kept": b"x"}


def test_whoever_reads_may_stop(place: Sshd, tmp_path: Path) -> None:
    with make_destination(place.settings) as destination:
        destination.put(each := item(tmp_path, MUCH), "a", ignore)
        blocks = destination.read("a")
        assert each.source.read_bytes().startswith(next(blocks))
        destination.remove("a")
    del blocks


def test_a_file_is_forced_to_the_disk_on_the_way_and_before_its_digest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced = []

    class Files(asyncssh.SFTPServer):
        def fsync(self, file_obj: Any) -> None:
            file_obj.flush()
            forced.append(os.fstat(file_obj.fileno()).st_size)

    monkeypatch.setattr(sftp, "FLUSHED", 1_000_000)
    with password_server(tmp_path, Files) as settings, make_destination(settings) as destination:
        destination.put(each := item(tmp_path, 2_500_000), "a", ignore)
        assert len(forced) == 3
        assert forced[-1] == each.size
        assert destination.digest("a") == Digest(Algorithm.SHA256, each.digests[Algorithm.SHA256])
        assert len(forced) == 4


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (asyncssh.SFTPFailure("Failure"), Unavailable),
        (asyncssh.SFTPPermissionDenied("no"), Refused),
        (asyncssh.SFTPBadMessage("too long"), Refused),
        (asyncssh.SFTPNoSuchFile("gone"), Interrupted),
        (asyncssh.SFTPConnectionLost("lost\nfor ever"), Interrupted),
    ],
)
def test_each_error_of_a_server_is_one_of_ours(
    tmp_path: Path, error: asyncssh.SFTPError, kind: type[DeliveryError]
) -> None:
    class Files(asyncssh.SFTPServer):
        def write(self, *_: object) -> int:
            raise error

    with password_server(tmp_path, Files) as settings, make_destination(settings) as destination:
        with pytest.raises(kind, match=f"can't write a: {' '.join(error.reason.split())}"):
            destination.put(item(tmp_path), "a", ignore)
        assert destination.look("a") is not None
