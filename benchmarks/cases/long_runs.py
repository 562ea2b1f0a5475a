"""Long runs: memory, and what checkpoints take of the time."""

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.asking import Answer, Contender, median
from benchmarks.inputs import EVENTS, SPILLS, TIMES, long_run, simulated, spills
from benchmarks.rows import Bench, Row, at_most

SIZE = "0.15 MB"
MORE = 100
"""How much longer the longer input of two is."""
GROWTH, MEMORY, SHARE = 10.0, 250.0, 1.0
NEVER = 86_400.0
EVERY = ("mice",)
REDUCERS = {
    "TOF and Cherenkov counters": ("default",),
    "all of MICE's but the calibration, which keeps its rows for a file": (
        *(f"mice.{detector}" for detector in ("tof", "ckov", "kl", "emr", "scifi", "scalers")),
    ),
}


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of long runs."""
    small = simulated(bench.inputs, spills=SPILLS[SIZE] * TIMES // MORE, events=EVENTS[SIZE])
    large = long_run(spills(bench.inputs, SIZE))
    for named, plots in REDUCERS.items():
        yield from _memory(named, small, large, [_job(path, plots) for path in (small, large)])
    found = [_job(large, EVERY) for _ in range(bench.runs)]
    yield from _memory("all of MICE's reducers", small, large, [_job(small, EVERY), *found])
    yield _checkpointing(found, _job(large, EVERY, checkpoint_seconds=NEVER))


def _memory(named: str, small: Path, large: Path, answers: Sequence[Answer]) -> Iterator[Row]:
    one, hundred = answers[0], answers[1:]
    peak = median(hundred, "peak")
    figures = [
        f"{small.stat().st_size / 1e6:,.0f} MB of JSON: {one['peak']:.1f} MB of memory",
        f"{large.stat().st_size / 1e6:,.0f} MB of JSON: {peak:.1f} MB of memory",
    ]
    growth = 100 * (peak / one["peak"] - 1)
    yield Row(
        what=f"memory of the filling process, {named}: growth on {MORE}× the input",
        target=f"at most {GROWTH:g}%",
        reached=f"{growth:+.1f}%",
        met=growth <= GROWTH,
        figures=figures,
    )
    yield at_most(f"memory of the filling process, {named}", peak, MEMORY, "MB", figures[1:])


def _checkpointing(found: Sequence[Answer], rare: Answer) -> Row:
    shares = {figure: statistics.median(_share(each, figure) for each in found) for figure in ("cpu", "wall")}
    number = statistics.median(each["checkpoints"] for each in found)
    took = 1e3 * statistics.median(each["checkpoints_wall"] / each["checkpoints"] for each in found)
    return at_most(
        "checkpoints, all of MICE's reducers, default settings: share of the time",
        max(shares.values()),
        SHARE,
        "%",
        [
            f"{shares['cpu']:.2f}% of CPU, {shares['wall']:.2f}% of wall time",
            f"{number:g} checkpoints of {took:.1f} ms, those at the beginning and the end among them",
            f"the job: {median(found, 'wall'):.1f} s, {median(found, 'cpu'):.1f} s of CPU",
            f"at the beginning and the end alone, once: {rare['wall']:.1f} s, {rare['cpu']:.1f} s of CPU",
        ],
    )


def _share(answer: Answer, figure: str) -> float:
    return 100 * float(answer[f"checkpoints_{figure}"]) / float(answer[figure])


def _job(path: Path, plots: Sequence[str], **settings: Any) -> Answer:
    with Contender("runfolio_run") as contender:
        return contender.ask("whole", path=str(path), plots=plots, **settings)
