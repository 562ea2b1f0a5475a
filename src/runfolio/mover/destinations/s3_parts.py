"""How a large file becomes an object: in parts, each with its digest; the server joins them at the end."""

import hashlib
import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from runfolio.errors import DeliveryError, Interrupted, NotVerified, Refused, SourceDamaged
from runfolio.mover.destination import Sent
from runfolio.mover.destinations.s3_errors import told
from runfolio.mover.destinations.s3_sending import Outgoing, Target, checksum, read_at, sending
from runfolio.mover.package import Algorithm, Digest, Item

__all__ = ["abort_uploads", "send_in_parts"]

logger = logging.getLogger(__name__)

PART = 256 * 1024**2
MOST_PARTS = 10_000
"""That S3 takes; the parts of still larger files are larger."""

BLOCK = 1024**2


def send_in_parts(target: Target, item: Item, file: BinaryIO, sent: Sent) -> Digest | None:
    """Make an object of a file; return its digest where the server has computed that of the parts.

    It never has one of the whole. But where it has that of the parts as they were read here, and these were
    the file whose digest was known before, it has the file.

    Raises:
        Taken: something has the name.
        NotVerified: the server got other bytes.
        SourceDamaged: the file is not what it was when its digest was made.

    """
    abort_uploads(target)
    upload = _Upload(target)
    try:
        for start, size in _cuts(item.size):
            upload.send(file, start, size, sent)
        upload.complete(item)
    except BaseException:
        with suppress(DeliveryError):
            upload.abort()
        raise
    return upload.digest if upload.is_confirmed() else None


def _cuts(size: int) -> Iterator[tuple[int, int]]:
    part = max(PART, -(-size // MOST_PARTS))
    return ((start, min(part, size - start)) for start in range(0, size, part))


class _Upload:
    """An upload that was begun."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._client = target.client
        with told(str(target), Interrupted):
            begun = self._client.create_multipart_upload(**target.name, ChecksumAlgorithm="SHA256")
        self._name = {**target.name, "UploadId": begun["UploadId"]}
        self._parts: list[dict[str, Any]] = []
        self._digests = b""
        self._whole = hashlib.sha256()

    def send(self, file: BinaryIO, start: int, size: int, sent: Sent) -> None:
        """Send the next part."""
        digest = hashlib.sha256()
        for at in range(start, start + size, BLOCK):
            block = read_at(file, at, min(BLOCK, start + size - at))
            digest.update(block)
            self._whole.update(block)
        body, number = Outgoing(file, start, size, sent), len(self._parts) + 1
        given = checksum(digest.digest())
        with sending(self._target, body):
            answer = self._client.upload_part(
                **self._name, PartNumber=number, Body=body, ContentLength=size, **given
            )
        self._digests += digest.digest()
        self._parts.append(
            {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": given["ChecksumSHA256"]}
        )

    @property
    def digest(self) -> Digest:
        """That of all parts, one after the other."""
        return Digest(Algorithm.SHA256, self._whole.hexdigest())

    def complete(self, item: Item) -> None:
        """Have the server put the parts together, if they are the file and still have their digests there."""
        if not item.is_as_sent(self.digest):
            raise SourceDamaged(f"{item.source} is not what it was when it was sealed")
        with sending(self._target):
            self._client.complete_multipart_upload(
                **self._name, MultipartUpload={"Parts": self._parts}, IfNoneMatch="*"
            )

    def is_confirmed(self) -> bool:
        """Tell whether the server has the digest of the parts; an object with another is removed."""
        with told(str(self._target), Interrupted):
            found = self._client.head_object(**self._target.name, ChecksumMode="ENABLED")
            digest = found.get("ChecksumSHA256")
            if digest is None:
                return False
            if digest.partition("-")[0] == b64encode(hashlib.sha256(self._digests).digest()).decode():
                return True
            self._client.delete_object(**self._target.name)
        raise NotVerified(f"{self._target}: the server did not get the parts as they were sent")

    def abort(self) -> None:
        """Have the server forget the parts; it goes on charging for them otherwise."""
        with told(str(self._target)):
            self._client.abort_multipart_upload(**self._name)


def abort_uploads(target: Target) -> None:
    """Have the server forget the parts that a killed process left of an object, or of those in a folder.

    Whoever may not list them, or asks a server that does not, has to leave that to a rule of the bucket.
    """
    client, key = target.client, target.key
    try:
        with told(str(target)):
            pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=target.bucket, Prefix=key)
            for each in (upload for page in pages for upload in page.get("Uploads", ())):
                if each["Key"] == key or each["Key"].startswith(f"{key}/"):
                    client.abort_multipart_upload(
                        Bucket=target.bucket, Key=each["Key"], UploadId=each["UploadId"]
                    )
    except Refused as error:
        logger.debug("uploads that were not completed stay: %s", error)
