from pathlib import Path

import pytest

from runfolio.mover.destinations import mounts

LISTED = r"""# <device> <mount point> <type>
UUID=1 / ext4 defaults 0 1
UUID=2 none swap sw 0 0
server:/one /archive nfs defaults 0 0
server:/two /with\040blank nfs noauto

"""
MOUNTED = r"""22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:5 / /archive/inner rw - nfs server:/three rw
24 22 0:6 / /other rw - nfs server:/four rw
"""


@pytest.mark.parametrize(
    ("directory", "missing"),
    [
        ("/archive", "/archive"),
        ("/archive/mice", "/archive"),
        ("/with blank/mice", "/with blank"),
        ("/archive/inner/mice", None),
        ("/other/mice", None),
        ("/archives", None),
    ],
)
def test_a_mount_point_without_its_mount_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directory: str, missing: str | None
) -> None:
    (tmp_path / "fstab").write_text(LISTED)
    (tmp_path / "mountinfo").write_text(MOUNTED)
    monkeypatch.setattr(mounts, "LISTED", tmp_path / "fstab")
    monkeypatch.setattr(mounts, "MOUNTED", tmp_path / "mountinfo")
    assert mounts.missing_mount(Path(directory)) == (missing and Path(missing))


def test_without_a_list_nothing_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "LISTED", tmp_path / "gone")
    assert mounts.missing_mount(Path("/archive")) is None


def test_the_root_of_this_system_is_mounted() -> None:
    assert mounts.missing_mount(Path("/")) is None
