"""XRootD by its HTTP plugin, with adler32 digests and without credentials."""

import shutil
from pathlib import Path

from runfolio.mover.settings import DavDestination
from servers.place import files_below, flip, needed
from servers.started import Started, free_port

CONFIGURATION = """
all.export /
all.adminpath {directory}/admin
all.pidpath {directory}/admin
oss.localroot {directory}/disk
xrd.port {other_port}
xrd.protocol http:{port} libXrdHttp.so
xrd.allow host 127.0.0.1
xrootd.chksum max 2 adler32
{more}
"""


class XRootDHttp:
    """A server of the directory `disk/runs`."""

    def __init__(self, directory: Path, more: str = "") -> None:
        """Start it, with more lines of configuration."""
        (self._xrootd,) = needed("xrootd")
        self.disk = directory / "disk" / "runs"
        self.disk.mkdir(parents=True)
        self.port = free_port()
        self._directory = directory
        (directory / "conf").write_text(
            CONFIGURATION.format(directory=directory, port=self.port, other_port=free_port(), more=more)
        )
        for each in (directory, directory / "disk", self.disk):
            each.chmod(0o777)
        self.start()

    @property
    def settings(self) -> DavDestination:
        return DavDestination(name="xrootd", url=f"dav://127.0.0.1:{self.port}/runs", timeout=20)

    def files(self) -> dict[str, bytes]:
        return files_below(self.disk)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.disk / path, at)

    def stop(self) -> None:
        self._started.kill()
        shutil.rmtree(
            self._directory / "admin", ignore_errors=True
        )  # killed, it trips over what it left there

    def start(self) -> None:
        self._started = Started(
            [self._xrootd, "-c", str(self._directory / "conf")], self.port, self._directory / "said"
        )
