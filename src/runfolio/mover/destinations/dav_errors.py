"""What it means for a delivery that a request to a WebDAV server failed."""

import re
import ssl
from dataclasses import dataclass

import httpx

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable, in_one_line, printable

__all__ = ["DavErrors"]

_DOING = {
    "PROPFIND": "look at",
    "HEAD": "look at",
    "GET": "read",
    "PUT": "write",
    "MKCOL": "make the folder",
    "MOVE": "rename",
    "DELETE": "remove",
}
_TRANSFERS = {"PUT", "GET"}

_ADVICE = {
    207: "it was done in part",
    400: "dav:// is for HTTP, davs:// for HTTPS; it may also want a certificate that it knows",
    401: "give user and password_file, or token_file, that it accepts",
    403: "it does not let these credentials do that there",
    404: "it is not there",
    405: "it is no WebDAV server, or none that may be written to",
    409: "the folder that it would be in is not there, or something else has the name",
    413: "it takes no file as large as that: raise its limit (nginx: client_max_body_size)",
    423: "somebody has locked it",
    507: "it has no room",
}
_OF_ONE_NAME = {404, 409, 410, 412, 423}
_PASSING = {408, 425, 429}
_NEVER_OFFERED = {501, 505}
_FIRST_ERROR, _FIRST_OF_SERVER = 400, 500


@dataclass(frozen=True)
class DavErrors:
    """The errors of one destination, each of which names it."""

    where: str
    """`tape (davs://dav.example.org)`."""
    timeout: float

    def refused(self, words: str) -> Refused:
        """Return an error that people have to look at."""
        return Refused(f"{self.where}: {words}")

    def of_answer(self, response: httpx.Response, method: str, path: str) -> DeliveryError:
        """Return what a status means that does not say that all was done."""
        status = response.status_code
        advice = _ADVICE.get(status) or printable(response.reason_phrase) or "nobody knows why"
        return _kind(status)(f"{self._cannot(method, path)}: HTTP {status}, {advice}")

    def of_listing(self, path: str, why: ValueError) -> Unavailable:
        """Return the error of an answer that is no WebDAV server's; it may be one that stands in for it."""
        return Unavailable(
            f"{self._cannot('PROPFIND', path)}: its answer makes no sense, {printable(str(why))}"
        )

    def of_dripping(self, method: str, path: str, times: int) -> Unavailable:
        """Return the error of an answer that has not ended within so many times the timeout."""
        return Unavailable(
            f"{self._cannot(method, path)}: its answer has not ended within {times * self.timeout:g} s"
        )

    def of_failure(self, error: Exception, method: str, path: str) -> DeliveryError:
        """Return what an error of httpx means."""
        words = _tls_words(error)
        if words:
            return Refused(f"{self._cannot(method, path)}: {words}")
        kind, words = self._without_answer(error, method)
        return kind(f"{self._cannot(method, path)}: {words}")

    def _without_answer(self, error: Exception, method: str) -> tuple[type[DeliveryError], str]:
        match error:
            case httpx.ConnectTimeout():
                return Unavailable, f"no connection within {self.timeout:g} s"
            case httpx.ConnectError() | httpx.ProxyError():
                return Unavailable, f"no connection, {in_one_line(error)}"
            case httpx.TimeoutException() if method in _TRANSFERS:
                return Interrupted, f"nothing has moved for {self.timeout:g} s"
            case httpx.TimeoutException():
                return Unavailable, f"no answer within {self.timeout:g} s"
            case httpx.UnsupportedProtocol() | httpx.InvalidURL() | UnicodeError():
                return Refused, f"{type(error).__name__}: where the url leads to cannot be reached"
            case _:
                return Interrupted, f"the connection broke off, {in_one_line(error)}"

    def _cannot(self, method: str, path: str) -> str:
        return f"cannot {_DOING[method]} {printable(path) or 'the folder'} at {self.where}"


def _kind(status: int) -> type[DeliveryError]:
    if status < _FIRST_ERROR or status in _OF_ONE_NAME:
        return Interrupted
    if status in _PASSING or (status >= _FIRST_OF_SERVER and status not in _NEVER_OFFERED):
        return Unavailable
    return Refused


def _tls_words(error: BaseException | None) -> str | None:
    """Return what people have to do about a failure of TLS; None where it is none, or may pass."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    if error is None:
        return None
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message});"
            ' if it should be, name the certificates to check it with: ca = "/path/to/ca.pem"'
        )
    reason = error.reason or ""
    if reason == "WRONG_VERSION_NUMBER":
        return "it does not speak TLS; is it dav:// rather than davs://?"
    if "ALERT" in reason and re.search("CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED", reason):
        return f"it refuses our certificate ({reason.lower()}); set certificate to one that it knows"
    return None
