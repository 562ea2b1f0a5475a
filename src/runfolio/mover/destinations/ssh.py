"""A connection to an SSH server that is known, and advice to people where none comes about.

What counts is in the settings: ~/.ssh/config is not read, since it may switch off the check of host keys.
"""

import asyncio
import getpass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncssh
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

from runfolio.errors import DeliveryError, Refused, Unavailable, in_one_line
from runfolio.mover.destinations.small_files import read_small_file
from runfolio.mover.settings import SftpDestination

__all__ = ["certificate_end", "connect", "server", "words"]

_SSH_PORT = 22

_HOST_KEYS = "+ssh-ed25519,ecdsa-sha2-*,rsa-sha2-*"
"""Also kinds of keys that are not known of a server: so a key of another kind is seen, and can be named."""

_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""First choice, for their speed; where a server has neither, whatever it has."""

_FOR_EVER = 2**64 - 1


class _Client(asyncssh.SSHClient):
    """Notes down a host key that is not known; it is refused all the same."""

    stranger: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        del host, addr, port
        self.stranger = key
        return False


def words(error: Exception) -> str:
    """Return what a server, or the library, says is wrong, in one line."""
    return in_one_line(DeliveryError(error.reason) if isinstance(error, asyncssh.Error) else error)


def server(settings: SftpDestination) -> str:
    """Return the server as OpenSSH has it in its files."""
    host, port = settings.parts.hostname or "", settings.parts.port or _SSH_PORT
    return host if port == _SSH_PORT else f"[{host}]:{port}"


async def connect(settings: SftpDestination) -> asyncssh.SSHClientConnection:
    """Connect, and be let in.

    Raises:
        Unavailable: it can't be reached, or does not answer.
        Refused: its key is not known, or it does not let us in.

    """
    client = _Client()
    known_hosts = _read_known_hosts(settings)
    credentials = _credentials(settings)
    try:
        async with asyncio.timeout(settings.timeout):
            return await asyncssh.connect(
                settings.parts.hostname or "",
                settings.parts.port or _SSH_PORT,
                client_factory=lambda: client,
                config=None,
                known_hosts=known_hosts,
                server_host_key_algs=_HOST_KEYS,
                encryption_algs=_CIPHERS,
                gss_kex=False,  # it would take Kerberos's word for the server
                **credentials,
            )
    except Exception as error:
        raise _not_let_in(error, settings, client, known_hosts) from error


def _not_let_in(
    error: Exception, settings: SftpDestination, client: _Client, known_hosts: asyncssh.SSHKnownHosts
) -> DeliveryError:
    kind: type[DeliveryError] = Refused
    match error:
        case asyncssh.HostKeyNotVerifiable() if client.stranger is not None:
            said = _of_stranger(client.stranger, settings, known_hosts)
        case asyncssh.PermissionDenied():
            said = f"does not let {_user(settings)} in: {_of_credentials(settings)}"
        case asyncssh.DisconnectError(reason=reason) if "authentication failures" in reason:
            said = "was offered too many keys: set key, the one to use"
        case asyncssh.KeyExchangeFailed(reason=reason) if reason.startswith("No matching"):
            said = f"and we have no way of encryption in common: {words(error)}"
        case asyncssh.HostKeyNotVerifiable() | ValueError():
            said = f"can't be connected to: {words(error)}"
        case TimeoutError():
            kind, said = Unavailable, f"does not answer, or has not let us in within {settings.timeout:g} s"
        case _:
            kind, said = Unavailable, f"can't be reached: {words(error)}"
    return kind(f"destination {settings.name}: {server(settings)} {said}")


def _of_stranger(key: asyncssh.SSHKey, settings: SftpDestination, known_hosts: asyncssh.SSHKnownHosts) -> str:
    """Return what is wrong with a host key and what to do."""
    host, port = settings.parts.hostname or "", settings.parts.port or _SSH_PORT
    file, shown = _known_hosts_file(settings), key.get_fingerprint()
    add = f"ssh-keyscan -p {port} {host} >> {file}"
    if any(known_hosts.match(host, "", None if port == _SSH_PORT else port)):
        return (
            f"shows the key {shown}, which is not the one in {file}: another server may pose as it; if its"
            f" administrators did change the key: ssh-keygen -R '{server(settings)}' -f {file}, then {add}"
        )
    return (
        f"shows the key {shown}, which is not in {file}; if its administrators say that it is theirs: {add}"
    )


def _of_credentials(settings: SftpDestination) -> str:
    """Return what people have to look at, if they are refused."""
    asked = []
    if settings.key is not None:
        asked.append(f"is the public half of {settings.key} in its authorized_keys, or its certificate over?")
    if settings.password_file is not None:
        asked.append(f"is the password in {settings.password_file} right?")
    return " ".join(asked) or "no key of ~/.ssh or of the agent is accepted; set key, or password_file"


def _user(settings: SftpDestination) -> str:
    name = settings.parts.username
    return getpass.getuser() if name is None else unquote(name)


def _known_hosts_file(settings: SftpDestination) -> Path:
    return Path(settings.known_hosts or "~/.ssh/known_hosts").expanduser()


def _read_known_hosts(settings: SftpDestination) -> asyncssh.SSHKnownHosts:
    file = _known_hosts_file(settings)
    try:
        return asyncssh.import_known_hosts(read_small_file(file).decode("utf-8"))
    except FileNotFoundError:
        return asyncssh.SSHKnownHosts()
    except (OSError, ValueError) as error:
        raise Refused(f"destination {settings.name}: can't read {file}: {in_one_line(error)}") from error


def _credentials(settings: SftpDestination) -> dict[str, Any]:
    """Return whom we are, and how we show it: where the settings say how, nothing else is tried."""
    found: dict[str, Any] = {} if settings.parts.username is None else {"username": _user(settings)}
    if settings.key is not None or settings.password_file is not None:
        found |= {"client_keys": None, "agent_path": None}
    if settings.key is not None:
        found["client_keys"] = _key_pairs(settings, Path(settings.key).expanduser())
    if settings.password_file is not None:
        found["password"] = _password(settings, Path(settings.password_file).expanduser())
    return found


def _key_pairs(settings: SftpDestination, file: Path) -> Any:
    """Return a key, and with it the certificate that lies beside it."""
    try:
        read_small_file(file)  # which asyncssh reads to its end, whatever it is
        return asyncssh.load_keypairs([str(file)])
    except asyncssh.KeyImportError as error:
        if not str(error).startswith("Passphrase"):
            raise Refused(f"destination {settings.name}: {file} is no private key: {error}") from error
        raise Refused(
            f"destination {settings.name}: the key {file} is encrypted, and nobody is there to type its"
            " passphrase: set a key without one, or leave key out and give it to an agent (ssh-add)"
        ) from error
    except (OSError, ValueError) as error:
        raise Refused(f"destination {settings.name}: can't read {file}: {in_one_line(error)}") from error


def _password(settings: SftpDestination, file: Path) -> str:
    try:
        password = read_small_file(file).decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise Refused(f"destination {settings.name}: can't read {file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise Refused(f"destination {settings.name}: {file} is not in UTF-8") from None
    if not password:
        raise Refused(f"destination {settings.name}: in {file} there is no password")
    return password


def certificate_end(settings: SftpDestination) -> float | None:
    """Return when the certificate beside the key ends; None where there is none, or it does not end."""
    if settings.key is None:
        return None
    file = Path(f"{settings.key}-cert.pub").expanduser()
    try:
        certificate = load_ssh_public_identity(read_small_file(file))
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(certificate, SSHCertificate) or certificate.valid_before == _FOR_EVER:
        return None
    return float(certificate.valid_before)
