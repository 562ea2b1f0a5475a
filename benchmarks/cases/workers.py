"""Several filling processes against one."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asking import Answer, in_turn, median
from benchmarks.inputs import EVENTS, long_run, many_runs, simulated, spills
from benchmarks.programs import COMMAND, seconds_of
from benchmarks.rows import Bench, Row, at_least

SIZE = "0.15 MB"
WORKERS = 2
FASTER = 1.8
EPOCH = "1349686800"
"""A moment for all dates, so that folders can be equal."""
Folders = Mapping[str, Mapping[str, bytes]]


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of workers."""
    path = spills(bench.inputs, SIZE)
    inputs = {"one big file": [long_run(path)], "many files": many_runs(path)}
    if not _offered():
        yield Row(
            what=f"{WORKERS} filling processes against one",
            target=f"{FASTER:g}×",
            reached="not measured",
            figures=["this runfolio has no --workers"],
        )
        return
    little = simulated(bench.inputs, spills=1, events=EVENTS[SIZE])
    for name, paths in inputs.items():
        yield from _row(bench, name, paths, little)


def _offered() -> bool:
    found = subprocess.run([*COMMAND, "run", "--help"], capture_output=True, text=True, check=True)
    return "--workers" in found.stdout


def _row(bench: Bench, name: str, paths: Sequence[Path], little: Path) -> Iterator[Row]:
    sealed: dict[int, Folders] = {}

    def run(workers: int, given: Sequence[Path]) -> Answer:
        took, found = _run(workers, given)
        if given is paths:
            sealed[workers] = found
        return {"wall": took}

    ways = {
        f"{kind} {workers}": partial(run, workers, given)
        for kind, given in (("whole", paths), ("start", [little]))
        for workers in (1, WORKERS)
    }
    found = {name: median(answers, "wall") for name, answers in in_turn(bench.runs, ways).items()}
    size = sum(path.stat().st_size for path in paths) / 1e6
    one, several = found["whole 1"], found[f"whole {WORKERS}"]
    filling = (one - found["start 1"]) / (several - found[f"start {WORKERS}"])
    yield at_least(
        f"{WORKERS} filling processes against one, {name}, whole program",
        one / several,
        FASTER,
        [
            f"{size:,.0f} MB: {one:.2f} s with one, {several:.2f} s with {WORKERS}",
            f"a run of one spill: {found['start 1']:.2f} s with one, {found[f'start {WORKERS}']:.2f} s"
            f" with {WORKERS}; less that, {filling:.2f}×",
        ],
    )
    equal = sealed[1] == sealed[WORKERS]
    yield Row(
        what=f"their folders, {name}",
        target="equal, byte by byte",
        reached=f"{len(sealed[1])} folders, {'equal' if equal else 'not equal'}",
        met=equal,
        figures=[],
    )


def _run(workers: int, paths: Sequence[Path]) -> tuple[float, Folders]:
    """Return the seconds that a job takes without pictures, and the bytes of its folders' files."""
    with TemporaryDirectory(prefix="bench.") as directory:
        sealed = Path(directory, "sealed")
        command = [*COMMAND, "run", "--quiet", f"--image-directory={directory}/live"]
        command += [f"--end-of-run-image-directory={sealed}", "--histogram-image-type=none"]
        took = seconds_of([*command, f"--workers={workers}", *paths], SOURCE_DATE_EPOCH=EPOCH)
        runs = [path for path in sealed.iterdir() if not path.name.startswith(".")]
        return took, {run.name: {file.name: file.read_bytes() for file in run.iterdir()} for run in runs}
