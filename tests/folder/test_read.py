import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.errors import FolderError
from runfolio.folder import EndOfRunDirectory, RunRecord, list_runs, open_folder
from runfolio.images import Caption, Image


@pytest.fixture
def seal(
    tmp_path: Path, make_record: Callable[..., RunRecord], images: tuple[Image, ...]
) -> Callable[[int], Path]:
    """Seal a run of this number."""

    def make(run_number: int) -> Path:
        caption = Caption(run_number=run_number, spills=1, last_spill_time=None, final=True)
        return EndOfRunDirectory(tmp_path).seal(make_record(run_number=run_number), images, caption).path

    return make


def test_folder_is_seen_at_a_glance(seal: Callable[[int], Path]) -> None:
    folder = open_folder(seal(4235))
    assert folder.record.run_number == 4235
    assert len(folder.sizes) == 6
    assert folder.sizes["imagetof_time.pdf"] == len(b"%PDF time")
    assert folder.bytes == sum(path.stat().st_size for path in folder.path.iterdir() if path.suffix != ".txt")


def test_missing_file_has_no_size(seal: Callable[[int], Path]) -> None:
    path = seal(4235)
    (path / "imagetof_time.pdf").unlink()
    (path / "extra").write_bytes(b"")
    assert open_folder(path).sizes["imagetof_time.pdf"] is None
    assert "extra" not in open_folder(path).sizes


def test_folder_that_is_not_sealed_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="is no sealed run folder"):
        open_folder(tmp_path)


def test_sealed_folders_are_listed_by_number_and_revision(
    tmp_path: Path, seal: Callable[[int], Path]
) -> None:
    for number in (4235, 10, 9, 4235):
        seal(number)
    assert [run.name for run in list_runs(tmp_path)] == ["9", "10", "4235", "4235.r2"]
    assert list_runs(tmp_path)[-1].path == tmp_path / "4235.r2"


def test_only_sealed_folders_of_runs_are_listed(tmp_path: Path, seal: Callable[[int], Path]) -> None:
    path = seal(1)
    for name in (".hidden", "notes", "01", "2", "3"):
        (tmp_path / name).mkdir()
    for name in (".hidden", "notes", "01"):
        (tmp_path / name / "manifest-sha256.txt").write_bytes(b"")
    (tmp_path / "3" / "manifest-sha256.txt").symlink_to(path / "manifest-sha256.txt")
    (tmp_path / "4").write_bytes(b"")
    (tmp_path / "5").symlink_to(path)
    assert [run.name for run in list_runs(tmp_path)] == ["1"]


def test_directory_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="No such file"):
        list_runs(tmp_path / "gone")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FolderError, match="Not a directory"):
        list_runs(tmp_path / "fifo")
