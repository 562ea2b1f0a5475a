"""Who holds the lock of an end-of-run directory: what is written into the lock, and whether it still runs."""

import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

CONTENT_LIMIT = 4096
"""Bytes; a lock that holds more is none of ours."""

LARGEST_PROCESS_ID = 2**31 - 1

Word = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,255}\Z")]
"""Shown to the user: nothing that a terminal could take for more than a word."""

ENDED = {b"Z", b"X"}
"""States of a process that only waits for its parent to take notice of its end."""


class Holder(Struct, frozen=True, kw_only=True):
    """A process that writes to an end-of-run directory."""

    process: Annotated[int, Meta(ge=1, le=LARGEST_PROCESS_ID)]
    host: Word
    process_started: int | None
    """In ticks since the machine did; tells it from a later one that got its number. None: not known."""
    since: Word

    @property
    def is_on_this_host(self) -> bool:
        return self.host == _host()

    @property
    def is_this_process(self) -> bool:
        return self.is_on_this_host and self.process == os.getpid()

    def runs(self) -> bool:
        """Say whether the process still runs; of one on another host that cannot be known, so it does."""
        if not self.is_on_this_host:
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it is there, as another user's
        state, started = _state_and_start(self.process)
        same = None in (started, self.process_started) or started == self.process_started
        return same and state not in ENDED


def this_process(since: str) -> Holder:
    """Return what a lock says of this process."""
    return Holder(
        process=os.getpid(), host=_host(), process_started=_state_and_start(os.getpid())[1], since=since
    )


def content_of(holder: Holder) -> bytes:
    """Return the content of a lock file."""
    return msgspec.json.encode(holder) + b"\n"


def holder_in(content: bytes) -> Holder | None:
    """Return whom a lock file's content names, None where it is anything else."""
    if len(content) > CONTENT_LIMIT:
        return None
    try:
        return msgspec.json.decode(content, type=Holder)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", os.uname().nodename) or "unnamed"


def _state_and_start(process: int) -> tuple[bytes, int | None]:
    """Return a process's state, and when it started in ticks since the machine did; None if not known."""
    try:
        status = Path(f"/proc/{process}/stat").read_bytes()
        # The second field is the program's name, which may hold anything; the third and the 22nd are wanted.
        fields = status.rpartition(b")")[2].split()
        return fields[0], int(fields[19])
    except (OSError, IndexError, ValueError):
        return b"", None
