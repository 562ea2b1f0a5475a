"""The program of the benchmark; `make bench` runs it."""

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.cases import CASES, Measure
from benchmarks.machine import machine
from benchmarks.rows import Bench, Row

DIRECTORY = Path("build/bench")
RUNS, REFRESHES = 5, 300


def main(arguments: Sequence[str]) -> int:
    """Measure, print the figures, and return the exit status: 0 where all could be measured."""
    options = _parser().parse_args(arguments)
    bench = Bench(directory=DIRECTORY, runs=options.runs, refreshes=options.refreshes)
    _say(f"{machine()}\n")
    rows: list[Row] = []
    for name, measure in CASES.items():
        if not options.only or name in options.only:
            rows += _measured(name, measure, bench)
    if options.write and not options.only:
        report.write(options.write, rows, _command(options))
    failed = [row.what for row in rows if row.target and row.met is None]
    _say(f"\nnot measured: {', '.join(failed)}" if failed else "\nall was measured")
    return 1 if failed else 0


def _measured(name: str, measure: Measure, bench: Bench) -> list[Row]:
    """Return the rows of a case as they come; what goes wrong is a row, too."""
    began = time.monotonic()
    rows: list[Row] = []
    try:
        for row in measure(bench):
            rows.append(row)
            _say(*report.lines(row))
    except Exception as error:  # noqa: BLE001 - one case that can't be measured must not cost the others
        traceback.print_exc()
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        rows.append(Row(what=name, target="a measurement", reached="failed", figures=[reason]))
        _say(*report.lines(rows[-1]))
    _say(f"    [{name}: {time.monotonic() - began:.0f} s]")
    return rows


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _command(options: argparse.Namespace) -> str:
    """Return what measures the same again."""
    given = [
        f"--{name} {getattr(options, name)}"
        for name, usual in (("runs", RUNS), ("refreshes", REFRESHES))
        if getattr(options, name) != usual
    ]
    return " ".join(["make bench", *([f'OPTIONS="{" ".join(given)}"'] if given else [])])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=CASES, default=[], help="measure this alone")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each contender; figures are medians")
    parser.add_argument(
        "--refreshes", type=int, default=REFRESHES, help="of the run whose pictures are drawn"
    )
    parser.add_argument(
        "--write", type=Path, help="a document, whose figures are replaced if all is measured"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
