"""What goes wrong between an S3 server and us, by class: who has to do what."""

import signal
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import trustme

from processes import DEADLINE
from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destinations.s3 import Bucket, open_destination
from runfolio.mover.package import Item
from runfolio.mover.settings import S3Destination
from servers.answering import Answer, answering
from servers.moto import ENVIRONMENT, Moto
from servers.proxy import Fault, Proxy, behind, port_of
from servers.sending import nothing


def changed(moto: Moto, **settings: Any) -> Bucket:
    """Return the destination, some of its settings others."""
    return open_destination(msgspec.structs.replace(moto.settings, **settings))


def connect(moto: Moto, **settings: Any) -> None:
    """Connect, and leave again."""
    with changed(moto, **settings):
        pass


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", Refused),
        (403, "InvalidAccessKeyId", Refused),
        (403, "SignatureDoesNotMatch", Refused),
        (400, "ExpiredToken", Refused),
        (403, "RequestTimeTooSkewed", Refused),
        (501, "NotImplemented", Refused),
        (503, "SlowDown", Unavailable),
        (500, "InternalError", Unavailable),
        (429, "TooManyRequests", Unavailable),
        (403, "QuotaExceeded", Unavailable),
        (507, "XMinioStorageFull", Unavailable),
        (400, "RequestTimeout", Interrupted),
    ],
)
def test_what_the_server_says_has_a_class(
    moto: Moto, status: int, code: str, kind: type[DeliveryError]
) -> None:
    moto.ask("refuse", status, code)
    with pytest.raises(kind, match=rf"^s3://archive/mice/end of run: not so \({code}\)") as told:
        connect(moto)
    assert type(told.value) is kind
    assert ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in str(told.value)


def test_answers_without_a_body_have_a_class_too(bucket: Bucket, moto: Moto) -> None:
    moto.ask("refuse", 403, "AccessDenied")
    with pytest.raises(Refused, match="PutObject"):
        bucket.look("a")
    moto.ask("refuse", 503, "SlowDown")
    with pytest.raises(Unavailable):
        bucket.digest("a")


def test_a_bucket_that_is_not_there_is_named(moto: Moto) -> None:
    with pytest.raises(Refused, match=r"^s3://nothing/a: .* \(NoSuchBucket\); make the bucket"):
        connect(moto, url="s3://nothing/a")


def test_without_credentials_it_says_where_they_go(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(Refused, match=r"no credentials: set AWS_ACCESS_KEY_ID"):
        connect(moto)


def test_a_profile_that_is_not_there_is_refused(moto: Moto) -> None:
    with pytest.raises(Refused, match=r"profile \(nobody\)"):
        connect(moto, profile="nobody")


def test_an_endpoint_that_is_no_url_is_refused(moto: Moto) -> None:
    with pytest.raises(Refused, match="endpoint"):
        connect(moto, endpoint="http://host..name")


def test_a_server_that_is_cut_off_while_a_file_is_sent(bucket: Bucket, moto: Moto, item: Item) -> None:
    with pytest.raises(Interrupted, match=r"end of run/a: cut off"):
        bucket.put(item, "a", lambda _: moto.stop())
    moto.start()
    assert moto.files() == {}
    assert bucket.put(item, "a", nothing) is not None


@pytest.mark.parametrize("at", [0, len("HTTP/1.1 100 C"), len("HTTP/1.1 100 Continue\r\n")])
def test_a_server_that_is_cut_off_while_it_asks_for_a_file(moto: Moto, item: Item, at: int) -> None:
    with (
        Proxy(port_of(moto.settings)) as proxy,
        open_destination(cast("S3Destination", behind(proxy, moto.settings))) as bucket,
    ):
        probe = proxy.set_up(Fault("drop", 1 << 30, "received", from_now=True))
        bucket._head(bucket._target("a"))
        proxy.set_up(Fault("drop", probe.passed + at, "received", from_now=True))
        with pytest.raises(Interrupted, match=r"end of run/a: cut off"):
            bucket.put(item, "a", nothing)
        assert bucket.put(item, "a", nothing) is not None


def test_a_server_that_is_cut_off_while_a_file_is_read(moto: Moto) -> None:
    half = Answer(200, b"the first bytes", {"Content-Length": "1000"})
    with answering() as server:
        server.answers["GET"] = Answer(200, b"<ListBucketResult/>", then={"GET": half})
        with (
            changed(moto, endpoint=f"http://127.0.0.1:{server.port}") as bucket,
            pytest.raises(Interrupted, match="end of run/a: cut off"),
        ):
            b"".join(bucket.read("a"))


def test_a_server_that_stands_still_while_a_file_is_sent(moto: Moto, item: Item) -> None:
    with changed(moto, timeout=5) as bucket, pytest.raises(Interrupted, match="does not answer"):
        bucket.put(item, "a", lambda _: moto.signal(signal.SIGSTOP))


def test_a_server_that_does_not_answer_is_unavailable(moto: Moto) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable, match="not answer"):
        connect(moto, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)


def test_what_is_no_s3_server_does_not_pass_for_one(moto: Moto) -> None:
    with answering() as server:
        server.answers["GET"] = Answer(200, b"<!DOCTYPE html><title>Welcome")
        with pytest.raises(Unavailable, match="s3://archive"):
            connect(moto, endpoint=f"http://127.0.0.1:{server.port}")


def test_a_certificate_of_somebody_else_is_refused(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ours.pem"))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "ours.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:
        greeting = threading.Thread(target=greet, args=(server, context))
        greeting.start()
        with pytest.raises(Refused, match=r"certificate: .*AWS_CA_BUNDLE"):
            connect(moto, endpoint=f"https://127.0.0.1:{server.getsockname()[1]}")
        greeting.join()


def greet(server: socket.socket, context: ssl.SSLContext) -> None:
    """Offer TLS to who comes first, and leave if that is declined."""
    connection, _ = server.accept()
    connection.settimeout(DEADLINE)
    with connection, suppress(ssl.SSLError):
        context.wrap_socket(connection, server_side=True).close()
