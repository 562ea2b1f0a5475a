"""What is measured with: simulated spills, always the same ones, made once and kept."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import zstandard

from benchmarks.programs import COMMAND

SEED = 5
EVENTS: Mapping[str, int] = {"0.15 MB": 15, "1 MB": 103}
"""Events in each spill, by the size that it comes to in the stream."""
SPILLS: Mapping[str, int] = {"0.15 MB": 680, "1 MB": 98}
"""Spills of each size that come to about 100 MB."""
TIMES = 12
"""How often a long run has each of those spills."""
_HEAD, _TAIL = 2, 4
"""Lines before the first spill of a simulated file, and after its last one."""


def spills(directory: Path, size: str) -> Path:
    """Return a file of about 100 MB with one run of spills of this size."""
    return simulated(directory, spills=SPILLS[size], events=EVENTS[size])


def simulated(directory: Path, *, spills: int, events: int) -> Path:
    """Return a file with one run of simulated spills."""

    def write(file: BinaryIO) -> None:
        options = [f"--seed={SEED}", f"--spills={spills}", f"--events-per-spill={events}"]
        subprocess.run([*COMMAND, "simulate", "--quiet", *options], check=True, stdout=file)

    return _kept(directory / f"spills-{spills}x{events}.json", write)


def compressed(path: Path) -> Path:
    """Return a file's Zstandard form."""

    def write(file: BinaryIO) -> None:
        with path.open("rb") as plain:
            zstandard.ZstdCompressor().copy_stream(plain, file, size=path.stat().st_size)

    return _kept(path.with_suffix(".json.zst"), write)


def long_run(path: Path) -> Path:
    """Return a file with one run, in which the spills of a simulated one come again and again."""

    def write(file: BinaryIO) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        file.writelines(lines[:_HEAD])
        for _ in range(TIMES):
            file.writelines(lines[_HEAD:-_TAIL])
        file.writelines(lines[-_TAIL:])

    return _kept(path.with_suffix(".long.json"), write)


def many_runs(path: Path) -> Sequence[Path]:
    """Return files with one run each, as many as a long run has repetitions."""
    return [
        _kept(path.with_suffix(f".run{number}.json"), lambda file: file.write(of_run(path, number)))  # noqa: B023
        for number in range(1, TIMES + 1)
    ]


def of_run(path: Path, number: int) -> bytes:
    """Return what a simulated file holds, as of another run."""
    return path.read_bytes().replace(b'"run_number":1,', b'"run_number":%d,' % number)


def parts(path: Path, number: int) -> tuple[bytes, bytes]:
    """Return a simulated run as another run: all up to its last spill, and its footer."""
    lines = of_run(path, number).splitlines(keepends=True)
    return b"".join(lines[1:-_TAIL]), lines[-2]


def rows(directory: Path, *, columns: int, rows: int) -> Path:
    """Return a file of one's own data: rows with a run number and many numbers."""

    def write(file: BinaryIO) -> None:
        for row in range(rows):
            values = ",".join(f'"x{column}":{(7 * row + column) % 100}' for column in range(columns))
            file.write(f'{{"run":1,{values}}}\n'.encode())

    return _kept(directory / f"rows-{rows}x{columns}.json", write)


def _kept(path: Path, write: Callable[[BinaryIO], object]) -> Path:
    """Return a file, which is written unless it is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        with unfinished.open("wb") as file:
            write(file)
        unfinished.rename(path)
    return path
