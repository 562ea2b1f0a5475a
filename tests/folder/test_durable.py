import ctypes
import errno
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from runfolio.errors import FolderError
from runfolio.folder import _rename, durable
from runfolio.folder.faults import Fail, Recorder
from runfolio.watching import Operation, watched
from support import contents, open_descriptors


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Files of this process stop growing at `size`, as on a full disk (Python ignores the signal of it)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def bytes_read_of_disks() -> int:
    """Return how much of what this process has read was not in memory."""
    return int(
        dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())["read_bytes"]
    )


def test_new_file_is_written_then_synced(tmp_path: Path) -> None:
    with watched(recorder := Recorder()):
        durable.write_new(tmp_path / "a", b"content")
    assert (tmp_path / "a").read_bytes() == b"content"
    assert [operation for operation, _ in recorder.operations] == ["create", "write", "fsync_file"]


def test_empty_file_is_synced_too(tmp_path: Path) -> None:
    with watched(recorder := Recorder()):
        durable.write_new(tmp_path / "a", b"")
    assert (tmp_path / "a").read_bytes() == b""
    assert recorder.operations[-1] == ("fsync_file", tmp_path / "a")


def test_large_file_is_written_in_blocks(tmp_path: Path) -> None:
    data = os.urandom(1000) * (durable.WRITE_BLOCK // 500)
    with watched(recorder := Recorder()):
        durable.write_new(tmp_path / "a", data)
    assert (tmp_path / "a").read_bytes() == data
    assert [operation for operation, _ in recorder.operations].count("write") == 2


def test_new_file_never_replaces_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FolderError, match="File exists"):
        durable.write_new(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_new_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="File exists"):
        durable.write_new(tmp_path / "link", b"new")
    assert not (tmp_path / "elsewhere").exists()


def test_permissions_are_less_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        durable.write_new(tmp_path / "a", b"", permissions=durable.READ_ONLY)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o440


def test_file_that_does_not_fit_is_not_left_half(tmp_path: Path) -> None:
    with file_size_limit(1000), pytest.raises(FolderError, match=r"cannot write .*/a: File too large"):
        durable.write_new(tmp_path / "a", bytes(5000))
    assert list(tmp_path.iterdir()) == []


def test_error_keeps_path_reason_and_cause(tmp_path: Path) -> None:
    with watched(Fail(1, errno.ENOSPC)), pytest.raises(FolderError) as caught:
        durable.write_new(tmp_path / "a", b"x")
    assert str(caught.value) == f"cannot write {tmp_path}/a: No space left on device"
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC


def test_failures_leave_no_descriptor_open(tmp_path: Path) -> None:
    before = open_descriptors()
    for at in range(6):
        with watched(Fail(at, errno.EIO)), suppress(FolderError):
            durable.replace_file(tmp_path / "a", b"x")
    assert open_descriptors() == before


def test_directories_are_made_from_the_top_each_on_the_disk(tmp_path: Path) -> None:
    with watched(recorder := Recorder()):
        durable.ensure_directory(tmp_path / "a" / "b")
        durable.ensure_directory(tmp_path / "a" / "b")
    assert recorder.operations == [
        ("mkdir", tmp_path / "a"),
        ("fsync_directory", tmp_path),
        ("mkdir", tmp_path / "a" / "b"),
        ("fsync_directory", tmp_path / "a"),
    ]


def test_directories_are_made_only_below_one_that_is_there(tmp_path: Path) -> None:
    durable.ensure_directory(tmp_path / "a" / "b", below=tmp_path)
    assert (tmp_path / "a" / "b").is_dir()
    with pytest.raises(FolderError, match="No such file"):
        durable.ensure_directory(tmp_path / "gone" / "b", below=tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_file_in_place_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(FolderError, match=r"cannot make the directory .*/a: File exists"):
        durable.ensure_directory(tmp_path / "a")
    with pytest.raises(FolderError, match=r"cannot make the directory .*/a/b: Not a directory"):
        durable.make_directory(tmp_path / "a" / "b")


def test_directory_that_another_process_made_first_is_fine(tmp_path: Path) -> None:
    class Faster(Recorder):
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "mkdir":
                path.mkdir()

    with watched(Faster()):
        durable.ensure_directory(tmp_path / "a")
    assert (tmp_path / "a").is_dir()


def test_directory_whose_name_is_not_confirmed_is_an_error(tmp_path: Path) -> None:
    with watched(Fail(1, errno.EIO)), pytest.raises(FolderError, match="Input/output error"):
        durable.ensure_directory(tmp_path / "a")


def test_sync_of_a_directory_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="No such file"):
        durable.fsync_directory(tmp_path / "gone")


