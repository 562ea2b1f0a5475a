"""Bags of runs, as the validator of the Library of Congress sees them."""

import hashlib
import shutil
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import pytest

from runfolio.folder import verify
from runfolio.mover.package import Package
from runfolio.mover.packaging import packed
from sealed_folders import SMALLEST, seal_run, write_folder
from servers.place import files_below, flip

TAG_FILES = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"]


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return packed(seal_run(tmp_path / "end_of_run"), "bagit", tmp_path / "work")


@pytest.fixture
def bag(package: Package, tmp_path: Path) -> Path:
    """The bag as it is at a destination."""
    folder = tmp_path / "archive" / package.name
    for item in package.items:
        (folder / item.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(item.source, folder / item.path)
    return folder


def test_the_validator_finds_it_valid(bag: Path) -> None:
    found = bagit.Bag(str(bag))
    found.validate()
    assert found.version_info == (1, 0)
    assert found.algorithms == ["sha256"]


@pytest.mark.parametrize("path", ["data/run.json", "bag-info.txt", "manifest-sha256.txt"])
def test_the_validator_finds_what_is_damaged(bag: Path, path: str) -> None:
    flip(bag / path, 3)
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(bag)).validate()


def test_its_data_are_the_folder(bag: Path, tmp_path: Path) -> None:
    assert verify(bag / "data").whole
    assert files_below(bag / "data") == files_below(tmp_path / "end_of_run" / "4235")


def test_the_files_in_it_are_sent_from_where_they_are_and_the_list_of_tag_files_last(
    package: Package, tmp_path: Path
) -> None:
    folder = tmp_path / "end_of_run" / "4235"
    payload, tags = package.items[: -len(TAG_FILES)], package.items[-len(TAG_FILES) :]
    assert all(each.source == folder / each.path.removeprefix("data/") for each in payload)
    assert [each.path for each in tags] == TAG_FILES


def test_it_says_what_it_is_and_nothing_of_when_it_was_made(bag: Path) -> None:
    files = files_below(bag / "data").values()
    assert bagit.Bag(str(bag)).info == {
        "Bag-Software-Agent": "runfolio",
        "Bagging-Date": "2013-11-28",
        "External-Identifier": "4235",
        "Payload-Oxum": f"{sum(map(len, files))}.{len(files)}",
    }


def test_the_same_folder_gives_the_same_tag_files_for_ever(tmp_path: Path) -> None:
    run = write_folder(tmp_path, {"a.png": b"A", "run.json": SMALLEST})
    *_, declaration, info, manifest, tag_manifest = (
        item.source.read_text() for item in packed(run, "bagit", tmp_path / "work").items
    )
    assert declaration == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert info == (
        "Bag-Software-Agent: runfolio\nBagging-Date: 2013-11-28\nExternal-Identifier: 4235\n"
        "Payload-Oxum: 185.3\n"
    )
    assert [line.split()[1] for line in manifest.splitlines()] == [
        "data/a.png",
        "data/manifest-sha256.txt",
        "data/run.json",
    ]
    assert (
        hashlib.sha256(tag_manifest.encode()).hexdigest()
        == "b9450edb65e7d6df9f93367554f2023da32ca89bd46d97d088cc7aaea2f2c02c"
    )
