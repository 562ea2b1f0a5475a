"""XRootD's own server, by its own protocol and without authentication."""

import shutil
import signal
import tempfile
from pathlib import Path

from runfolio.mover.settings import XRootDDestination
from servers.place import files_below, flip, needed
from servers.started import Started, free_port


class XRootDPlace:
    """A server, and its folder `/archive`.

    Args:
        directory: where it keeps its files.
        checksums: whether it makes any.
        read_only: whether nobody may write.
        timeout: of the settings.
        more: a line of configuration.

    """

    def __init__(
        self,
        directory: Path,
        *,
        checksums: bool = True,
        read_only: bool = False,
        timeout: float = 30,
        more: str = "",
    ) -> None:
        (self.program,) = needed("xrootd")
        self._directory = directory
        self._admin = Path(tempfile.mkdtemp(prefix="xrootd"))  # its sockets' paths can't be long
        self._admin.chmod(0o777)
        self.port = free_port()
        self.archive = directory / "disk" / "archive"
        self.archive.mkdir(parents=True)
        self.archive.chmod(0o777)
        self._write_settings(more, checksums=checksums, read_only=read_only)
        self.settings = XRootDDestination(
            name="xrootd", url=f"root://127.0.0.1:{self.port}//archive", timeout=timeout
        )
        self.start()

    def _write_settings(self, more: str, *, checksums: bool, read_only: bool) -> None:
        lines = [
            f"xrd.port {self.port}",
            "xrd.network nodnr",
            f"all.export / {'r/o' if read_only else ''}",
            f"oss.localroot {self._directory / 'disk'}",
            f"all.adminpath {self._admin}",
            f"all.pidpath {self._admin}",
            "xrootd.chksum adler32" if checksums else "",
            more,
        ]
        (self._directory / "xrootd.cfg").write_text("\n".join([*lines, ""]))

    def files(self) -> dict[str, bytes]:
        return files_below(self.archive)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.archive / path, at)

    def send(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        self._server.send(number)

    def stop(self) -> None:
        self._server.kill()
        shutil.rmtree(self._admin, ignore_errors=True)

    def start(self) -> None:
        self._admin.mkdir(exist_ok=True)
        self._admin.chmod(0o777)
        command = [self.program, "-c", f"{self._directory}/xrootd.cfg", "-s", f"{self._admin}/pid"]
        self._server = Started(command, self.port, self._directory / "xrootd.log")
