"""Who is let in, and which servers are trusted, with OpenSSH's own server."""

import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from runfolio.errors import Refused, Unavailable
from runfolio.mover.destinations import make_destination
from runfolio.mover.settings import SftpDestination
from servers.asyncssh_server import password_server
from servers.place import needed
from servers.sshd import Sshd, write_key


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Sshd]:
    made = Sshd(tmp_path / "server")
    yield made
    made.stop()


def refused(settings: SftpDestination) -> str:
    """Return what is said when we are refused, in one line."""
    with pytest.raises(Refused) as caught, make_destination(settings):
        pass
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("destination disk: ")
    return str(caught.value)


def test_a_server_that_is_not_known_is_refused_with_its_fingerprint(place: Sshd) -> None:
    shown = asyncssh.read_public_key(place.directory / "host_key.pub").get_fingerprint()
    nowhere = place.directory / "nowhere"
    words = refused(place.settings_with(known_hosts=str(nowhere)))
    assert f"shows the key {shown}, which is not in {nowhere}" in words
    port = place.settings.parts.port
    assert words.endswith(f"ssh-keyscan -p {port} 127.0.0.1 >> {nowhere}")


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_a_server_whose_key_has_changed_is_refused(place: Sshd, kind: str) -> None:
    other = place.directory / "other.pub"
    asyncssh.generate_private_key(kind).write_public_key(str(other))
    place.know(other)
    words = refused(place.settings)
    assert "another server may pose as it" in words
    assert "ssh-keygen -R '[127.0.0.1]:" in words


def test_known_hosts_that_are_none_are_refused(place: Sshd) -> None:
    (place.directory / "known_hosts").write_text("nonsense\n")
    assert f"can't read {place.directory / 'known_hosts'}" in refused(place.settings)


def test_a_key_that_the_server_does_not_know_is_refused(place: Sshd) -> None:
    write_key(place.directory / "another")
    words = refused(place.settings_with(key=str(place.directory / "another")))
    assert "does not let" in words
    assert "authorized_keys" in words


def test_an_encrypted_key_is_refused_with_a_way_out(place: Sshd) -> None:
    key = place.directory / "encrypted"
    [keygen] = needed("ssh-keygen")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "secret", "-f", key], check=True)
    words = refused(place.settings_with(key=str(key)))
    assert f"the key {key} is encrypted" in words
    assert "ssh-add" in words
    assert "secret" not in words


def test_a_key_that_is_none_is_refused(place: Sshd) -> None:
    words = refused(place.settings_with(key=str(place.directory / "known_hosts")))
    assert "is no private key" in words
    assert "can't read" in refused(place.settings_with(key=str(place.directory / "missing")))


def test_a_server_that_never_answers_is_unavailable(place: Sshd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"sftp://127.0.0.1:{silent.getsockname()[1]}/"
        with (
            pytest.raises(Unavailable, match=r"does not answer, .* within 0\.5 s"),
            make_destination(place.settings_with(url=url, timeout=0.5)),
        ):
            pass


def test_a_host_that_does_not_exist_is_unavailable(place: Sshd) -> None:
    settings = place.settings_with(url="sftp://nowhere.invalid/archive")
    with pytest.raises(Unavailable, match=r"nowhere\.invalid can't be reached"), make_destination(settings):
        pass


def test_credentials_end_with_the_certificate_that_lies_beside_the_key(place: Sshd) -> None:
    with make_destination(place.settings) as destination:
        assert destination.credentials_end() is None
    end = int(time.time()) + 86_400
    authority, key = (asyncssh.read_private_key(place.directory / name) for name in ("authority", "key"))
    certificate = authority.generate_user_certificate(
        key, "shift", principals=[getpass.getuser()], valid_before=end
    )
    certificate.write_certificate(str(place.directory / "key-cert.pub"))
    (place.directory / "authorized_keys").write_text("")
    with make_destination(place.settings) as destination:
        assert destination.credentials_end() == end


def test_a_password_is_read_from_its_file(tmp_path: Path) -> None:
    with password_server(tmp_path) as settings, make_destination(settings) as destination:
        assert "known_hosts" in destination.names("")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"open says me", "does not let shift in: is the password in .* right"),
        (b"\n", "there is no password"),
        (b"\xff", "is not in UTF-8"),
    ],
)
def test_a_wrong_password_is_refused_and_not_shown(tmp_path: Path, data: bytes, said: str) -> None:
    with password_server(tmp_path) as settings:
        (tmp_path / "password").write_bytes(data)
        words = refused(settings)
    assert "says me" not in words
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(words)
