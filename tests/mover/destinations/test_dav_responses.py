import base64
import hashlib

import pytest

from runfolio.mover.destinations import dav_responses
from runfolio.mover.destinations.dav_responses import Entry, children_of, read_digest, read_listing
from runfolio.mover.package import Algorithm, Digest

APACHE = b"""<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:"><D:response xmlns:lp1="DAV:" xmlns:g0="DAV:">
<D:href>/runs/a%20b/</D:href>
<D:propstat><D:prop>
<lp1:resourcetype><D:collection/></lp1:resourcetype>
<lp1:getlastmodified>Thu, 01 Jan 1970 00:01:40 GMT</lp1:getlastmodified>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><g0:quota-available-bytes/><g0:getcontentlength/></D:prop>
<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
</D:response></D:multistatus>"""

XROOTD = b"""<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:"><D:response xmlns:lp1="DAV:"><D:href>/a/x</D:href>
<D:propstat><D:prop><lp1:getcontentlength>6</lp1:getcontentlength><lp1:iscollection>0</lp1:iscollection>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"""

SHA256 = hashlib.sha256(b"run")
MD5 = hashlib.md5(b"run", usedforsecurity=False)


def entry(path: str) -> Entry:
    return Entry(path=path, is_folder=False, size=1, modified=None, available=None)


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_properties_that_are_not_there_are_not_those_that_are() -> None:
    assert read_listing([APACHE]) == [
        Entry(path="/runs/a%20b", is_folder=True, size=None, modified=100.0, available=None)
    ]


def test_a_listing_comes_in_any_pieces() -> None:
    pieces = [XROOTD[at : at + 1] for at in range(len(XROOTD))]
    assert read_listing(pieces) == [
        Entry(path="/a/x", is_folder=False, size=6, modified=None, available=None)
    ]


def test_one_entry_takes_nothing_from_another() -> None:
    two = APACHE.replace(b"</D:multistatus>", XROOTD.partition(b'xmlns:D="DAV:">')[2])
    assert [(each.is_folder, each.size) for each in read_listing([two])] == [(True, None), (False, 6)]


@pytest.mark.parametrize("value", [b"-1", b"many", b"1e3", b"9" * 400])
def test_odd_values_are_not_known_ones(value: bytes) -> None:
    odd = XROOTD.replace(b">6<", b">" + value + b"<")
    assert read_listing([odd])[0].size is None


@pytest.mark.parametrize("value", [b"yesterday", b"Thu, 99 Foo 1970", b"Thu, 01 Jan 99999999 00:01:40 GMT"])
def test_odd_times_are_not_known_ones(value: bytes) -> None:
    odd = APACHE.replace(b"Thu, 01 Jan 1970 00:01:40 GMT", value)
    assert read_listing([odd])[0].modified is None


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b"<a>&nothing;</a>", "not XML"),
        (b"<a><b></a>", "not XML"),
        (b"", "not XML"),
        (b"It works!", "not XML"),
        (b"<html/>", "no listing"),
        (b"<a>" * 1000, "in one another"),
        (XROOTD.replace(b"/a/x", b"http://[/a"), "Invalid IPv6"),
    ],
)
def test_what_is_no_listing_is_refused(hostile: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_listing([hostile])


def test_a_listing_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dav_responses, "LARGEST_LISTING", 100_000)
    begin = b'<multistatus xmlns="DAV:">'

    def endless() -> object:
        yield begin
        while True:
            yield b"<response/>" * 100

    with pytest.raises(ValueError, match="larger than 100000 bytes"):
        read_listing(endless())  # type: ignore[arg-type]


def test_children_are_those_in_the_folder_that_is_listed() -> None:
    listed = [entry("/runs/a%20b"), entry("/runs/a%20b/one"), entry("/runs/a%20b/%C3%BC")]
    assert children_of("/runs/a%20b", listed) == {"one", "ü"}


def test_behind_a_proxy_the_folder_may_have_another_path() -> None:
    listed = [entry("/inside/runs"), entry("/inside/runs/one")]
    assert children_of("/outside/runs", listed) == {"one"}
    assert children_of("/outside/runs", listed[:1]) == frozenset()


def test_a_folder_that_is_not_listed_itself_is_known_all_the_same() -> None:
    assert children_of("/runs/", [entry("/runs/one"), entry("/elsewhere/two")]) == {"one"}


@pytest.mark.parametrize("name", ["..", ".", "%2e%2e", "a%2Fb", ""])
def test_names_that_lead_elsewhere_are_none(name: str) -> None:
    assert children_of("/runs", [entry("/runs"), entry(f"/runs/{name}")]) == frozenset()


@pytest.mark.parametrize(
    "header",
    [
        f"sha-256={base64_of(SHA256.digest())}",
        f"SHA-256={SHA256.hexdigest()}",
        f"sha-256={SHA256.hexdigest().upper()}",
        f"sha-256=:{base64_of(SHA256.digest())}:",
        f"md5={base64_of(MD5.digest())}, sha-256={base64_of(SHA256.digest())},adler32=00000001",
        f"unixsum=30637, sha-256={SHA256.hexdigest()}",
    ],
)
def test_the_best_digest_counts_in_each_of_its_forms(header: str) -> None:
    assert read_digest([header]) == Digest(Algorithm.SHA256, SHA256.hexdigest())


def test_md5_and_adler32_are_digests_too() -> None:
    assert read_digest([f"md5={MD5.hexdigest()}"]) == Digest(Algorithm.MD5, MD5.hexdigest())
    assert read_digest([f"MD5={base64_of(MD5.digest())}"]) == Digest(Algorithm.MD5, MD5.hexdigest())
    assert read_digest(["adler32=084B021F"]) == Digest(Algorithm.ADLER32, "084b021f")
    assert read_digest(["adler=:CEsCHw==:"]) == Digest(Algorithm.ADLER32, "084b021f")


def test_several_headers_are_taken_together() -> None:
    both = read_digest(["adler32=084b021f", f"sha-256={SHA256.hexdigest()}"])
    assert both == Digest(Algorithm.SHA256, SHA256.hexdigest())


@pytest.mark.parametrize(
    "header", ["", "sha-256", "sha-256=", "sha-256=abc", "sha-256=!", "crc32c=AAAAAA==", "md5=00", ",,=,"]
)
def test_what_is_no_digest_is_left_out(header: str) -> None:
    assert read_digest([header]) is None
