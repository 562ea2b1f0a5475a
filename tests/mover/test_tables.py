import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from journals import mover
from runfolio.errors import JournalError
from runfolio.mover import tables, writing
from runfolio.mover.journal import Journal, JournalReader
from support import WITHOUT_ROOT_POWERS, FakeClock, clean_environment


def refusal(directory: Path) -> str:
    """Return why a journal cannot be opened."""
    with pytest.raises(JournalError) as refused, Journal(directory, clock=FakeClock()):
        pass
    return str(refused.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with a run, that no mover has open."""
    with mover(tmp_path) as own:
        own.add(*range(60))
    return tmp_path / "journal.sqlite"


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()


def test_journal_is_begun_in_a_directory_that_is_made(tmp_path: Path) -> None:
    directory = tmp_path / "a" / ".mover"
    with Journal(directory, clock=FakeClock()) as journal:
        assert journal.runs() == []
    assert [path.name for path in directory.iterdir()] == ["journal.sqlite"]


def test_what_is_committed_is_forced_to_the_disk_and_written_ahead(path: Path) -> None:
    with mover(path.parent) as own:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        assert [own.journal._database.execute(f"PRAGMA {each}").fetchone()[0] for each in asked] == [
            "wal",
            2,
            1,
        ]


def test_journal_of_a_newer_runfolio_is_refused_and_left(path: Path) -> None:
    change(path, "PRAGMA user_version = 7")
    before = path.read_bytes()
    said = refusal(path.parent)
    assert said.startswith(f"the journal {path} was written by a newer runfolio (version 7 of its tables")
    assert said.endswith("use that one, or give another `directory` in [move]")
    with pytest.raises(JournalError, match="newer runfolio"), JournalReader(path.parent):
        pass
    assert path.read_bytes() == before


def test_database_of_another_program_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    change(path, "CREATE TABLE theirs (x)")
    before = path.read_bytes()
    assert refusal(tmp_path) == (
        f"{path} is no journal of runfolio's, but another program's: give another `directory` in [move]"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"rubbish" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_file_that_is_no_database_is_named_with_what_makes_it_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content)
    said = refusal(tmp_path)
    assert said.startswith(f"the journal {path} is damaged (")
    assert "`runfolio move reconcile`" in said
    assert path.read_bytes() == content


@pytest.mark.parametrize("at", [1, 2, 4, 7])
def test_damaged_page_is_found_when_the_journal_is_opened(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at * 4096 : at * 4096 + 100] = b"\xee" * 100
    path.write_bytes(data)
    assert "`runfolio move reconcile`" in refusal(path.parent)


def test_journal_that_was_cut_off_is_damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])
    assert f"{path} is damaged" in refusal(path.parent)


def test_empty_file_is_a_journal_that_was_not_begun(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").touch()
    with mover(tmp_path) as own:
        own.add(4235)
        assert own.delivery().attempts == 0


def test_network_file_system_is_refused_with_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "network_file_system", lambda _: "nfs4")
    said = refusal(tmp_path / "new")
    assert "on a network file system (nfs4)" in said
    assert said.endswith("give a `directory` on a local disk in [move]")
    assert list(tmp_path.iterdir()) == []


def test_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "new").startswith("the journal can't be kept in ")


def test_journal_that_another_keeps_locked_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUSY_SECONDS", 0.05)
    with mover(path.parent) as own, mover(path.parent) as other:
        other.journal._database.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"kept locked for 0\.05 s by another process"):
            own.add(4235)
        other.journal._database.execute("ROLLBACK")
        own.add(4235)


def test_full_disk_is_said_and_changes_nothing(path: Path) -> None:
    with mover(path.parent) as own:
        (pages,) = own.journal._database.execute("PRAGMA page_count").fetchone()
        own.journal._database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(JournalError, match="the disk is full; nothing was changed"):
            own.add(*range(1000, 3000))
        own.journal._database.execute("PRAGMA max_page_count = 1000000")
        known = own.journal.runs()
        assert [run.run_number for run in known[60:]] == [*range(1000, 1000 + len(known) - 60)]
        own.add(5000)
        assert len(own.journal.runs()) == len(known) + 1


GROWS = """
import resource, sys
from pathlib import Path
from journals import mover
from runfolio.errors import JournalError
with mover(Path(sys.argv[1])) as own:
    size = Path(sys.argv[1], "journal.sqlite-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
    try:
        for number in range(1000, 2000):
            own.add(number)
    except JournalError as error:
        print(number, error)
"""


def test_file_that_may_not_grow_is_said_and_keeps_what_was_noted(path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", GROWS, path.parent],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(PYTHONPATH=":".join(sys.path)),
    )
    number, _, said = ended.stdout.partition(" ")
    assert said.startswith(f"cannot write or read the journal {path}: disk I/O error; see whether")
    with JournalReader(path.parent) as journal:
        assert [run.run_number for run in journal.runs()][60:] == [*range(1000, int(number))]


READS = """
import sys
from pathlib import Path
from runfolio.errors import JournalError
from runfolio.mover.reading import JournalReader
try:
    with JournalReader(Path(sys.argv[1])) as journal:
        print(len(journal.runs()))
except JournalError as error:
    print(error)
"""


def read_by_another(directory: Path) -> str:
    ended = subprocess.run(
        [*WITHOUT_ROOT_POWERS, sys.executable, "-c", READS, directory],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(PYTHONPATH=":".join(sys.path)),
    )
    return ended.stdout.strip()


@pytest.mark.parametrize("killed", [False, True])
def test_journal_in_a_directory_that_may_not_be_written_to_is_read(
    path: Path, tmp_path_factory: pytest.TempPathFactory, killed: bool
) -> None:
    directory = tmp_path_factory.mktemp("copy") / ".mover"
    with mover(path.parent) as own:
        own.add(4235)
        if killed:
            shutil.copytree(path.parent, directory)
    if not killed:
        shutil.copytree(path.parent, directory)
    for each in [*directory.glob("journal*"), directory]:
        each.chmod(each.stat().st_mode & 0o555)
    assert read_by_another(directory) == "61"


def test_journal_that_may_not_be_read_is_said(path: Path) -> None:
    path.chmod(0)
    assert f"cannot open the journal {path}: unable to open database file; it belongs" in read_by_another(
        path.parent
    )
