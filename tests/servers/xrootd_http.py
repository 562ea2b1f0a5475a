"""XRootD by its HTTP plugin, with the digests that it makes."""

from pathlib import Path

from runfolio.mover.settings import DavDestination
from servers.started import free_port
from servers.xrootd import XRootDPlace


class XRootDHttp:
    """A server like any of XRootD's, and the same folder, by another of its ports."""

    def __init__(self, directory: Path) -> None:
        self._port = free_port()
        self._server = XRootDPlace(directory, more=f"xrd.protocol http:{self._port} libXrdHttp.so")
        self.disk = self._server.archive

    @property
    def settings(self) -> DavDestination:
        return DavDestination(name="xrootd", url=f"dav://127.0.0.1:{self._port}/archive", timeout=20)

    def files(self) -> dict[str, bytes]:
        return self._server.files()

    def damage(self, path: str, at: int = 0) -> None:
        self._server.damage(path, at)

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.start()
