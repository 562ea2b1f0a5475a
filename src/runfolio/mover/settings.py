"""The tables of the settings file that are the mover's: `[move]` and each `[[destination]]`.

    [[destination]]
    name = "tape"
    url = "root://eos.example.org//archive/mice"
    packaging = "tar"

All is checked here, before anything is sent; no client of a protocol is needed for that.
"""

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec
from msgspec import Meta, Struct

from runfolio.datacards import Card, read_table
from runfolio.errors import SettingsError
from runfolio.nearest import nearest
from runfolio.settings import SETTINGS_FILE

__all__ = [
    "COMMANDS",
    "CleanSettings",
    "CommandDestination",
    "DavDestination",
    "DestinationSettings",
    "FileDestination",
    "MoverSettings",
    "Packaging",
    "S3Destination",
    "SftpDestination",
    "XRootDDestination",
    "read_mover_settings",
]

Packaging = Literal["folder", "tar", "bagit"]

HIDDEN = ".mover"
"""In the end-of-run directory, where the settings name no other place."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,254}", re.ASCII)

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=0)]


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown: neither its password nor its query, which may have a token."""
    return re.sub(r"\?.*", "?...", re.sub(r"(//[^/@:]*):.*@", r"\1:...@", url), flags=re.DOTALL)


class DestinationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every destination has."""

    schemes: ClassVar[tuple[str, ...]] = ()

    name: str
    """Stands for it in commands, the journal and receipts."""
    url: str
    packaging: Packaging = "folder"
    required: bool = True
    """Whether a run must be there before its local folder may be removed."""
    parallel: Annotated[int, Meta(ge=1, le=64)] = 2
    """Deliveries at a time."""
    rate: Annotated[int, Meta(ge=1)] | None = None
    """Bytes per second, all deliveries together; None: as fast as it goes."""
    timeout: Seconds = 60.0
    """Seconds without any progress after which a connection counts as dead."""
    verify: Literal["destination", "read-back"] = "destination"
    """Who makes the digest of what arrived: the destination, if its protocol has one, or we."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name {self.name[:60]!a}: 1 to 40 letters, digits and _ . - are accepted")
        shown = without_secrets(self.url)
        if re.search(r"[^\x21-\x7e]", self.url):
            raise ValueError(f"url {shown[:60]!a}: characters such as blanks are written as %20")
        if re.search(r"[\x00-\x1f\x7f]", unquote(self.url)):
            raise ValueError(f"url {shown[:200]!a} stands for characters that are in no name")
        if ".." in unquote(self.parts.path).split("/"):
            raise ValueError(f"url {shown[:200]!a} goes up by '..': give the path that it leads to")
        self.check_url()

    def check_url(self) -> None:
        """Refuse a URL that does not say what it has to."""

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def path(self) -> str:
        """The path of the URL, decoded, without a slash at its end."""
        return unquote(self.parts.path).rstrip("/") or "/"

    @property
    def lies_at(self) -> tuple[object, ...]:
        """What no two destinations have in common, unless runs have other names at each."""
        tarred = self.packaging == "tar"
        path = posixpath.normpath(self.path)
        return self.schemes[0], self.parts.netloc.lower(), path, tarred, *self._reached_by

    @property
    def _reached_by(self) -> tuple[object, ...]:
        """What leads to another place although the URL is the same."""
        return ()

    def _refuse_without(self, *wanted: str, form: str) -> None:
        parts = self.parts
        try:
            missing = [each for each in wanted if not getattr(parts, each)] or parts.port == 0
        except ValueError:  # a port that is no number
            missing = True
        if parts.password is not None:
            raise ValueError(
                f"its url has a password, which belongs into a file of its own; its form is {form}"
            )
        if missing or parts.query or parts.fragment:
            raise ValueError(f"url {without_secrets(self.url)[:200]!a} is not of the form {form}")


class FileDestination(DestinationSettings, frozen=True, kw_only=True):
    """A directory of this machine, or one that is mounted."""

    schemes = ("file",)

    def check_url(self) -> None:
        parts = self.parts
        if parts.netloc or not parts.path.startswith("/") or self.path == "/":
            raise ValueError(
                f"url {without_secrets(self.url)[:200]!a} is not of the form file:///absolute/path"
            )
        if parts.query or parts.fragment:
            raise ValueError(f"url {self.path!a} with ? or #: in a name these are written as %3F and %23")


class SftpDestination(DestinationSettings, frozen=True, kw_only=True):
    """A directory of an SSH server."""

    schemes = ("sftp",)

    key: str | None = None
    """A private key; None: those of ~/.ssh, and the agent's."""
    password_file: str | None = None
    known_hosts: str | None = None
    """None: ~/.ssh/known_hosts. A server whose key is not in there is refused."""

    def check_url(self) -> None:
        self._refuse_without("hostname", "path", form="sftp://user@host/path")


