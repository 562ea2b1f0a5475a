"""What is measured with: simulated spills, always the same ones, made once and kept."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import zstandard

SEED = 5
FILE_SIZE = 100_000_000
"""About so many bytes hold the spills of one file."""
EVENTS: Mapping[str, int] = {"0.15 MB": 15, "1 MB": 103}
"""Events in each spill, by the size that it comes to in the stream."""
SPILLS: Mapping[str, int] = {"0.15 MB": 680, "1 MB": 98}


def spills(directory: Path, size: str) -> Path:
    """Return a file of about 100 MB with one run of spills of this size."""
    return simulated(directory, f"spills-{size.replace(' ', '')}", spills=SPILLS[size], events=EVENTS[size])


def simulated(directory: Path, name: str, *, spills: int, events: int) -> Path:
    """Return a simulated file, which is made unless it is there."""
    path = directory / f"{name}-{spills}x{events}.json"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        subprocess.run(
            [sys.executable, "-m", "runfolio", "simulate", "--quiet", f"--seed={SEED}", f"--spills={spills}"]
            + [f"--events-per-spill={events}", f"--output={unfinished}"],
            check=True,
        )
        unfinished.rename(path)
    return path


def compressed(path: Path) -> Path:
    """Return a file's Zstandard form, which is made unless it is there."""
    packed = path.with_suffix(".json.zst")
    if not packed.exists():
        unfinished = packed.with_suffix(".part")
        with path.open("rb") as plain, unfinished.open("wb") as file:
            zstandard.ZstdCompressor().copy_stream(plain, file, size=path.stat().st_size)
        unfinished.rename(packed)
    return packed
