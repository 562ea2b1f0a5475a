"""An S3 server, or what stands in for one, that answers without end or without sense."""

from collections.abc import Iterator

import pytest

from runfolio.errors import Refused, Unavailable
from runfolio.mover.destinations import s3_answers
from runfolio.mover.destinations.s3 import Bucket, open_destination
from runfolio.mover.settings import S3Destination
from servers.answering import Answer, Answering, answering
from servers.endless import endless
from servers.moto import ENVIRONMENT

LISTING = Answer(200, b'<?xml version="1.0"?><ListBucketResult><Name>archive</Name></ListBucketResult>')
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as told:
        told.answers["GET"] = LISTING
        yield told


def at(port: int, timeout: float = 20) -> Bucket:
    endpoint = f"http://127.0.0.1:{port}"
    return open_destination(
        S3Destination(name="bucket", url="s3://archive/runs", endpoint=endpoint, timeout=timeout)
    )


@pytest.mark.parametrize("head", [OK, OK.replace(b"200 OK", b"403 Forbidden")])
def test_an_answer_without_end_is_given_up(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_answers, "LARGEST", 100_000)
    with (
        endless(head, b"<Contents>" * 1000) as port,
        pytest.raises(Unavailable, match="larger than 100000 bytes"),
        at(port),
    ):
        pass


def test_an_answer_that_drips_is_given_up() -> None:
    with (
        endless(OK, b" ", pause=0.05) as port,
        pytest.raises(Unavailable, match="not ended within 3 s"),
        at(port, timeout=0.3),
    ):
        pass


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirects_that_lead_to_themselves_are_refused(server: Answering, status: int) -> None:
    redirect = Answer(status, b"", {"Location": f"http://127.0.0.1:{server.port}/archive"})
    server.answers |= {"GET": redirect, "HEAD": redirect}
    with (
        pytest.raises(Refused, match=r"^s3://archive/runs: it redirects .*correct the endpoint"),
        at(server.port),
    ):
        pass


def test_an_answer_that_lacks_what_is_asked_for_says_what(server: Answering) -> None:
    server.answers["HEAD"] = Answer(200)
    with (
        at(server.port) as bucket,
        pytest.raises(Unavailable, match=r"runs/a: its answer has no LastModified"),
    ):
        bucket.look("a")


@pytest.mark.parametrize(
    "page",
    [
        b"<html><p>Please log in</html>",
        b"please log in",
        b"\xff\xfe\x00",
        b'<?xml version="1.0"?><ListBucketResult><Contents>',
        b'<?xml version="1.0"?><ListBucketResult><MaxKeys>many</MaxKeys></ListBucketResult>',
    ],
)
def test_a_page_of_somebody_else_makes_it_unavailable(server: Answering, page: bytes) -> None:
    server.answers["GET"] = Answer(200, page)
    with pytest.raises(Unavailable, match="s3://archive/runs"), at(server.port):
        pass


@pytest.mark.parametrize("when", ["yesterday", "Mon, 99 Foo 2026"])
def test_a_time_that_is_none_makes_it_unavailable(server: Answering, when: str) -> None:
    server.answers["HEAD"] = Answer(200, headers={"Last-Modified": when})
    with at(server.port) as bucket, pytest.raises(Unavailable, match="makes no sense"):
        bucket.look("a")


def test_connections_are_used_again(server: Answering) -> None:
    with at(server.port) as bucket:
        before = len(server.asked)
        assert bucket.names("") == frozenset()
        assert len(server.asked) == before + 1
