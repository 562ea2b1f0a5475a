"""Apache with mod_dav, by plain HTTP and without a password."""

from pathlib import Path

from runfolio.mover.settings import DavDestination
from servers.place import files_below, flip, needed
from servers.started import Started, free_port

MODULES = Path("/usr/lib/apache2/modules")

CONFIGURATION = """
ServerRoot {directory}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {directory}/pid
ErrorLog {directory}/errors
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule dav_module {modules}/mod_dav.so
LoadModule dav_fs_module {modules}/mod_dav_fs.so
DAVLockDB {directory}/locks
DocumentRoot {directory}/disk
<Directory {directory}/disk>
  DAV On
  Require all granted
</Directory>
"""


class Apache:
    """A server of the directory `disk/runs`."""

    def __init__(self, directory: Path) -> None:
        (self._apache,) = needed("apache2")
        self.disk = directory / "disk" / "runs"
        self.disk.mkdir(parents=True)
        self.port = free_port()
        self._directory = directory
        (directory / "conf").write_text(
            CONFIGURATION.format(directory=directory, port=self.port, modules=MODULES)
        )
        for each in (directory, directory / "disk", self.disk):
            each.chmod(0o777)
        self.start()

    @property
    def settings(self) -> DavDestination:
        return DavDestination(name="apache", url=f"dav://127.0.0.1:{self.port}/runs", timeout=20)

    def files(self) -> dict[str, bytes]:
        """Return all files but what Apache shows to nobody: what it had half of when it was killed."""
        found = files_below(self.disk)
        return {path: data for path, data in found.items() if "/.davfs.tmp" not in path}

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.disk / path, at)

    def stop(self) -> None:
        self._started.kill()

    def start(self) -> None:
        command = [self._apache, "-f", str(self._directory / "conf"), "-X"]
        self._started = Started(command, self.port, self._directory / "said")
