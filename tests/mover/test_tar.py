"""Tar files of runs: the same bytes for the same folder, and what GNU tar makes of them."""

import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import SourceDamaged
from runfolio.folder import MANIFEST, FolderReading, SealedRun, verify
from runfolio.mover.packaging import packed
from sealed_folders import SMALLEST, seal_run, write_folder
from servers.place import files_below

FILES = {"a.png": b"A" * 512, "b.root": b"", "run.json": SMALLEST, f"{'long' * 50}.json": b"{}"}


def tar_of(run: SealedRun, work: Path) -> Path:
    [item] = packed(run, "tar", work).items
    assert item.path == ""
    return item.source


def test_it_is_one_file_of_that_name(tmp_path: Path) -> None:
    package = packed(write_folder(tmp_path, FILES), "tar", tmp_path / "work")
    assert (package.name, package.is_file) == ("4235.tar", True)
    assert package.items[0].source == tmp_path / "work" / "4235.tar"


def test_gnu_tar_extracts_a_folder_that_is_whole(tmp_path: Path) -> None:
    run = seal_run(tmp_path / "end_of_run")
    (tmp_path / "extracted").mkdir()
    subprocess.run(["tar", "-xf", tar_of(run, tmp_path / "work")], cwd=tmp_path / "extracted", check=True)
    assert verify(tmp_path / "extracted" / "4235").whole
    assert files_below(tmp_path / "extracted" / "4235") == files_below(run.path)


def test_gnu_tar_lists_members_of_nobody_at_the_time_of_the_seal(tmp_path: Path) -> None:
    tar = tar_of(write_folder(tmp_path, FILES), tmp_path / "work")
    said = subprocess.check_output(["tar", "-tvf", tar], text=True, env={**os.environ, "TZ": "UTC"})
    lines = [line.split() for line in said.splitlines()]
    assert {(owner, *date) for _, owner, _, *date, _ in lines} == {("0/0", "2013-11-28", "10:54")}
    assert [(mode, name) for mode, *_, name in lines] == [
        ("drwxr-xr-x", "4235/"),
        *(("-r--r--r--", f"4235/{name}") for name in (*sorted(FILES), MANIFEST)),
    ]


def test_python_reads_it_too(tmp_path: Path) -> None:
    run = write_folder(tmp_path, FILES)
    with tarfile.open(tar_of(run, tmp_path / "work")) as tar:
        found = {each.name: tar.extractfile(each) for each in tar if each.isfile()}
        assert {name: file.read() for name, file in found.items() if file} == {
            f"4235/{name}": data for name, data in files_below(run.path).items()
        }


def test_its_bytes_are_these_for_ever(tmp_path: Path) -> None:
    data = tar_of(write_folder(tmp_path, FILES), tmp_path / "work").read_bytes()
    assert len(data) % tarfile.RECORDSIZE == 0
    assert (
        hashlib.sha256(data).hexdigest() == "358715ddf3ea38b91d678302ae25219f2a1d551c5fc90815361e1b6effa9d25d"
    )


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]{0,120}", fullmatch=True).filter(MANIFEST.__ne__),
        st.binary(max_size=1500),
        max_size=5,
    )
)
def test_the_same_folder_gives_the_same_bytes_and_back_the_same_folder(files: dict[str, bytes]) -> None:
    files = {**files, "run.json": SMALLEST}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        one, other = (
            write_folder(directory / where, dict(order))
            for where, order in (("one", files.items()), ("other", reversed(files.items())))
        )
        os.utime(other.path / "run.json", (0, 0))
        (other.path / "run.json").chmod(0o600)
        tars = [tar_of(run, directory / "work" / run.path.parent.name) for run in (one, other)]
        assert tars[0].read_bytes() == tars[1].read_bytes()
        with tarfile.open(tars[0]) as tar:
            tar.extractall(directory / "extracted", filter="data")
        assert files_below(directory / "extracted" / "4235") == files_below(one.path)


def test_a_file_that_changes_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FolderReading, "size", lambda *_: 7)
    with pytest.raises(SourceDamaged, match="was changed while it was read"):
        packed(write_folder(tmp_path, FILES), "tar", tmp_path / "work")
    assert files_below(tmp_path / "work") == {}
