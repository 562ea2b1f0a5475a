"""Packages: what is delivered of a sealed folder, and that nothing is of one that is damaged."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from killed_calls import killed_everywhere
from runfolio.errors import FolderError, SourceDamaged
from runfolio.folder import MANIFEST, SealedRun, _files, manifest
from runfolio.folder.faults import Fail, Recorder
from runfolio.mover.carrier import Gone
from runfolio.mover.digests import Digester
from runfolio.mover.package import Package
from runfolio.mover.packaging import discard, packed
from runfolio.mover.settings import Packaging
from runfolio.watching import watched
from sealed_folders import seal_run
from servers.place import files_below, flip

PACKAGINGS: tuple[Packaging, ...] = get_args(Packaging)
WRITTEN: tuple[Packaging, ...] = ("tar", "bagit")


@pytest.fixture
def run(tmp_path: Path) -> SealedRun:
    return seal_run(tmp_path / "end_of_run")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def contents(package: Package) -> dict[str, bytes]:
    """Return what would be found at a destination."""
    return {each.path: each.source.read_bytes() for each in package.items}


def test_a_folder_is_its_files_with_the_manifest_last(run: SealedRun, work: Path) -> None:
    package = packed(run, "folder", work)
    assert (package.name, package.is_file) == ("4235", False)
    *others, last = [each.path for each in package.items]
    assert others == sorted(others)
    assert last == MANIFEST
    assert contents(package) == files_below(run.path)
    assert not work.exists()


@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_size_and_digests_are_those_of_the_bytes(run: SealedRun, work: Path, packaging: Packaging) -> None:
    for item in packed(run, packaging, work).items:
        digester = Digester()
        digester.update(item.source.read_bytes())
        assert (item.size, item.digests) == (digester.size, digester.values)


@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_revisions_have_their_names(tmp_path: Path, work: Path, packaging: Packaging) -> None:
    for _ in range(2):
        run = seal_run(tmp_path / "end_of_run")
    assert packed(run, packaging, work).name == ("4235.r2.tar" if packaging == "tar" else "4235.r2")


@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_each_file_is_read_once(
    run: SealedRun, work: Path, packaging: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = _files.open_regular

    def noting(path: Path) -> int | None:
        read.append(path.name)
        return original(path)

    monkeypatch.setattr(manifest, "open_regular", noting)  # not seen: the record, ahead of its turn
    packed(run, packaging, work)
    assert sorted(read) == sorted(each.name for each in run.path.iterdir() if each.name != MANIFEST)


def is_flipped(folder: Path) -> str:
    flip(folder / "imageReducePyTOFPlot.root", 1_100_000)
    return "changed: imageReducePyTOFPlot.root"


def is_cut(folder: Path) -> str:
    (folder / "imageReducePyTOFPlot.root").chmod(0o644)
    os.truncate(folder / "imageReducePyTOFPlot.root", 7)
    return "changed: imageReducePyTOFPlot.root"


def has_a_record_that_is_flipped(folder: Path) -> str:
    flip(folder / "run.json")
    return "changed: run.json"


def lacks_a_file(folder: Path) -> str:
    (folder / "imagetof_time.png").unlink()
    return "missing: imagetof_time.png"


def lacks_its_record(folder: Path) -> str:
    (folder / "run.json").unlink()
    return "missing: run.json"


def has_a_file_more(folder: Path) -> str:
    (folder / "notes").write_bytes(b"mine")
    return "extra: notes"


def has_a_link(folder: Path) -> str:
    data = folder / "imagetof_time.png"
    data.rename(folder.parent / "elsewhere")
    data.symlink_to("../elsewhere")
    return "changed: imagetof_time.png"


def has_a_manifest_that_is_flipped(folder: Path) -> str:
    flip(folder / MANIFEST, 66)
    return "missing: hmageReducePyTOFPlot.json, extra: imageReducePyTOFPlot.json"


def has_a_manifest_that_is_cut(folder: Path) -> str:
    (folder / MANIFEST).chmod(0o644)
    os.truncate(folder / MANIFEST, 100)
    return "manifest-sha256.txt is cut off within its last line"


def has_no_manifest(folder: Path) -> str:
    (folder / MANIFEST).unlink()
    return "it has no manifest-sha256.txt"


DAMAGES = [
    is_flipped, is_cut, has_a_record_that_is_flipped, lacks_a_file, lacks_its_record, has_a_file_more,
    has_a_link, has_a_manifest_that_is_flipped, has_a_manifest_that_is_cut, has_no_manifest,
]  # fmt: skip


@pytest.mark.parametrize("packaging", PACKAGINGS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_of_what_is_damaged_nothing_is_made(
    run: SealedRun, work: Path, damage: Callable[[Path], str], packaging: Packaging
) -> None:
    said = damage(run.path)
    with pytest.raises(SourceDamaged) as raised:
        packed(run, packaging, work)
    assert str(run.path) in str(raised.value)
    assert said in str(raised.value)
    assert files_below(work) == {}


@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_all_that_is_wrong_is_told_up_to_a_number(run: SealedRun, work: Path, packaging: Packaging) -> None:
    has_a_record_that_is_flipped(run.path)
    for number in range(6):
        (run.path / f"notes{number}").touch()
    with pytest.raises(SourceDamaged) as raised:
        packed(run, packaging, work)
    told = "changed: run.json, extra: notes0, extra: notes1, extra: notes2, extra: notes3 and 2 more"
    assert f"{told}: runfolio verify {run.path} lists them" in str(raised.value)


@pytest.mark.parametrize("packaging", PACKAGINGS)
@pytest.mark.parametrize("name", ["imagetof_time.png", "run.json", MANIFEST])
def test_what_cannot_be_read_now_is_not_taken_for_damaged(
    run: SealedRun, work: Path, packaging: Packaging, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.open

    def failing(path: Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).name == name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return original(path, flags, mode)

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(FolderError, match=f"cannot read .*{name}: Input/output error"):
        packed(run, packaging, work)


def test_a_folder_that_is_gone_is_not_taken_for_damaged(run: SealedRun, work: Path) -> None:
    run.path.rename(run.path.with_name("elsewhere"))
    with pytest.raises(FolderError, match="No such file"):
        packed(run, "folder", work)


@pytest.mark.parametrize("packaging", WRITTEN)
def test_a_record_that_says_no_time_is_told(tmp_path: Path, work: Path, packaging: Packaging) -> None:
    run = seal_run(tmp_path / "end_of_run", sealed_at="yesterday")
    with pytest.raises(SourceDamaged, match=r"run\.json does not say when it was sealed: 'yesterday'"):
        packed(run, packaging, work)


@pytest.mark.parametrize("packaging", WRITTEN)
def test_what_is_there_and_right_is_taken_as_it_is(run: SealedRun, work: Path, packaging: Packaging) -> None:
    before = packed(run, packaging, work)
    with watched(recorder := Recorder()):
        assert packed(run, packaging, work) == before
    assert recorder.operations == []


@pytest.mark.parametrize("packaging", WRITTEN)
def test_what_is_there_and_damaged_is_made_anew(run: SealedRun, work: Path, packaging: Packaging) -> None:
    package = packed(run, packaging, work)
    before = contents(package)
    for path in [each for each in work.rglob("*") if each.is_file()]:
        flip(path)
    assert contents(package) != before
    assert packed(run, packaging, work) == package
    assert contents(package) == before


def test_what_is_there_does_not_hide_that_the_folder_is_damaged(run: SealedRun, work: Path) -> None:
    packed(run, "tar", work)
    is_flipped(run.path)
    with pytest.raises(SourceDamaged):
        packed(run, "tar", work)


@pytest.mark.parametrize("packaging", WRITTEN)
def test_a_full_disk_is_told_and_nothing_half_is_left(
    run: SealedRun, work: Path, packaging: Packaging
) -> None:
    work.mkdir()
    (work / "4235.bag").mkdir()
    with watched(Fail(3, errno.ENOSPC)), pytest.raises(FolderError, match="No space left on device"):
        packed(run, packaging, work)
    assert not any(each.name.startswith(".") for each in work.rglob("*"))
    assert packed(run, packaging, work).items


def test_what_was_written_for_a_run_is_discarded_and_no_other_run_s(
    tmp_path: Path, run: SealedRun, work: Path
) -> None:
    discard(run, work)
    runs = [run, seal_run(tmp_path / "end_of_run", 4236)]
    for each in runs:
        for packaging in PACKAGINGS:
            packed(each, packaging, work)
    (work / ".4235.tar.0123abcd.new").touch()
    (work / ".4236.tar.0123abcd.new").touch()
    discard(runs[0], work)
    assert {each.name for each in work.iterdir()} == {"4236.tar", "4236.bag", ".4236.tar.0123abcd.new"}
    discard(runs[1], work)
    assert list(work.iterdir()) == []


PACKING = """
from runfolio.mover.packaging import packed
from runfolio.folder import list_runs
from sealed_folders import seal_run

