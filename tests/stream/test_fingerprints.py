"""Fingerprints: whether a file is still the one that was read."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import columnar
from runfolio.errors import InputError
from runfolio.stream import fingerprint
from runfolio.stream.fingerprints import EDGE

LARGE = os.urandom(3 * EDGE)


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(), offset=st.integers(0, 50), more=st.binary())
def test_a_plain_file_may_grow(tmp_path: Path, data: bytes, offset: int, more: bytes) -> None:
    offset = min(offset, len(data))
    before = fingerprint(written(tmp_path / "a", b"{" + data), offset + 1)
    assert fingerprint(written(tmp_path / "b", b"{" + data + more), offset + 1) == before


@pytest.mark.parametrize("changed", [0, EDGE - 1, EDGE, 2 * EDGE - 1])
def test_a_file_that_was_changed_at_either_end_of_what_was_read_is_another(
    tmp_path: Path, changed: int
) -> None:
    other = bytearray(b"{" + LARGE)
    other[changed] ^= 1
    one = written(tmp_path / "a", b"{" + LARGE)
    assert fingerprint(written(tmp_path / "b", bytes(other)), 2 * EDGE) != fingerprint(one, 2 * EDGE)


def test_a_file_that_was_cut_off_before_the_place_is_another(tmp_path: Path) -> None:
    before = fingerprint(written(tmp_path / "a", b"{" + bytes(2 * EDGE)), 2 * EDGE)
    assert fingerprint(written(tmp_path / "a", b"{" + bytes(2 * EDGE - 2)), 2 * EDGE) != before


def test_the_place_is_part_of_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"{" + LARGE)
    assert fingerprint(path, 2 * EDGE) != fingerprint(path, 2 * EDGE - 1)


def columns(path: Path) -> bytes:
    return Path(columnar.parquet(path, columnar.columns(5), 5)).read_bytes()


@pytest.mark.parametrize("whole", [lambda _: gzip.compress(LARGE), columns])
def test_compressed_files_and_those_of_columns_are_told_by_both_ends_and_their_size(
    tmp_path: Path, whole: Callable[[Path], bytes]
) -> None:
    data = whole(tmp_path / "columns")
    before = fingerprint(written(tmp_path / "a", data), 3)
    for other in (data + b"x", data[:-1], data[:-1] + b"\1"):
        assert fingerprint(written(tmp_path / "a", other), 3) != before
    assert fingerprint(written(tmp_path / "b", data), 3) == before


def test_of_a_large_file_little_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(1 << 40)
    assert len(fingerprint(str(tmp_path / "a"), 1 << 39)) == 64


@pytest.mark.parametrize("name", ["missing", ".", "null\0byte", "pipe", "-"])
def test_what_is_no_file_has_none(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = name if name == "-" else str(tmp_path / name)
    with pytest.raises(InputError, match=r"is no regular file|null"):
        fingerprint(path, 0)
