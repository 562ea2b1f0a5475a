import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import FolderError
from runfolio.folder import (
    EndOfRunDirectory,
    Leftovers,
    RunRecord,
    WriterLock,
    list_runs,
    settle_leftovers,
    verify,
)
from runfolio.folder.faults import Fail, Recorder
from runfolio.folder.leftovers import KEPT
from runfolio.folder.manifest import manifest_bytes
from runfolio.folder.names import checkpoint_name
from runfolio.images import Caption, Image
from runfolio.watching import Operation, watched
from support import contents

JOB, OTHER = "0123456789abcdef", "fedcba9876543210"

IMAGE = Image(tag="x", image_type="png", data=b"png")
CAPTION = Caption(run_number=4235, spills=1, last_spill_time=None, final=True)

MakeRecord = Callable[..., RunRecord]
Staged = Callable[..., Path]


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    EndOfRunDirectory(tmp_path / "end_of_run").prepare()
    return tmp_path / "end_of_run"


@pytest.fixture
def staging(end_of_run: Path) -> Path:
    return end_of_run / ".staging"


@pytest.fixture
def staged(end_of_run: Path, make_record: MakeRecord, images: tuple[Image, ...]) -> Staged:
    """Leave in the staging what a process does that is killed right before the rename of a whole folder."""

    def make(run_number: int = 4235, job: str = OTHER) -> Path:
        class Killed(Recorder):
            def before(self, operation: Operation, _: Path) -> None:
                if operation in ("rename", "remove"):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        before = set((end_of_run / ".staging").iterdir())
        caption = Caption(run_number=run_number, spills=1, last_spill_time=None, final=True)
        with watched(Killed()), pytest.raises(FolderError):
            EndOfRunDirectory(end_of_run, job=job).seal(make_record(run_number=run_number), images, caption)
        [folder] = set((end_of_run / ".staging").iterdir()) - before
        return folder

    return make


def half(folder: Path) -> Path:
    """Take the manifest away, which is written last."""
    (folder / "manifest-sha256.txt").unlink()
    return folder


def settle(end_of_run: Path) -> Leftovers:
    return settle_leftovers(EndOfRunDirectory(end_of_run, job=JOB))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def visible(end_of_run: Path) -> list[str]:
    return [name for name in names(end_of_run) if not name.startswith(".")]


def test_nothing_left_is_nothing_told(end_of_run: Path) -> None:
    nothing = Leftovers(finished=(), set_aside=(), lines=(), problems=())
    assert settle(end_of_run) == nothing
    assert EndOfRunDirectory(end_of_run, job=JOB).staging.is_dir()


def test_whole_folder_is_finished_as_its_process_would_have(end_of_run: Path, staged: Staged) -> None:
    left = staged()
    held = contents(left)
    found = settle(end_of_run)
    [sealed] = found.finished
    assert (sealed.path, sealed.run_number, sealed.revision) == (end_of_run / "4235", 4235, 1)
    assert contents(sealed.path) == held
    assert (sealed.files, sealed.bytes) == (len(held), sum(map(len, held.values())))
    assert not left.exists()
    [line] = found.lines
    assert line == (
        "run 4235: a former process had built its folder and was ended before it was in its place;"
        f" it is now {end_of_run}/4235"
    )
    assert (found.problems, found.set_aside) == ((), ())


def test_finished_folder_takes_the_first_name_that_is_free(end_of_run: Path, staged: Staged) -> None:
    staged()
    staged()
    (end_of_run / "4235").mkdir()
    assert [each.revision for each in settle(end_of_run).finished] == [2, 3]
    assert [run.name for run in list_runs(end_of_run)] == ["4235.r2", "4235.r3"]


def test_finished_folder_is_on_the_disk_before_its_name(end_of_run: Path, staged: Staged) -> None:
    left = staged()
    files = sorted(path for path in left.iterdir())
    with watched(recorder := Recorder()):
        settle(end_of_run)
    assert recorder.operations == [
        *(("fsync_file", path) for path in files),
        ("fsync_directory", left),
        ("rename", end_of_run / "4235"),
        ("fsync_directory", end_of_run),
    ]


def test_name_that_is_not_confirmed_is_told(end_of_run: Path, staged: Staged) -> None:
    operations = len(list(staged().iterdir())) + 3
    with watched(Fail(operations - 1, errno.EIO)):
        found = settle(end_of_run)
    [sealed] = found.finished
    assert verify(sealed.path).whole
    assert found.problems == (f"run 4235: {sealed.warning}",)
    assert "Input/output error" in sealed.warning


def seal_anew(folder: Path) -> None:
    """Write a manifest that fits what a folder holds by now."""
    (folder / "manifest-sha256.txt").unlink()
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents(folder).items()}
    (folder / "manifest-sha256.txt").write_bytes(manifest_bytes(digests))


def other_record(folder: Path) -> None:
    record = (folder / "run.json").read_bytes().replace(b"4235", b"4236")
    (folder / "run.json").unlink()
    (folder / "run.json").write_bytes(record)
    seal_anew(folder)


