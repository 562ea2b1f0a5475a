import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from runfolio.mover.destinations.lifetimes import certificates_end, token_end

SOON = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
LATE = datetime(2051, 1, 1, tzinfo=UTC)
"""From 2050 on a year has four digits."""


def token(claims: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


def certificate(end: datetime) -> bytes:
    (chain,) = trustme.CA().issue_cert("mover@example.org", not_after=end).cert_chain_pems
    return chain.bytes()


@pytest.mark.parametrize(
    "claims", [b'{"exp":4e9}', b'{"exp": 4000000000, "sub": "a"}', b'{"exp":4000000000.0}']
)
def test_a_token_tells_when_it_ends(claims: bytes) -> None:
    assert token_end(token(claims)) == 4e9


@pytest.mark.parametrize("claims", [b"{}", b'{"exp":"soon"}', b"[]", b"", b"\xff", b'{"exp":null}'])
def test_a_token_that_does_not_tell_has_no_end(claims: bytes) -> None:
    assert token_end(token(claims)) is None


@pytest.mark.parametrize("text", ["opaque", "a.b", "!.!.!", "a.b.c.d", "..", "ä.ö.ü"])
def test_what_is_no_jwt_has_no_end(text: str) -> None:
    assert token_end(text) is None


@pytest.mark.parametrize("end", [SOON, LATE])
def test_a_certificate_tells_when_it_ends(tmp_path: Path, end: datetime) -> None:
    (tmp_path / "pem").write_bytes(b"Subject: somebody\n" + certificate(end))
    assert certificates_end(tmp_path / "pem") == end.timestamp()


def test_the_first_end_of_several_counts(tmp_path: Path) -> None:
    (tmp_path / "pem").write_bytes(certificate(LATE) + certificate(SOON))
    assert certificates_end(tmp_path / "pem") == SOON.timestamp()


def test_a_damaged_certificate_does_not_tell(tmp_path: Path) -> None:
    whole = certificate(SOON)
    for damaged in (b"", b"key", whole[:200], whole[:60] + b"!!!" + whole[63:], _shortened(whole)):
        (tmp_path / "pem").write_bytes(damaged)
        assert certificates_end(tmp_path / "pem") is None


def _shortened(pem: bytes) -> bytes:
    lines = pem.splitlines(keepends=True)
    return b"".join([*lines[:2], lines[-1]])
