"""moto's S3 server as a process, with what S3 does and moto does not: it refuses what it was not told of.

What arrives not whole, or with another digest than it was said to have, gets no name. Lines of JSON on its
standard input say what to do, and each is answered by one. It ends with its standard input.
"""

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from moto.s3.models import FakeBucket, FakeKey, s3_backends
from werkzeug.serving import make_server

BUCKET = "archive"

Kept = dict[str, tuple[str, str, str | None, str | None]]
"""By key the bytes in base64, the ETag, and which digest moto has and its value."""


class Quiet(MotoRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - named so there
        pass


class Server:
    """What can be done to it; each method by its name."""

    def __init__(self) -> None:
        self.moto = create_backend_app("s3")
        self.backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self.bucket: FakeBucket = self.backend.create_bucket(BUCKET, "us-east-1")
        self.refusal: tuple[int, str, str] | None = None

    def start(self, port: int, kept: Kept) -> None:
        """Listen, with what another server had kept."""
        for name, (data, etag, algorithm, digest) in kept.items():
            key = self.backend.put_object(
                BUCKET, name, base64.b64decode(data), etag=etag, checksum_value=digest
            )
            key.checksum_algorithm = algorithm
        listening = make_server("127.0.0.1", port, self.answer, threaded=True, request_handler=Quiet)
        threading.Thread(target=listening.serve_forever, daemon=True).start()

    def keep(self) -> Kept:
        """Return all that it has, but for uploads in parts that are not complete."""
        keys: Iterable[FakeKey] = self.bucket.keys.values()
        return {
            key.name: (
                base64.b64encode(key.value).decode(),
                key.etag.strip('"'),
                key.checksum_algorithm,
                key.checksum_value,
            )
            for key in keys
        }

    def damage(self, name: str, at: int) -> None:
        """Flip a bit of an object; what moto has computed of it stays."""
        flip(self.bucket.keys[name], at)

    def damage_part(self) -> None:
        """Flip a bit of the first part of an upload that is not complete."""
        flip(next(iter(self.bucket.multiparts.values())).parts[1], 0)

    def uploads(self) -> list[str]:
        """Return the keys of uploads in parts that are not complete."""
        return [upload.key_name for upload in self.bucket.multiparts.values()]

    def refuse(self, status: int, code: str, query: str = "") -> None:
        """Answer from now on every request with an error, or those with something in their query."""
        self.refusal = (status, code, query)

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        wrong = objection(environ, body)
        if self.refusal and self.refusal[2] in environ["QUERY_STRING"]:
            wrong = self.refusal[:2]
        if wrong:
            status, code = wrong
            start_response(f"{status} {code}", [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>not so</Message></Error>".encode()]
        environ["wsgi.input"] = BytesIO(body)
        return self.moto(environ, start_response)


def flip(key: FakeKey, at: int) -> None:
    """Flip a bit of what moto has under a name."""
    data = bytearray(key.value)
    data[at] ^= 1
    key.value = bytes(data)  # type: ignore[misc] # it can be set


def objection(environ: WSGIEnvironment, body: bytes) -> tuple[int, str] | None:
    """Return what S3 says to bytes that are not those that were announced."""
    digest = hashlib.sha256(body)
    if len(body) < int(environ.get("CONTENT_LENGTH") or 0):
        return 400, "IncompleteBody"
    if environ.get("HTTP_X_AMZ_CHECKSUM_SHA256") not in {None, base64.b64encode(digest.digest()).decode()}:
        return 400, "BadDigest"
    if environ.get("HTTP_X_AMZ_CONTENT_SHA256") not in {None, digest.hexdigest()}:
        return 400, "XAmzContentSHA256Mismatch"
    return None


def main() -> None:
    """Do what is asked, until nobody can ask any more."""
    server = Server()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        do: Callable[..., object] = getattr(server, name)
        print(json.dumps(do(*arguments)), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
