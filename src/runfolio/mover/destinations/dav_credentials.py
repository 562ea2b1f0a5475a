"""What a WebDAV server is shown, and what its own certificate is checked with; read for each connection."""

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from runfolio.mover.destinations.dav_errors import DavErrors
from runfolio.mover.destinations.lifetimes import certificates_end, token_end
from runfolio.mover.destinations.small_files import read_small_file
from runfolio.mover.settings import DavDestination

__all__ = ["Credentials", "read_credentials"]

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""Anything else would end, or break, the header that it is sent in."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """Never to be shown."""

    authorization: str | None
    """The header with a password or token."""
    tls: ssl.SSLContext
    end: float | None
    """Unix seconds, as they say themselves; None where none does."""


def read_credentials(settings: DavDestination, errors: DavErrors) -> Credentials:
    """Read the files that the settings name.

    Raises:
        Refused: one of them is not there, or not what it should be.

    """
    token = _token(settings.token_file, errors) if settings.token_file else None
    ends = [
        token_end(token) if token else None,
        _certificate_end(settings.certificate, errors) if settings.certificate else None,
    ]
    return Credentials(
        authorization=f"Bearer {token}" if token else _basic(settings, errors),
        tls=_tls(settings, errors),
        end=min((each for each in ends if each is not None), default=None),
    )


def _token(name: str, errors: DavErrors) -> str:
    with _reading("token_file", name, errors) as path:
        token = read_small_file(path).decode("utf-8").strip()
    if not _TOKEN.fullmatch(token):
        raise errors.refused(f"{name} holds something else than one token")
    return token


def _basic(settings: DavDestination, errors: DavErrors) -> str | None:
    if not settings.password_file:
        return None
    with _reading("password_file", settings.password_file, errors) as path:
        password = read_small_file(path).decode("utf-8").rstrip("\r\n")
    user = settings.user or unquote(settings.parts.username or "")
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _certificate_end(name: str, errors: DavErrors) -> float | None:
    with _reading("certificate", name, errors) as path:
        return certificates_end(path)


def _key(name: str, errors: DavErrors) -> Path:
    with _reading("key", name, errors) as path:
        read_small_file(path)
        return path


def _tls(settings: DavDestination, errors: DavErrors) -> ssl.SSLContext:
    if settings.ca:
        with _reading("ca", settings.ca, errors) as path:
            is_folder = path.is_dir()
            if not is_folder:
                read_small_file(path)  # what OpenSSL reads it reads to the end
            context = ssl.create_default_context(
                cafile=None if is_folder else path, capath=path if is_folder else None
            )
    else:
        context = ssl.create_default_context()
    if settings.certificate:
        key = _key(settings.key, errors) if settings.key else None
        with _reading("certificate", settings.certificate, errors) as path:
            context.load_cert_chain(path, key, password="")  # rather than be asked for one
    return context


@contextmanager
def _reading(setting: str, name: str, errors: DavErrors) -> Iterator[Path]:
    try:
        yield Path(name).expanduser()
    except ssl.SSLError as error:
        raise errors.refused(f"cannot use {setting} = {name}: it is not what it should be") from error
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise errors.refused(f"cannot use {setting} = {name}: {why}") from error
