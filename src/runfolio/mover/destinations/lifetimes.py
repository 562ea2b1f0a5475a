"""When credentials end, as they say themselves; nothing is checked here, that is the servers' business."""

import base64
import binascii
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from runfolio.mover.destinations.small_files import read_small_file

__all__ = ["certificates_end", "token_end"]

_VERSION, _UTC_TIME = 0xA0, 0x17
_PEM_BEGIN, _PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class _Claims(msgspec.Struct):
    exp: float


def token_end(token: str) -> float | None:
    """Return when a bearer token ends, in Unix seconds; None where it is no JWT, or never ends."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(claims, type=_Claims).exp
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def certificates_end(path: Path) -> float | None:
    """Return when the first of the certificates in a PEM file ends, in Unix seconds; None where none tells.

    All count: the end of a proxy is before that of the certificate that it was made from, or after it.

    Raises:
        OSError: the file cannot be read, or is none.

    """
    text = read_small_file(path).decode("ascii", errors="replace")
    return min(filter(None, map(_certificate_end, _certificates(text))), default=None)


def _certificates(text: str) -> Iterator[str]:
    for each in text.split(_PEM_BEGIN)[1:]:
        body, end, _ = each.partition(_PEM_END)
        if end:
            yield _PEM_BEGIN + body + _PEM_END


def _certificate_end(pem: str) -> float | None:
    """Return the end of a certificate (RFC 5280, 4.1); the standard library decodes those of servers only."""
    try:
        certificate = _elements(ssl.PEM_cert_to_DER_cert(pem))[0][1]
        fields = _elements(_elements(certificate)[0][1])
        first = 1 if fields[0][0] == _VERSION else 0
        validity = fields[first + 3][1]  # after serial number, signature and issuer
        kind, value = _elements(validity)[1]
        return _time(kind, value.decode("ascii"))
    except (ValueError, IndexError):
        return None


def _time(kind: int, text: str) -> float:
    if kind == _UTC_TIME:  # two digits of the year, of which 50 and above are of the last century
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _elements(data: bytes) -> list[tuple[int, bytes]]:
    """Return the kinds and contents of the DER elements, one after the other."""
    found, at = [], 0
    while at < len(data):
        kind, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:  # the length of the length
            digits = length & 0x7F
            length, at = int.from_bytes(data[at : at + digits]), at + digits
        found.append((kind, data[at : at + length]))
        at += length
    return found
