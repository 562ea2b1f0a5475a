"""A whole job of runfolio in this process: its memory, and the part of the time that checkpoints take."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.answering import answer, timed
from runfolio.job import Job
from runfolio.pipeline import run
from runfolio.plots import load_reducers
from runfolio.settings import Settings


class Stopwatch:
    """Sums up the time of a function that it stands in for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.cpu = self.wall = 0.0
        self.calls = 0

    def __get__(self, instance: object, owner: type) -> Callable[..., Any]:
        return lambda *arguments: self._time(instance, *arguments)

    def _time(self, *arguments: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return self._function(*arguments)
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall
            self.calls += 1


def whole(path: str, plots: list[str], **settings: Any) -> dict[str, Any]:
    """Process a file, and return what that took; to be asked once of a process."""
    watch = Stopwatch(Job._checkpoint)  # noqa: SLF001 - all that a checkpoint takes, the gathering of counts too
    Job._checkpoint = watch  # type: ignore[assignment, method-assign]  # noqa: SLF001
    with TemporaryDirectory(prefix="bench.") as directory:
        given = Settings(
            image_directory=Path(directory, "live"),
            end_of_run_image_directory=Path(directory, "end_of_run"),
            **settings,
        )
        reducers = load_reducers(plots)
        figures = timed(lambda: run([path], given, reducers))
    return {
        **figures,
        "peak": peak_memory(),
        "checkpoints": watch.calls,
        "checkpoints_cpu": watch.cpu,
        "checkpoints_wall": watch.wall,
    }


def peak_memory() -> float:
    """Return the most that this process has had in memory, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError("the system does not tell of it")


if __name__ == "__main__":
    answer({"whole": whole})