class XRootDDestination(DestinationSettings, frozen=True, kw_only=True):
    """A directory of an XRootD server: EOS, dCache and others."""

    schemes = ("root", "roots", "xroot", "xroots")

    proxy: str | None = None
    """An X.509 proxy; None: X509_USER_PROXY, else where voms-proxy-init puts it."""
    token_file: str | None = None
    """A bearer token; None: as WLCG's token discovery finds it."""

    def check_url(self) -> None:
        self._refuse_without("hostname", "path", form="root://host//path")
        if not self.parts.path.startswith("//"):
            raise ValueError(f"url {self.url[:200]!a} is not of the form root://host//path (two slashes)")

    @property
    def path(self) -> str:
        return unquote(self.parts.path)[1:].rstrip("/") or "/"


class S3Destination(DestinationSettings, frozen=True, kw_only=True):
    """A prefix in a bucket of any S3 endpoint; credentials as boto3 finds them."""

    schemes = ("s3",)

    endpoint: str | None = None
    """The server's URL; None: Amazon's of the region."""
    region: str | None = None
    profile: str | None = None
    """Of ~/.aws/credentials."""

    @property
    def _reached_by(self) -> tuple[object, ...]:
        return (self.endpoint,)

    def check_url(self) -> None:
        self._refuse_without("hostname", form="s3://bucket/prefix")
        if not _BUCKET.fullmatch(self.parts.netloc):
            raise ValueError(f"url {without_secrets(self.url)[:200]!a} is not of the form s3://bucket/prefix")
        if self.endpoint is None:
            return
        endpoint = urlsplit(self.endpoint)
        if (
            endpoint.scheme not in {"http", "https"}
            or not endpoint.hostname
            or endpoint.username is not None
            or endpoint.query
        ):
            raise ValueError(
                f"endpoint {without_secrets(self.endpoint)[:200]!a} is not of the form https://host"
            )


class DavDestination(DestinationSettings, frozen=True, kw_only=True):
    """A collection of a WebDAV server: davs:// by HTTPS, dav:// by HTTP."""

    schemes = ("davs", "dav")

    user: str | None = None
    password_file: str | None = None
    token_file: str | None = None
    """A bearer token; read again for each connection, since they are short-lived."""
    certificate: str | None = None
    """A client certificate, or X.509 proxy, in PEM."""
    key: str | None = None
    """Its key, where it is in a file of its own."""
    ca: str | None = None
    """Certificates, a file or a directory, that the server's is checked with; None: those of the system."""

    def check_url(self) -> None:
        self._refuse_without("hostname", "path", form="davs://host/path")


REQUIRED_COMMANDS = ("put", "rename", "remove", "exists")
COMMANDS = (*REQUIRED_COMMANDS, "checksum", "get", "names")


class CommandDestination(DestinationSettings, frozen=True, kw_only=True):
    """A site's own copy program. Each is a list of words, in which `{source}` and so on are replaced."""

    schemes = ("command",)

    put: tuple[str, ...]
    """Copies the local file `{source}` to `{target}`, making the folders that it needs."""
    rename: tuple[str, ...]
    """Renames `{source}`, a file or folder, to `{target}`, which was seen not to be there."""
    remove: tuple[str, ...]
    """Removes `{target}`, a file or a folder with all it holds."""
    exists: tuple[str, ...]
    """Ends with 0 where `{target}` is there, with 1 where it is not; anything else is an error."""
    checksum: tuple[str, ...] = ()
    """Prints the digest of `{target}` as its first word."""
    algorithm: Literal["sha256", "adler32", "md5"] = "sha256"
    """What `checksum` prints."""
    get: tuple[str, ...] = ()
    """Writes the bytes of `{target}` to its standard output."""
    names: tuple[str, ...] = ()
    """Prints the names in the folder `{target}`, a line each; without it nobody sees what else is there."""

    @property
    def _reached_by(self) -> tuple[object, ...]:
        return (self.put,)

    def check_url(self) -> None:
        if self.parts.netloc or not self.parts.path:
            raise ValueError(f"url {without_secrets(self.url)[:200]!a} is not of the form command:/path")
        for name in COMMANDS:
            self._check_words(name)
        if self.verify == "read-back" and not self.get:
            raise ValueError('verify = "read-back" needs get, a command that prints what arrived')
        if self.verify != "read-back" and not self.checksum:
            raise ValueError(
                "without a checksum command nobody knows what arrived: give one,"
                ' or get and verify = "read-back"'
            )

    def _check_words(self, name: str) -> None:
        words: tuple[str, ...] = getattr(self, name)
        needed = ("{source}", "{target}") if name in {"put", "rename"} else ("{target}",)
        missing = [each for each in needed if each not in " ".join(words[1:])]
        if missing and (words or name in REQUIRED_COMMANDS):
            raise ValueError(f"{name} has to be a program and its arguments, {missing[0]} among them")


class CleanSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which local folders `runfolio move clean` may remove; without this table none."""

    older_than_days: Annotated[float, Meta(ge=0)]
    """Since they were sealed."""
    keep_newest: Count
    """Runs that stay whatever their age."""
    leave_behind: tuple[Literal["record", "thumbnail"], ...] = ("record", "thumbnail")
    """What stays for browsing."""


class MoveTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[move]`."""

    directory: str | None = None
    """Where journal and receipts are kept; None: .mover in the end-of-run directory."""
    scan_seconds: Seconds = 5.0
    """Seconds between two looks at the end-of-run directory."""
    first_pause: Seconds = 10.0
    """Seconds before what failed is tried again; twice as long each time."""
    longest_pause: Seconds = 3600.0
    clean: CleanSettings | None = None

    def __post_init__(self) -> None:
        if self.directory is None:
            return
        if "\0" in self.directory:
            raise ValueError(f"directory {self.directory[:200]!a}: no name has such characters")
        try:
            Path(self.directory).expanduser()
        except RuntimeError:
            raise ValueError(
                f"directory {self.directory[:200]!a}: nobody knows the home directory that ~ stands for"
            ) from None


@dataclass(frozen=True, kw_only=True)
class MoverSettings:
    """All of it, checked."""

    table: MoveTable
    destinations: tuple[DestinationSettings, ...]

    def directory(self, end_of_run: Path) -> Path:
        """Return where journal and receipts of an end-of-run directory are kept."""
        given = self.table.directory
        return Path(given).expanduser() if given else end_of_run / HIDDEN

    def destination(self, name: str) -> DestinationSettings:
        """Return the destination of a name.

        Raises:
            SettingsError: there is none.

        """
        for each in self.destinations:
            if each.name == name:
                return each
        near = nearest(name, [each.name for each in self.destinations], most=1)
        known = ", ".join(each.name for each in self.destinations)
        advice = f"did you mean {near[0]}?" if near else f"there are {known}" if known else "there is none"
        raise SettingsError(f"no destination is called {name}; {advice}")


KINDS = {
    scheme: kind
    for kind in (
        FileDestination,
        SftpDestination,
        XRootDDestination,
        S3Destination,
        DavDestination,
        CommandDestination,
    )
    for scheme in kind.schemes
}


def read_mover_settings(settings_file: Path | None = None) -> MoverSettings:
    """Return the mover's settings from a settings file, by default `runfolio.toml` where that is there.

    Raises:
        SettingsError: the file cannot be read, or something in its tables does not fit: the message names
            file, line and destination.

    """
    path = settings_file or SETTINGS_FILE
    if settings_file is None and not os.path.lexists(path):
        return MoverSettings(table=MoveTable(), destinations=())
    cards = read_table(path)
    return MoverSettings(table=_move_table(cards.get("move"), path), destinations=_destinations(cards, path))


def _move_table(card: Card | None, path: Path) -> MoveTable:
    return MoveTable() if card is None else _converted(card.value, MoveTable, f"{path}, [move]")


def _destinations(cards: Mapping[str, Card], path: Path) -> tuple[DestinationSettings, ...]:
    card = cards.get("destination")
    if card is None:
        return ()
    tables: object = card.value
    if not isinstance(tables, Sequence) or not all(isinstance(each, dict) for each in tables):
        raise SettingsError(f"{path}, line {card.line}: destinations are written as [[destination]]")
    found = tuple(_destination(each, f"{path}, {_called(each, n)}") for n, each in enumerate(tables, 1))
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"{path}: two destinations are called {name}")
    for each, other in combinations(found, 2):
        if each.lies_at == other.lies_at:
            raise SettingsError(
                f"{path}: destinations {each.name} and {other.name} are one place: what is there is one copy"
            )
    return found


def _called(table: Mapping[str, Any], number: int) -> str:
    name = table.get("name")
    return f"destination {name[:60]!a}" if isinstance(name, str) else f"destination number {number}"


def _destination(table: Mapping[str, Any], where: str) -> DestinationSettings:
    url = table.get("url")
    if not isinstance(url, str):
        raise SettingsError(f'{where}: it needs a url, as url = "file:///archive"')
    scheme = _SCHEME.match(url)
    kind = KINDS.get(scheme[1].lower()) if scheme else None
    if kind is None:
        shown = without_secrets(url)
        raise SettingsError(f"{where}: url {shown[:200]!a} begins with none of {', '.join(KINDS)}")
    made: DestinationSettings = _converted(table, kind, where)
    return made


def _converted(value: object, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {_advice(str(error), kind)}") from None


def _advice(message: str, kind: type[Struct]) -> str:
    """Return an error of msgspec in our words, with the name that an unknown one may stand for."""
    unknown = re.search(r"unknown field `(.*?)`", message)
    if not unknown:
        return message.replace("Object missing required field", "it needs").replace("`$.", "`")
    near = nearest(unknown[1], [each.name for each in msgspec.structs.fields(kind)], most=1)
    return f"{unknown[1]} is not a setting" + (f"; did you mean {near[0]}?" if near else "")
