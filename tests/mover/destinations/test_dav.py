"""WebDAV on real servers; what a server may answer beyond that is in `test_dav_answers.py`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import Interrupted, Refused, SourceDamaged, Unavailable
from runfolio.mover.destination import Found
from runfolio.mover.destinations.dav import WebDav
from runfolio.mover.package import Algorithm, Digest
from servers.apache import Apache
from servers.nginx import Nginx
from servers.sending import item, nothing
from servers.xrootd_http import XRootDHttp

Server = Nginx | Apache | XRootDHttp
Start = Callable[..., Any]

ODD_NAME = "50% of ü+&"
LARGE = 32 * 1024 * 1024
"""Bytes; more than the kernel takes from us before anybody reads them."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give a function that starts servers."""
    started: list[Server] = []

    def start_one(kind: type[Server], **settings: Any) -> Server:
        directory = tmp_path / f"server{len(started)}"
        directory.mkdir()
        started.append(kind(directory, **settings))
        return started[-1]

    yield start_one
    for each in started:
        each.stop()


@pytest.mark.parametrize("kind", [Nginx, Apache, XRootDHttp])
def test_odd_names_stay_what_they_are(start: Start, tmp_path: Path, kind: type[Server]) -> None:
    place = start(kind)
    with WebDav(place.settings) as destination:
        destination.make_folder(ODD_NAME)
        destination.put(item(tmp_path), f"{ODD_NAME}/{ODD_NAME}", nothing)
        assert place.files() == {f"{ODD_NAME}/{ODD_NAME}": b"runs"}
        assert destination.names(ODD_NAME) == {ODD_NAME}
        assert b"".join(destination.read(f"{ODD_NAME}/{ODD_NAME}")) == b"runs"
        destination.remove(ODD_NAME)
        assert place.files() == {}


@pytest.mark.parametrize("kind", [Nginx, Apache, XRootDHttp])
def test_below_a_file_there_is_nothing(start: Start, tmp_path: Path, kind: type[Server]) -> None:
    with WebDav(start(kind).settings) as destination:
        destination.put(item(tmp_path), "a", nothing)
        assert destination.look("a/run.json") is None
        assert destination.look("a/data/run.json") is None
        assert destination.names("a") == frozenset()


@pytest.mark.parametrize("kind", [Nginx, Apache])
def test_an_odd_name_can_be_renamed(start: Start, tmp_path: Path, kind: type[Server]) -> None:
    place = start(kind)
    (place.disk / ODD_NAME).mkdir(mode=0o777)
    url = f"{place.settings.url}/50%25%20of%20%C3%BC%2B%26"
    with WebDav(msgspec.structs.replace(place.settings, url=url)) as destination:
        destination.put(item(tmp_path), "?#old", nothing)
        assert destination.rename("?#old", "new;,=")
    assert place.files() == {f"{ODD_NAME}/new;,=": b"runs"}


def test_a_server_that_renames_to_something_else_is_found_out(start: Start, tmp_path: Path) -> None:
    with WebDav(start(XRootDHttp).settings) as destination:
        destination.put(item(tmp_path), "a", nothing)
        with pytest.raises(Refused, match="use a path without blanks"):
            destination.rename("a", "two words")


# The folder that the URL names


def test_a_url_of_nothing_or_of_a_file_is_refused(start: Start) -> None:
    place = start(Nginx)
    (place.disk / "file").write_bytes(b"")
    for name, words in (
        ("nothing", "there is no folder /runs/nothing"),
        ("file", "it is a file, /runs/file"),
    ):
        settings = msgspec.structs.replace(place.settings, url=f"{place.settings.url}/{name}")
        with pytest.raises(Refused, match=words), WebDav(settings):
            pass


# What is there


def test_the_time_is_that_of_the_destination(start: Start, tmp_path: Path) -> None:
    place = start(Nginx)
    with WebDav(place.settings) as destination:
        destination.put(item(tmp_path), "a", nothing)
        found = destination.look("a")
    assert found == Found(is_folder=False, size=4, modified=int((place.disk / "a").stat().st_mtime))


def test_without_propfind_a_server_is_asked_for_each_name(start: Start, tmp_path: Path) -> None:
    place = start(Nginx, lists=False)
    with WebDav(place.settings) as destination:
        destination.make_folder(".a.part/data")
        destination.put(each := item(tmp_path), ".a.part/data/b", nothing)
        assert destination.look(".a.part/data/b") == Found(is_folder=False, size=4)
        assert destination.look(".a.part") == Found(is_folder=True)
        assert each.is_as_sent(destination.digest(".a.part/data/b"))
        assert destination.rename(".a.part", "a")
        assert not destination.rename("a", "a")
        assert place.files() == {"a/data/b": b"runs"}
        with pytest.raises(Refused, match="no PROPFIND"):
            destination.names("a")
        destination.remove("a")
    assert place.files() == {}


# Sending


@pytest.mark.parametrize("kind", [Nginx, Apache])
def test_a_missing_folder_is_what_the_error_speaks_of(
    start: Start, tmp_path: Path, kind: type[Server]
) -> None:
    with (
        WebDav(start(kind).settings) as destination,
        pytest.raises(Interrupted, match="folder that it would be in is not there"),
    ):
        destination.put(item(tmp_path), "nothing/a", nothing)


