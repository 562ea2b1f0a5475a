"""Rename without overwriting, which Python's own `os` does not offer."""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

AT_FDCWD = -100
RENAME_NOREPLACE = 1

NOT_OFFERED = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}
"""A kernel, file system or sandbox without it; where EPERM means more, the plain rename says so too."""


def _find_renameat2() -> Callable[..., int] | None:
    """Return the C library's renameat2 (glibc 2.28 and later), None where it has none."""
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    function.restype = ctypes.c_int
    return function


_renameat2 = _find_renameat2()


def rename_to_free_name(source: Path, target: Path) -> None:
    """Rename a directory or file to a name that nothing has yet, in one step where the system can do that.

    Raises:
        FileExistsError: the name is taken, be it by a directory, a file or a dangling link.
        OSError: anything else.

    """
    if _renameat2 is not None:
        if _renameat2(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in NOT_OFFERED:
            raise OSError(code, os.strerror(code), os.fspath(target))
    if source.is_dir() and not source.is_symlink():
        _check_and_rename(source, target)
    else:
        _link_and_remove(source, target)


def _link_and_remove(source: Path, target: Path) -> None:
    """Give a file the new name, then take the old one from it; it has both if the process dies in between.

    So it is on NFS, for one. A file system without links, such as FAT, has only the check before.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NOT_OFFERED:
            raise
        _check_and_rename(source, target)
    else:
        source.unlink()


def _check_and_rename(source: Path, target: Path) -> None:
    """Check, then rename.

    A directory's name that is taken in between is still safe: rename(2) puts a directory over nothing but
    an empty directory. So a folder with a single file in it is never lost.
    """
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target))
    try:
        source.rename(target)
    except OSError as error:
        # The system says "directory not empty" or "not a directory" for a name just taken, but the latter
        # for a parent that is gone as well: only what is there counts as taken.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target)) from error
        raise
