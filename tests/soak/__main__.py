"""The program of the soak; `make soak` runs it for ten minutes."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from soak import report
from soak.disk import OWN_MOUNTS, Disk, enter_own_mounts
from soak.phases import many_processes, one_process

SECONDS = 600.0


def main(arguments: Sequence[str]) -> int:
    """Run both halves, print the figures, and return the exit status: 0 where all is as it should be."""
    options = _parser().parse_args(arguments)
    if not options.own_mounts:
        enter_own_mounts(arguments)
    phases = []
    with TemporaryDirectory(prefix="soak.") as directory:
        disk = Disk(Path(directory, "disk"), own=options.own_mounts)
        try:
            for each in (one_process, many_processes):
                phases.append(each(Path(directory), disk, options.seed, options.seconds / 2))
                sys.stdout.writelines(f"{line}\n" for line in report.lines(phases[-1]))
                sys.stdout.flush()
        finally:
            disk.close()
    good = all(phase.good for phase in phases)
    if options.write and good:
        report.write(options.write, phases, f"make soak SOAK_SECONDS={options.seconds:g}")
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long, in all")
    parser.add_argument("--seed", type=int, default=1, help="of what is sent, and of what goes wrong when")
    parser.add_argument("--write", type=Path, help="a document, whose section with the figures is replaced")
    parser.add_argument(OWN_MOUNTS, action="store_true", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
