"""What every kind of destination promises, tried with each, on a real server."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runfolio.errors import DeliveryError, Unavailable
from runfolio.mover.destination import Destination, Taken
from runfolio.mover.destinations import make_destination
from runfolio.mover.package import Algorithm, Item
from runfolio.mover.settings import CommandDestination
from servers.kinds import KINDS
from servers.place import Place

DATA = bytes(range(256)) * 5000
"""More than a block of any protocol."""


@pytest.fixture(params=sorted(KINDS))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Start a server of each kind."""
    (tmp_path / "server").mkdir()
    made = KINDS[request.param](tmp_path / "server")
    yield made
    made.stop()


@pytest.fixture
def destination(place: Place) -> Iterator[Destination]:
    """Connect to it."""
    with make_destination(place.settings) as opened:
        yield opened


def item(directory: Path, data: bytes = DATA, name: str = "run.json") -> Item:
    """Return a file to send."""
    (directory / name).write_bytes(data)
    digests = {
        Algorithm.SHA256: hashlib.sha256(data).hexdigest(),
        Algorithm.ADLER32: f"{zlib.adler32(data):08x}",
        Algorithm.MD5: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
    return Item(path=name, source=directory / name, size=len(data), digests=digests)


def as_told(place: Place, kind_and_size: tuple[bool, int | None]) -> tuple[bool | None, int | None]:
    """Return what is found of a file or folder; a site's command tells only that there is something."""
    return (None, None) if isinstance(place.settings, CommandDestination) else kind_and_size


def test_what_is_put_is_there_byte_for_byte(destination: Destination, place: Place, tmp_path: Path) -> None:
    sent: list[int] = []
    destination.make_folder(".a.part/data")
    put = destination.put(each := item(tmp_path), ".a.part/data/run.json", sent.append)
    assert place.files() == {".a.part/data/run.json": DATA}
    assert put is None or each.is_as_sent(put)
    assert sum(sent) == len(DATA)
    found = destination.look(".a.part/data/run.json")
    assert found is not None
    assert (found.is_folder, found.size) == as_told(place, (False, len(DATA)))
    assert each.is_as_sent(destination.digest(".a.part/data/run.json"))
    assert b"".join(destination.read(".a.part/data/run.json")) == DATA


def test_an_empty_file_is_one_too(destination: Destination, place: Place, tmp_path: Path) -> None:
    destination.put(each := item(tmp_path, b""), "empty", lambda _: None)
    assert place.files() == {"empty": b""}
    assert each.is_as_sent(destination.digest("empty"))


def test_names_are_those_directly_within(destination: Destination, place: Place, tmp_path: Path) -> None:
    destination.make_folder("a/data")
    for path in ("a/one", "a/data/two", "three"):
        destination.put(item(tmp_path, b"x"), path, lambda _: None)
    assert destination.names("a") == {"one", "data"}
    assert destination.names("") >= {"a", "three"}
    assert destination.names("nothing") == frozenset()
    folder = destination.look("a")
    assert folder is not None
    assert (folder.is_folder, folder.size) == as_told(place, (True, None))


def test_nothing_is_found_where_nothing_is(destination: Destination) -> None:
    assert destination.look("nothing") is None
    assert destination.look("no/such/folder") is None
    destination.remove("nothing")
    with pytest.raises(DeliveryError):
        destination.digest("nothing")
    with pytest.raises(DeliveryError):
        b"".join(destination.read("nothing"))


def test_an_unfinished_file_is_replaced(destination: Destination, place: Place, tmp_path: Path) -> None:
    destination.put(item(tmp_path, b"half"), "a", lambda _: None)
    if destination.renames:
        destination.put(item(tmp_path), "a", lambda _: None)
        assert place.files() == {"a": DATA}
    else:
        with pytest.raises(Taken):
            destination.put(item(tmp_path), "a", lambda _: None)
        assert place.files() == {"a": b"half"}


@pytest.mark.parametrize("folder", [False, True])
def test_a_rename_never_overwrites(
    destination: Destination, place: Place, tmp_path: Path, folder: bool
) -> None:
    if not destination.renames:
        return
    within = "/run.json" if folder else ""
    for name in ("old", ".new.part"):
        if folder:
            destination.make_folder(name)
        destination.put(item(tmp_path, name.encode()), f"{name}{within}", lambda _: None)
    before = place.files()
    assert not destination.rename(".new.part", "old")
    assert place.files() == before
    assert destination.rename(".new.part", "new")
    assert place.files() == {f"old{within}": b"old", f"new{within}": b".new.part"}


def test_what_is_removed_is_gone(destination: Destination, place: Place, tmp_path: Path) -> None:
    destination.make_folder("a/data")
    for path in ("a/one", "a/data/two", "b"):
        destination.put(item(tmp_path, b"x"), path, lambda _: None)
    destination.remove("a")
    assert destination.look("a") is None
    destination.remove("b")
    assert place.files() == {}


def test_a_flipped_bit_is_seen(destination: Destination, place: Place, tmp_path: Path) -> None:
    destination.put(each := item(tmp_path), "a", lambda _: None)
    assert each.is_as_sent(destination.digest("a"))
    place.damage("a", 70_000)
    assert b"".join(destination.read("a")) != DATA


def test_whoever_counts_bytes_may_give_up(destination: Destination, tmp_path: Path) -> None:
    class GivenUpError(Exception):
        pass

    def give_up(_: int) -> None:
        raise GivenUpError

    with pytest.raises(GivenUpError):
        destination.put(item(tmp_path), "a", give_up)
    destination.put(item(tmp_path), "b", lambda _: None)
    assert destination.look("b") is not None


def test_a_server_that_is_gone_is_unavailable_and_then_back(place: Place, tmp_path: Path) -> None:
    place.stop()
    with pytest.raises(Unavailable), make_destination(place.settings) as opened:
        opened.put(item(tmp_path), "a", lambda _: None)
    place.start()
    with make_destination(place.settings) as opened:
        opened.put(each := item(tmp_path), "a", lambda _: None)
        assert each.is_as_sent(opened.digest("a"))


def test_space_is_a_number_of_bytes_or_not_known(destination: Destination) -> None:
    space = destination.space()
    assert space is None or space > 0
