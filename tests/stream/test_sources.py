"""Sources: files, compressed files, pipes and growing files, as they are found on a real disk."""

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import zstandard

from runfolio.errors import InputError
from runfolio.stream import Source, expanded, open_sources, total_size

DEADLINE = 60.0
"""Seconds after which what was waited for counts as not coming."""


def never() -> bool:
    return False


def sources(*paths: Path | str, follow: bool = False, stop: Callable[[], bool] = never) -> Iterator[Source]:
    return open_sources([str(path) for path in paths], follow=follow, stop=stop)


def content(*paths: Path | str) -> bytes:
    """Return what the sources hold, one after the other."""
    return b"".join(chunk or b"" for source in sources(*paths) for chunk in source.chunks())


def broken_off(path: Path) -> tuple[bytes, str]:
    """Return what came before an error, and the error."""
    found: list[bytes | None] = []
    [source] = sources(path)
    with pytest.raises(InputError) as caught:
        found.extend(source.chunks())
    return b"".join(chunk or b"" for chunk in found), str(caught.value)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def numbered(count: int) -> bytes:
    """Return lines that compress, though not to nothing."""
    return b"".join(b'{"spill_number": %d, "x": %d}\n' % (n, n * n * 7919 % 999983) for n in range(count))


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


Compress = Callable[[bytes], bytes]
compressions = pytest.mark.parametrize("compress", [gz, zst])


