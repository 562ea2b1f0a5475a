import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import FolderError, SettingsError
from runfolio.folder import EndOfRunDirectory, Names, Renamed, RunRecord, Sealed, durable, read_record, verify
from runfolio.folder.faults import Fail, Recorder
from runfolio.folder.names import read_staged_name
from runfolio.images import Caption, Image
from runfolio.watching import Operation, watched

Picture = Callable[..., Image]
MakeRecord = Callable[..., RunRecord]
Seal = Callable[..., Sealed]

FILES = {
    "imagetof_time.png",
    "imagetof_time.pdf",
    "imagetof_time.json",
    "imageReducePyTOFPlot.root",
    "imageReducePyTOFPlot.json",
    "run.json",
    "manifest-sha256.txt",
}


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    return tmp_path / "end_of_run"


@pytest.fixture
def seal(end_of_run: Path, make_record: MakeRecord, images: tuple[Image, ...], caption: Caption) -> Seal:
    """Seal run 4235, or another with other images."""

    def make(
        pictures: tuple[Image, ...] = images,
        *,
        into: Path = end_of_run,
        names: Names | None = None,
        prefix: str = "image",
    ) -> Sealed:
        return EndOfRunDirectory(into, prefix=prefix).seal(make_record(), pictures, caption, names=names)

    return make


def visible(end_of_run: Path) -> list[str]:
    """All names that a mover could see."""
    return sorted(path.name for path in end_of_run.iterdir() if not path.name.startswith("."))


def staged(end_of_run: Path) -> list[Path]:
    return list((end_of_run / ".staging").iterdir())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_folder_holds_images_metadata_record_and_manifest(seal: Seal, end_of_run: Path) -> None:
    sealed = seal()
    assert (sealed.path, sealed.name, sealed.revision) == (end_of_run / "4235", "4235", 1)
    assert set(content(sealed.path)) == FILES
    assert (sealed.path / "imagetof_time.png").read_bytes() == b"\x89PNG time"
    assert sealed.files == len(FILES)
    assert sealed.bytes == sum(len(data) for data in content(sealed.path).values())
    assert staged(end_of_run) == []


def test_sealed_folder_is_whole_and_sha256sum_agrees(seal: Seal) -> None:
    folder = seal().path
    assert verify(folder).whole
    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"], cwd=folder, check=True
    )


