from pathlib import Path

import pytest

from runfolio.mover import filesystems
from runfolio.mover.filesystems import network_file_system

MOUNTS = """\
22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
23 22 0:40 / /data rw - nfs4 server:/export rw,vers=4.2
24 23 8:2 /sub /data/local rw,noatime shared:7 master:2 - xfs /dev/sdb rw
25 22 0:41 / /with\\040blank\\134 rw master:1 - cifs //server/share rw
26 22 0:42 / /covered rw - ext4 /dev/sdc rw
27 26 0:43 / /covered rw - lustre mds:/l rw
28 22 0:44 / /eos rw - fuse.eosxd eosxd rw
29 22 0:45 / /layered rw - fuse.fuse-overlayfs fuse-overlayfs rw
30 22 0:46 / /dav rw - fuse https://server rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/daq/.mover", None),
        ("/data/.mover", "nfs4"),
        ("/data", "nfs4"),
        ("/database", None),
        ("/data/local/.mover", None),
        ("/data/localised", "nfs4"),
        ("/with blank\\/.mover", "cifs"),
        ("/covered/.mover", "lustre"),
        ("/eos/mice", "fuse.eosxd"),
        ("/layered/.mover", None),
        ("/dav/x", "fuse"),
    ],
)
def test_innermost_mount_tells_the_type(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    "kind",
    ["nfs", "cifs", "smb3", "fuse.sshfs", "lustre", "gpfs", "ceph", "beegfs", "9p", "afs", "fuse.glusterfs"],
)
def test_file_systems_of_the_network_are_known(kind: str) -> None:
    assert network_file_system(Path("/a"), f"22 1 0:21 / / rw - {kind} server rw\n") == kind


def test_link_leads_to_where_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/data")
    assert network_file_system(tmp_path / "link" / ".mover", MOUNTS) == "nfs4"


@pytest.mark.parametrize("mounts", ["", "nonsense\n", "1 2 3\n - \n"])
def test_system_that_does_not_tell_refuses_nothing(mounts: str) -> None:
    assert network_file_system(Path("/data"), mounts) is None


def test_system_tells_of_its_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystems, "NETWORK", {"proc"})
    assert network_file_system(Path("/proc/self/fd")) == "proc"
