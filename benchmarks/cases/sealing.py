"""Sealing a run: from its footer in the stream to its folder."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import msgspec

from benchmarks.asking import Answer, Contender, median
from benchmarks.inputs import EVENTS, parts, simulated
from benchmarks.programs import COMMAND, environment
from benchmarks.rows import Bench, Row

SIZE, SPILLS = "0.15 MB", 100
MOST_SECONDS, FASTER = 0.3, 4.0
PATIENCE = 60.0
LOOK_SECONDS = 0.002


class Following:
    """A program that is fed through a pipe, as in a control room, and seals each run at its footer."""

    def __init__(self, directory: Path) -> None:
        self._live, self.sealed = directory / "live", directory / "sealed"
        places = [f"--image-directory={self._live}", f"--end-of-run-image-directory={self.sealed}"]
        self._process = subprocess.Popen(
            [*COMMAND, "run", "--quiet", "--grace=0", *places, "-"],
            stdin=subprocess.PIPE,
            env=environment(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        self._process.communicate()

    def send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def wait_until_shown(self, run: int, spills: int) -> None:
        """Wait until the live plots show so many spills of a run."""
        index = self._live / "live.json"
        while True:
            shown = msgspec.json.decode(index.read_bytes()) if index.exists() else {}
            if shown.get("run_number") == run and shown.get("spills") == spills:
                return
            self._look_again()

    def wait_for_folder(self, run: int) -> Path:
        """Wait until a run is sealed; return its folder."""
        folder = self.sealed / str(run)
        while not folder.exists():
            self._look_again()
        return folder

    def _look_again(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"runfolio ended with status {self._process.returncode}")
        time.sleep(LOOK_SECONDS)


def measure(bench: Bench) -> Iterator[Row]:
    """Give the row of sealing."""
    path = simulated(bench.inputs, spills=SPILLS, events=EVENTS[SIZE])
    ours: list[Answer] = []
    theirs: list[Answer] = []
    with ExitStack() as stack:
        directories = [stack.enter_context(TemporaryDirectory(prefix="bench.")) for _ in range(2)]
        following = stack.enter_context(Following(Path(directories[0])))
        maus = stack.enter_context(Contender("maus_pictures", path, directories[1]))
        maus.ask("refresh", first=0, last=SPILLS)
        for run in range(1, bench.runs + 1):
            data, footer = parts(path, run)
            following.send(data)
            following.wait_until_shown(run, SPILLS)
            began = time.perf_counter()
            following.send(footer)
            folder = following.wait_for_folder(run)
            ours.append({"wall": time.perf_counter() - began, "files": len([*folder.iterdir()])})
            theirs.append(maus.ask("seal", number=run))
    took, maus_took = median(ours, "wall"), median(theirs, "wall")
    yield Row(
        what=f"sealing a run of {ours[0]['files']} files, from footer to folder",
        target=f"under {MOST_SECONDS:g} s, or {FASTER:g}× faster than MAUS's way",
        reached=f"{took:.2f} s, {maus_took / took:.2f}×",
        met=took < MOST_SECONDS or maus_took >= FASTER * took,
        figures=[
            f"runfolio, of a stream in a pipe, each file forced to the disk: {took:.3f} s",
            f"best {min(each['wall'] for each in ours):.3f} s",
            f"MAUS's way, drawing and writing {theirs[0]['files']} files: {maus_took:.3f} s",
        ],
    )