def without_record(folder: Path) -> None:
    (folder / "run.json").unlink()
    seal_anew(folder)


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def a_link(folder: Path) -> None:
    (folder / "imagetof_time.png").rename(folder.parent / "elsewhere")
    (folder / "imagetof_time.png").symlink_to(folder.parent / "elsewhere")


NOT_WHOLE: dict[str, Callable[[Path], object]] = {
    "no manifest": half,
    "empty": empty,
    "half a manifest": lambda folder: os.truncate(folder / "manifest-sha256.txt", 100),
    "changed": lambda folder: os.truncate(folder / "imagetof_time.png", 3),
    "missing": lambda folder: (folder / "imagetof_time.png").unlink(),
    "extra": lambda folder: (folder / "extra").write_bytes(b""),
    "link": a_link,
    "record of another run": other_record,
    "no record": without_record,
}


@pytest.mark.parametrize("what", NOT_WHOLE)
def test_folder_that_is_not_whole_is_set_aside(end_of_run: Path, staged: Staged, what: str) -> None:
    left = staged()
    NOT_WHOLE[what](left)
    held = names(left)
    found = settle(end_of_run)
    aside = end_of_run / ".staging" / "set-aside" / left.name
    assert found.set_aside == (aside,)
    assert names(aside) == held
    [line] = found.lines
    assert line == (
        "run 4235: a former process was ended before its folder was whole;"
        f" what there is of it is kept in {aside}"
    )
    assert found.problems == found.lines
    assert not left.exists()
    assert visible(end_of_run) == []


def test_folder_set_aside_is_told_once(end_of_run: Path, staged: Staged) -> None:
    half(staged())
    settle(end_of_run)
    assert settle(end_of_run).lines == ()


def test_own_folder_is_removed_where_a_checkpoint_will_build_it_anew(
    end_of_run: Path, staging: Path, staged: Staged
) -> None:
    staged(job=JOB)
    half(staged(4236, job=JOB))
    (staging / checkpoint_name(JOB)).write_bytes(b"")
    assert settle(end_of_run).lines == ()
    assert names(staging) == [checkpoint_name(JOB)]
    assert visible(end_of_run) == []


def test_own_folder_without_a_checkpoint_is_as_any_other(end_of_run: Path, staged: Staged) -> None:
    staged(job=JOB)
    half(staged(4236, job=JOB))
    found = settle(end_of_run)
    assert (len(found.finished), len(found.set_aside)) == (1, 1)
    assert visible(end_of_run) == ["4235"]


def test_folders_of_a_job_that_will_be_gone_on_with_are_left_alone(
    end_of_run: Path, staging: Path, staged: Staged
) -> None:
    kept = [staged(), half(staged())]
    (staging / checkpoint_name(OTHER)).write_bytes(b"")
    assert settle(end_of_run).lines == ()
    assert all(folder.is_dir() for folder in kept)


def test_directory_called_like_a_checkpoint_is_none(end_of_run: Path, staging: Path, staged: Staged) -> None:
    staged()
    (staging / checkpoint_name(OTHER)).mkdir()
    settle(end_of_run)
    assert visible(end_of_run) == ["4235"]


def test_temporary_files_are_removed_and_what_is_not_known_stays(end_of_run: Path, staging: Path) -> None:
    for name in (f".{checkpoint_name(JOB)}.0123abcd.new", ".lock.89abcdef.new"):
        (staging / name).write_bytes(b"half")
    unknown = {
        checkpoint_name(OTHER),
        "lock",
        "notes.txt",
        "4235.deadbeef",
        ".x.0123abcd.new",
        f"7.{OTHER}.01234567",
    }
    for name in unknown - {".x.0123abcd.new"}:
        (staging / name).write_bytes(b"")
    (staging / ".x.0123abcd.new").mkdir()
    assert settle(end_of_run).lines == ()
    assert {path.name for path in staging.iterdir()} == unknown


