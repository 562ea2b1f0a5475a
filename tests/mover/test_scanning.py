"""What of an end-of-run directory gets into the journal."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from journals import Mover, mover
from runfolio.errors import FolderError
from runfolio.folder import MANIFEST, RUN_RECORD, SealedRun, manifest_digest
from runfolio.mover import scanning
from runfolio.mover.entries import RunState
from runfolio.mover.scanning import Scanner, run_entry
from sealed_folders import IMAGES, seal_run
from support import FakeClock


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mover]:
    (tmp_path / "end_of_run").mkdir()
    with mover(tmp_path / "journal") as found:
        yield found


def scanner(own: Mover, tmp_path: Path) -> Scanner:
    return Scanner(tmp_path / "end_of_run", own.journal, ("tape", "disk"), own.clock)


def rewrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_each_sealed_folder_is_entered_once(own: Mover, tmp_path: Path) -> None:
    looking = scanner(own, tmp_path)
    assert looking.scan() == 0
    run = seal_run(tmp_path / "end_of_run", 7)
    (tmp_path / "end_of_run" / "8").mkdir()  # no manifest
    (tmp_path / "end_of_run" / "readme").touch()
    assert looking.scan() == 1
    assert looking.scan() == 0
    (entry,) = own.journal.runs()
    assert entry == run_entry(run, own.clock)
    assert [each.destination for each in own.journal.deliveries()] == ["tape", "disk"]


def test_an_entry_says_what_is_in_the_folder(tmp_path: Path) -> None:
    run = seal_run(tmp_path, 7, IMAGES)
    entry = run_entry(run, FakeClock(5))
    sizes = [path.stat().st_size for path in run.path.iterdir()]
    assert (entry.files, entry.bytes) == (len(sizes), sum(sizes))
    assert (entry.name, entry.run_number, entry.revision, entry.seen_at) == ("7", 7, 1, 1_000_005)
    assert entry.manifest_sha256 == hashlib.sha256((run.path / MANIFEST).read_bytes()).hexdigest()
    assert entry.sealed_at == "2013-11-28T10:54:10Z"


def test_another_mover_enters_no_more(own: Mover, tmp_path: Path) -> None:
    seal_run(tmp_path / "end_of_run", 7)
    scanner(own, tmp_path).scan()
    scanner(own, tmp_path).scan()
    assert len(own.journal.deliveries()) == 2


def test_another_folder_of_a_known_name_is_quarantined_when_it_is_read_again(
    own: Mover, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    scanner(own, tmp_path).scan()
    rewrite(run.path / MANIFEST, b"another")
    own.journal.set_destinations({name: f"file:///{name}" for name in ("tape", "disk", "new")})
    Scanner(tmp_path / "end_of_run", own.journal, ("tape", "disk", "new"), own.clock).scan()
    (entry,) = own.journal.runs()
    assert entry.state is RunState.QUARANTINED
    assert "another folder" in entry.reason
    assert caplog.messages == [f"run 7 is quarantined: {entry.reason}"]


@pytest.mark.parametrize("name", [MANIFEST, RUN_RECORD])
def test_a_damaged_folder_is_entered_so_that_people_see_it(own: Mover, tmp_path: Path, name: str) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    rewrite(run.path / name, b"damaged")
    assert scanner(own, tmp_path).scan() == 1
    (entry,) = own.journal.runs()
    assert entry.manifest_sha256 == manifest_digest(run.path)
    assert entry.sealed_at is None


def test_a_folder_without_its_record_is_entered(own: Mover, tmp_path: Path) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    (run.path / RUN_RECORD).unlink()
    assert scanner(own, tmp_path).scan() == 1


def test_what_cannot_be_read_is_told_once_and_entered_when_it_can(
    own: Mover, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise FolderError(f"cannot read {path}: Permission denied") from PermissionError()

    run = seal_run(tmp_path / "end_of_run", 7)
    looking = scanner(own, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(scanning, "open_folder", refuse)
        assert [looking.scan(), looking.scan()] == [0, 0]
    assert caplog.messages == [f"run 7 is not delivered: cannot read {run.path}: Permission denied"]
    assert looking.scan() == 1


def test_a_folder_that_goes_while_it_is_looked_at_holds_up_no_other(
    own: Mover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    gone = SealedRun(6, 1, tmp_path / "end_of_run" / "6")
    monkeypatch.setattr(scanning, "list_runs", lambda *_, **__: (gone, run))
    assert scanner(own, tmp_path).scan() == 1


def test_a_directory_that_is_not_there_is_an_error(own: Mover, tmp_path: Path) -> None:
    looking = Scanner(tmp_path / "nowhere", own.journal, (), own.clock)
    with pytest.raises(FolderError, match="nowhere: No such file"):
        looking.scan()
