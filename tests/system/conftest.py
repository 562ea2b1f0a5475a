"""The program as a user runs it: a process in a directory of its own, with nothing set from outside."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from moving import Here
from support import PROGRAM, Runfolio, clean_environment


@pytest.fixture
def runfolio(tmp_path: Path) -> Runfolio:
    """Runs `runfolio` in the test's directory; checks the exit status, 0 unless another is expected."""

    def run(
        *arguments: str | Path, status: int = 0, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            cwd=tmp_path,
            env=clean_environment(**(env or {})),
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        text = subprocess.CompletedProcess(
            done.args,
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )
        assert text.returncode == status, f"{text.args}\n{text.stdout}\n{text.stderr}"
        return text

    return run


@pytest.fixture
def here(tmp_path: Path, runfolio: Runfolio) -> Here:
    """The test's directory, with a file destination, and no runs yet."""
    return Here(tmp_path, runfolio).destination()
