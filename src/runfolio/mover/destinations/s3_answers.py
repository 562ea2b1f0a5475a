"""Bounds of what an S3 server answers: boto3 reads all answers but objects whole, however long they get."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]

from runfolio.errors import DeliveryError, Refused, Unavailable
from runfolio.mover.destinations.s3_errors import UnfitAnswer

__all__ = ["bound_answers"]

LARGEST = 16 * 1024**2
"""Bytes; a page of a listing, 1000 names of 1024 bytes, each escaped, has fewer than half of that."""

SLOWEST = 10
"""Times the timeout: S3 sends blanks for minutes while it puts the parts of a large file together."""

BLOCK = 64 * 1024

_FIRST_OTHER = 300
"""The first status of answers that have words in them rather than an object."""

_REDIRECTS = {301, 302, 303, 307, 308}


def bound_answers(client: Any, timeout: float) -> None:
    """Have a client give up answers that are no objects once they are too large, or take too long."""
    session = client._endpoint.http_session  # noqa: SLF001 - boto3 has no bounds of its own, nor a place for them

    def send(request: Any, **_: object) -> AWSResponse:
        is_object, request.stream_output = request.stream_output, True  # so it is not read there
        response = session.send(request)
        _refuse_endless_redirects(request, response)
        if is_object and response.status_code < _FIRST_OTHER:
            return response
        whole = b"".join(_bounded(response.raw, SLOWEST * timeout))
        return AWSResponse(response.url, response.status_code, response.headers, _Whole(whole))

    client.meta.events.register_last("before-send.s3", send)


def _refuse_endless_redirects(request: Any, response: AWSResponse) -> None:
    """Refuse what boto3 would follow without end: it asks for the bucket's region by HEAD, of each anew."""
    asks_again = request.method == "HEAD" and response.status_code in _REDIRECTS
    if asks_again and "x-amz-bucket-region" not in response.headers:
        words = f"it redirects (HTTP {response.status_code}), and not to another region; correct the endpoint"
        _give_up(response.raw, words, Refused)


def _bounded(raw: Any, seconds: float) -> Iterator[bytes]:
    """Give an answer's bytes, as they come."""
    end, size = time.monotonic() + seconds, 0
    while block := raw.read1(BLOCK):
        size += len(block)
        if size > LARGEST:
            _give_up(raw, f"its answer is larger than {LARGEST} bytes: is it an S3 server?")
        if time.monotonic() > end:
            _give_up(raw, f"its answer has not ended within {seconds:g} s")
        yield block


def _give_up(raw: Any, words: str, kind: type[DeliveryError] = Unavailable) -> NoReturn:
    """Refuse an answer, and end the connection: what follows on it is no answer to anything."""
    raw.close()
    raise UnfitAnswer(words, kind)


@dataclass(frozen=True)
class _Whole:
    """An answer's bytes as boto3 takes them."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.content