def test_file_system_that_cannot_sync_directories_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refuse)
    durable.fsync_directory(tmp_path)


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    (tmp_path / "staged").mkdir()
    (tmp_path / "staged" / "file").write_bytes(b"new")
    return tmp_path / "staged"


@pytest.fixture
def kernel_can(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Rename with the kernel's RENAME_NOREPLACE, and without."""
    if not request.param:
        monkeypatch.setattr(_rename, "_renameat2", None)
    return bool(request.param)


def test_this_system_renames_without_overwriting() -> None:
    assert _rename._renameat2 is not None


@pytest.mark.usefixtures("kernel_can")
@pytest.mark.parametrize("kernel_can", [True, False], indirect=True)
@pytest.mark.parametrize("taken_by", ["folder", "empty folder", "file", "link", "dangling link"])
def test_directory_is_not_renamed_over_anything(staged: Path, taken_by: str) -> None:
    target = staged.with_name("4235")
    match taken_by:
        case "folder":
            target.mkdir()
            (target / "file").write_bytes(b"old")
        case "empty folder":
            target.mkdir()
        case "file":
            target.write_bytes(b"old")
        case "link":
            target.symlink_to(staged)
        case _:
            target.symlink_to("nowhere")
    before = target.lstat()
    assert durable.rename_new(staged, target) is False
    assert (staged / "file").read_bytes() == b"new"
    assert target.lstat() == before


@pytest.mark.usefixtures("kernel_can")
@pytest.mark.parametrize("kernel_can", [True, False], indirect=True)
def test_directory_is_renamed_to_a_free_name(staged: Path) -> None:
    assert durable.rename_new(staged, staged.with_name("4235")) is True
    assert (staged.with_name("4235") / "file").read_bytes() == b"new"
    assert not staged.exists()


@pytest.mark.usefixtures("kernel_can")
@pytest.mark.parametrize("kernel_can", [True, False], indirect=True)
def test_rename_into_a_parent_that_is_gone_is_an_error(staged: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderError, match="No such file"):
        durable.rename_new(staged, tmp_path / "gone" / "4235")
    with pytest.raises(FolderError, match="Not a directory"):
        durable.rename_new(staged, tmp_path / "file" / "4235")


@pytest.mark.usefixtures("kernel_can")
@pytest.mark.parametrize("kernel_can", [True, False], indirect=True)
def test_file_is_renamed_to_a_free_name_only(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).write_bytes(name.encode())
    assert durable.rename_new(tmp_path / "new", tmp_path / "old") is False
    assert durable.rename_new(tmp_path / "new", tmp_path / "free") is True
    assert contents(tmp_path) == {"old": b"old", "free": b"new"}


def test_file_is_renamed_where_the_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(_rename, "_renameat2", None)
    monkeypatch.setattr(os, "link", refuse)
    test_file_is_renamed_to_a_free_name_only(tmp_path)


def test_kernel_that_does_not_offer_it_is_passed_by(staged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1

    monkeypatch.setattr(_rename, "_renameat2", refuse)
    assert durable.rename_new(staged, staged.with_name("4235")) is True


def test_folder_that_takes_the_name_after_the_check_stays(
    staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = staged.with_name("4235")
    target.mkdir()
    (target / "file").write_bytes(b"old")
    answers = iter([False, True])  # free when checked, taken when the rename fails
    monkeypatch.setattr(_rename, "_renameat2", None)
    monkeypatch.setattr(os.path, "lexists", lambda _: next(answers))
    assert durable.rename_new(staged, target) is False
    assert (target / "file").read_bytes() == b"old"


def test_replaced_file_is_on_the_disk_before_its_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with watched(recorder := Recorder()):
        durable.replace_file(tmp_path / "a", b"new")
    operations = [operation for operation, _ in recorder.operations]
    assert operations == ["create", "write", "fsync_file", "rename", "fsync_directory"]
    assert recorder.operations[-2:] == [("rename", tmp_path / "a"), ("fsync_directory", tmp_path)]


def test_live_file_is_replaced_without_sync(tmp_path: Path) -> None:
    with watched(recorder := Recorder()):
        durable.replace_file(tmp_path / "a", b"new", lasting=False)
    assert [operation for operation, _ in recorder.operations] == ["create", "write", "rename"]


@pytest.mark.parametrize("at", range(4))
def test_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, at: int) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with watched(Fail(at, errno.ENOSPC)), pytest.raises(FolderError, match="No space left"):
        durable.replace_file(tmp_path / "a", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


@pytest.mark.parametrize("at", range(4))
def test_error_in_replacing_a_file_speaks_of_its_own_name(tmp_path: Path, at: int) -> None:
    with (
        watched(Fail(at, errno.ENOSPC)),
        pytest.raises(FolderError, match=rf" {tmp_path}/a: No space left"),
    ):
        durable.replace_file(tmp_path / "a", b"new")


def test_new_file_may_come_in_pieces(tmp_path: Path) -> None:
    durable.write_new(tmp_path / "a", iter([b"one", b"", b"two"]))
    assert (tmp_path / "a").read_bytes() == b"onetwo"


def test_error_in_making_pieces_is_passed_on_and_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        durable.write_new(tmp_path / "a", (bytes(1 // number) for number in (1, 0)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("from_disk", [True, False])
def test_file_is_read_in_blocks(tmp_path: Path, from_disk: bool) -> None:
    data = os.urandom(1000) * (durable.READ_BLOCK // 500)
    (tmp_path / "a").write_bytes(data)
    blocks = list(durable.read_blocks(tmp_path / "a", from_disk=from_disk))
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) == durable.READ_BLOCK


def test_file_is_read_from_the_disk_although_memory_has_it(tmp_path: Path) -> None:
    def read_of_disks(*, from_disk: bool) -> int:
        before = bytes_read_of_disks()
        for _ in durable.read_blocks(tmp_path / "a", from_disk=from_disk):
            pass
        return bytes_read_of_disks() - before

    (tmp_path / "a").write_bytes(bytes(size := 3_000_000))
    if not read_of_disks(from_disk=True):
        pytest.skip("a file system in memory")
    assert read_of_disks(from_disk=False) == 0
    assert read_of_disks(from_disk=True) >= size


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FolderError, match="fifo: it is no regular file"):
        next(durable.read_blocks(tmp_path / "fifo"))
    with pytest.raises(FolderError, match="gone: No such file"):
        next(durable.read_blocks(tmp_path / "gone"))


def test_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "a").symlink_to("other")
    durable.replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "other").read_bytes() == b"other"
    assert not (tmp_path / "a").is_symlink()


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    durable.remove_file(tmp_path / "gone")


def test_directory_is_not_removed_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FolderError, match=r"cannot remove .*/a: Is a directory"):
        durable.remove_file(tmp_path / "a")


def test_removing_a_directory_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_bytes(b"")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "kept")
    durable.remove_directory(tmp_path / "a")
    assert (tmp_path / "kept" / "file").exists()
    assert not (tmp_path / "a").exists()


def test_leftover_that_cannot_be_removed_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a").mkdir()
    with watched(Fail(0, errno.EIO)):
        durable.remove_leftover(tmp_path / "a")
    assert "left behind: cannot remove" in caplog.text


def test_file_is_synced_whoever_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with watched(recorder := Recorder()):
        durable.fsync_file(tmp_path / "a")
    assert recorder.operations == [("fsync_file", tmp_path / "a")]


def test_only_regular_files_are_synced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(FolderError, match="link: it is no regular file"):
        durable.fsync_file(tmp_path / "link")
    with pytest.raises(FolderError, match="gone: No such file"):
        durable.fsync_file(tmp_path / "gone")


@pytest.mark.parametrize("name", ["a", ".a", "a\nb", "\udcff"])
def test_temporary_names_are_read_back(name: str) -> None:
    assert durable.read_temporary_name(durable.temporary_name(name)) == name


@pytest.mark.parametrize("name", ["a", ".a.new", ".a.0123456.new", "a.01234567.new", "..01234567.new"])
def test_other_names_are_not_temporary(name: str) -> None:
    assert durable.read_temporary_name(name) is None


def test_open_file_is_written_over_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"an older content")
    descriptor = durable.open_to_lock(tmp_path / "a")
    with watched(recorder := Recorder()):
        durable.write_over(descriptor, tmp_path / "a", b"new")
    os.close(descriptor)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert recorder.operations == [("write", tmp_path / "a")]
