"""The program `runfolio` itself, as a user starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

COMMAND = (str(Path(sys.executable).with_name("runfolio")),)
"""As it is installed beside the interpreter."""


def environment(**extra: str) -> dict[str, str]:
    """Return the environment without what changes runfolio's ways."""
    foreign = ("RUNFOLIO_", "MAUS_", "SOURCE_DATE_EPOCH", "MPL")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | extra


def seconds_of(command: Sequence[object], **extra: str) -> float:
    """Return the seconds of wall time that a command takes.

    Raises:
        CalledProcessError: it went wrong.

    """
    began = time.perf_counter()
    subprocess.run(
        [str(word) for word in command], env=environment(**extra), stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began
