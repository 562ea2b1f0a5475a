"""An SSH server by asyncssh, in a thread: it has passwords and ways of its own, OpenSSH only the system's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh

from runfolio.mover.settings import SftpDestination
from servers.sshd import write_key

USER, PASSWORD = "shift", "open sesame"


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def password_server(
    directory: Path, files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
) -> Iterator[SftpDestination]:
    """Give the settings of a destination, its password file included."""
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()
    listening, ports = threading.Event(), list[int]()
    write_key(directory / "host_key")
    (directory / "password").write_text(f"{PASSWORD}\n")

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_Door,
            server_host_keys=[str(directory / "host_key")],
            sftp_factory=files,
        )
        async with server:
            ports.append(server.get_port())
            listening.set()
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    assert listening.wait(60)
    (directory / "known_hosts").write_text(
        f"[127.0.0.1]:{ports[0]} {(directory / 'host_key.pub').read_text()}"
    )
    try:
        yield SftpDestination(
            name="disk",
            url=f"sftp://{USER}@127.0.0.1:{ports[0]}{directory}",
            known_hosts=str(directory / "known_hosts"),
            password_file=str(directory / "password"),
        )
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
