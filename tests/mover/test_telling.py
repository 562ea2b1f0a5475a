"""What is told to watchers of a destination's effects."""

import hashlib
from pathlib import Path

import pytest

from mover.memory import MemoryPlace
from runfolio.folder.faults import Recorder
from runfolio.mover.package import Algorithm, Item
from runfolio.mover.telling import TellingDestination
from runfolio.watching import watched


@pytest.fixture
def item(tmp_path: Path) -> Item:
    source = tmp_path / "file"
    source.write_bytes(bytes(2500))
    digests = {Algorithm.SHA256: hashlib.sha256(bytes(2500)).hexdigest()}
    return Item(path="", source=source, size=2500, digests=digests)


def test_effects_are_told_with_the_name_of_the_destination(item: Item) -> None:
    recorder, sent = Recorder(), list[int]()
    with watched(recorder), TellingDestination(MemoryPlace(), "tape") as place:
        place.make_folder("7")
        place.put(item, "7/file", sent.append)
        assert place.rename("7", "8")
        place.remove("8")
    assert [(name, str(path)) for name, path in recorder.operations] == [
        ("make_folder", "tape/7"),
        *[("sent", "tape/7/file")] * 3,
        ("put", "tape/7/file"),
        ("move", "tape/8"),
        ("delete", "tape/8"),
    ]
    assert sent == [1000, 1000, 500]


def test_looking_is_no_effect(item: Item) -> None:
    recorder = Recorder()
    place = TellingDestination(MemoryPlace(files={"7": bytes(2500)}), "tape")
    with watched(recorder):
        assert place.look("7") is not None
        assert place.names("") == {"7"}
        assert item.is_as_sent(place.digest("7"))
        assert b"".join(place.read("7")) == bytes(2500)
        assert (place.space(), place.credentials_end()) == (None, None)
    assert recorder.operations == []


@pytest.mark.parametrize("renames", [True, False])
def test_it_renames_where_the_destination_does(renames: bool) -> None:
    assert TellingDestination(MemoryPlace(renames=renames), "tape").renames is renames
