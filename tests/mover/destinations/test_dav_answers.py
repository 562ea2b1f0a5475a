"""WebDAV on a server that answers what no real one may be brought to answer at will."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import Interrupted, Refused, Unavailable
from runfolio.mover.destination import Found
from runfolio.mover.destinations.dav import WebDav
from runfolio.mover.package import Algorithm, Digest
from runfolio.mover.settings import DavDestination
from servers.answering import Answer, Answering, answering, listing
from servers.endless import endless
from servers.sending import item, nothing


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as told:
        yield told


@pytest.fixture
def opened(server: Answering) -> Iterator[WebDav]:
    """Connect to the server that answers what it is told to."""
    with WebDav(settings_of(server)) as destination:
        yield destination


def settings_of(server: Answering, **settings: Any) -> DavDestination:
    return DavDestination(name="pool", url=f"dav://127.0.0.1:{server.port}/runs", timeout=20, **settings)


def test_a_server_that_is_no_webdav_server_is_unavailable(server: Answering) -> None:
    server.answers["PROPFIND /runs"] = Answer(207, b"<html>Please log in</html>")
    with pytest.raises(Unavailable, match=r"makes no sense, .*no listing"), WebDav(settings_of(server)):
        pass


def test_hostile_xml_is_not_followed(server: Answering, opened: WebDav) -> None:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 30))
    server.answers["PROPFIND /runs/a"] = Answer(207, b"<!DOCTYPE a [" + entities + b"]><a>&a29;</a>")
    with pytest.raises(Unavailable, match="document type"):
        opened.look("a")


def test_a_listing_that_drips_is_given_up() -> None:
    head = b"HTTP/1.1 207 Multi-Status\r\n\r\n<multistatus xmlns='DAV:'>"
    with endless(head, b" ", pause=0.05) as port:
        settings = DavDestination(name="pool", url=f"dav://127.0.0.1:{port}/runs", timeout=0.3)
        with pytest.raises(Unavailable, match="its answer has not ended within 3 s"), WebDav(settings):
            pass


def test_free_space_is_known_where_there_is_a_quota(server: Answering, opened: WebDav) -> None:
    assert opened.space() is None
    server.answers["PROPFIND /runs"] = listing(
        "/runs", b"<quota-available-bytes>12345</quota-available-bytes>"
    )
    assert opened.space() == 12345


def test_a_size_that_is_not_listed_is_asked_for(server: Answering, opened: WebDav) -> None:
    server.answers |= {"PROPFIND /runs/a": listing("/runs/a", b"<resourcetype/>")}
    server.answers |= {"HEAD": Answer(200, b"four")}
    assert opened.look("a") == Found(is_folder=False, size=4)


def test_the_file_and_its_size_are_what_is_sent(server: Answering, opened: WebDav, tmp_path: Path) -> None:
    server.answers["PUT"] = Answer(201)
    counted: list[int] = []
    opened.put(item(tmp_path, bytes(1_000_000)), "a", counted.append)
    (put,) = server.of("PUT")
    assert put.body == bytes(1_000_000)
    assert put.headers["Content-Length"] == "1000000"
    assert max(counted) <= 1024 * 1024
    assert sum(counted) == 1_000_000


def test_a_server_without_propfind_that_is_down_is_no_folder(server: Answering) -> None:
    server.answers |= {"PROPFIND /runs": Answer(405), "HEAD": Answer(503)}
    with pytest.raises(Unavailable, match="503"), WebDav(settings_of(server)):
        pass


@pytest.mark.parametrize("status", [403, 409])
def test_what_a_server_does_not_replace_is_removed_first(
    server: Answering, opened: WebDav, tmp_path: Path, status: int
) -> None:
    gone = {"PUT": Answer(201), "PROPFIND /runs/a": Answer(404)}
    server.answers |= {
        "PUT": Answer(status),
        "PROPFIND /runs/a": listing("/runs/a", b"<getcontentlength>1</getcontentlength>"),
    }
    server.answers |= {"DELETE": Answer(204, then=gone)}
    opened.put(item(tmp_path), "a", nothing)
    assert [each.body for each in server.of("PUT")] == [b"runs", b"runs"]


def test_what_may_not_be_written_at_all_is_refused_once(
    server: Answering, opened: WebDav, tmp_path: Path
) -> None:
    server.answers["PUT"] = Answer(403)
    with pytest.raises(Refused, match="403"):
        opened.put(item(tmp_path), "a", nothing)
    assert len(server.of("PUT")) == 1


def test_no_room_makes_it_unavailable(server: Answering, opened: WebDav, tmp_path: Path) -> None:
    server.answers["PUT"] = Answer(507)
    with pytest.raises(Unavailable, match="507, it has no room"):
        opened.put(item(tmp_path), "a", nothing)


def test_a_source_that_is_gone_interrupts(opened: WebDav, tmp_path: Path) -> None:
    gone = item(tmp_path)
    gone.source.unlink()
    with pytest.raises(Interrupted, match=r"cannot read .*the file to send: No such file"):
        opened.put(gone, "a", nothing)


def test_digests_are_asked_for_by_both_standards(server: Answering, opened: WebDav) -> None:
    server.answers["HEAD"] = Answer(200, headers={"Repr-Digest": "md5=:CY9rzUYh03PK3k6DJie09g==:"})
    assert opened.digest("a") == Digest(Algorithm.MD5, "098f6bcd4621d373cade4e832627b4f6")
    asked = server.of("HEAD")[-1].headers
    assert "sha-256;q=1" in asked["Want-Digest"]
    assert "sha-256=10" in asked["Want-Repr-Digest"]
    assert asked["Accept-Encoding"] == "identity"


def test_a_digest_of_the_server_does_not_count_where_it_is_to_be_read_back(server: Answering) -> None:
    server.answers |= {
        "HEAD": Answer(200, headers={"Digest": "adler32=00000001"}),
        "GET": Answer(200, b"runs"),
    }
    with WebDav(settings_of(server, verify="read-back")) as destination:
        assert destination.digest("a").value == hashlib.sha256(b"runs").hexdigest()


@pytest.mark.parametrize("head", [Answer(405), Answer(500), Answer(200, headers={"Digest": "adler32=?"})])
def test_bytes_are_read_back_where_the_server_makes_no_digest(
    server: Answering, opened: WebDav, head: Answer
) -> None:
    server.answers |= {"HEAD": head, "GET": Answer(200, b"runs")}
    assert opened.digest("a") == Digest(Algorithm.SHA256, hashlib.sha256(b"runs").hexdigest())


def test_part_of_a_file_is_not_the_file(server: Answering, opened: WebDav) -> None:
    server.answers["GET"] = Answer(206, b"run")
    with pytest.raises(Interrupted, match="206"):
        b"".join(opened.read("a"))
    server.answers["GET"] = Answer(200, b"run", {"Content-Length": "4"})
    with pytest.raises(Interrupted, match="broke off"):
        b"".join(opened.read("a"))


@pytest.mark.parametrize(
    ("answer", "error"), [(207, Interrupted), (500, Unavailable), (502, Unavailable), (409, Interrupted)]
)
def test_what_was_renamed_in_part_is_an_error(
    server: Answering, opened: WebDav, answer: int, error: type[Exception]
) -> None:
    server.answers |= {"PROPFIND /runs/old": listing("/runs/old"), "MOVE": Answer(answer)}
    with pytest.raises(error, match=rf"cannot rename old at .* HTTP {answer}"):
        opened.rename("old", "new")
    assert server.of("MOVE")[0].headers["Overwrite"] == "F"
    assert server.of("MOVE")[0].headers["Destination"] == f"http://127.0.0.1:{server.port}/runs/new/"


def test_what_is_not_there_is_not_renamed(opened: WebDav, server: Answering) -> None:
    with pytest.raises(Interrupted, match="it is not there"):
        opened.rename("old", "new")
    assert not server.of("MOVE")


def test_what_cannot_be_removed_is_an_error(server: Answering, opened: WebDav) -> None:
    server.answers |= {"PROPFIND /runs/a": listing("/runs/a"), "DELETE": Answer(403)}
    with pytest.raises(Refused, match="cannot remove a"):
        opened.remove("a")
    server.answers["DELETE"] = Answer(207)
    with pytest.raises(Interrupted, match="in part"):
        opened.remove("a")
