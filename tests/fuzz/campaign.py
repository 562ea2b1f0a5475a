"""All targets, one after the other: `python -m fuzz.campaign SECONDS`.

Prints executions and coverage of each. What made a target raise is kept beside its corpus, and to be
added to the hostile corpus; the exit status is 1 then.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzz.seeds import LARGEST, seeds
from fuzz.targets import TARGETS

PLACE = Path("build/fuzz")
SLOWEST = 25
"""Seconds that one input may take; the program's own limits are far below."""
MEGABYTES = 2048

_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERAGE = re.compile(r"\bcov: (\d+)")


@dataclass(frozen=True)
class Figures:
    """What a fuzzer's own report says."""

    executions: int
    coverage: int
    """Places in the code that some input came to."""


def figures(report: str) -> Figures:
    """Return the figures in what libFuzzer wrote."""
    executions, coverage = _EXECUTIONS.findall(report), _COVERAGE.findall(report)
    return Figures(int(executions[-1]) if executions else 0, int(coverage[-1]) if coverage else 0)


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one target, say what it came to, and return whether nothing was found."""
    corpus, finds = PLACE / name, PLACE / f"{name}-"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed{number}").write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": LARGEST,
        "timeout": SLOWEST,
        "rss_limit_mb": MEGABYTES,
        "print_final_stats": 1,
        "artifact_prefix": finds,
    }
    arguments = [f"-{option}={value}" for option, value in options.items()]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz.under_atheris", name, *arguments, corpus],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    report = done.stdout.decode(errors="replace")
    found = figures(report)
    print(f"{name}: {found.executions:,} executions, coverage {found.coverage:,}")
    if done.returncode:
        print(report[-4000:])
        print(f"{name}: a find, kept as {finds}*")
    return done.returncode == 0


def main() -> int:
    """Fuzz every target for so many seconds; return the exit status."""
    seconds = int(sys.argv[1])
    sound = [fuzz(name, seconds) for name in TARGETS]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
