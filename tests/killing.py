"""The real program, drawing process and all, killed at chosen moments and started again.

Run as a program it is runfolio, and kills itself at a moment that the first argument names.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from processes import DEADLINE, until
from runfolio.checkpoints import JobState
from runfolio.cli import main
from runfolio.folder import read_checkpoint, verify
from runfolio.watching import Operation, watched
from support import PROGRAM, WITHOUT_ROOT_POWERS, clean_environment, contents, left_in

MARK = "KILLED_IN"
"""A variable of the environment by which the processes of a program are found."""
DATE = "1385632500"

Folders = Mapping[str, Mapping[str, bytes]]


@dataclass
class Moment:
    """Before or after the so-manieth of those durable operations that are on names that begin so."""

    operation: Operation
    name: str
    number: int = 1
    when: Literal["before", "after"] = "after"
    send: int = signal.SIGKILL
    """What the process is sent."""

    def before(self, operation: Operation, path: Path) -> None:
        """Count down, and strike."""
        if operation == self.operation and path.name.startswith(self.name):
            self.number -= 1
            self._strike("before")

    def after(self, operation: Operation, path: Path) -> None:
        """Strike."""
        if operation == self.operation and path.name.startswith(self.name):
            self._strike("after")

    def _strike(self, when: str) -> None:
        if self.number == 0 and when == self.when:
            os.kill(os.getpid(), self.send)


@dataclass
class Ended:
    """How a process of the program ended, and what it has said."""

    status: int
    out: str
    err: str


@dataclass
class Program:
    """The program in a directory of its own, with the same arguments each time."""

    directory: Path
    arguments: Sequence[str]
    powers: bool = True
    """Whether root may read what nobody may."""
    said: list[Ended] = field(default_factory=list)

    @property
    def end_of_run(self) -> Path:
        return self.directory / "end_of_run"

    @property
    def staging(self) -> Path:
        return self.end_of_run / ".staging"

    def start(self, moment: Moment | None = None, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start it; at a moment it kills itself."""
        itself = PROGRAM if moment is None else (sys.executable, __file__, json.dumps(asdict(moment)))
        return subprocess.Popen(
            [*(() if self.powers else WITHOUT_ROOT_POWERS), *itself, "run", *self.arguments],
            cwd=self.directory,
            env=clean_environment(SOURCE_DATE_EPOCH=DATE, **{MARK: str(self.directory)}),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self, process: subprocess.Popen[str]) -> Ended:
        """Wait until a process and all that it started are gone."""
        try:
            out, err = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
        self.said.append(Ended(process.returncode, out, err))
        until(lambda: not self.processes())
        return self.said[-1]

    def run(self, moment: Moment | None = None) -> Ended:
        """Run it to its end, or until it kills itself."""
        return self.wait(self.start(moment))

    def killed_at(self, moment: Moment) -> Ended:
        """Run it until it kills itself."""
        ended = self.run(moment)
        assert ended.status == -signal.SIGKILL, ended
        return ended

    def killed_after(self, seconds: float) -> Ended:
        """Run it so long, or to its end, if that comes first."""
        process = self.start()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        return self.wait(process)

    def processes(self) -> list[int]:
        """Return the processes that the program has started, itself among them, and that still run."""
        mark = f"{MARK}={self.directory}\0".encode()
        found = []
        for each in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in each.read_bytes() + b"\0":
                    found.append(int(each.parent.name))
        return found

    def folders(self) -> Folders:
        """Return the files of each run folder, all of which are whole."""
        found = [path for path in sorted(self.end_of_run.glob("*")) if not path.name.startswith(".")]
        assert all(verify(path).whole for path in found)
        return {path.name: contents(path) for path in found}

    @property
    def checkpoint(self) -> JobState | None:
        """What is there to go on from."""
        found = [*self.staging.glob("checkpoint.*")]
        return msgspec.msgpack.decode(read_checkpoint(found[0]), type=JobState) if found else None

    def left(self) -> list[str]:
        """Return what is in the staging, but for the lock of a process that was killed."""
        return [name for name in left_in(self.staging) if name != "lock"]


def _run(moment: Moment, arguments: Sequence[str]) -> int:
    with watched(moment):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(_run(Moment(**json.loads(sys.argv[1])), sys.argv[2:]))
