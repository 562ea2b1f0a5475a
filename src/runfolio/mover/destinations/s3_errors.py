"""What boto3 raises, told as the errors of deliveries."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]
from urllib3.exceptions import HTTPError

from runfolio.errors import (
    DeliveryError,
    Interrupted,
    NotVerified,
    Refused,
    RunfolioError,
    Unavailable,
    in_one_line,
)

__all__ = ["UnfitAnswer", "code_of", "told"]

Kind = type[DeliveryError]


class UnfitAnswer(Exception):  # noqa: N818 - what is raised is the answer
    """An answer that is not taken; `kind` is what it is for a delivery."""

    def __init__(self, words: str, kind: Kind) -> None:
        super().__init__(words)
        self.kind = kind


_KINDS: dict[str, Kind] = {
    "BadDigest": NotVerified,
    "XAmzContentChecksumMismatch": NotVerified,
    "XAmzContentSHA256Mismatch": NotVerified,
    "SlowDown": Unavailable,
    "RequestLimitExceeded": Unavailable,
    "Throttling": Unavailable,
    "QuotaExceeded": Unavailable,
    "XMinioStorageFull": Unavailable,
    "XMinioAdminBucketQuotaExceeded": Unavailable,
    "RequestTimeout": Interrupted,
    "IncompleteBody": Interrupted,
    "OperationAborted": Interrupted,
    "ConditionalRequestConflict": Interrupted,
    "NoSuchUpload": Interrupted,
    "NoSuchKey": Interrupted,
    "NotImplemented": Refused,
}
"""By the server's code; the others by the status of the answer."""

_ADVICE = {
    "NoSuchBucket": "make the bucket, or correct the url",
    "AccessDenied": "its owner has to allow s3:ListBucket, GetObject, PutObject and DeleteObject",
    "403": "its owner has to allow s3:ListBucket, GetObject, PutObject and DeleteObject",
    "InvalidAccessKeyId": "correct the credentials",
    "SignatureDoesNotMatch": "correct the secret key, or the region",
    "AuthorizationHeaderMalformed": "correct the region",
    "PermanentRedirect": "correct the region, or the endpoint",
    "ExpiredToken": "renew the credentials",
    "RequestTimeTooSkewed": "set the clock of this machine",
    "QuotaExceeded": "make room there",
    "XMinioStorageFull": "make room there",
    "XMinioAdminBucketQuotaExceeded": "make room there",
    "NotImplemented": "this server cannot be delivered to: it has to know If-None-Match",
}


def code_of(error: ClientError) -> str:
    """Return what the server calls it; where the answer has no body the status."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def told(where: str, cut: Kind = Unavailable) -> Iterator[None]:
    """Raise what boto3 raises as one of our errors.

    Args:
        where: the bucket or object.
        cut: what it is that a connection is lost: `Interrupted` while a file is on its way.

    """
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {}).get("Message") or "refused"
        raise _kind(error)(_line(f"{where}: {said}", _ADVICE.get(code_of(error)), code_of(error))) from error
    except UnfitAnswer as error:
        raise error.kind(_line(f"{where}: {error}")) from error
    except (ResponseParserError, ValueError) as error:  # as of a proxy that stands in for the server
        raise Unavailable(_line(f"{where}: its answer makes no sense: {error}")) from error
    except KeyError as error:
        raise Unavailable(_line(f"{where}: its answer has no {error.args[0]}")) from error
    except (BotoCoreError, HTTPError) as error:
        raise _lost(where, error, cut) from error


def _kind(error: ClientError) -> Kind:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    by_status = Unavailable if status >= 500 or status == 429 else Refused  # noqa: PLR2004 - of HTTP
    return _KINDS.get(code_of(error), by_status)


def _lost(where: str, error: Exception, cut: Kind) -> DeliveryError:
    cause = _first_cause(error)
    words = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(error)
    match error:
        case _ if isinstance(cause, ssl.SSLCertVerificationError):
            advice = "AWS_CA_BUNDLE may name a file of authorities"
            return Refused(_line(f"{where}: its certificate: {cause.verify_message}", advice))
        case EndpointConnectionError() | ConnectTimeoutError() | ProxyConnectionError():
            return Unavailable(_line(f"{where} cannot be reached: {words}"))
        case ReadTimeoutError():
            return cut(_line(f"{where}: the server does not answer"))
        case HTTPClientError() | SSLError() | IncompleteReadError() | HTTPError():
            return cut(_line(f"{where}: cut off: {words}"))
        case _:
            return Refused(_line(f"{where}: {words}"))


def _first_cause(error: BaseException) -> BaseException:
    while following := error.__cause__ or error.__context__:
        error = following
    return error


def _line(words: str, advice: str | None = None, code: str = "") -> str:
    """Return one line, whatever the server put into its words."""
    line = in_one_line(RunfolioError(words)) + (f" ({code})" if code else "")
    return f"{line}; {advice}" if advice else line
