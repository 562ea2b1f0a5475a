"""A prefix in a bucket of any S3 endpoint, by boto3.

S3 has no rename: an object gets its name whole, verified, and only if nothing has it. The digest that S3
gives is the one that it computed when the bytes arrived: it says how they did. That they are still the same,
only reading them back says. `verify = "read-back"` is for servers that note digests down and compute none.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from runfolio.errors import Interrupted, Refused
from runfolio.mover.destination import Found, Sent, Taken, digest_read_back, unheeded
from runfolio.mover.destinations.s3_client import find_credentials, open_client, open_session
from runfolio.mover.destinations.s3_errors import code_of, told
from runfolio.mover.destinations.s3_parts import abort_uploads, send_in_parts
from runfolio.mover.destinations.s3_sending import Target, count_what_is_sent, digest_of, send_whole
from runfolio.mover.package import Digest, Item
from runfolio.mover.settings import S3Destination

__all__ = ["open_destination"]

LARGEST_WHOLE = 1024**3
"""Bytes of the largest file that is sent by one request; S3 takes five times that."""

BLOCK = 1024**2

PAGE = 1000
"""Names that are asked for at a time; S3 gives no more."""


def open_destination(settings: S3Destination, lease: int | None = None) -> "Bucket":  # noqa: ARG001 - no process
    """Return a bucket, not connected yet."""
    return Bucket(settings)


class Bucket:
    """The objects whose names begin with a prefix."""

    renames = False

    def __init__(self, settings: S3Destination) -> None:
        self._settings = settings
        self._bucket = settings.parts.netloc
        self._prefix = settings.path.strip("/")
        self._credentials: Any = None
        self._client: Any = None

    def __enter__(self) -> Self:
        with told(str(self._target(""))), ExitStack() as opened:
            session = open_session(self._settings)
            self._credentials = find_credentials(session, str(self._target("")))
            self._client = opened.enter_context(closing(open_client(session, self._settings)))
            count_what_is_sent(self._client)
            # Asked for a list the server says what is wrong; a HEAD has no room for that.
            self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
            opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def look(self, path: str) -> Found | None:
        target = self._target(path)
        head = self._head(target) if path else None
        if head is not None:
            with told(str(target)):
                modified = head["LastModified"].timestamp()
                return Found(is_folder=False, size=head["ContentLength"], modified=modified)
        is_folder = not path or next(self._listed(path, page=1), None) is not None
        return Found(is_folder=True) if is_folder else None

    def names(self, path: str) -> frozenset[str]:
        return frozenset(
            name.removeprefix(self._below(path)).rstrip("/") for name in self._listed(path, Delimiter="/")
        ) - {""}  # the name of an object that stands for the folder

    def make_folder(self, path: str) -> None:
        """Do nothing: a folder is there as soon as something is in it."""

    def put(self, item: Item, path: str, sent: Sent) -> Digest | None:
        target = self._target(path)
        if self._head(target) is not None:  # as the server would say after all is sent, or not, if it is old
            raise Taken(str(target))
        try:
            file = item.source.open("rb")
        except OSError as error:
            raise Interrupted(f"cannot read {item.source}: {error.strerror}") from error
        with file:
            send = send_whole if item.size <= LARGEST_WHOLE else send_in_parts
            digest = send(target, item, file, sent)
        return None if self._reads_back else digest

    @property
    def _reads_back(self) -> bool:
        return self._settings.verify == "read-back"

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        target = self._target(path)
        head = self._head(target, ChecksumMode="ENABLED")
        if head is None:
            raise Interrupted(f"{target} is not there")
        digest = None if self._reads_back else digest_of(head)
        if digest is not None:
            return digest
        return digest_read_back(self.read(path), sent)

    def read(self, path: str) -> Iterator[bytes]:
        target = self._target(path)
        with told(str(target), Interrupted), closing(self._client.get_object(**target.name)["Body"]) as body:
            while block := body.read(BLOCK):
                yield block

    def rename(self, source: str, target: str) -> bool:
        raise Refused(f"S3 cannot rename {self._target(source)} to {target}")

    def remove(self, path: str) -> None:
        target = self._target(path)
        with told(str(target)):
            # One by one: of requests for many at once servers want digests that differ.
            for key in (*self._listed(path), target.key):
                self._client.delete_object(Bucket=self._bucket, Key=key)
        abort_uploads(target)

    def space(self) -> int | None:
        return None

    def credentials_end(self) -> float | None:
        """Return when those end that boto3 can renew, as far as it can; of others it doesn't know."""
        end = getattr(self._credentials, "_expiry_time", None)
        return None if end is None else float(end.timestamp())

    def _target(self, path: str) -> Target:
        return Target(self._client, self._bucket, "/".join(each for each in (self._prefix, path) if each))

    def _below(self, path: str) -> str:
        """Return how the names of all begin that is in a folder."""
        key = self._target(path).key
        return f"{key}/" if key else ""

    def _head(self, target: Target, **options: str) -> dict[str, Any] | None:
        with told(str(target)):
            try:
                return dict(self._client.head_object(**target.name, **options))
            except ClientError as error:
                if code_of(error) in {"404", "NoSuchKey"}:
                    return None
                raise

    def _listed(self, path: str, *, page: int = PAGE, **options: str) -> Iterator[str]:
        """Give the names of the objects in a folder; with a delimiter those of its folders, too."""
        with told(str(self._target(path))):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket,
                Prefix=self._below(path),
                PaginationConfig={"PageSize": page},
                **options,
            )
            for found in pages:
                yield from (each["Key"] for each in found.get("Contents", ()))
                yield from (each["Prefix"] for each in found.get("CommonPrefixes", ()))