def test_a_file_that_is_too_large_is_refused_with_advice(start: Start, tmp_path: Path) -> None:
    with (
        WebDav(start(Nginx, most="1m").settings) as destination,
        pytest.raises(Refused, match=r"413, .*client_max_body_size"),
    ):
        destination.put(item(tmp_path, bytes(LARGE)), "a", nothing)


@pytest.mark.parametrize("size", [3, 5])
def test_a_source_of_another_size_is_damaged(start: Start, tmp_path: Path, size: int) -> None:
    place = start(Nginx)
    with WebDav(place.settings) as destination:
        with pytest.raises(SourceDamaged, match=f"{size} bytes"):
            destination.put(item(tmp_path, b"runs", size=size), "a", nothing)
        destination.put(item(tmp_path), "b", nothing)
    assert place.files() == {"b": b"runs"}


def test_a_folder_is_not_made_where_a_file_has_the_name(start: Start, tmp_path: Path) -> None:
    with WebDav(start(Apache).settings) as destination:
        destination.put(item(tmp_path), "a", nothing)
        for path in ("a", "a/data"):
            with pytest.raises(Interrupted, match="a file has the name"):
                destination.make_folder(path)


# Servers that die or stall


@pytest.mark.parametrize("kind", [Nginx, Apache, XRootDHttp])
def test_a_server_that_dies_interrupts_what_is_on_its_way(
    start: Start, tmp_path: Path, kind: type[Server]
) -> None:
    place = start(kind)
    with WebDav(place.settings) as destination, pytest.raises(Interrupted):
        destination.put(item(tmp_path, bytes(LARGE)), "a", lambda _: place.stop())
    assert place.files().get("a") != bytes(LARGE)


def test_a_server_that_dies_interrupts_what_is_read(start: Start) -> None:
    place = start(Nginx)
    (place.disk / "a").write_bytes(bytes(LARGE))
    with WebDav(place.settings) as destination:
        blocks = destination.read("a")
        next(blocks)
        place.stop()
        with pytest.raises(Interrupted, match="cannot read a"):
            b"".join(blocks)


def test_a_server_that_stalls_is_given_up_after_the_timeout(start: Start, tmp_path: Path) -> None:
    place = start(Nginx, tls=False)
    with WebDav(msgspec.structs.replace(place.settings, timeout=1.0)) as destination:
        place.pause()
        with pytest.raises(Unavailable, match=r"no answer within 1 s"):
            destination.look("a")
        with pytest.raises(Interrupted, match=r"nothing has moved for 1 s"):
            destination.put(item(tmp_path, bytes(LARGE)), "a", nothing)
        with pytest.raises(Interrupted, match=r"nothing has moved for 1 s"):
            destination.digest("a")


def test_a_server_that_stalls_before_it_is_known_is_unavailable(start: Start) -> None:
    place = start(Nginx)
    place.pause()
    with (
        pytest.raises(Unavailable, match=r"no connection within 1 s"),
        WebDav(msgspec.structs.replace(place.settings, timeout=1.0)),
    ):
        pass


# Digests


def test_a_digest_that_the_server_makes_counts(start: Start, tmp_path: Path) -> None:
    place = start(XRootDHttp)
    with WebDav(place.settings) as destination:
        destination.put(each := item(tmp_path), "a", nothing)
        assert destination.digest("a") == Digest(Algorithm.ADLER32, each.digests[Algorithm.ADLER32])
    with WebDav(msgspec.structs.replace(place.settings, verify="read-back")) as destination:
        assert destination.digest("a") == Digest(Algorithm.SHA256, each.digests[Algorithm.SHA256])


# Renaming


@pytest.mark.parametrize("kind", [Nginx, Apache])
@pytest.mark.parametrize("name", ["file", "folder"])
def test_what_came_after_looking_is_not_overwritten(
    start: Start, monkeypatch: pytest.MonkeyPatch, kind: type[Server], name: str
) -> None:
    place = start(kind)
    fill(place.disk)
    before = place.files()
    with WebDav(place.settings) as destination:
        see_nothing_first(destination, monkeypatch)
        assert not destination.rename(f"new {name}", f"old {name}")
    assert place.files() == before


def test_xrootd_leaves_at_least_a_folder_that_holds_something(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = start(XRootDHttp)
    fill(place.disk)
    before = place.files()
    with WebDav(place.settings) as destination:
        see_nothing_first(destination, monkeypatch)
        with pytest.raises(Unavailable, match="500"):
            destination.rename("new folder", "old")
    assert place.files() == before


def fill(disk: Path) -> None:
    for name in ("old folder", "new folder", "old"):
        (disk / name).mkdir()
        (disk / name).chmod(0o777)
        (disk / name / "run.json").write_text(name)
    for name in ("old file", "new file"):
        (disk / name).write_text(name)


def see_nothing_first(destination: WebDav, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first look find nothing."""
    look, seen = destination.look, [None]
    monkeypatch.setattr(destination, "look", lambda path: seen.pop() if seen else look(path))


# Removing
