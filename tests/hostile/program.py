"""The program as a process of its own: with a bounded memory, or in a terminal."""

import os
import pty
import resource
import select
import subprocess
from pathlib import Path

from support import PROGRAM, clean_environment

DEADLINE = 120.0
"""Seconds after which a program that does not end counts as hanging."""
MEMORY = 3 << 30
"""Bytes of address space, of which most stands for libraries and the stacks of their threads."""


def run_bounded(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with no more memory than a desktop has to spare."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=directory,
        env=clean_environment(OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        timeout=DEADLINE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        check=False,
    )


def run_in_terminal(directory: Path, *arguments: str, **environment: str) -> tuple[int, bytes]:
    """Run the program in a terminal of its own; return its exit status and all that the terminal got."""
    outside, inside = pty.openpty()
    try:
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=directory,
            env=clean_environment(COLUMNS="200", LINES="50", **environment),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
    finally:
        os.close(inside)
    try:
        shown = _all_of(outside)
        return process.wait(DEADLINE), shown
    finally:
        process.kill()
        os.close(outside)


def _all_of(terminal: int) -> bytes:
    """Read until the last process has left the terminal."""
    shown = b""
    while select.select([terminal], [], [], DEADLINE)[0]:
        try:
            chunk = os.read(terminal, 1 << 16)
        except OSError:  # that is how Linux says it
            break
        if not chunk:
            break
        shown += chunk
    return shown