def prepare(directory):
    seal_run(directory / "end_of_run")

def call(directory):
    packed(*list_runs(directory / "end_of_run"), "{packaging}", directory / "work")
"""


@pytest.mark.parametrize("packaging", WRITTEN)
def test_a_mover_that_is_killed_leaves_nothing_that_a_package_could_be_wrong_by(
    tmp_path: Path, packaging: Packaging
) -> None:
    trials = killed_everywhere(tmp_path, PACKING.format(packaging=packaging))
    right = files_below(tmp_path / "undisturbed" / "work")
    assert len(trials) >= 10
    for trial in trials:
        run = SealedRun(4235, 1, trial / "end_of_run" / "4235")
        finished = {
            path: data
            for path, data in files_below(trial / "work").items()
            if not Path(path).name.startswith(".")
        }
        assert finished.items() <= right.items(), trial
        package = packed(run, packaging, trial / "work")
        assert all(files_below(trial / "work")[path] == data for path, data in right.items()), trial
        assert package.items
        discard(run, trial / "work")
        assert list((trial / "work").iterdir()) == [], trial


@pytest.mark.parametrize("packaging", PACKAGINGS)
def test_packing_is_given_up_between_any_two_blocks(run: SealedRun, work: Path, packaging: Packaging) -> None:
    packed(run, packaging, work)
    asked: list[int] = []
    packed(run, packaging, work, lambda: asked.append(1))
    assert len(asked) >= len(list(run.path.iterdir())) - 1
    for number in range(len(asked)):
        with pytest.raises(Gone):
            packed(run, packaging, work, giving_up(number))


def test_packing_that_was_given_up_leaves_no_file(run: SealedRun, work: Path) -> None:
    with pytest.raises(Gone):
        packed(run, "tar", work, giving_up(1))
    assert list(work.iterdir()) == []


def giving_up(after: int) -> Callable[[], None]:
    """Return what gives up when it is asked for the next time after so many."""
    left = iter(range(after))

    def ask() -> None:
        if next(left, None) is None:
            raise Gone

    return ask
