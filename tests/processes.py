"""The program as a process that a test watches and stops."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from support import PROGRAM, clean_environment

DEADLINE = 60.0
"""Seconds after which what was waited for counts as not coming; nothing is expected to take long."""

Process = subprocess.Popen[bytes]


@contextmanager
def running(
    directory: Path,
    *arguments: str,
    prefix: Sequence[str] = (),
    output: Path | None = None,
    **environment: str,
) -> Iterator[Process]:
    """Start runfolio; whatever happens it is gone afterwards.

    Args:
        directory: where it is started.
        arguments: of `runfolio run`.
        prefix: put before the command.
        output: a file for all that it says, where a test is to look at that meanwhile.
        environment: what is set for it.

    """
    with output.open("wb") if output else nullcontext(subprocess.PIPE) as target:
        process = subprocess.Popen(
            [*prefix, *PROGRAM, "run", *arguments],
            cwd=directory,
            env=clean_environment(**environment),
            stdin=subprocess.PIPE,
            stdout=target,
            stderr=target,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def send(process: Process, data: bytes) -> None:
    """Write to its standard input."""
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    status = _status(pid)
    return bool(status) and status[0] != "Z"


def children(parent: int | None = None) -> list[int]:
    """Return the processes that a process has started, this one if none is named."""
    wanted = str(os.getpid() if parent is None else parent)
    pids = sorted(int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    return [pid for pid in pids if _status(pid)[1:2] == [wanted]]


def what_is_there() -> tuple[list[int], int, int]:
    """Return this process's children, and how many threads, pipes and sockets it has."""
    files = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return children(), threading.active_count(), sum(each.startswith(("pipe:", "socket:")) for each in files)


def _status(pid: int) -> list[str]:
    """Return a process's state, its parent and more; nothing if it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return []
