from collections.abc import Iterator

import httpx
import pytest

from runfolio.errors import Interrupted, Refused, Unavailable
from runfolio.mover.destinations.dav_credentials import Credentials
from runfolio.mover.destinations.dav_http import DavHttp, Outgoing
from runfolio.mover.settings import DavDestination
from servers.answering import Answer, Answering, answering

FILE = Outgoing(6, lambda: iter([b"run", b"s!!"]))


@pytest.fixture
def door() -> Iterator[Answering]:
    with answering() as server:
        yield server


@pytest.fixture
def pool() -> Iterator[Answering]:
    """Start a server that others send to; as `localhost` it is on another host than 127.0.0.1."""
    with answering() as server:
        server.answers["PUT"] = Answer(201)
        yield server


@pytest.fixture
def http(door: Answering) -> Iterator[DavHttp]:
    """Connect to the first server with a password."""
    opened = DavHttp(DavDestination(name="pool", url=f"dav://127.0.0.1:{door.port}/runs", timeout=20))
    opened.open()
    assert opened._credentials is not None
    opened._credentials = Credentials("Basic c2VjcmV0", opened._credentials.tls, None)
    yield opened
    opened.close()


def status(http: DavHttp, method: str = "PUT") -> int:
    with http.asked(method, "a", body=FILE if method == "PUT" else None) as response:
        return response.status_code


def redirect(target: str, code: int = 307) -> Answer:
    return Answer(code, headers={"Location": target})


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirected_file_is_sent_again_whole(
    http: DavHttp, door: Answering, pool: Answering, code: int
) -> None:
    door.answers["PUT"] = redirect(f"http://localhost:{pool.port}/disk%201/a?token=t#here", code)
    assert status(http) == 201
    (put,) = pool.of("PUT")
    assert (put.path, put.body) == ("/disk%201/a?token=t", b"runs!!")


def test_another_host_is_not_shown_the_password(http: DavHttp, door: Answering, pool: Answering) -> None:
    door.answers["PUT"] = redirect(f"http://user:word@localhost:{pool.port}/a")
    assert status(http) == 201
    assert door.asked[0].headers["Authorization"] == "Basic c2VjcmV0"
    assert "Authorization" not in pool.asked[0].headers


def test_another_server_of_the_same_host_is(http: DavHttp, door: Answering, pool: Answering) -> None:
    door.answers["PUT"] = redirect(f"http://127.0.0.1:{pool.port}/a")
    assert status(http) == 201
    assert pool.asked[0].headers["Authorization"] == "Basic c2VjcmV0"


@pytest.mark.parametrize(
    ("scheme", "target", "shown"),
    [
        ("davs", "https://dav.example.org/a", True),
        ("davs", "https://DAV.example.org:8443/a", True),
        ("davs", "http://dav.example.org/a", False),
        ("davs", "https://example.org/a", False),
        ("davs", "https://dav.example.org.evil.example/a", False),
        ("davs", "https://dav.example.org@evil.example/a", False),
        ("dav", "http://dav.example.org/a", True),
        ("dav", "https://dav.example.org/a", True),
        ("dav", "https://evil.example/a", False),
    ],
)
def test_who_is_shown_the_password(http: DavHttp, scheme: str, target: str, shown: bool) -> None:
    other = DavHttp(DavDestination(name="other", url=f"{scheme}://mover@dav.example.org/runs"))
    other._credentials = http._credentials
    assert bool(other._shown_to(httpx.URL(target))) == shown


def test_a_relative_redirect_is_followed(http: DavHttp, door: Answering) -> None:
    door.answers |= {"HEAD /runs/a": redirect("a/"), "HEAD /runs/a/": Answer(200)}
    assert status(http, "HEAD") == 200


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/a", "/runs/a", "http://a..b/", "file:///etc"])
def test_redirects_that_lead_nowhere_are_refused(http: DavHttp, door: Answering, target: str) -> None:
    door.answers["PUT"] = redirect(target)
    with pytest.raises(Refused, match="pool"):
        status(http)
    assert len(door.asked) <= 6


def test_what_others_tell_by_a_redirect_is_not_repeated(http: DavHttp, door: Answering) -> None:
    door.answers["PUT"] = redirect("http://127.0.0.1:1/a?authz=secret")
    with pytest.raises(Unavailable) as caught:
        status(http)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        (207, Interrupted, "in part"),
        (304, Interrupted, "Not Modified"),
        (400, Refused, "dav:// is for HTTP"),
        (401, Refused, "password_file"),
        (403, Refused, "credentials"),
        (404, Interrupted, "not there"),
        (408, Unavailable, "Timeout"),
        (409, Interrupted, "the folder that it would be in"),
        (413, Refused, "client_max_body_size"),
        (418, Refused, "418"),
        (423, Interrupted, "locked"),
        (429, Unavailable, "Too Many"),
        (500, Unavailable, "500"),
        (501, Refused, "501"),
        (503, Unavailable, "503"),
        (507, Unavailable, "no room"),
    ],
)
def test_each_status_has_its_class_and_advice(
    http: DavHttp, door: Answering, code: int, error: type[Exception], words: str
) -> None:
    door.answers["PUT"] = Answer(code)
    with http.asked("PUT", "a\nb", body=FILE) as response:
        failed = http.failed(response, "a\nb")
    assert type(failed) is error
    assert words in str(failed)
    assert "cannot write a b at pool (dav://127.0.0.1:" in str(failed)


@pytest.mark.parametrize(
    ("path", "is_folder", "quoted"),
    [
        ("", False, "/a%20b"),
        ("", True, "/a%20b/"),
        (".4235.0123abcd.part/data", True, "/a%20b/.4235.0123abcd.part/data/"),
        ("50% ü?#&;", False, "/a%20b/50%25%20%C3%BC%3F%23%26%3B"),
        ("%20", False, "/a%20b/%2520"),
    ],
)
def test_names_are_encoded_once(path: str, is_folder: bool, quoted: str) -> None:
    http = DavHttp(DavDestination(name="pool", url="davs://mover@dav.example.org:8443/a%20b/"))
    assert str(http.url(path, is_folder=is_folder)) == f"https://dav.example.org:8443{quoted}"


def test_the_root_of_a_server_is_a_folder_too() -> None:
    http = DavHttp(DavDestination(name="pool", url="dav://[::1]:8080/"))
    assert str(http.url("")) == str(http.url("", is_folder=True)) == "http://[::1]:8080/"
    assert str(http.url("a")) == "http://[::1]:8080/a"


def test_nobody_answers_for_a_host_that_is_none() -> None:
    http = DavHttp(DavDestination(name="pool", url=f"dav://{'a' * 70}.invalid/runs"))
    http.open()
    with pytest.raises(Refused, match="cannot be reached"):
        status(http)


def test_a_proxy_of_an_unknown_kind_is_refused(http: DavHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(Refused, match="ALL_PROXY"):
        status(http)
