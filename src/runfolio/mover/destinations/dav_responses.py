"""What a WebDAV server says of its files: listings in XML, and digests in headers.

Both come from outside: nothing here trusts them to be well-formed, small, or about what was asked.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from runfolio.mover.package import Algorithm, Digest

__all__ = ["WANTED_DIGESTS", "WANTED_PROPERTIES", "Entry", "children_of", "read_digest", "read_listing"]

WANTED_PROPERTIES = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/>'
    b"<getcontentlength/><getlastmodified/><quota-available-bytes/></prop></propfind>"
)

WANTED_DIGESTS = {
    "Want-Digest": "sha-256;q=1, md5;q=0.5, adler32;q=0.3",  # RFC 3230
    "Want-Repr-Digest": "sha-256=10, md5=5, adler=3",  # RFC 9530
}

LARGEST_LISTING = 64 * 1024 * 1024
"""Bytes; a folder of 100,000 names has about that."""
DEEPEST = 16
"""Elements in one another; a listing has six."""

_BYTES = {Algorithm.SHA256: 32, Algorithm.MD5: 16, Algorithm.ADLER32: 4}
"""Of each digest, the one that is believed most first."""
_ALGORITHMS = {
    "sha-256": Algorithm.SHA256,
    "md5": Algorithm.MD5,
    "adler32": Algorithm.ADLER32,
    "adler": Algorithm.ADLER32,
}
_GIVEN_DIGEST = re.compile(r"\s*([A-Za-z0-9-]+)\s*=\s*:?([A-Za-z0-9+/]+={0,2}):?\s*")
_STATUS_OK = re.compile(r"HTTP/\S+\s+2\d\d\b")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or folder of a listing."""

    path: str
    """As the server has it, from its root; without a slash at its end, each part still encoded."""
    is_folder: bool
    size: int | None
    modified: float | None
    available: int | None
    """Bytes that may still be written there."""


def read_listing(blocks: Iterable[bytes]) -> list[Entry]:
    """Return the entries of an answer to PROPFIND.

    Raises:
        ValueError: it is none, has a document type (which could make it grow without end), or is too large.

    """
    listing = _Listing()
    parser = ET.XMLParser(target=listing)  # noqa: S314 - no tree is made, and `doctype` raises
    left = LARGEST_LISTING
    try:
        for block in blocks:
            left -= len(block)
            if left < 0:
                raise ValueError(f"it is larger than {LARGEST_LISTING} bytes")
            parser.feed(block)
        parser.close()
    except ET.ParseError as error:
        raise ValueError(f"it is not XML: {error}") from None
    if not listing.is_multistatus:
        raise ValueError("it is XML, but no listing")
    return listing.entries


@dataclass
class _Listing:
    """Takes a listing's elements as they come, and keeps no more than the entries."""

    entries: list[Entry] = field(default_factory=list)
    is_multistatus: bool = False
    _open: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _response: dict[str, str] = field(default_factory=dict)
    _properties: dict[str, str] = field(default_factory=dict)

    def doctype(self, *_: object) -> None:
        raise ValueError("it has a document type, which no listing has")

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        if len(self._open) == DEEPEST:
            raise ValueError(f"it has more than {DEEPEST} elements in one another")
        self.is_multistatus = self.is_multistatus or (not self._open and tag == "{DAV:}multistatus")
        self._open.append(tag)
        self._text.clear()

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._open.pop()
        text = "".join(self._text).strip()
        within = self._open[-1] if self._open else ""
        match within, tag:
            case "{DAV:}response", "{DAV:}href":
                self._response.setdefault(tag, text)
            case "{DAV:}prop" | "{DAV:}resourcetype", _:
                self._properties[tag] = text
            case "{DAV:}propstat", "{DAV:}status":
                self._response.setdefault("status", text)
            case _, "{DAV:}propstat":
                self._take_properties()
            case _, "{DAV:}response":
                self._take_entry()
        self._text.clear()

    def close(self) -> None:
        """The document ends."""

    def _take_properties(self) -> None:
        """Keep the properties that there are, not the names of those that there are not."""
        if _STATUS_OK.match(self._response.pop("status", "")):
            self._response.update(self._properties)
        self._properties.clear()

    def _take_entry(self) -> None:
        found, self._response = self._response, {}
        path = urlsplit(found.get("{DAV:}href", "")).path
        self.entries.append(
            Entry(
                path=path.rstrip("/"),
                is_folder="{DAV:}collection" in found,
                size=_number(found.get("{DAV:}getcontentlength")),
                modified=_time(found.get("{DAV:}getlastmodified")),
                available=_number(found.get("{DAV:}quota-available-bytes")),
            )
        )


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,19}", text) else None


def _time(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


def children_of(path: str, entries: Iterable[Entry]) -> frozenset[str]:
    """Return the names directly within the folder that was asked for.

    The folder itself is listed, too, and behind a proxy under another path than the one that was asked for:
    what is in it is known by the folder being listed.
    """
    listed = [each.path for each in entries]
    folders = {unquote(each) for each in (path.rstrip("/"), *listed)}
    found = (each.rpartition("/") for each in listed)
    names = {unquote(name) for folder, _, name in found if unquote(folder) in folders}
    return frozenset(name for name in names if name not in {"", ".", ".."} and "/" not in name)


def read_digest(headers: Iterable[str]) -> Digest | None:
    """Return the best digest of some `Digest` and `Repr-Digest` headers, None where none can be used.

    Values are in base64, as the RFCs have it, or in hex, as XRootD and dCache write them: their length tells.
    """
    found = dict(_digests(headers))
    return next((found[each] for each in _BYTES if each in found), None)


def _digests(headers: Iterable[str]) -> Iterator[tuple[Algorithm, Digest]]:
    for each in ",".join(headers).split(","):
        given = _GIVEN_DIGEST.fullmatch(each)
        algorithm = _ALGORITHMS.get(given[1].lower()) if given else None
        if given and algorithm:
            value = _in_hex(given[2], _BYTES[algorithm])
            if value:
                yield algorithm, Digest(algorithm, value)


def _in_hex(value: str, length: int) -> str | None:
    """Return a digest of so many bytes in lower-case hex; None where it is no such thing."""
    if re.fullmatch(rf"[0-9A-Fa-f]{{{2 * length}}}", value):
        return value.lower()
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        return None
    return data.hex() if len(data) == length else None
