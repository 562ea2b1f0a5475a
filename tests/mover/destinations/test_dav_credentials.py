import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from runfolio.errors import DeliveryError, Refused
from runfolio.mover.destinations.dav import WebDav
from runfolio.mover.settings import DavDestination
from servers.answering import Answering, answering, listing
from servers.nginx import CERTIFICATES_END, PASSWORD, Nginx


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    (tmp_path / "server").mkdir()
    server = Nginx(tmp_path / "server")
    yield server
    server.stop()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Nginx]:
    """Start a server that wants a certificate, too."""
    (tmp_path / "strict").mkdir()
    server = Nginx(tmp_path / "strict", knows_clients=True)
    yield server
    server.stop()


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as told:
        yield told


def words_of_refusal(settings: DavDestination, **changes: Any) -> str:
    with pytest.raises(Refused) as caught, WebDav(msgspec.structs.replace(settings, **changes)):
        pass
    return str(caught.value)


def settings_of(server: Answering, **settings: Any) -> DavDestination:
    return DavDestination(name="pool", url=f"dav://127.0.0.1:{server.port}/runs", timeout=20, **settings)


def test_a_wrong_password_is_refused_and_not_told(nginx: Nginx, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong horse")
    words = words_of_refusal(nginx.settings, password_file=str(tmp_path / "password"))
    assert "401, give user and password_file" in words
    assert "wrong horse" not in words


def test_no_password_is_refused(nginx: Nginx) -> None:
    assert "401" in words_of_refusal(nginx.settings, password_file=None)


def test_the_user_may_be_in_the_url(nginx: Nginx) -> None:
    url = nginx.settings.url.replace("127", "mover@127")
    with WebDav(msgspec.structs.replace(nginx.settings, url=url, user=None)) as opened:
        assert opened.look("") is not None


def test_a_certificate_that_is_not_trusted_is_refused_with_advice(nginx: Nginx) -> None:
    words = words_of_refusal(nginx.settings, ca=None)
    assert "its certificate is not trusted (unable to get local issuer certificate)" in words
    assert 'ca = "' in words


def test_a_certificate_of_another_host_is_refused(nginx: Nginx) -> None:
    url = nginx.settings.url.replace("127.0.0.1", "localhost")
    assert "Hostname mismatch" in words_of_refusal(nginx.settings, url=url)


def test_certificates_may_be_a_directory_of_them(nginx: Nginx, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "not trusted" in words_of_refusal(nginx.settings, ca=str(tmp_path / "none"))


def test_https_is_not_spoken_by_http_nor_the_other_way(nginx: Nginx, server: Answering) -> None:
    url = nginx.settings.url.replace("davs", "dav")
    assert "davs:// for HTTPS" in words_of_refusal(nginx.settings, url=url)
    url = settings_of(server).url.replace("dav", "davs")
    assert "is it dav:// rather than davs://?" in words_of_refusal(settings_of(server), url=url)


def test_a_client_certificate_opens_a_server_that_wants_one(strict: Nginx) -> None:
    certificate = str(strict.directory / "client.pem")
    with WebDav(msgspec.structs.replace(strict.settings, certificate=certificate)) as opened:
        assert opened.look("") is not None
        assert opened.credentials_end() == CERTIFICATES_END.timestamp()


def test_without_a_certificate_it_stays_shut(strict: Nginx) -> None:
    assert "certificate" in words_of_refusal(strict.settings)


def test_a_token_is_read_at_each_connect(server: Answering, tmp_path: Path) -> None:
    settings = settings_of(server, token_file=str(tmp_path / "token"))
    for token in ("first", "second"):
        (tmp_path / "token").write_text(f"{token}\n")
        with WebDav(settings):
            assert server.asked[-1].headers["Authorization"] == f"Bearer {token}"


def test_a_password_of_any_letters_is_sent(server: Answering, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    with WebDav(settings_of(server, user="mover", password_file=str(tmp_path / "password"))):
        kind, _, value = server.asked[-1].headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(value).decode()) == ("Basic", f"mover:{PASSWORD}")


def test_a_token_tells_its_end(server: Answering, tmp_path: Path) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4_000_000_000}).encode()).decode().rstrip("=")
    (tmp_path / "token").write_text(f"e30.{claims}.c2ln")
    with WebDav(settings_of(server, token_file=str(tmp_path / "token"))) as opened:
        assert opened.credentials_end() == 4e9
    with WebDav(settings_of(server)) as opened:
        assert opened.credentials_end() is None


@pytest.mark.parametrize("text", ["two words", "two\r\nlines: x", "", "ümlaut", "\x7f"])
def test_a_token_that_would_break_the_header_is_refused_and_not_told(
    server: Answering, tmp_path: Path, text: str
) -> None:
    (tmp_path / "token").write_text(text)
    words = words_of_refusal(settings_of(server), token_file=str(tmp_path / "token"))
    assert "holds something else than one token" in words
    assert not text or text not in words
    assert not server.asked


@pytest.mark.parametrize("setting", ["password_file", "token_file", "certificate", "ca"])
def test_a_file_that_is_not_there_is_named(server: Answering, setting: str) -> None:
    words = words_of_refusal(settings_of(server), **{setting: "/nowhere/file"})
    assert f"cannot use {setting} = /nowhere/file: No such file" in words


@pytest.mark.parametrize("setting", ["certificate", "ca"])
def test_a_file_without_certificates_is_named(server: Answering, tmp_path: Path, setting: str) -> None:
    (tmp_path / "pem").write_text("nothing")
    words = words_of_refusal(settings_of(server), **{setting: str(tmp_path / "pem")})
    assert f"cannot use {setting} = {tmp_path / 'pem'}: it is not what it should be" in words


def test_nobody_is_asked_for_the_password_of_a_key(strict: Nginx, tmp_path: Path) -> None:
    form = Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"horse")
    (tmp_path / "key").write_bytes(Ed25519PrivateKey.generate().private_bytes(*form))
    certificate = str(strict.directory / "client.pem")
    words = words_of_refusal(strict.settings, certificate=certificate, key=str(tmp_path / "key"))
    assert "cannot use certificate" in words


def test_what_is_wrong_with_them_is_known_before_anything_is_sent(server: Answering) -> None:
    server.answers["PROPFIND"] = listing("/runs")
    with pytest.raises(DeliveryError), WebDav(settings_of(server, token_file="/nowhere")):  # noqa: S106
        pass
    assert not server.asked
