"""Sources that are not read from their beginning."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from runfolio.errors import InputError
from runfolio.stream import Source, compression, open_sources, sources

Compress = Callable[[bytes], bytes]
compressions = pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress])
DATA = b"".join(b"%d\n" % (n * n * 7919 % 999983) for n in range(2000))


def source_of(path: Path, data: bytes, *, follow: bool = False, stop: Callable[[], bool] = bool) -> Source:
    path.write_bytes(data)
    return next(open_sources([str(path)], follow=follow, stop=stop))


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "CHUNK", 1000)
    monkeypatch.setattr(compression, "ZSTD_STEP", 100)


@compressions
@pytest.mark.parametrize("start", [0, 1, 999, 1000, 1001, 5000, len(DATA) - 1, len(DATA)])
def test_a_file_is_read_from_a_byte_on(tmp_path: Path, compress: Compress, start: int) -> None:
    source = source_of(tmp_path / "a", compress(DATA))
    assert b"".join(chunk or b"" for chunk in source.chunks(start)) == DATA[start:]
    assert source.position == source.size


@compressions
def test_a_file_that_ends_before_it_is_told_of(tmp_path: Path, compress: Compress) -> None:
    source = source_of(tmp_path / "a", compress(DATA))
    with pytest.raises(InputError, match=f"has only {len(DATA)} of the {len(DATA) + 1} bytes"):
        list(source.chunks(len(DATA) + 1))


def test_the_position_of_a_plain_file_is_that_of_its_bytes_from_the_first_on(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a", DATA)
    chunks = source.chunks(3000)
    next(chunks)
    assert source.position == 4000


def test_a_stop_is_heard_while_what_is_before_is_passed(tmp_path: Path) -> None:
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 3

    source = source_of(tmp_path / "a", gzip.compress(DATA), stop=stop)
    assert list(source.chunks(10_000)) == []
    assert 0 < len(asked) < 10


def test_a_growing_file_is_read_from_a_byte_on(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a", b"one\ntwo\n", follow=True)
    chunks = source.chunks(4)
    assert next(chunks) == b"two\n"
    assert source.position == 8
    with (tmp_path / "a").open("ab") as file:
        file.write(b"three")
    assert next(chunk for chunk in chunks if chunk) == b"three"


def test_a_growing_file_that_ends_before_it_is_told_of_and_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\n")
    followed = open_sources([str(tmp_path / "a")], follow=True, stop=bool)
    with pytest.raises(InputError, match="has only 4 of the 5 bytes"):
        list(next(followed).chunks(5))
    assert list(followed) == []


def test_standard_input_is_read_from_its_beginning_only() -> None:
    [source] = open_sources(["-"], follow=False, stop=bool)
    with pytest.raises(AssertionError, match="of a pipe is gone"):
        next(source.chunks(1))