def test_record_lists_each_image_with_its_digest(seal: Seal) -> None:
    folder = seal().path
    entries = read_record(folder).images
    assert [entry.file for entry in entries] == [
        "imagetof_time.png",
        "imagetof_time.pdf",
        "imageReducePyTOFPlot.root",
    ]
    for entry in entries:
        data = (folder / entry.file).read_bytes()
        assert (entry.bytes, entry.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert json.loads((folder / entry.metadata).read_bytes())["tag"] == entry.tag


def test_metadata_list_both_types_and_no_picture(seal: Seal) -> None:
    metadata = (seal().path / "imagetof_time.json").read_bytes()
    assert [file["file"] for file in json.loads(metadata)["images"]] == [
        "imagetof_time.pdf",
        "imagetof_time.png",
    ]
    assert b"PNG time" not in metadata


def test_run_without_images_has_a_folder_without_images(seal: Seal) -> None:
    sealed = seal(())
    assert set(content(sealed.path)) == {"run.json", "manifest-sha256.txt"}
    assert verify(sealed.path).whole


def test_sealing_again_makes_a_revision_and_leaves_the_first_alone(seal: Seal, end_of_run: Path) -> None:
    first = content(seal().path)
    again = [seal(()), seal(())]
    assert [(each.name, each.revision) for each in again] == [("4235.r2", 2), ("4235.r3", 3)]
    assert visible(end_of_run) == ["4235", "4235.r2", "4235.r3"]
    assert content(end_of_run / "4235") == first


def test_same_input_gives_the_same_bytes_whatever_the_revision(seal: Seal) -> None:
    assert content(seal().path) == content(seal().path)


@pytest.mark.parametrize("taken_by", ["file", "empty directory", "dangling link"])
def test_name_taken_by_anything_is_left_to_it(seal: Seal, end_of_run: Path, taken_by: str) -> None:
    end_of_run.mkdir()
    match taken_by:
        case "file":
            (end_of_run / "4235").write_bytes(b"")
        case "empty directory":
            (end_of_run / "4235").mkdir()
        case _:
            (end_of_run / "4235").symlink_to("nowhere")
    before = (end_of_run / "4235").lstat()
    assert seal().name == "4235.r2"
    assert (end_of_run / "4235").lstat() == before


def test_name_taken_by_another_process_meanwhile_is_left_to_it(seal: Seal, end_of_run: Path) -> None:
    class Faster(Recorder):
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "rename" and path.name in {"4235", "4235.r2"}:
                path.mkdir()

    with watched(Faster()):
        assert seal().name == "4235.r3"
    assert list((end_of_run / "4235").iterdir()) == []


def test_every_file_is_on_the_disk_before_the_folder_and_the_folder_before_its_name(
    seal: Seal, end_of_run: Path
) -> None:
    end_of_run.mkdir()
    with watched(recorder := Recorder()):
        seal()
    operations = recorder.operations
    synced = [number for number, (operation, _) in enumerate(operations) if operation == "fsync_file"]
    building = operations[synced[-1] + 1][1]
    assert building.parent == end_of_run / ".staging"
    assert operations[synced[-1] + 1 :] == [
        ("fsync_directory", building),
        ("rename", end_of_run / "4235"),
        ("fsync_directory", end_of_run),
    ]
    assert {operations[number][1].name for number in synced} == FILES
    assert operations[synced[-1]][1].name == "manifest-sha256.txt"
    assert operations[synced[-2]][1].name == "run.json"


def test_each_file_is_synced_after_its_last_write(seal: Seal) -> None:
    with watched(recorder := Recorder()):
        seal()
    for name in FILES:
        done = [operation for operation, path in recorder.operations if path.name == name]
        assert done == ["create", "write", "fsync_file"]


@pytest.fixture
def operations(seal: Seal, tmp_path: Path) -> int:
    """How many there are in sealing a run into a directory that is not there yet."""
    with watched(recorder := Recorder()):
        seal(into=tmp_path / "counted")
    return len(recorder.operations)


@pytest.mark.parametrize("through", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_failing_any_operation_leaves_no_unsealed_folder_visible(
    seal: Seal, tmp_path: Path, operations: int, code: int, through: bool
) -> None:
    assert operations > 25
    for at in range(
        operations - 1
    ):  # all but the parent's fsync, when the folder is there already: see below
        runs = tmp_path / str(at)
        with (
            watched(Fail(at, code, through=through)),
            pytest.raises(FolderError, match=os.strerror(code)),
        ):
            seal(into=runs)
        assert not runs.exists() or visible(runs) == []
        assert through or not (runs / ".staging").exists() or staged(runs) == []
        assert seal(into=runs).name == "4235"


def test_what_a_refused_try_has_left_is_removed_before_the_next(
    end_of_run: Path, make_record: MakeRecord, images: tuple[Image, ...], caption: Caption
) -> None:
    """Left there it would be taken for what a killed process was about to seal, and be there twice."""
    directory = EndOfRunDirectory(end_of_run)
    for at in (5, 10, 15):
        with watched(Fail(at, errno.EIO, through=True)), pytest.raises(FolderError):
            directory.seal(make_record(), images, caption)
        assert len(staged(end_of_run)) == 1
    assert directory.seal(make_record(), images, caption).name == "4235"
    assert staged(end_of_run) == []


def test_folder_whose_name_is_not_confirmed_is_sealed_with_a_warning(
    seal: Seal, end_of_run: Path, operations: int, caplog: pytest.LogCaptureFixture
) -> None:
    with watched(Fail(operations - 1, errno.EIO)):
        sealed = seal()
    assert sealed.warning == f"cannot write to disk the directory {end_of_run}: Input/output error"
    assert sealed.warning in caplog.text
    assert verify(sealed.path).whole
    assert visible(end_of_run) == ["4235"]


def test_interrupt_leaves_no_folder(seal: Seal, end_of_run: Path) -> None:
    class Interrupted(Recorder):
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "write" and path.name == "run.json":
                raise KeyboardInterrupt

    with watched(Interrupted()), pytest.raises(KeyboardInterrupt):
        seal()
    assert visible(end_of_run) == []
    assert staged(end_of_run) == []


KILLED = """
import sys
from pathlib import Path
from runfolio.folder import EndOfRunDirectory, RunRecord
from runfolio.folder.faults import Kill
from runfolio.images import Caption, Image
from runfolio.watching import watched
import msgspec
record = msgspec.json.decode(sys.argv[2], type=RunRecord)
with watched(Kill(int(sys.argv[3]), sys.argv[4])):
    EndOfRunDirectory(Path(sys.argv[1])).seal(
        record, [Image(tag="x", image_type="png", data=b"png")],
        Caption(run_number=4235, spills=1, last_spill_time=None, final=True))
"""


@pytest.mark.parametrize(
    ("at", "moment"), [(4, "after"), (8, "before"), (13, "after"), (18, "before"), (18, "after")]
)
def test_killed_process_leaves_a_whole_folder_or_none(
    end_of_run: Path, make_record: MakeRecord, at: int, moment: str
) -> None:
    record = msgspec.json.encode(make_record())
    killed = subprocess.run([sys.executable, "-c", KILLED, end_of_run, record, str(at), moment], check=False)
    assert killed.returncode == -9
    assert visible(end_of_run) in ([], ["4235"])
    assert all(verify(end_of_run / name).whole for name in visible(end_of_run))


def test_sealed_files_are_read_only_and_can_be_cleared_away(seal: Seal) -> None:
    folder = seal().path
    assert all(not stat.S_IMODE(path.stat().st_mode) & 0o222 for path in folder.iterdir())
    durable.remove_directory(folder)


def test_permissions_follow_the_umask(seal: Seal) -> None:
    before = os.umask(0o027)
    try:
        folder = seal().path
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert stat.S_IMODE((folder / "run.json").stat().st_mode) == 0o440


def test_second_name_is_reported_and_recorded(seal: Seal, picture: Picture) -> None:
    sealed = seal((picture("x", b"own"), picture("x", b"other", producer="stream")))
    assert sealed.renamed == (Renamed(tag="x", producer="stream", name="x_2"),)
    assert read_record(sealed.path).renamed == sealed.renamed
    assert (sealed.path / "imagex.png").read_bytes() == b"own"
    assert (sealed.path / "imagex_2.png").read_bytes() == b"other"
    assert json.loads((sealed.path / "imagex_2.json").read_bytes())["original_tag"] == "x"


def test_names_of_the_live_directory_are_kept(seal: Seal, picture: Picture) -> None:
    names = Names("image")
    names.name("x", "own")
    sealed = seal(
        (picture("x", b"other", producer="stream"), picture("x", b"own", producer="own")), names=names
    )
    assert (sealed.path / "imagex.png").read_bytes() == b"own"


def test_image_that_cannot_be_filed_is_said_and_costs_only_itself(
    seal: Seal, picture: Picture, tmp_path: Path
) -> None:
    sealed = seal((picture("../evil"), picture("x", image_type="json"), picture("y")))
    assert [(failed.tag, failed.image_type) for failed in sealed.failed] == [
        ("../evil", "png"),
        ("x", "json"),
    ]
    assert read_record(sealed.path).images_failed == sealed.failed
    assert set(content(sealed.path)) == {"imagey.png", "imagey.json", "run.json", "manifest-sha256.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["end_of_run"]


def test_image_called_like_the_record_gets_another_name(seal: Seal, picture: Picture) -> None:
    sealed = seal((picture("run"), picture("manifest-sha256", image_type="txt")), prefix="")
    assert {"run_2.png", "run_2.json", "manifest-sha256_2.txt"} < set(content(sealed.path))
    assert read_record(sealed.path).run_number == 4235
    assert verify(sealed.path).whole


@pytest.mark.parametrize("number", [-1, 2**63, "../4235", 1.0, True])
def test_run_number_is_checked_before_it_is_a_path(
    tmp_path: Path, make_record: MakeRecord, caption: Caption, number: Any
) -> None:
    with pytest.raises(FolderError, match="run number"):
        EndOfRunDirectory(tmp_path / "runs").seal(make_record(run_number=number), (), caption)
    assert list(tmp_path.iterdir()) == []


def test_images_of_another_run_are_refused(tmp_path: Path, make_record: MakeRecord, caption: Caption) -> None:
    with pytest.raises(FolderError, match="images of run 4235 were to be sealed as run 4236"):
        EndOfRunDirectory(tmp_path).seal(make_record(run_number=4236), (), caption)


def test_prefix_is_checked_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="image_file_prefix"):
        EndOfRunDirectory(tmp_path, prefix="../x")


def test_file_in_place_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderError, match=r"cannot make the directory .*/file: File exists"):
        EndOfRunDirectory(tmp_path / "file" / "runs").prepare()


def test_staging_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / ".staging").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="leads to elsewhere") as refused:
        EndOfRunDirectory(tmp_path / "runs").prepare()
    assert isinstance(refused.value.__cause__, OSError)  # a run that meets it is kept: it may be mended


