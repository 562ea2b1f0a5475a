"""The journal's file: its tables, how it is opened, and SQLite's errors in words that one can act on."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from runfolio.errors import JournalError, JournalUnavailable
from runfolio.watching import effect

__all__ = ["JOURNAL", "RUN_ORDER", "TURN", "connect", "connect_to_read", "told"]

JOURNAL = "journal.sqlite"

VERSION = 1
"""Of the tables, as `PRAGMA user_version` has it."""

_APPLICATION = 0x72666A6C
"""Tells it from other programs' SQLite files, as `PRAGMA application_id` has it."""

BUSY_SECONDS = 30.0
"""For which another process may keep the journal to itself; it takes milliseconds, unless it was stopped."""

_PAUSE = 0.02

_PASSING = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM,
}  # fmt: skip
"""Codes of what is wrong with the disk, with permissions, or with another process."""

RUN_ORDER = "CAST(run AS INTEGER), length(run), run"
"""Of deliveries: by run number and revision, as 9, 10, 10.r2, 10.r10."""

TURN = f"CASE error_kind WHEN '' THEN 0 ELSE since END, {RUN_ORDER}"
"""In which deliveries are taken up: those that never failed first, then the one that failed longest ago.

So one that fails each time holds up no other.
"""

_TABLES = (
    """CREATE TABLE run (
        name TEXT PRIMARY KEY, run_number INTEGER NOT NULL, revision INTEGER NOT NULL,
        manifest_sha256 TEXT NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, sealed_at TEXT,
        state TEXT NOT NULL, reason TEXT NOT NULL, seen_at REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE destination (
        name TEXT PRIMARY KEY, url TEXT NOT NULL, place INTEGER, paused INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '', next_try REAL, failures INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID""",
    """CREATE TABLE delivery (
        run TEXT NOT NULL REFERENCES run, destination TEXT NOT NULL REFERENCES destination,
        state TEXT NOT NULL, attempts INTEGER NOT NULL, not_verified INTEGER NOT NULL, bytes INTEGER NOT NULL,
        error TEXT NOT NULL, error_kind TEXT NOT NULL, next_try REAL, intent TEXT NOT NULL,
        temporary TEXT NOT NULL, since REAL NOT NULL, delivered_at REAL, owner TEXT NOT NULL,
        claim INTEGER NOT NULL, PRIMARY KEY (run, destination)
    ) WITHOUT ROWID""",
    f"CREATE INDEX delivery_by_state ON delivery (destination, state, {TURN})",
    "CREATE INDEX delivery_by_end ON delivery (delivered_at) WHERE delivered_at IS NOT NULL",
    """CREATE TABLE event (
        number INTEGER PRIMARY KEY, time REAL NOT NULL, run TEXT NOT NULL, destination TEXT NOT NULL,
        what TEXT NOT NULL
    )""",
    "CREATE INDEX event_by_run ON event (run, number)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
"""`place` of a destination is its place in the settings, NULL once they no longer name it."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into ones that say what to do about the journal of this path."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        kind = JournalUnavailable if _may_pass(error) else JournalError
        raise kind(_words(error, path)) from error


def _may_pass(error: sqlite3.Error | OSError) -> bool:
    """Tell whether nothing is wrong with the file itself; one that was moved away does not come back."""
    moved = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_DBMOVED
    return isinstance(error, OSError) or (_code(error) in _PASSING and not moved)


def _words(error: sqlite3.Error | OSError, path: Path) -> str:
    code = _code(error)
    if code == sqlite3.SQLITE_CANTOPEN and _is_full(path.parent):
        code = sqlite3.SQLITE_FULL
    match code:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(path, str(error))
        case sqlite3.SQLITE_FULL:
            return f"cannot write the journal {path}: the disk is full; nothing was changed"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"the journal {path} was kept locked for {BUSY_SECONDS:g} s by another process:"
                " look whether a runfolio move was stopped, and let it go on or end it"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return (
                f"cannot open the journal {path}: {error}; it belongs to the user who runs runfolio move,"
                " see its permissions and those of its directory"
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"cannot write or read the journal {path}: {error}; see whether the disk is full or failing"
            )
        case _:
            reason = error.strerror if isinstance(error, OSError) else error
            return f"cannot write or read the journal {path}: {reason}"


def _is_full(directory: Path) -> bool:
    """Tell whether a disk has no room left, which SQLite does not where it cannot make a file."""
    try:
        status = os.statvfs(directory)
    except OSError:
        return False
    return status.f_bavail == 0 or 0 == status.f_favail < status.f_files


def _code(error: sqlite3.Error | OSError) -> int | None:
    """Return SQLite's primary result code; errors of the Python module itself have none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _damaged(path: Path, how: str) -> str:
    return (
        f"the journal {path} is damaged ({how}): run `runfolio move reconcile`,"
        " which makes it anew from the folders and destinations"
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal to read and write, or begin it; what is committed lasts.

    Raises:
        JournalError: it is damaged, another program's, or of a newer runfolio; or the system refuses.

    """
    with told(path):
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA synchronous = FULL")
            if not _is_empty(database):
                _check_version(database, path)  # before anything of another program's is changed
            _write_ahead(database)
            _make_tables(database)
            _check(database, path)
        except BaseException:
            database.close()
            raise
        return database


def _write_ahead(database: sqlite3.Connection) -> None:
    """Have commits written ahead, so that readers and the writer are not in each other's way.

    SQLite does not wait for others of itself here.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _make_tables(database: sqlite3.Connection) -> None:
    if not _is_empty(database):
        return
    database.execute("BEGIN IMMEDIATE")
    if not _is_empty(database):  # another process was faster
        database.execute("ROLLBACK")
        return
    for each in _TABLES:
        database.execute(each)
    with effect("commit", Path("begin journal")):
        database.execute("COMMIT")


def _is_empty(database: sqlite3.Connection) -> bool:
    tables = _number(database, "SELECT count(*) FROM sqlite_master")
    return tables == 0 and _number(database, "PRAGMA user_version") == 0


def _number(database: sqlite3.Connection, question: str) -> int:
    (answer,) = database.execute(question).fetchone()
    return int(answer)


def _check(database: sqlite3.Connection, path: Path) -> None:
    """Refuse what another process may have made meanwhile, and a file of which parts are damaged."""
    _check_version(database, path)
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise JournalError(_damaged(path, " ".join(str(found).split())))


def _check_version(database: sqlite3.Connection, path: Path) -> None:
    """Refuse what this version of runfolio can't go on with."""
    if _is_empty(database):
        raise JournalError(_nothing_in(path))
    version = _number(database, "PRAGMA user_version")
    if _number(database, "PRAGMA application_id") != _APPLICATION:
        raise JournalError(
            f"{path} is no journal of runfolio's, but another program's: give another `directory` in [move]"
        )
    if version > VERSION:
        raise JournalError(
            f"the journal {path} was written by a newer runfolio (version {version} of its tables, and this"
            f" one knows {VERSION}): use that one, or give another `directory` in [move]"
        )


def connect_to_read(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open a journal to read; say too whether it is taken as one that nobody writes to.

    Nothing is made on the disk: where no mover has the journal open, SQLite would make the files that
    go with it, which may then be another user's than the mover's.

    Raises:
        JournalError: there is none, it is damaged or of a newer runfolio, or the system refuses.

    """
    if not path.exists():
        raise JournalError(_nothing_in(path))
    with told(path):
        still = not path.with_name(f"{path.name}-wal").exists()
        address = f"file:{quote(str(path.absolute()))}?mode=ro" + ("&immutable=1" if still else "")
        database = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _check_version(database, path)
        except BaseException:
            database.close()
            raise
        return database, still


def _nothing_in(path: Path) -> str:
    return (
        f"there is no journal {path} yet: runfolio move begins it;"
        " if one runs, see whether `directory` in [move] is the same for both"
    )
