"""OpenSSH's server, which needs no root powers; as root it wants a directory of the system, too."""

import getpass
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncssh

from processes import children, until
from runfolio.mover.settings import SftpDestination
from servers.place import files_below, flip, needed
from servers.started import reserved_port
from support import WITHOUT_ROOT_POWERS

CONFIGURATION = """
HostKey "{directory}/host_key"
PidFile none
AuthorizedKeysFile "{directory}/authorized_keys"
TrustedUserCAKeys "{directory}/authority.pub"
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
MaxStartups 100
Subsystem sftp internal-sftp
"""


class Sshd:
    """A directory `files` that `user` reaches with a key; all that belongs to it is in one directory.

    Args:
        directory: there already, and empty.
        name: of the directory that the URL names.
        settings: what is to be set beyond url, key and known hosts.

    """

    def __init__(self, directory: Path, name: str = "files", **settings: Any) -> None:
        self.directory = directory
        self.disk = directory / name
        self.disk.mkdir(parents=True)
        self._port = reserved_port(self)
        for key in ("host_key", "key", "authority"):
            write_key(directory / key)
        (directory / "authorized_keys").write_bytes((directory / "key.pub").read_bytes())
        (directory / "sshd_config").write_text(CONFIGURATION.format(directory=directory))
        self.know(directory / "host_key.pub")
        self._settings = settings
        self.start()

    @property
    def settings(self) -> SftpDestination:
        return self.settings_with()

    def settings_with(self, **settings: Any) -> SftpDestination:
        """Return the settings of the destination, some of them others."""
        known: Mapping[str, Any] = {
            "name": "disk",
            "url": f"sftp://{getpass.getuser()}@127.0.0.1:{self._port}{quote(str(self.disk))}",
            "key": str(self.directory / "key"),
            "known_hosts": str(self.directory / "known_hosts"),
        }
        return SftpDestination(**{**known, **self._settings, **settings})

    def know(self, public_key: Path) -> None:
        """Write the file of known hosts: the server's key is this one."""
        line = f"[127.0.0.1]:{self._port} {public_key.read_text()}"
        (self.directory / "known_hosts").write_text(line)

    def files(self) -> dict[str, bytes]:
        return files_below(self.disk)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.disk / path, at)

    def start(self) -> None:
        [program] = needed("sshd")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        log = self.directory / "sshd.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *WITHOUT_ROOT_POWERS,
                    program,
                    "-D",
                    "-e",
                    "-f",
                    self.directory / "sshd_config",
                    *self._address(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        until(lambda: self._process.poll() is not None or self._listens())
        assert self._process.poll() is None, log.read_text()

    def _address(self) -> list[str]:
        return ["-o", f"ListenAddress=127.0.0.1:{self._port}"]

    def _listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self._port)) == 0

    def stop(self) -> None:
        self.signal(signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the processes of all sessions."""
        for pid in _below(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def write_key(path: Path) -> None:
    """Write a new key and, beside it, its public half."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(path))
    path.chmod(0o600)
    key.write_public_key(f"{path}.pub")


def _below(parent: int) -> list[int]:
    """Return all processes that a process, or one that it started, has started."""
    found = children(parent)
    return found + [each for child in found for each in _below(child)]