def test_folder_being_built_says_which_job_it_is_of(
    tmp_path: Path, make_record: MakeRecord, caption: Caption
) -> None:
    for job in ("0123456789abcdef", ""):
        with watched(recorder := Recorder()):
            EndOfRunDirectory(tmp_path, job=job).seal(make_record(), (), caption)
        built = [path for operation, path in recorder.operations if operation == "mkdir"][-1]
        assert read_staged_name(built.name) == (4235, job or "0000000000000000")


def test_job_is_checked_at_once(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="16 hexadecimal digits"):
        EndOfRunDirectory(tmp_path, job="../x")


def test_a_folder_that_may_not_be_read_is_not_taken_for_none(
    seal: Seal, end_of_run: Path, make_record: MakeRecord
) -> None:
    folder = seal().path
    directory = EndOfRunDirectory(end_of_run)
    assert directory.find(make_record(), 1) is not None
    assert directory.find(make_record(), 2) is None
    folder.rename(folder.with_name("aside"))
    folder.symlink_to(folder.name)  # it leads to itself, which the system refuses to follow
    with pytest.raises(FolderError, match="cannot read"):
        directory.find(make_record(), 1)


def test_a_folder_is_confirmed_again_as_long_as_it_is_there(seal: Seal, end_of_run: Path) -> None:
    sealed = seal()
    directory = EndOfRunDirectory(end_of_run)
    with watched(Fail(0, errno.EIO)):
        unconfirmed = directory.confirm_again(sealed)
    assert unconfirmed is not None
    assert "Input/output error" in unconfirmed.warning
    assert directory.confirm_again(unconfirmed) == sealed
    shutil.rmtree(end_of_run)
    assert directory.confirm_again(sealed) is None


def test_checkpoints_of_other_jobs_are_found(tmp_path: Path) -> None:
    directory = EndOfRunDirectory(tmp_path, job="0" * 15 + "1")
    directory.prepare()
    for name in ("checkpoint.0000000000000001", "checkpoint.0000000000000002", "checkpoint.old", "kept"):
        (directory.staging / name).touch()
    assert directory.other_checkpoints() == [directory.staging / "checkpoint.0000000000000002"]
