import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.folder import _rename
from runfolio.folder.faults import Fail, Recorder
from runfolio.mover.carrier import Gone
from runfolio.mover.destinations import mounts
from runfolio.mover.destinations.file import Directory
from runfolio.mover.package import Algorithm, Item
from runfolio.mover.settings import FileDestination
from runfolio.watching import watched
from small_disks import small_file_system
from support import open_descriptors


def opened(directory: Path) -> Directory:
    return Directory(FileDestination(name="archive", url=directory.as_uri()))


def nothing(_: int) -> None:
    """Hear of bytes."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


@pytest.fixture
def directory(archive: Path) -> Iterator[Directory]:
    with opened(archive) as destination:
        yield destination


@pytest.fixture
def item(tmp_path: Path) -> Item:
    (tmp_path / "run.json").write_bytes(data := bytes(range(250)) * 10_000)
    digests = {Algorithm.SHA256: hashlib.sha256(data).hexdigest()}
    return Item(path="run.json", source=tmp_path / "run.json", size=len(data), digests=digests)


def test_a_missing_directory_is_never_made(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        pytest.raises(Refused, match="archive is not there: make it, or mount it"),
        opened(tmp_path / "archive"),
    ):
        pass
    assert not (tmp_path / "archive").exists()


def test_below_an_empty_directory_a_mount_is_awaited(archive: Path) -> None:
    with (
        pytest.raises(Unavailable, match=r"make it, or mount it .*archive is empty"),
        opened(archive / "mice" / "plots"),
    ):
        pass
    assert list(archive.iterdir()) == []


def test_a_mount_point_without_its_mount_is_unavailable(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fstab").write_text(f"server:/archive {archive} nfs\n")
    monkeypatch.setattr(mounts, "LISTED", tmp_path / "fstab")
    with pytest.raises(Unavailable, match=f"nothing is mounted on {archive}"), opened(archive):
        pass


def test_a_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "archive").touch()
    with pytest.raises(Refused, match="archive is no directory"), opened(tmp_path / "archive"):
        pass


@pytest.mark.parametrize("replaced", [True, False])
def test_a_directory_that_vanishes_is_unavailable(
    directory: Directory, archive: Path, item: Item, replaced: bool
) -> None:
    archive.rename(archive.with_name("unmounted"))
    if replaced:
        archive.mkdir()
    for operation in (
        lambda: directory.look("a"),
        lambda: directory.names(""),
        lambda: directory.make_folder("a"),
        lambda: directory.put(item, "a", nothing),
        lambda: directory.digest("a"),
        lambda: directory.rename("a", "b"),
        lambda: directory.remove("a"),
        directory.space,
    ):
        with pytest.raises(Unavailable, match="archive is gone since it was opened"):
            operation()
    assert not replaced or list(archive.iterdir()) == []


def test_a_directory_that_vanishes_in_the_middle_of_a_file_is_unavailable(
    directory: Directory, archive: Path, item: Item
) -> None:
    def unmount(_: int) -> None:
        if archive.exists():
            archive.rename(archive.with_name("unmounted"))

    with pytest.raises(Unavailable, match="archive is gone since it was opened"):
        directory.put(item, "a", unmount)


def test_files_are_read_only_and_folders_are_not(directory: Directory, archive: Path, item: Item) -> None:
    directory.make_folder(".a.part")
    directory.put(item, ".a.part/run.json", nothing)
    assert stat.S_IMODE((archive / ".a.part" / "run.json").stat().st_mode) & 0o222 == 0
    assert stat.S_IMODE((archive / ".a.part").stat().st_mode) & 0o700 == 0o700


def test_file_and_names_are_on_the_disk_before_put_returns(
    directory: Directory, archive: Path, item: Item
) -> None:
    with watched(recorder := Recorder()):
        directory.make_folder("a")
        directory.put(item, "a/b", nothing)
    operations = [
        (operation, path.relative_to(archive).as_posix()) for operation, path in recorder.operations
    ]
    writes = operations.count(("write", "a/b"))
    assert writes == 3
    assert operations == [
        ("mkdir", "a"),
        ("fsync_directory", "."),
        ("create", "a/b"),
        *[("write", "a/b")] * writes,
        ("fsync_file", "a/b"),
        ("fsync_directory", "a"),
    ]


def test_new_names_are_on_the_disk_before_a_rename_counts(
    directory: Directory, archive: Path, item: Item
) -> None:
    directory.put(item, "a", nothing)
    with watched(recorder := Recorder()):
        assert directory.rename("a", "b")
        directory.remove("b")
    assert recorder.operations == [
        ("rename", archive / "b"),
        ("fsync_directory", archive),
        ("remove", archive / "b"),
        ("fsync_directory", archive),
    ]


def test_what_has_a_digest_is_on_the_disk_with_all_its_names(
    directory: Directory, archive: Path, item: Item
) -> None:
    directory.make_folder("a/data")
    directory.put(item, "a/data/b", nothing)
    with watched(recorder := Recorder()):
        assert item.is_as_sent(directory.digest("a/data/b"))
    synced = [path.relative_to(archive).as_posix() for _, path in recorder.operations]
    assert synced == ["a/data/b", "a/data", "a", "."]


def synced(directory: Directory, archive: Path, *paths: str) -> list[str]:
    """Return what is forced to the disk while digests are made."""
    with watched(recorder := Recorder()):
        for path in paths:
            directory.digest(path)
    return [path.relative_to(archive).as_posix() for _, path in recorder.operations]


def test_the_names_of_a_folder_are_forced_to_the_disk_once(
    directory: Directory, archive: Path, item: Item
) -> None:
    directory.make_folder("a")
    for path in ("a/b", "a/c"):
        directory.put(item, path, nothing)
    assert synced(directory, archive, "a/b", "a/c") == ["a/b", "a", ".", "a/c"]


@pytest.mark.parametrize(
    "look", [lambda d: d.look("a"), lambda d: d.names("a"), lambda d: d.rename("x", "a")]
)
def test_what_somebody_else_may_have_put_meanwhile_is_forced_to_the_disk_again(
    directory: Directory, archive: Path, item: Item, look: Callable[[Directory], object]
) -> None:
    directory.make_folder("x")
    directory.make_folder("a")
    directory.put(item, "a/b", nothing)
    synced(directory, archive, "a/b")
    look(directory)
    assert synced(directory, archive, "a/b") == ["a/b", "a", "."]


def test_a_full_disk_is_unavailable_until_there_is_room(tmp_path: Path, item: Item) -> None:
    (tmp_path / "mount").mkdir()
    small = Item(path="a", source=tmp_path / "small", size=10_000, digests={})
    small.source.write_bytes(bytes(10_000))
    with small_file_system(tmp_path / "mount") as disk, opened(disk.directory) as destination:
        with pytest.raises(Unavailable, match="No space left on device; make room there"):
            destination.put(small, "a", nothing)
        assert destination.names("") == {"filler"}
        assert destination.space() == 0
        destination.remove("filler")
        destination.put(small, "a", nothing)
        with pytest.raises(Unavailable, match="No space left on device"):
            destination.put(item, "b", nothing)  # fits in part only
        assert destination.names("") == {"a"}


def test_a_file_system_that_is_unmounted_is_unavailable(tmp_path: Path, item: Item) -> None:
    (tmp_path / "mount").mkdir()
    with small_file_system(tmp_path / "mount") as disk:
        destination = opened(disk.directory).__enter__()
    with pytest.raises(Unavailable):
        destination.put(item, "a", nothing)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EDQUOT, Unavailable),
        (errno.EIO, Unavailable),
        (errno.EROFS, Unavailable),
        (errno.ESTALE, Unavailable),
        (errno.EACCES, Refused),
        (errno.EPERM, Refused),
        (errno.EFBIG, Refused),
        (errno.ENOENT, Interrupted),
        (errno.EINTR, Interrupted),
    ],
)
@pytest.mark.parametrize("at", range(4))
def test_errors_of_the_system_are_told_apart(
    directory: Directory, item: Item, number: int, kind: type[DeliveryError], at: int
) -> None:
    with watched(Fail(at, number)), pytest.raises(kind, match=os.strerror(number)):
        directory.put(item, "a", nothing)


def test_who_may_not_write_is_told_who_has_to_be_let(directory: Directory, item: Item) -> None:
    with (
        watched(Fail(0, errno.EACCES)),
        pytest.raises(Refused, match=r"Permission denied; let \S+ write there"),
    ):
        directory.put(item, "a", nothing)


def test_a_source_that_is_gone_is_no_trouble_of_the_destination(directory: Directory, item: Item) -> None:
    item.source.unlink()
    with pytest.raises(Interrupted, match=r"cannot read .*run\.json: No such file .*, the file to send"):
        directory.put(item, "a", nothing)
    assert directory.names("") == frozenset()


def test_links_are_not_followed(directory: Directory, archive: Path, item: Item, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"kept")
    (archive / "link").symlink_to(outside)
    for operation in (
        lambda: directory.make_folder("link"),
        lambda: directory.make_folder("link/new"),
        lambda: directory.put(item, "link/new", nothing),
        lambda: directory.names("link"),
        lambda: directory.look("link/kept"),
        lambda: directory.digest("link/kept"),
        lambda: directory.remove("link/kept"),
        lambda: directory.rename("link/kept", "new"),
    ):
        with pytest.raises(Refused, match="link is a link, which is not followed"):
            operation()
    assert [path.name for path in outside.iterdir()] == ["kept"]


def test_a_link_that_has_a_name_is_found_and_replaced_as_itself(
    directory: Directory, archive: Path, item: Item, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_bytes(b"kept")
    (archive / "a").symlink_to(tmp_path / "outside")
    (archive / "b").symlink_to("nowhere")
    assert directory.look("b") is not None
    with pytest.raises(Refused, match="no regular file"):
        directory.digest("a")
    assert not directory.rename("a", "b")
    directory.put(item, "a", nothing)
    assert (tmp_path / "outside").read_bytes() == b"kept"
    assert item.is_as_sent(directory.digest("a"))


def test_a_folder_where_a_file_is_refused(directory: Directory, item: Item) -> None:
    directory.put(item, "a", nothing)
    with pytest.raises(Refused, match="File exists; move what has this name out of the way"):
        directory.make_folder("a")


def test_without_the_kernels_help_nothing_is_overwritten_either(
    directory: Directory, archive: Path, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rename, "_renameat2", None)
    directory.put(item, "a", nothing)
    (archive / "b").write_bytes(b"old")
    assert not directory.rename("a", "b")
    assert (archive / "b").read_bytes() == b"old"
    assert directory.rename("a", "c")
    assert directory.names("") == {"b", "c"}


def test_the_archive_itself_is_never_removed(directory: Directory, archive: Path) -> None:
    with pytest.raises(ValueError, match="never removed"):
        directory.remove("")
    assert archive.exists()


def test_no_descriptor_stays_open(directory: Directory, item: Item) -> None:
    before = open_descriptors()
    directory.put(item, "a", nothing)
    next(directory.read("a"))
    directory.digest("a")
    assert open_descriptors() == before


def test_reading_back_is_given_up_between_two_blocks(directory: Directory, item: Item) -> None:
    def give_up(_: int) -> None:
        raise Gone

    directory.put(item, "a", nothing)
    with pytest.raises(Gone):
        directory.digest("a", give_up)
