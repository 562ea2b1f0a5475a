"""The datamover with many runs that wait: how fast they are delivered, and how soon a status is there."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asking import Answer, in_turn, median
from benchmarks.programs import COMMAND, environment
from benchmarks.rows import Bench, Row, at_most

RUNS, FILES, FILE_BYTES = 2000, 2, 2000
"""Runs, files of each besides its manifest, and their bytes."""
IMAGES, IMAGE_BYTES = 42, 20_000
"""Of the run of 44 files: its pictures."""
MOST_SECONDS = 0.2
RECORD = b'{"sealed_at": "2013-11-28T10:54:10Z"}'
BY_HAND = """
set -e
cp -r "$0"/[0-9]* "$1"/
find "$1" -type f -print0 | xargs -0 -n 1000 sync
cd "$1"
for run in [0-9]*; do (cd "$run" && sha256sum --quiet --check manifest-sha256.txt); done
"""
"""What one does by hand: copied, forced to the disk, and read once more against the manifests."""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of moving."""
    bench.directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench.", dir=bench.directory) as directory:
        place = Path(directory)
        yield _many(bench, place)
        yield _status(bench, place)
        yield _one(bench, place)


def _many(bench: Bench, place: Path) -> Row:
    _write_runs(place, runs=RUNS, files=FILES, size=FILE_BYTES)
    found = in_turn(bench.runs, {"ours": lambda: _move(place), "hand": lambda: _by_hand(place)})
    took = {name: median(answers, "wall") for name, answers in found.items()}
    _move(place)  # so that a status has something to tell
    return Row(
        what=f"{RUNS:,} runs of {FILES + 1} small files to a directory, verified, with receipts and journal",
        reached=f"{RUNS / took['ours']:.0f} deliveries a second",
        figures=[
            f"runfolio move --once: {took['ours']:.1f} s, {median(found['ours'], 'cpu'):.1f} s of CPU",
            f"cp -r, each file forced to the disk, sha256sum --check: {took['hand']:.1f} s,"
            f" {took['ours'] / took['hand']:.1f}× as fast",
        ],
    )


def _status(bench: Bench, place: Path) -> Row:
    delivered = [_asked(place) for _ in range(2 * bench.runs)]
    (place / "runs" / ".mover" / "journal.sqlite").unlink()
    shutil.rmtree(place / "archive")
    subprocess.run(  # all wait: the destination is not there
        [*COMMAND, "move", "--once", "--quiet"],
        cwd=place,
        env=_environment(),
        stderr=subprocess.DEVNULL,
        check=False,
    )
    waiting = [_asked(place) for _ in range(2 * bench.runs)]
    return at_most(
        f"runfolio move status with {RUNS:,} runs",
        max(median(waiting, "wall"), median(delivered, "wall")),
        MOST_SECONDS,
        "s",
        [
            f"all waiting: {median(waiting, 'wall'):.3f} s, {median(waiting, 'cpu'):.3f} s of CPU",
            f"all delivered: {median(delivered, 'wall'):.3f} s, {median(delivered, 'cpu'):.3f} s of CPU",
        ],
    )


def _one(bench: Bench, place: Path) -> Row:
    _write_runs(place, runs=1, files=IMAGES + 1, size=IMAGE_BYTES)
    found = in_turn(bench.runs, {"ours": lambda: _move(place), "hand": lambda: _by_hand(place)})
    took = {name: median(answers, "wall") for name, answers in found.items()}
    return Row(
        what=f"a run of {IMAGES + 2} files to a directory, the whole program",
        reached=f"{took['ours']:.2f} s",
        figures=[f"by hand, as above: {took['hand']:.2f} s"],
    )


def _write_runs(place: Path, *, runs: int, files: int, size: int) -> None:
    shutil.rmtree(place / "runs", ignore_errors=True)
    for number in range(1, runs + 1):
        folder = place / "runs" / str(number)
        folder.mkdir(parents=True)
        found = {f"image{n}.png": os.urandom(size) for n in range(1, files)} | {"run.json": RECORD}
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(found.items())]
        for name, data in {**found, "manifest-sha256.txt": "".join(lines).encode()}.items():
            (folder / name).write_bytes(data)
    url = (place / "archive").absolute().as_uri()
    (place / "runfolio.toml").write_text(f'[[destination]]\nname = "archive"\nurl = "{url}"\n')


def _environment() -> dict[str, str]:
    return environment(RUNFOLIO_END_OF_RUN_IMAGE_DIRECTORY="runs")


def _move(place: Path) -> Answer:
    _empty(place)
    return _timed([*COMMAND, "move", "--once"], place)


def _by_hand(place: Path) -> Answer:
    _empty(place)
    return _timed(["sh", "-c", BY_HAND, "runs", str((place / "archive").absolute())], place)


def _asked(place: Path) -> Answer:
    return _timed([*COMMAND, "move", "status"], place)


def _empty(place: Path) -> None:
    for path in (place / "archive", place / "runs" / ".mover"):
        shutil.rmtree(path, ignore_errors=True)
    (place / "archive").mkdir()
    os.sync()


def _timed(command: list[str], place: Path) -> Answer:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=place, env=_environment(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {"wall": time.perf_counter() - began, "cpu": usage.ru_utime + usage.ru_stime}
