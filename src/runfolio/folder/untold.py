"""Untold folders: those that a site's own program is still to be told of, by name, in the staging.

A name is noted down before its folder is there, and removed once that program has been told. So whatever a
crash comes between, the next process knows whom to tell of.
"""

import os
from pathlib import Path

from runfolio.folder import durable
from runfolio.folder._files import is_directory, names_in
from runfolio.folder.names import UNTOLD, read_folder_name


class Untold:
    """The names of the folders that are still to be told of.

    Args:
        end_of_run: the directory of the folders.
        staging: of that directory.

    """

    def __init__(self, end_of_run: Path, staging: Path) -> None:
        self._end_of_run = end_of_run
        self._directory = staging / UNTOLD

    def add(self, name: str) -> None:
        """Note down a folder; that lasts when this returns.

        Raises:
            FolderError: the system refuses.

        """
        path = self._directory / name
        durable.ensure_directory(self._directory)
        if not os.path.lexists(path):
            durable.write_new(path, b"")
        durable.fsync_directory(self._directory)

    def remove(self, name: str) -> None:
        """Strike out a folder; after a power cut it may be there again.

        Raises:
            FolderError: the system refuses.

        """
        durable.remove_file(self._directory / name)

    def there(self) -> list[str]:
        """Return the folders that former processes have left, the lowest run first.

        One that is not there is struck out: it was carried away, or it is not sealed yet, and is noted down
        again when it is. Those that are there will last.

        Raises:
            FolderError: the system refuses.

        """
        if not os.path.lexists(self._directory):
            return []
        found = sorted((run, name) for name in names_in(self._directory) if (run := read_folder_name(name)))
        for _, name in found:
            if not is_directory(self._end_of_run / name):
                self.remove(name)
        durable.fsync_directory(self._end_of_run)  # a process may have died between a rename and this
        return [name for _, name in found if is_directory(self._end_of_run / name)]
