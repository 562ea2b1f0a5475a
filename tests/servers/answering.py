"""A small HTTP server that answers what a test tells it to, and keeps what it was asked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

FOLDER = b"<resourcetype><collection/></resourcetype>"


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    then: "Mapping[str, Answer]" = field(default_factory=dict)
    """Answers that others get from now on."""


@dataclass(frozen=True)
class Asked:
    """What came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answering:
    """Answers by method and path, else by method; a name that nobody has told it of is not there."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer_to(self, asked: Asked) -> Answer:
        found = self.answers.get(f"{asked.method} {asked.path}") or self.answers.get(
            asked.method, Answer(404)
        )
        self.answers |= found.then
        return found

    def of(self, method: str) -> list[Asked]:
        """Return the requests of a method."""
        return [each for each in self.asked if each.method == method]


def listing(path: str, properties: bytes = FOLDER) -> Answer:
    """Return the answer of a server that has something of this name."""
    return Answer(
        207,
        b'<multistatus xmlns="DAV:"><response><href>%s</href><propstat><prop>%s</prop>'
        b"<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>" % (path.encode(), properties),
    )


@contextmanager
def answering() -> Iterator[Answering]:
    """Start a server on 127.0.0.1 that has a folder `/runs`."""
    told = Answering(answers={"PROPFIND /runs": listing("/runs/")})

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told.asked.append(asked := Asked(self.command, self.path, dict(self.headers), body))
            answer = told.answer_to(asked)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked need not listen
                    self.wfile.write(answer.body)

        do_GET = do_HEAD = do_PUT = do_DELETE = _answer  # noqa: N815 - as http.server looks for them
        do_PROPFIND = do_MKCOL = do_MOVE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
