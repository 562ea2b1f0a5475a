"""Requests to a WebDAV server: connections, redirects, and who gets to see the credentials."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from runfolio import __version__
from runfolio.errors import DeliveryError
from runfolio.mover.destinations.dav_credentials import Credentials, read_credentials
from runfolio.mover.destinations.dav_errors import DavErrors
from runfolio.mover.settings import DavDestination

__all__ = ["DavHttp", "Outgoing"]

MOST_REDIRECTS = 5
IDLE_SECONDS = 2.0
"""After which a connection is not used again: many servers end theirs after five, maybe just then."""

SLOWEST = 10
"""Times the timeout, within which an answer that is no file has to end; one of many names may be slow."""

_REDIRECTS = {301, 302, 307, 308}


@dataclass(frozen=True)
class Outgoing:
    """A file that is sent with a request; begun anew where a redirect asks for it again."""

    size: int
    blocks: Callable[[], Iterator[bytes]]


class DavHttp:
    """The connections to one server, by one thread.

    Redirects are followed, with the same method and the file sent again, to any server: dCache and XRootD
    have others of theirs take the bytes. A password or token goes to the host of the URL alone, and never by
    HTTP where the URL is of HTTPS: what the other servers need is in the URL that the first one gives.
    """

    def __init__(self, settings: DavDestination) -> None:
        """Nothing is read or connected yet."""
        parts = settings.parts
        host = parts.netloc.rpartition("@")[2]
        self._settings = settings
        self._root = settings.path.rstrip("/")
        self._origin = httpx.URL(f"{'https' if parts.scheme.lower() == 'davs' else 'http'}://{host}")
        self._credentials: Credentials | None = None
        self._client: httpx.Client | None = None
        self.errors = DavErrors(f"{settings.name} ({parts.scheme}://{host})", settings.timeout)

    def open(self) -> None:
        """Read the credentials; connections are made as they are needed.

        Raises:
            Refused: a file of them is not there, or not what it should be.

        """
        self._credentials = read_credentials(self._settings, self.errors)

    def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def url(self, path: str, *, is_folder: bool = False) -> httpx.URL:
        """Return the URL of a path below the destination's; that of a folder ends with a slash, for nginx."""
        whole = f"{self._root}/{path}" if path else self._root or "/"
        slash = "/" if is_folder and not whole.endswith("/") else ""
        return httpx.URL(str(self._origin).rstrip("/") + quote(whole + slash, safe="/~:@=+,"))

    def small_answer(self, response: httpx.Response, path: str) -> Iterator[bytes]:
        """Give the bytes of an answer that is no file, as they come.

        Raises:
            Unavailable: it does not end in time, although something comes again and again.

        """
        end = time.monotonic() + SLOWEST * self._settings.timeout
        for block in response.iter_raw():
            if time.monotonic() > end:
                raise self.errors.of_dripping(response.request.method, path, SLOWEST)
            yield block

    def failed(self, response: httpx.Response, path: str) -> DeliveryError:
        """Return what a status means that does not say that all was done."""
        return self.errors.of_answer(response, response.request.method, path)

    @contextmanager
    def asked(
        self,
        method: str,
        path: str,
        *,
        is_folder: bool = False,
        headers: Mapping[str, str] | None = None,
        body: Outgoing | bytes | None = None,
    ) -> Iterator[httpx.Response]:
        """Send a request; give the answer, whatever its status, with its body not read yet.

        Raises:
            Unavailable: no connection, or no answer in time.
            Interrupted: bytes of a file stopped on their way.
            Refused: the certificate is not trusted, ours is refused, or redirects lead nowhere.

        """
        try:
            response = self._followed(method, self.url(path, is_folder=is_folder), headers or {}, body)
            try:
                yield response
            finally:
                response.close()
                if isinstance(body, Outgoing) and not response.is_success:
                    self.close()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self.errors.of_failure(error, method, path) from error

    def _followed(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: Outgoing | bytes | None
    ) -> httpx.Response:
        for _ in range(MOST_REDIRECTS + 1):
            response = self._answer(method, url, headers, body)
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return response
            response.close()
            if isinstance(body, Outgoing):
                self.close()  # a server that has not read the file may take it for requests
            url = url.join(response.headers["Location"]).copy_with(fragment=None, userinfo=b"")
        raise self.errors.refused(f"it redirects more than {MOST_REDIRECTS} times")

    def _answer(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: Outgoing | bytes | None
    ) -> httpx.Response:
        whole = {**headers, **self._shown_to(url)}
        content: bytes | Iterator[bytes] | None
        if isinstance(body, Outgoing):
            whole["Content-Length"] = str(body.size)
            content = body.blocks()
        else:
            content = body
        client = self._connected()
        return client.send(client.build_request(method, url, headers=whole, content=content), stream=True)

    def _shown_to(self, url: httpx.URL) -> dict[str, str]:
        """Return the header with the credentials, for a URL that is to see them."""
        secret = self._credentials.authorization if self._credentials else None
        if secret and url.host == self._origin.host and url.scheme in {self._origin.scheme, "https"}:
            return {"Authorization": secret}
        return {}

    def _connected(self) -> httpx.Client:
        assert self._credentials is not None, "not opened"
        if self._client is None:
            self._client = self._new_client(self._credentials)
        return self._client

    def _new_client(self, credentials: Credentials) -> httpx.Client:
        headers = {
            "User-Agent": f"runfolio/{__version__}",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-cache",  # what is stored is asked for, not what passed a proxy
        }
        try:
            return httpx.Client(
                verify=credentials.tls,
                timeout=self._settings.timeout,
                limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),
                headers=headers,
            )
        except (ImportError, ValueError) as error:
            words = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names is of no kind that can be used"
            raise self.errors.refused(words) from error
