"""The tables `[[destination]]` of the settings file: what each has, by the scheme of its URL."""

import posixpath
import re
from typing import Annotated, ClassVar, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Meta, Struct

__all__ = [
    "COMMANDS",
    "KINDS",
    "CommandDestination",
    "DavDestination",
    "DestinationSettings",
    "FileDestination",
    "Packaging",
    "S3Destination",
    "Seconds",
    "SftpDestination",
    "XRootDDestination",
    "is_destination_name",
    "shown",
]

Packaging = Literal["folder", "tar", "bagit"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,254}", re.ASCII)
_PASSWORD = re.compile(r"(//[^/@:]*:).*@", re.DOTALL)
_QUERY = re.compile(r"\?.*", re.DOTALL)

Seconds = Annotated[float, Meta(gt=0, le=86_400)]


def is_destination_name(name: str) -> bool:
    """Say whether a destination may be called so; that becomes the name of a folder, too."""
    return _NAME.fullmatch(name) is not None


def shown(url: str) -> str:
    """Return a URL for a message: of bearable length, in quotes, without a password or a query."""
    return ascii(_QUERY.sub("?...", _PASSWORD.sub(r"\1...@", url))[:200])


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
        if not is_destination_name(self.name):
            raise ValueError(f"name {self.name[:60]!a}: 1 to 40 letters, digits and _ . - are accepted")
        if re.search(r"[^\x21-\x7e]", self.url):
            raise ValueError(f"url {shown(self.url)}: characters such as blanks are written as %20")
        if re.search(r"[\x00-\x1f\x7f]", unquote(self.url)):
            raise ValueError(f"url {shown(self.url)} stands for characters that are in no name")
        if ".." in unquote(self.parts.path).split("/"):
            raise ValueError(f"url {shown(self.url)} goes up by '..': give the path that it leads to")
        if self.parts.password is not None:
            raise ValueError(f"url {shown(self.url)} has a password: secrets are in files of their own")
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
        if missing or parts.query or parts.fragment:
            raise ValueError(f"url {shown(self.url)} is not of the form {form}")


class FileDestination(DestinationSettings, frozen=True, kw_only=True):
    """A directory of this machine, or one that is mounted."""

    schemes = ("file",)

    def check_url(self) -> None:
        if self.parts.query or self.parts.fragment:
            raise ValueError(f"url {shown(self.url)} with ? or #: in a name these are written as %3F and %23")
        if self.parts.netloc or not self.parts.path.startswith("/") or self.path == "/":
            raise ValueError(f"url {shown(self.url)} is not of the form file:///absolute/path")


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
            raise ValueError(f"url {shown(self.url)} is not of the form root://host//path (two slashes)")

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
            raise ValueError(f"url {shown(self.url)} is not of the form s3://bucket/prefix")
        endpoint = urlsplit(self.endpoint or "https://amazon")
        well = endpoint.scheme in {"http", "https"} and endpoint.hostname and endpoint.username is None
        if not well or endpoint.query:
            raise ValueError(f"endpoint {shown(endpoint.geturl())} is not of the form https://host")


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
        self._refuse_without("path", form="command:/path")
        if self.parts.netloc:
            raise ValueError(f"url {shown(self.url)} is not of the form command:/path")
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
