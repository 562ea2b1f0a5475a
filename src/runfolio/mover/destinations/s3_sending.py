"""How a file becomes an object, by one request.

The server is told the SHA-256 before it gets the bytes, refuses others, and gives the object its name as the
last step, only if nothing has that name.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from runfolio.errors import DeliveryError, Interrupted, SourceDamaged
from runfolio.mover.destination import Sent, Taken
from runfolio.mover.destinations.s3_errors import code_of, told
from runfolio.mover.package import Algorithm, Digest, Item

__all__ = [
    "Outgoing",
    "Target",
    "checksum",
    "count_what_is_sent",
    "digest_of",
    "read_at",
    "send_whole",
    "sending",
]


@dataclass(frozen=True)
class Target:
    """The name of an object, or of a folder of them, and the client that speaks with its server."""

    client: Any
    """boto3's, which has no types."""
    bucket: str
    key: str

    @property
    def name(self) -> dict[str, str]:
        """As boto3 is told it."""
        return {"Bucket": self.bucket, "Key": self.key}

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Outgoing:
    """Some bytes of a file as boto3 reads them: to sign them, then to send them. Only that is counted."""

    def __init__(self, file: BinaryIO, start: int, size: int, sent: Sent) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._sent = sent
        self._at = 0
        self.is_being_sent = False
        self.failure: Exception | None = None
        """What ended its reading: boto3 takes it for a failure of the connection."""

    def read(self, most: int = -1) -> bytes:
        try:
            return self._read(self._size if most < 0 else most)
        except Exception as error:
            self.failure = error
            raise

    def _read(self, most: int) -> bytes:
        block = read_at(self._file, self._start + self._at, min(most, self._size - self._at))
        self._at += len(block)
        if self.is_being_sent and block:
            self._sent(len(block))
        return block

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def count_what_is_sent(client: Any) -> None:
    """Have a client say when it is through with signing."""

    def begin(request: Any, **_: object) -> None:
        if isinstance(request.body, Outgoing):
            request.body.is_being_sent = True

    client.meta.events.register("before-send.s3", begin)


def read_at(file: BinaryIO, start: int, size: int) -> bytes:
    """Return so many bytes of a source.

    Raises:
        SourceDamaged: it has not so many.
        Interrupted: the system refuses.

    """
    try:
        file.seek(start)
        block = file.read(size)
    except OSError as error:
        raise Interrupted(f"cannot read {file.name}: {error.strerror}") from error
    if len(block) < size:
        raise SourceDamaged(f"{file.name} is shorter than it was when it was sealed")
    return block


def send_whole(target: Target, item: Item, file: BinaryIO, sent: Sent) -> Digest | None:
    """Make an object of a file; return its digest where the server says that it has computed it.

    Raises:
        Taken: something has the name.
        NotVerified: the server got other bytes.

    """
    body = Outgoing(file, 0, item.size, sent)
    with sending(target, body):
        answer = target.client.put_object(
            **target.name,
            Body=body,
            ContentLength=item.size,
            IfNoneMatch="*",
            **checksum(bytes.fromhex(item.digests[Algorithm.SHA256])),
        )
    return digest_of(answer)


@contextmanager
def sending(target: Target, body: Outgoing | None = None) -> Iterator[None]:
    """Raise what ended the reading of what was sent, else what boto3 raises, as one of our errors."""
    try:
        with told(str(target), Interrupted):
            try:
                yield
            except ClientError as error:
                if code_of(error) in {"PreconditionFailed", "412"}:
                    raise Taken(str(target)) from error
                raise
    except DeliveryError:
        if body is not None and body.failure is not None:
            raise body.failure from None
        raise


def checksum(digest: bytes) -> dict[str, str]:
    """Return what tells S3 the SHA-256 of the bytes that follow."""
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": b64encode(digest).decode()}


def digest_of(answer: Mapping[str, Any]) -> Digest | None:
    """Return the SHA-256 of an object, where an answer has it.

    That of an object that came in parts is one of their digests; not every server marks it as such.
    """
    value = answer.get("ChecksumSHA256")
    if value is None or "-" in value or "-" in answer.get("ETag", ""):
        return None
    with suppress(ValueError):
        return Digest(Algorithm.SHA256, b64decode(value).hex())
    return None
