"""A package at a destination: under a temporary name, verified, renamed; never over anything."""

import hashlib
from pathlib import Path

import pytest

from mover.memory import MemoryPlace
from runfolio.errors import Conflict, Interrupted, NotVerified
from runfolio.mover.delivery import Arrived, compared, deliver
from runfolio.mover.entries import Intent
from runfolio.mover.package import Algorithm, Item, Package

TEMPORARY = ".7.0123abcd.part"
FILES = {"a.png": b"a" * 2500, "data/b.json": b"{}", "manifest-sha256.txt": b"sums"}
THERE = {f"7/{name}": data for name, data in FILES.items()}
BEGUN = {f"{TEMPORARY}/{name}": data for name, data in FILES.items()}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """Return a package of three files."""
    return Package(name="7", items=tuple(item(tmp_path, name, data) for name, data in FILES.items()))


def item(directory: Path, name: str, data: bytes) -> Item:
    source = directory / name.replace("/", "_")
    source.write_bytes(data)
    digests = {Algorithm.SHA256: hashlib.sha256(data).hexdigest()}
    return Item(path=name, source=source, size=len(data), digests=digests)


def delivered(package: Package, place: MemoryPlace, intents: list[Intent] | None = None) -> Arrived:
    intents = [] if intents is None else intents
    return deliver(package, place, "tape", TEMPORARY, intend=intents.append, sent=lambda _: None)


def test_all_is_sent_then_verified_then_renamed(package: Package) -> None:
    place, intents = MemoryPlace(), list[Intent]()
    arrived = delivered(package, place, intents)
    assert place.files == THERE
    assert arrived.digests.keys() == FILES.keys()
    assert not arrived.was_there
    assert intents == [Intent.SEND, Intent.RENAME]
    kinds = [each.partition(" ")[0] for each in place.done]
    assert kinds == ["make_folder"] * 2 + ["put"] * 3 + ["digest"] * 3 + ["rename"]


def test_what_is_there_and_the_same_is_only_verified(package: Package) -> None:
    place = MemoryPlace(files=dict(THERE) | BEGUN)
    assert delivered(package, place).was_there
    assert place.files == THERE
    assert not any(each.startswith("put") for each in place.done)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({**THERE, "7/a.png": b"x" * 2500}, "changed: a.png"),
        ({**THERE, "7/a.png": b"x"}, "changed: a.png"),
        ({"7/a.png": FILES["a.png"]}, "missing: data/b.json, manifest-sha256.txt"),
        ({**THERE, "7/data/more": b""}, "extra: data/more"),
        ({**THERE, "7/other/more": b""}, "extra: other"),
        ({"7": b"a file"}, r"no folder: 7\)"),
        ({"7/data": b"a file"}, "no folder: 7/data"),
    ],
)
def test_what_is_there_and_differs_is_left_alone(
    package: Package, files: dict[str, bytes], words: str
) -> None:
    place = MemoryPlace(files=dict(files))
    with pytest.raises(Conflict, match=words):
        delivered(package, place)
    assert place.files == files


def test_what_a_former_try_left_is_used(package: Package) -> None:
    half = {f"{TEMPORARY}/a.png": b"a" * 1000, f"{TEMPORARY}/data/b.json": b"{}", f"{TEMPORARY}/stray": b"?"}
    place = MemoryPlace(files=half)
    with pytest.raises(NotVerified, match="extra: stray"):
        delivered(package, place)
    delivered(package, place)
    assert place.files == THERE
    assert [each for each in place.done if each.startswith("put")].count(f"put {TEMPORARY}/data/b.json") == 0


def test_bytes_that_change_before_they_are_verified_are_found_and_removed(package: Package) -> None:
    def damage(operation: str, path: str) -> None:
        if operation == "digest" and path.endswith("a.png"):
            place.files[path] = b"b" * 2500

    place = MemoryPlace(happening=damage)
    with pytest.raises(NotVerified, match=r"changed: a\.png"):
        delivered(package, place)
    assert place.files == {path: data for path, data in BEGUN.items() if not path.endswith("a.png")}


def test_whoever_takes_the_name_meanwhile_keeps_it(package: Package) -> None:
    def take(operation: str, _path: str) -> None:
        if operation == "rename":
            place.files["7/other"] = b"other"

    place = MemoryPlace(happening=take)
    with pytest.raises(Conflict):
        delivered(package, place)
    assert place.files["7/other"] == b"other"
    assert "7/a.png" not in place.files


def test_without_renaming_the_manifest_comes_last(package: Package) -> None:
    place = MemoryPlace(renames=False)
    assert not delivered(package, place).was_there
    assert place.files == THERE
    assert [each for each in place.done if each.startswith("put")][-1] == "put 7/manifest-sha256.txt"


def test_without_renaming_it_goes_on_with_what_is_there(package: Package) -> None:
    place = MemoryPlace(renames=False, files={"7/a.png": FILES["a.png"]})
    delivered(package, place)
    assert place.files == THERE
    assert "put 7/data/b.json" in place.done


@pytest.mark.parametrize("other", [{"7/a.png": b"other"}, {"7/extra": b""}])
def test_without_renaming_nothing_is_overwritten(package: Package, other: dict[str, bytes]) -> None:
    place = MemoryPlace(renames=False, files=dict(other))
    with pytest.raises(Conflict):
        delivered(package, place)
    assert place.files == other


def test_a_file_is_a_package_too(tmp_path: Path) -> None:
    package = Package(name="7.tar", items=(tar(tmp_path),))
    place = MemoryPlace()
    delivered(package, place)
    assert place.files == {"7.tar": b"tar"}
    assert delivered(package, place).was_there


def tar(directory: Path) -> Item:
    (directory / "7.tar").write_bytes(b"tar")
    digests = {Algorithm.SHA256: hashlib.sha256(b"tar").hexdigest()}
    return Item(path="", source=directory / "7.tar", size=3, digests=digests)


def test_an_error_leaves_nothing_at_the_final_name(package: Package) -> None:
    def break_off(operation: str, path: str) -> None:
        if (operation, path) == ("put", f"{TEMPORARY}/data/b.json"):
            raise Interrupted("the line is dead")

    place = MemoryPlace(happening=break_off)
    with pytest.raises(Interrupted):
        delivered(package, place)
    assert all(path.startswith(TEMPORARY) for path in place.files)


def test_a_comparison_says_what_differs(package: Package) -> None:
    place = MemoryPlace(files={"7/a.png": b"x", "7/more": b""})
    found = compared(package, place, "7")
    assert (found.missing, found.changed, found.extra) == (
        ["data/b.json", "manifest-sha256.txt"],
        ["a.png"],
        ["more"],
    )
    assert found.words == "missing: data/b.json, manifest-sha256.txt; changed: a.png; extra: more"