def test_files_come_one_after_the_other(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one", b"a\n"), written(tmp_path / "two", b"b")
    assert content(one, two, one) == b"a\nba\n"
    assert total_size([str(one), str(two)]) == 3


def test_a_file_is_a_source_of_known_size_that_is_not_live(tmp_path: Path) -> None:
    [source] = sources(written(tmp_path / "spills.json", b"abc"))
    assert (source.name, source.size, source.live, source.position) == (
        str(tmp_path / "spills.json"),
        3,
        False,
        0,
    )
    list(source.chunks())
    assert source.position == 3


def test_an_empty_file_is_an_empty_stream(tmp_path: Path) -> None:
    assert content(written(tmp_path / "empty", b"")) == b""


@compressions
def test_compressed_files_are_told_by_their_first_bytes(tmp_path: Path, compress: Compress) -> None:
    data = numbered(100_000)
    path = written(tmp_path / "spills.json", compress(data))
    assert content(path) == data
    assert content(written(tmp_path / "plain.gz", data)) == data


@compressions
def test_several_members_or_frames_are_one_stream(tmp_path: Path, compress: Compress) -> None:
    parts = [numbered(2000), b"", numbered(3), b"\n"]
    path = written(tmp_path / "spills", b"".join(compress(part) for part in parts))
    assert content(path) == b"".join(parts)


@compressions
def test_the_position_is_one_in_the_compressed_file(tmp_path: Path, compress: Compress) -> None:
    path = written(tmp_path / "spills", compress(numbered(1000)))
    [source] = sources(path)
    list(source.chunks())
    assert source.position == source.size == path.stat().st_size


@compressions
@pytest.mark.parametrize("lost", [1, 3, 5000, 100_000])
def test_a_cut_off_archive_gives_what_is_there_and_says_so(
    tmp_path: Path, compress: Compress, lost: int
) -> None:
    data = numbered(60_000)
    whole = compress(data)
    found, told = broken_off(written(tmp_path / "spills", whole[:-lost]))
    assert data.startswith(found)
    assert len(found) > len(data) * (1 - 1.2 * lost / len(whole)) - 300_000
    assert f"{tmp_path / 'spills'}: cannot be read on at byte" in told


@compressions
def test_an_archive_cut_off_in_its_header_says_so(tmp_path: Path, compress: Compress) -> None:
    found, told = broken_off(written(tmp_path / "spills", compress(b"abc")[:5]))
    assert found == b""
    assert "cannot be read on" in told


@compressions
def test_a_damaged_archive_gives_what_came_before_the_damage(tmp_path: Path, compress: Compress) -> None:
    data = numbered(100_000)
    damaged = bytearray(compress(data))
    half = len(damaged) // 2
    damaged[half : half + 2000] = bytes(2000)
    found, _ = broken_off(written(tmp_path / "spills", bytes(damaged)))
    assert found[: len(data) // 4] == data[: len(data) // 4]


@compressions
def test_what_follows_an_archive_and_belongs_to_none_is_said(tmp_path: Path, compress: Compress) -> None:
    found, _ = broken_off(written(tmp_path / "spills", compress(b"abc") + b"no archive"))
    assert found == b"abc"


@compressions
def test_few_compressed_bytes_do_not_fill_the_memory(tmp_path: Path, compress: Compress) -> None:
    [source] = sources(written(tmp_path / "bomb", compress(bytes(100_000_000))))
    assert max(len(chunk or b"") for chunk in source.chunks()) <= 32 << 20


@pytest.mark.parametrize("name", ["missing.json", "file/below", "null\0byte", "x" * 300])
def test_what_cannot_be_found_is_refused_before_anything_begins(tmp_path: Path, name: str) -> None:
    good = written(tmp_path / "file", b"a")
    with pytest.raises(InputError, match=r"missing|below|null|xxx"):
        sources(good, tmp_path / name)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory; name the files in it"):
        sources(tmp_path)


OPENED_BY_NOBODY = """
import os, sys
from runfolio.errors import InputError
from runfolio.stream import open_sources
if os.geteuid() == 0:  # who may read anything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    open_sources(sys.argv[1:], follow=False, stop=bool)
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("path", "closed", "told"),
    [
        ("spills.json", "spills.json", "spills.json: no permission to read it"),
        ("closed/spills.json", "closed", "closed/spills.json: Permission denied"),
        ("spills.json", "closed", ""),
    ],
)
def test_a_file_without_permission_is_refused(tmp_path: Path, path: str, closed: str, told: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "closed").mkdir()
    written(tmp_path / path, b"a")
    (tmp_path / closed).chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", OPENED_BY_NOBODY, path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (tmp_path / closed).chmod(0o700)
    assert done.stdout.strip() == told


def test_a_file_that_vanishes_before_its_turn_costs_only_itself(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one", b"a"), written(tmp_path / "two", b"b")
    first, second = sources(one, two)
    two.unlink()
    assert list(first.chunks()) == [b"a"]
    with pytest.raises(InputError, match="two: cannot be read on at byte 0"):
        list(second.chunks())


def test_reading_ends_when_it_is_asked_to_stop(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"x" * (3 << 20))
    found: list[bytes | None] = []
    [source] = sources(path, stop=lambda: bool(found))
    found.extend(source.chunks())
    assert 0 < source.position < 3 << 20


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def chunks_until(chunks: Iterator[bytes | None], wanted: bytes) -> None:
    """Read until so much has come, past any number of pauses."""
    found, end = b"", time.monotonic() + DEADLINE
    while found != wanted:
        assert wanted.startswith(found)
        assert time.monotonic() < end, "waited in vain"
        found += next(chunks) or b""


def idle(chunks: Iterator[bytes | None]) -> None:
    """Wait for the moment at which nothing more is there."""
    assert next(chunk for chunk in chunks if not chunk) is None


def test_a_pipe_gives_none_while_nothing_comes_and_ends_with_its_writer(tmp_path: Path) -> None:
    [source] = sources(fifo(tmp_path / "pipe"))
    chunks = source.chunks()
    assert (source.live, source.size) == (True, None)
    assert next(chunks) is None  # without any writer
    with (tmp_path / "pipe").open("wb", buffering=0) as writer:
        writer.write(b"half a ")
        chunks_until(chunks, b"half a ")
        idle(chunks)
        writer.write(b"line\n")
        chunks_until(chunks, b"line\n")
    assert [chunk for chunk in chunks if chunk is not None] == []
    assert source.position == 12


def test_waiting_for_the_writer_of_a_pipe_can_be_stopped(tmp_path: Path) -> None:
    pauses: list[bytes | None] = []
    [source] = sources(fifo(tmp_path / "pipe"), stop=lambda: len(pauses) >= 3)
    pauses.extend(source.chunks())
    assert pauses == [None, None, None]


def open_files() -> int:
    """Return the lowest descriptor that is free."""
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


def test_a_pipe_leaves_no_file_open(tmp_path: Path) -> None:
    pauses: list[bytes | None] = []
    path, before = fifo(tmp_path / "pipe"), open_files()
    [source] = sources(path, stop=lambda: bool(pauses))
    pauses.extend(source.chunks())
    assert open_files() == before


def test_a_compressed_pipe_says_what_to_do(tmp_path: Path) -> None:
    [source] = sources(fifo(tmp_path / "pipe"))
    chunks = source.chunks()
    next(chunks)
    with (tmp_path / "pipe").open("wb") as writer:
        writer.write(gz(b"abc"))
    with pytest.raises(InputError, match="decompress it on the way"):
        list(chunks)


def test_the_size_of_a_pipe_is_not_known(tmp_path: Path) -> None:
    assert total_size([str(fifo(tmp_path / "pipe"))]) is None
    assert total_size(["-"]) is None


STDIN = """
from runfolio.errors import InputError
from runfolio.stream import open_sources
try:
    [source] = open_sources(["-"], follow=False, stop=bool)
    print(source.name, source.live, source.size)
    print(sum(len(chunk or b"") for chunk in source.chunks()))
except InputError as error:
    print(error)
"""


def told_of_stdin(redirection: str, directory: Path) -> list[str]:
    """Return what a process says of its stdin, which the shell has made."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, STDIN],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_stdin_that_is_a_file_has_a_size_and_is_not_live(tmp_path: Path) -> None:
    written(tmp_path / "spills.json", b"abc\n")
    assert told_of_stdin("<spills.json", tmp_path) == ["stdin False 4", "4"]


def test_stdin_that_is_a_pipe_is_live_and_of_no_known_size() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STDIN], input="abc\n", capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["stdin True None", "4"]


def test_a_closed_stdin_is_refused(tmp_path: Path) -> None:
    assert told_of_stdin("<&-", tmp_path) == ["stdin is closed; name a file, or pipe the stream in"]


class Following:
    """Reads a growing file on another side than the one that writes it."""

    def __init__(self, path: Path) -> None:
        self.stopped = False
        self.found: list[tuple[int, bytes]] = []
        """The number of each source, and what it gave."""
        self._items = self._read(sources(path, follow=True, stop=lambda: self.stopped))

    def _read(self, followed: Iterator[Source]) -> Iterator[None]:
        for number, source in enumerate(followed):
            for chunk in source.chunks():
                self.take(number, chunk or b"")
                yield

    def take(self, number: int, chunk: bytes) -> None:
        while len(self.found) <= number:
            self.found.append((len(self.found), b""))
        self.found[number] = (number, self.found[number][1] + chunk)

    @property
    def texts(self) -> Sequence[bytes]:
        return [text for _, text in self.found if text]

    def until(self, *texts: bytes) -> None:
        """Read until the sources have given just this."""
        end = time.monotonic() + DEADLINE
        while list(self.texts) != list(texts):
            assert time.monotonic() < end, f"waited in vain for {texts}, got {self.texts}"
            next(self._items)

    def pause(self) -> None:
        """Let it look again."""
        for _ in range(2):
            next(self._items)

    def stop(self) -> None:
        self.stopped = True
        assert list(self._items) == []


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_a_followed_file_gives_what_is_added_to_it(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"")
    following = Following(path)
    following.pause()
    for added in (b"half ", b"a line\n", b"more\n"):
        append(path, added)
        following.until(path.read_bytes())
        following.pause()
    following.stop()


def test_a_followed_file_that_is_rotated_is_read_to_its_end_and_then_the_new_one(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"old\n")
    following = Following(path)
    following.until(b"old\n")
    path.rename(tmp_path / "spills.json.1")
    append(tmp_path / "spills.json.1", b"last\n")
    following.until(b"old\nlast\n")
    written(path, b"new\n")
    following.until(b"old\nlast\n", b"new\n")
    following.stop()


def test_a_followed_file_that_was_replaced_whole_loses_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"old\n")
    following = Following(path)
    following.pause()
    append(path, b"more\n")
    written(tmp_path / "next", b"new\n").replace(path)
    following.until(b"old\nmore\n", b"new\n")
    following.stop()


