"""Whether a directory is on a file system of the network, where neither SQLite's memory nor its locks hold.

Movers of two machines would each believe that they alone write.
"""

import os
import re
from pathlib import Path

__all__ = ["network_file_system"]

MOUNTS = Path("/proc/self/mountinfo")

NETWORK = {
    "9p", "acfs", "afs", "beegfs", "beegfs_nodev", "ceph", "cephfs", "cifs", "coda", "davfs", "gfs",
    "gfs2", "glusterfs", "gpfs", "kafs", "lustre", "lustre_lite", "mfs", "ncpfs", "nfs", "nfs4", "ocfs2",
    "orangefs", "panfs", "prl_fs", "pvfs2", "quobyte", "shfs", "smb", "smb2", "smb3", "smbfs", "vboxsf",
    "virtiofs", "vmhgfs", "wekafs",
}  # fmt: skip
"""Types, as the system names them; those that machines share with their virtual ones among them."""

LOCAL_FUSE = {
    "bindfs", "cryfs", "encfs", "ext4", "exfat", "fuse-overlayfs", "gocryptfs", "lxcfs", "mergerfs",
    "ntfs", "ntfs-3g", "overlayfs", "securefs", "unionfs", "zfs",
}  # fmt: skip
"""`fuse.X` that keep their files on this machine; of any other (sshfs, eosxd, s3fs) that is not known."""

_MOUNT = re.compile(r"^(?:[^ \n]+ ){4}([^ \n]+) (?:.*? )?- ([^ \n]+)", re.MULTILINE)
"""Where something is mounted, and its type; in between there are options, and words that may come to be."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the type of the file system that a path is on, if it is one of the network; else None.

    Args:
        path: of what is there, or is to be made.
        mounts: what there is, in the form of /proc/self/mountinfo; None: as the system says.

    """
    kind = _type_at(path, _mounts() if mounts is None else mounts)
    return kind if kind is not None and _is_of_network(kind) else None


def _is_of_network(kind: str) -> bool:
    main, _, program = kind.partition(".")
    if main == "fuse":
        return program not in LOCAL_FUSE
    return kind in NETWORK


def _mounts() -> str:
    try:
        return os.fsdecode(MOUNTS.read_bytes())
    except OSError:  # a system that does not tell
        return ""


def _type_at(path: Path, mounts: str) -> str | None:
    """Return the type of the innermost mount that a path is in; of two at one place the later covers."""
    wanted = path.resolve()
    found, depth = None, 0
    for escaped, kind in _MOUNT.findall(mounts):
        point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), escaped))
        if wanted.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = kind, len(point.parts)
    return found
