"""Late lines: what was set aside comes back as it was, and exactly what was taken goes."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import FolderError
from runfolio.folder import LATE, LateLine, LateLines, SetAside
from runfolio.folder.faults import Fail
from runfolio.watching import watched
from support import FakeClock


@pytest.fixture
def late(tmp_path: Path) -> LateLines:
    return LateLines(tmp_path)


def put(late: LateLines, *documents: bytes, run_number: int = 7, raw_limit: int = 1000) -> None:
    aside = SetAside(late.path.parent, LATE, clock=FakeClock(), raw_limit=raw_limit)
    for number, raw in enumerate(documents, 1):
        aside.append(
            source="s.json",
            line=number,
            offset=10 * number,
            reason="late",
            detail="run 7 is sealed already",
            raw=raw,
            run_number=run_number,
            revision=1,
        )


def documents(late: LateLines) -> list[bytes]:
    return [late.raw(line) for line in late.found()]


def lines(late: LateLines) -> list[LateLine]:
    return [*late.found()]


@given(st.lists(st.binary(max_size=40)))
def test_documents_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, raw: list[bytes]) -> None:
    late = LateLines(tmp_path_factory.mktemp("live"))
    put(late, *raw)
    assert documents(late) == raw


def test_where_a_document_was_is_told(late: LateLines) -> None:
    put(late, b"{}")
    [line] = late.found()
    said = line.document
    assert (said.source, said.line, said.offset) == ("s.json", 1, 10)
    assert (said.run_number, said.revision, said.truncated) == (7, 1, False)


def test_one_that_was_cut_off_says_so(late: LateLines) -> None:
    put(late, b"x" * 100, raw_limit=50)
    assert [line.document.truncated for line in late.found()] == [True]


def test_without_a_file_there_are_none(late: LateLines) -> None:
    assert lines(late) == []


def test_what_is_none_of_ours_is_counted(late: LateLines) -> None:
    put(late, b"{}")
    with late.path.open("ab") as file:
        file.write(
            b'garbage\n[]\n{"run_number": -1}\n{"source": "\xff"}\n' + b"[" * 100_000 + b'\n{"source": "half'
        )
    assert (len(lines(late)), late.unreadable) == (1, 6)


def test_lines_are_taken_out_and_others_stay_as_they_are(late: LateLines) -> None:
    put(late, b"one", b"two", b"three")
    with late.path.open("a") as file:
        file.write("half a li")
    before = late.path.read_bytes().splitlines(keepends=True)
    late.remove({lines(late)[1].digest})
    assert late.path.read_bytes() == b"".join([before[0], *before[2:]])


def test_what_came_meanwhile_stays(late: LateLines) -> None:
    put(late, b"one")
    taken = {line.digest for line in late.found()}
    put(late, b"two")
    late.remove(taken)
    assert documents(late) == [b"two"]


def test_when_nothing_is_left_the_file_is_gone(late: LateLines) -> None:
    put(late, b"one", b"two")
    late.remove({line.digest for line in late.found()})
    assert not late.path.exists()


def test_taken_out_once_more_nothing_changes(late: LateLines) -> None:
    put(late, b"one", b"two")
    taken = {lines(late)[0].digest}
    late.remove(taken)
    status = late.path.stat()
    late.remove(taken)
    assert (late.path.stat().st_ino, late.path.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)


@pytest.mark.parametrize("at", range(4))
def test_where_the_disk_refuses_all_are_still_there(late: LateLines, at: int) -> None:
    put(late, b"one", b"two")
    with watched(Fail(at, errno.EIO)), pytest.raises(FolderError):
        late.remove({lines(late)[0].digest})
    assert documents(late) == [b"one", b"two"]


def test_a_file_that_was_changed_is_not_read_on(late: LateLines) -> None:
    put(late, b"one", b"two")
    last = lines(late)[1]
    late.path.write_bytes(b"\n" + late.path.read_bytes())
    with pytest.raises(FolderError, match="has changed while it was read"):
        late.raw(last)


def test_what_is_no_file_is_refused(late: LateLines) -> None:
    late.path.mkdir()
    with pytest.raises(FolderError, match="no regular file"):
        lines(late)
