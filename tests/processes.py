"""The program as a process that a test watches and stops."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support import PROGRAM, clean_environment

DEADLINE = 60.0
"""Seconds after which what was waited for counts as not coming; nothing is expected to take long."""

Process = subprocess.Popen[bytes]


@contextmanager
def running(directory: Path, *arguments: str) -> Iterator[Process]:
    """Start runfolio; whatever happens it is gone afterwards."""
    process = subprocess.Popen(
        [*PROGRAM, "run", *arguments],
        cwd=directory,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
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
