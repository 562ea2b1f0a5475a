"""A job of the real program: started, fed, killed and started again, and its folders carried away."""

import gzip
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from processes import DEADLINE, Process, children, is_alive, until
from runfolio.folder import list_runs
from runfolio.folder.holder import holder_in
from runfolio.folder.kept_files import MOST_RUNS
from runfolio.folder.names import KEPT
from soak.accounts import Accounts
from soak.documents import Feeder
from support import PROGRAM, WITHOUT_ROOT_POWERS, clean_environment

PLOTS = Path(__file__).with_name("plots.py")
AHEAD = 24
"""Runs that are sent and not seen sealed; with more, the feeder waits."""
PAUSES, PAUSE = 0.01, 60
"""After this share of the pieces sent, nothing comes in place of so many more: time for live plots."""
OPTIONS = (
    *("--plots", str(PLOTS)),
    *("--image-directory", "live"),
    *("--checkpoint-seconds", "1"),
    *("--refresh-seconds", "0.1"),
    *("--documents", "written_on.jsonl"),
)


class Job:
    """A job in a directory of its own.

    Args:
        directory: is made.
        end_of_run: where its run folders go; is made.
        seed: of what is sent.

    """

    inputs: Sequence[str]
    ends = False
    """Whether the program ends by itself."""
    late = True
    """Whether anything comes for runs that have ended."""

    def __init__(self, directory: Path, end_of_run: Path, seed: int) -> None:
        self.directory = directory
        self.end_of_run = end_of_run
        self.live = directory / "live"
        self.staging = end_of_run / ".staging"
        self.temporary = directory / "tmp"
        self.temporary.mkdir(parents=True)
        end_of_run.mkdir(parents=True)
        self.feeder = Feeder(seed, late=self.late)
        self.accounts = Accounts(self.feeder.ledger)
        self.problems: list[str] = []
        self.starts = 0
        self._started = 0.0
        self._seen: set[int] = set()
        self._drawing: set[int] = set()
        self._process: Process | None = None
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._rest = b""
        self._resting = 0

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    @property
    def runs(self) -> int:
        """How many runs were seen sealed."""
        return len(self._seen)

    @property
    def drawing(self) -> Sequence[int]:
        """The processes that draw."""
        return children(self.process.pid)

    def start(self) -> None:
        """Start the program, or start it again."""
        self.starts += 1
        self._started = time.time()
        command = [*WITHOUT_ROOT_POWERS, *PROGRAM, "run", *self.inputs, *OPTIONS]
        with self._output.open("wb") as out, self._output.with_suffix(".err").open("wb") as err:
            self._process = subprocess.Popen(
                [*command, "--end-of-run-image-directory", str(self.end_of_run)],
                cwd=self.directory,
                env=clean_environment(TMPDIR=str(self.temporary)),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
            )

    @property
    def _output(self) -> Path:
        """What the newest process writes."""
        return self.directory / f"{self.starts}.out"

    @property
    def is_at_work(self) -> bool:
        """Whether the program has started so far that it holds its lock, and heeds signals."""
        with suppress(FileNotFoundError):
            holder = holder_in((self.staging / "lock").read_bytes())
            return holder is not None and holder.process == self.process.pid
        return False

    @property
    def may_be_killed(self) -> bool:
        """Whether it still has so much to do that its end does not come first."""
        return True

    def feed(self) -> None:
        """Send something more."""

    def _piece(self) -> bytes:
        """Return what is sent next: a part of a run, of any size; nothing in a pause, or if too far ahead."""
        self._resting = max(0, self._resting - 1)
        if self._resting:
            return b""
        if not self._rest and self.feeder.newest - self.runs < AHEAD:
            self._rest = self.feeder.next_run()
        cut = self._chance.randint(0, len(self._rest))
        piece, self._rest = self._rest[:cut], self._rest[cut:]
        self._resting = PAUSE if self._chance.random() < PAUSES else 0
        return piece

    def end(self) -> None:
        """Have the program come to its end."""

    def kill(self) -> None:
        """End the program as a power cut would."""
        self._drawing.update(self.drawing)
        self.process.kill()
        self.process.wait()

    def look(self) -> None:
        """Note which runs are sealed by now."""
        self._seen.update(each.run_number for each in list_runs(self.end_of_run))

    def _last_words(self) -> str:
        told = self._output.with_suffix(".err").read_text(errors="replace").splitlines()[-3:]
        return f"status {self.process.returncode}: {' / '.join(told)}"

    def carry_away(self) -> None:
        """Take folders away as a mover does: check, count, remove."""
        if not os.access(self.end_of_run, os.W_OK):
            return
        for folder in list(self._not_looked_for()):
            self.accounts.add_folder(folder)
            shutil.rmtree(folder)

    def _not_looked_for(self) -> Iterator[Path]:
        """Give the folders that the program won't look for, killed now and started again.

        Those are the ones that it has sealed itself, and has written a checkpoint since.
        """
        written = self._checkpoint_written
        for each in list_runs(self.end_of_run):
            if self._started < each.path.stat().st_ctime < written:
                yield each.path

    @property
    def _checkpoint_written(self) -> float:
        """When it was, 0 where there is none."""
        return max((each.stat().st_mtime for each in self.staging.glob("checkpoint.*")), default=0.0)

    def finish(self) -> None:
        """Wait for the end of the program, and draw the balance."""
        if self.process.poll() is None:
            self.end()
        elif not self.ends:
            self.problems.append(f"ended too early: {self._last_words()}")
        try:
            self.process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.problems.append(f"did not end within {DEADLINE:g} s")
            self.kill()
        if self.process.returncode not in (0, 1):
            self.problems.append(self._last_words())
        for each in list_runs(self.end_of_run):
            self.accounts.add_folder(each.path)
        for name in ("rejected.jsonl", "late.jsonl"):
            self.accounts.add_set_aside(self.live / name)
        self.accounts.add_summary(self._output.read_text())
        self.accounts.add_written_on(self.directory / "written_on.jsonl")
        self.problems += [*self.accounts.differences(), *self._left()]

    def _left(self) -> Iterator[str]:
        """Give what an orderly end leaves behind: nothing is to be there but states of the newest runs."""
        paths = [*self.staging.rglob("*"), *self.temporary.rglob("*")]
        kept = self.staging / KEPT
        yield from (f"left behind: {path}" for path in paths if not path.is_relative_to(kept))
        if kept.exists() and (states := len(list(kept.iterdir()))) > MOST_RUNS:
            yield f"states kept of {states} runs"
        until(lambda: not any(map(is_alive, self._drawing)))

    def clear(self) -> None:
        """Remove all of it, and whatever of it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        for directory in (self.directory, self.end_of_run):
            shutil.rmtree(directory)


class PipedJob(Job):
    """A job that reads a pipe, which cannot be read again."""

    inputs = ("-", "--grace", "0.5")

    def __init__(self, directory: Path, end_of_run: Path, seed: int) -> None:
        super().__init__(directory, end_of_run, seed)
        self._unsent = self.feeder.job_mark("JobHeader", "start_of_job")

    def start(self) -> None:
        super().start()
        assert self.process.stdin is not None
        os.set_blocking(self.process.stdin.fileno(), False)

    def feed(self) -> None:
        self._unsent += b"" if self._unsent else self._piece()
        self._send()

    def _send(self) -> bool:
        """Write what the pipe has room for, and return whether that is all."""
        assert self.process.stdin is not None
        with suppress(BlockingIOError):
            self._unsent = self._unsent[os.write(self.process.stdin.fileno(), self._unsent) :]
        return not self._unsent

    def end(self) -> None:
        self._unsent += self._rest + self.feeder.job_mark("JobFooter", "end_of_job")
        until(self._send)


class FollowedJob(Job):
    """A job that follows a growing file, which is written in pieces of any size.

    Nothing comes late: that goes by the time, and what was late to a process that is killed may be in time
    for the next one.
    """

    inputs = ("--follow", "spills.json", "--grace", "0.5")
    late = False

    def __init__(self, directory: Path, end_of_run: Path, seed: int) -> None:
        super().__init__(directory, end_of_run, seed)
        self.seconds_to_stop = 0.0
        self._path = self.directory / "spills.json"
        self._path.touch()

    def feed(self) -> None:
        with self._path.open("ab") as file:
            file.write(self._piece())

    def end(self) -> None:
        """Ask the program to stop, once it is where one that was killed had been: it seals what is open."""
        until(lambda: self.is_at_work and (self.starts == 1 or self._has_read_all()))
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        until(lambda: self.process.poll() is not None)
        self.seconds_to_stop = time.monotonic() - began

    def _has_read_all(self) -> bool:
        """Tell whether the program has read, and not only looked at, all of the file."""
        size, process = self._path.stat().st_size, Path(f"/proc/{self.process.pid}")
        with suppress(FileNotFoundError):
            found = [each.name for each in (process / "fd").iterdir() if each.readlink() == self._path]
            told = [(process / "fdinfo" / each).read_text().split(maxsplit=2)[1] for each in found]
            return self._checkpoint_written > self._started and bool(told) and set(map(int, told)) == {size}
        return False


class FilesJob(Job):
    """A job that reads files, each of several runs; some of them are compressed."""

    ends = True
    files = 4
    runs_of_each = 15

    def __init__(self, directory: Path, end_of_run: Path, seed: int) -> None:
        super().__init__(directory, end_of_run, seed)
        self.inputs = [f"{number}.json" for number in range(self.files)]
        for number, name in enumerate(self.inputs):
            data = b"".join(self.feeder.next_run() for _ in range(self.runs_of_each))
            (directory / name).write_bytes(gzip.compress(data) if number % 2 else data)

    @property
    def may_be_killed(self) -> bool:
        return self.runs < self.feeder.newest / 2
