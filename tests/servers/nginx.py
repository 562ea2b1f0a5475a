"""nginx with its WebDAV modules: HTTPS with a certificate of our own, a user and a password."""

import base64
import hashlib
import signal
from datetime import UTC, datetime
from pathlib import Path

import trustme

from runfolio.mover.settings import DavDestination
from servers.place import files_below, flip, needed
from servers.started import Started, free_port

USER, PASSWORD = "mover", "pass:word ü"
CERTIFICATES_END = datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC)
MODULE = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")

CONFIGURATION = """
{module}
daemon off; master_process off; pid {directory}/pid; error_log {directory}/errors;
events {{}}
http {{
  access_log {directory}/requests;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port} {ssl};
    client_max_body_size {most};
    ssl_certificate {directory}/server.pem; ssl_certificate_key {directory}/server.pem;
    ssl_client_certificate {directory}/ca.pem; ssl_verify_client {clients};
    location / {{
      root {directory}/disk;
      auth_basic runs; auth_basic_user_file {directory}/users;
      dav_methods PUT DELETE MKCOL MOVE;
      {extension}
    }}
  }}
}}
"""


class Nginx:
    """A server of the directory `disk/runs`."""

    def __init__(
        self,
        directory: Path,
        *,
        tls: bool = True,
        lists: bool = True,
        most: str = "0",
        knows_clients: bool = False,
    ) -> None:
        """Start it.

        Args:
            directory: for all of its files.
            tls: HTTPS rather than HTTP.
            lists: whether it answers PROPFIND, for which it needs a module that is not its own.
            most: bytes that may be sent at once; 0: any number.
            knows_clients: whether it lets in only who has a certificate, which `client.pem` is.

        """
        (self._nginx,) = needed("nginx")
        self.disk = directory / "disk" / "runs"
        self.disk.mkdir(parents=True)
        self.port = free_port()
        self.directory, self._tls = directory, tls
        self._write_credentials()
        (directory / "conf").write_text(
            CONFIGURATION.format(
                directory=directory,
                port=self.port,
                most=most,
                module=f"load_module {MODULE};" if lists else "",
                extension="dav_ext_methods PROPFIND;" if lists else "",
                ssl="ssl" if tls else "",
                clients="on" if knows_clients else "off",
            )
        )
        for each in (directory, *directory.rglob("*")):
            each.chmod(0o777 if each.is_dir() else 0o644)
        self.start()

    def _write_credentials(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.directory / "ca.pem")
        for name, file in (("127.0.0.1", "server.pem"), ("mover@example.org", "client.pem")):
            made = authority.issue_cert(name, not_after=CERTIFICATES_END)
            made.private_key_and_cert_chain_pem.write_to_path(self.directory / file)
        (self.directory / "password").write_text(PASSWORD + "\n")
        hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest())
        (self.directory / "users").write_text(f"{USER}:{{SHA}}{hashed.decode()}\n")

    @property
    def settings(self) -> DavDestination:
        return DavDestination(
            name="nginx",
            url=f"dav{'s' if self._tls else ''}://127.0.0.1:{self.port}/runs",
            user=USER,
            password_file=str(self.directory / "password"),
            ca=str(self.directory / "ca.pem"),
            timeout=20,
        )

    def files(self) -> dict[str, bytes]:
        return files_below(self.disk)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.disk / path, at)

    def pause(self) -> None:
        """Let it stall, with its connections open."""
        self._started.send(signal.SIGSTOP)

    def stop(self) -> None:
        self._started.kill()

    def start(self) -> None:
        command = [self._nginx, "-p", str(self.directory), "-c", str(self.directory / "conf")]
        self._started = Started(
            [*command, "-e", str(self.directory / "errors")], self.port, self.directory / "said"
        )