def test_a_followed_file_that_is_truncated_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"a long beginning\n")
    following = Following(path)
    following.until(b"a long beginning\n")
    written(path, b"new\n")
    following.until(b"a long beginning\n", b"new\n")
    following.stop()


def test_a_followed_file_may_vanish_and_come_back(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"old\n")
    following = Following(path)
    following.until(b"old\n")
    path.unlink()
    following.pause()
    written(path, b"new\n")
    following.until(b"old\n", b"new\n")
    following.stop()


def test_a_followed_file_that_is_gone_when_it_is_opened_is_waited_for(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"")
    following = Following(path)
    path.unlink()
    following.pause()
    written(path, b"new\n")
    following.until(b"new\n")
    following.stop()


def test_after_an_error_a_followed_file_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "spills.json", b"old\n")
    followed = sources(path, follow=True)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read on at byte 0: Is a directory"):
        list(next(followed).chunks())
    assert list(followed) == []


@pytest.mark.parametrize("paths", [["-"], ["spills.json", "spills.json"], []])
def test_only_one_file_is_followed(paths: list[str]) -> None:
    with pytest.raises(InputError, match="--follow watches one file"):
        sources(*paths, follow=True)


@compressions
def test_a_compressed_file_is_not_followed(tmp_path: Path, compress: Compress) -> None:
    path = written(tmp_path / "spills.json", compress(b"abc"))
    with pytest.raises(InputError, match="compressed; --follow watches a plain file"):
        sources(path, follow=True)


@compressions
def test_a_followed_file_that_turns_out_compressed_is_given_up(tmp_path: Path, compress: Compress) -> None:
    path = written(tmp_path / "spills.json", b"")
    followed = sources(path, follow=True)
    path.write_bytes(compress(b"abc"))
    with pytest.raises(InputError, match="compressed; --follow watches a plain file"):
        list(next(followed).chunks())
    assert list(followed) == []


def test_a_pipe_is_not_followed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no regular file"):
        sources(fifo(tmp_path / "pipe"), follow=True)


def test_patterns_stand_for_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c.txt", "d[1].json"):
        (tmp_path / name).touch()
    names = [
        Path(each).name for each in expanded([str(tmp_path / "*.json"), str(tmp_path / "d[1].json"), "-"])
    ]
    assert names == ["a.json", "b.json", "d[1].json", "-"]
    with pytest.raises(InputError, match=r"nothing\*: no file is called like this"):
        expanded([str(tmp_path / "nothing*")])


def test_a_file_that_is_named_twice_is_read_once_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.json"
    path.touch()
    (tmp_path / "link.json").symlink_to(path)
    given = [str(path), str(tmp_path / "*.json"), "-", "-", str(tmp_path / "none.json")]
    assert expanded(given) == [str(path), "-", "-", str(tmp_path / "none.json")]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: named before, as {path}; it is read once",
        f"{tmp_path / 'link.json'}: named before, as {path}; it is read once",
    ]
