"""Whether something is mounted where it should be: else a mount point would be filled underneath."""

import os
import re
from pathlib import Path

__all__ = ["missing_mount"]

LISTED = Path("/etc/fstab")
MOUNTED = Path("/proc/self/mountinfo")


def missing_mount(directory: Path) -> Path | None:
    """Return the mount point at or above a directory that should have something mounted on it, and has not.

    None where all is well, or where the system has no such lists.
    """
    try:
        should_be, are = _mount_points(LISTED, column=1), _mount_points(MOUNTED, column=4)
    except OSError:
        return None
    real = Path(os.path.realpath(directory))
    nearest = next((each for each in (real, *real.parents) if each in should_be | are), None)
    return nearest if nearest not in are else None


def _mount_points(table: Path, *, column: int) -> set[Path]:
    rows = [line.split() for line in table.read_text(errors="surrogateescape").splitlines()]
    return {Path(_plain(row[column])) for row in rows if len(row) > column and not row[0].startswith("#")}


def _plain(escaped: str) -> str:
    r"""Return a path as it is; in these tables a blank in it is written `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), escaped)
