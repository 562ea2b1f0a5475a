import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import FolderError
from runfolio.folder import _files, manifest
from runfolio.folder.manifest import manifest_bytes, parse_manifest, verify
from runfolio.folder.names import MANIFEST

DIGEST = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files and their manifest."""
    folder = tmp_path / "4235"
    folder.mkdir()
    files = {"a.png": b"A", "b.json": b"B" * 3_000_000, "run.json": b""}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (folder / MANIFEST).write_bytes(manifest_bytes(digests))
    return folder


def test_manifest_is_sorted_in_the_format_of_sha256sum() -> None:
    assert manifest_bytes({"b": DIGEST, "a": DIGEST}) == f"{DIGEST}  a\n{DIGEST}  b\n".encode()


def test_manifest_is_what_sha256sum_writes(folder: Path) -> None:
    written = subprocess.check_output(["sha256sum", "a.png", "b.json", "run.json"], cwd=folder)
    assert (folder / MANIFEST).read_bytes() == written


def test_sha256sum_accepts_the_folder(folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=folder, check=True)


def test_binary_mode_and_capital_digits_are_read() -> None:
    assert parse_manifest(f"{DIGEST.upper()} *a\n".encode()) == {"a": DIGEST}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (f"{DIGEST}  a", "cut off within its last line"),
        (f"{DIGEST}  a\n{DIGEST}", "cut off within its last line"),
        (f"{DIGEST}  a\n\n", "line 2: no SHA-256 digest and name"),
        (f"{DIGEST}  a\n{DIGEST}  a\n", "line 2: lists a a second time"),
        (f"{DIGEST}  /etc/passwd\n", "line 1: '/etc/passwd' is no name"),
        (f"{DIGEST}  ../a\n", "line 1: '../a' is no name"),
        (f"{DIGEST}  ..\n", "line 1: '..' is no name"),
        (f"{DIGEST}  a/b\n", "line 1: 'a/b' is no name"),
        (f"{DIGEST}  .hidden\n", "'.hidden' is no name"),
        (f"{DIGEST}  -rf\n", "'-rf' is no name"),
        (f"{DIGEST}  \x1b[2J\n", r"'\\x1b\[2J' is no name"),
        (f"{DIGEST}  {'a' * 256}\n", "is no name"),
        (f"{DIGEST}  {MANIFEST}\n", f"'{MANIFEST}' is no name"),
        (f"\\{DIGEST}  a\\nb\n", "line 1: an escaped name"),
        (f"{DIGEST}  a\r\n", "line 1: ends in a carriage return"),
        (f"{DIGEST} a\n", "line 1: no SHA-256 digest"),
        (f"{DIGEST[:-1]}  a\n", "line 1: no SHA-256 digest"),
        (f"{DIGEST[:-1]}g  a\n", "line 1: no SHA-256 digest"),
        (f"SHA256 (a) = {DIGEST}\n", "line 1: no SHA-256 digest"),
        (f"{DIGEST}  a\n{DIGEST}  ä\n", "line 2: characters other than ASCII"),
    ],
)
def test_manifest_of_any_other_kind_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(FolderError, match=complaint):
        parse_manifest(text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    said = ""
    try:
        parse_manifest(data)
    except FolderError as error:
        said = str(error)
    assert said.isprintable()
    assert said.isascii()


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]{0,30}", fullmatch=True), st.just(DIGEST), min_size=1
    )
)
def test_what_is_written_is_read_back(digests: dict[str, str]) -> None:
    assert parse_manifest(manifest_bytes(digests)) == digests


@pytest.mark.parametrize("name", ["../a", "a/b", "a\nb", "a\\b", "", ".a", MANIFEST])
def test_unsafe_name_is_not_written(name: str) -> None:
    with pytest.raises(FolderError, match="is no name of a file"):
        manifest_bytes({name: DIGEST})


def test_whole_folder_is_whole(folder: Path) -> None:
    found = verify(folder)
    assert found.whole
    assert (found.files, found.bytes, found.problems) == (3, 3_000_001, ())


def test_progress_adds_up_to_the_bytes(folder: Path) -> None:
    steps: list[int] = []
    assert verify(folder, advance=steps.append).bytes == sum(steps)
    assert max(steps) <= manifest.BLOCK


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def put_a_link(path: Path) -> None:
    path.rename(path.parent.parent / "moved")
    path.symlink_to(path.parent.parent / "moved")


def put_a_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def put_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def put_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change", [flip_a_byte, put_a_link, put_a_dangling_link, put_a_fifo, put_a_directory]
)
def test_change_of_one_file_is_found(folder: Path, change: Callable[[Path], None]) -> None:
    change(folder / "b.json")
    found = verify(folder)
    assert found.changed == ("b.json",)
    assert not found.whole
    assert found.problems == ("changed: b.json",)


def test_cut_file_is_changed(folder: Path) -> None:
    os.truncate(folder / "b.json", 1000)
    assert verify(folder).changed == ("b.json",)


def test_missing_and_extra_files_are_listed(folder: Path) -> None:
    (folder / "a.png").unlink()
    (folder / "z.png").write_bytes(b"")
    (folder / "directory").mkdir()
    (folder / "link").symlink_to("run.json")
    os.mkfifo(folder / "fifo")
    found = verify(folder)
    assert found.missing == ("a.png",)
    assert found.extra == ("directory", "fifo", "link", "z.png")
    assert "missing: a.png" in found.problems


def test_names_that_could_control_a_terminal_are_printed_escaped(folder: Path) -> None:
    (folder / "\x1b[2J").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_bytes(b"")
    assert verify(folder).problems == (r"extra: '\x1b[2J'", r"extra: '\udcff'")


def test_file_that_cannot_be_read_is_told_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> int | None:
        if path.name == "b.json":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return _files.open_regular(path)

    monkeypatch.setattr(manifest, "open_regular", refuse)
    found = verify(folder)
    assert found.unreadable == (("b.json", "Input/output error"),)
    assert found.problems == ("unreadable: b.json (Input/output error)",)
    assert not found.whole


def test_folder_without_manifest_is_not_sealed(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(FolderError, match=r"4235 is no sealed run folder: it has no manifest-sha256\.txt"):
        verify(folder)


@pytest.mark.parametrize("change", [put_a_link, put_a_fifo, put_a_directory])
def test_manifest_that_is_no_file_is_refused(folder: Path, change: Callable[[Path], None]) -> None:
    change(folder / MANIFEST)
    with pytest.raises(FolderError, match="it is no regular file"):
        verify(folder)


def test_broken_manifest_is_told_with_folder_and_line(folder: Path) -> None:
    (folder / MANIFEST).write_text("not a manifest\n")
    with pytest.raises(FolderError, match=r"4235: manifest-sha256.txt, line 1: no SHA-256"):
        verify(folder)


def test_folder_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderError, match=r"cannot read .*/gone: No such file"):
        verify(tmp_path / "gone")
    with pytest.raises(FolderError, match=r"cannot read .*/file: Not a directory"):
        verify(tmp_path / "file")


def test_too_large_a_manifest_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "MANIFEST_LIMIT", 10)
    with pytest.raises(FolderError, match="larger than 10 bytes"):
        verify(folder)


def test_copy_of_a_folder_is_whole(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert verify(tmp_path / "copy").whole


def test_large_file_is_not_held_in_memory(folder: Path) -> None:
    """A sparse file of 300 MB under a limit on memory that it would break."""
    with (folder / "b.json").open("wb") as file:
        file.truncate(300_000_000)
    program = (
        "import resource, sys; from pathlib import Path; from runfolio.folder import verify\n"
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)\n"
        "print(verify(Path(sys.argv[1])).changed)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", program, folder], text=True)
    assert said == "('b.json',)\n"
