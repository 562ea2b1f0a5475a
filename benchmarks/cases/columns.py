"""The same spills as files of columns, against JSON."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.asking import Contender, in_turn, median
from benchmarks.comparing import check_equal
from benchmarks.contents import read_contents
from benchmarks.inputs import EVENTS, long_run, spills
from benchmarks.rows import Bench, Row, at_least

CONVERTER = "benchmarks.as_columns"
PLOTS = Path(__file__).parents[1] / "columns_plots.py"
FASTER = {"Arrow": (".arrow", 5.0), "a ROOT tree": (".root", 3.0)}
"""The ending of each kind of file, and how much faster than JSON it is to be."""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of columns.

    Raises:
        CountsDiffer: histograms of columns are others than those of JSON.

    """
    if find_spec(CONVERTER) is None:
        yield Row(
            what="the same spills as files of columns",
            target="5×, 3×",
            reached="not measured",
            figures=[f"there is no {CONVERTER}"],
        )
        return
    streams = {size: long_run(spills(bench.inputs, size)) for size in EVENTS}
    found = {size: _seconds(bench, stream) for size, stream in streams.items()}
    for kind, (ending, target) in FASTER.items():
        ratios = {size: took["JSON"] / took[kind] for size, took in found.items()}
        figures = [
            f"{size} a spill: {ratios[size]:.1f}×; {_megabytes(streams[size].with_suffix(ending)):.0f} MB in"
            f" {took[kind]:.3f} s of CPU, as JSON {_megabytes(streams[size]):,.0f} MB in {took['JSON']:.2f} s"
            for size, took in found.items()
        ]
        yield at_least(
            f"the same spills as {kind}, into the same counts", min(ratios.values()), target, figures
        )


def _seconds(bench: Bench, stream: Path) -> dict[str, float]:
    """Return the seconds of CPU that each kind of file takes, once their counts are known to be the same."""
    files = {kind: stream.with_suffix(ending) for kind, (ending, _) in FASTER.items()}
    if not all(path.exists() for path in files.values()):
        subprocess.run([sys.executable, "-m", CONVERTER, stream, *files.values()], check=True)
    with Contender("runfolio_filling") as contender:
        ways = {
            "JSON": partial(contender.ask, "batches", path=str(stream)),
            **{
                kind: partial(contender.ask, "batches", path=str(path), plots=str(PLOTS))
                for kind, path in files.items()
            },
        }
        contents = {}
        for kind, ask in ways.items():
            target = bench.directory / "contents.npz"
            ask(contents=str(target))
            contents[kind] = read_contents(target)
        for kind in FASTER:
            check_equal(contents["JSON"], contents[kind])
        return {kind: median(answers, "cpu") for kind, answers in in_turn(bench.runs, ways).items()}


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6