def test_links_are_not_followed(end_of_run: Path, staging: Path, staged: Staged, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    staged().rename(elsewhere)
    for name in (f"7.{OTHER}.01234567", ".x.0123abcd.new"):
        (staging / name).symlink_to(elsewhere)
    (staging / checkpoint_name(OTHER)).symlink_to(elsewhere / "run.json")
    held = contents(elsewhere)
    assert settle(end_of_run).lines == ()
    assert contents(elsewhere) == held
    assert len(list(staging.iterdir())) == 3


def test_nothing_is_set_aside_through_a_link(
    end_of_run: Path, staging: Path, staged: Staged, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (staging / "set-aside").symlink_to(tmp_path / "elsewhere")
    left = half(staged())
    [problem] = settle(end_of_run).problems
    assert problem.endswith("set-aside leads to elsewhere")
    assert left.is_dir()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_only_so_many_stay_set_aside_and_the_oldest_go(
    end_of_run: Path, staging: Path, staged: Staged
) -> None:
    aside = staging / "set-aside"
    (aside / "notes").mkdir(parents=True)
    for age in range(KEPT + 2):
        (aside / f"{KEPT + 2 - age}.{OTHER}.01234567").mkdir()
        os.utime(aside / f"{KEPT + 2 - age}.{OTHER}.01234567", (age, age))
    half(staged())
    [new] = settle(end_of_run).set_aside
    runs = {int(path.name.split(".")[0]) for path in aside.iterdir() if path.name != "notes"}
    assert runs == {4235, *range(1, KEPT)}
    assert new.is_dir()
    assert (aside / "notes").is_dir()


def test_error_with_one_thing_is_told_and_the_others_are_settled(
    end_of_run: Path, staging: Path, staged: Staged
) -> None:
    left = [staged(number) for number in (1, 2, 3)]

    class Failing(Recorder):
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "rename" and path.name == "2":
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    with watched(Failing()):
        found = settle(end_of_run)
    assert visible(end_of_run) == ["1", "3"]
    [problem] = found.problems
    assert problem == (
        f"run 2: what a former process left stays in {staging}: "
        f"cannot rename to {end_of_run}/2: Input/output error"
    )
    assert [path.exists() for path in left] == [False, True, False]
    settle(end_of_run)
    assert visible(end_of_run) == ["1", "2", "3"]


def test_folder_that_cannot_be_read_stays(end_of_run: Path, staged: Staged, monkeypatch: Any) -> None:
    left = staged()

    def refuse(path: Any) -> Any:
        if Path(path) == left:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scan(path)

    scan = os.scandir
    monkeypatch.setattr(os, "scandir", refuse)
    [problem] = settle(end_of_run).problems
    assert problem.endswith(f"cannot read {left}: Permission denied")
    assert left.exists()


def test_staging_that_cannot_be_read_is_told(end_of_run: Path, staging: Path) -> None:
    staging.rmdir()
    assert settle(end_of_run).problems == (f"cannot read {staging}: No such file or directory",)


def test_nothing_in_the_staging_is_ever_a_run(end_of_run: Path, staging: Path, staged: Staged) -> None:
    (staging / checkpoint_name(OTHER)).write_bytes(b"")
    staged()
    half(staged(4236, job=JOB))
    with WriterLock(staging):
        settle(end_of_run)
        assert len(list(staging.iterdir())) == 4
        assert (visible(end_of_run), list_runs(end_of_run), list_runs(staging)) == ([], (), ())
        assert list_runs(staging / "set-aside") == ()


KILLED = """
import os, sys
from pathlib import Path
import msgspec
from runfolio.folder import EndOfRunDirectory, RunRecord, settle_leftovers
from runfolio.folder.faults import Kill, Recorder
from runfolio.images import Caption, Image
from runfolio.watching import watched

base, record = Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=RunRecord)

def seal(directory):
    EndOfRunDirectory(directory).seal(
        record, [Image(tag="x", image_type="png", data=b"png")],
        Caption(run_number=4235, spills=1, last_spill_time=None, final=True))

def settle(directory):
    settle_leftovers(EndOfRunDirectory(directory))

def operations(do, directory):
    with watched(recorder := Recorder()):
        do(directory)
    return [operation for operation, _ in recorder.operations]

def killed(do, directory, at, moment):
    child = os.fork()
    if child == 0:
        with watched(Kill(at, moment)):
            do(directory)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9

rename = (sealing := operations(seal, base / "undisturbed")).index("rename")
killed(seal, base / "left", rename, "before")
settling = operations(settle, base / "left")
for moment in ("before", "after"):
    for at in range(len(sealing)):
        killed(seal, base / f"seal-{at}-{moment}", at, moment)
    for at in range(len(settling)):
        killed(seal, base / f"settle-{at}-{moment}", rename, "before")
        killed(settle, base / f"settle-{at}-{moment}", at, moment)
"""
"""A process is killed at each operation of sealing a run, and of settling the whole folder that one left."""


def test_killed_at_any_operation_a_run_is_there_whole_or_set_aside_or_not_begun(
    tmp_path: Path, make_record: MakeRecord
) -> None:
    record = make_record()
    subprocess.run([sys.executable, "-c", KILLED, tmp_path, msgspec.json.encode(record)], check=True)
    undisturbed = contents(tmp_path / "undisturbed" / "4235")
    sealing, settling = list(tmp_path.glob("seal-*")), list(tmp_path.glob("settle-*"))
    assert (len(sealing) > 40, len(settling) > 10) == (True, True)
    assert all(visible(case) in ([], ["4235"]) for case in sealing + settling)
    for case in sealing:
        EndOfRunDirectory(case).prepare()
        found = settle(case)
        assert (found.problems != ()) == (found.set_aside != ())
        assert names(case / ".staging") in ([], ["set-aside"])
        if not visible(case):
            EndOfRunDirectory(case).seal(record, [IMAGE], CAPTION)
    for case in settling:
        assert settle(case).problems == ()
        assert names(case / ".staging") == []
    for case in sealing + settling:
        assert visible(case) == ["4235"]
        assert contents(case / "4235") == undisturbed
