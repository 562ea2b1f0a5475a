"""What a refresh costs the process that fills: the time for which it can't go on."""

from collections.abc import Iterator

from benchmarks.asking import Contender, in_turn, median
from benchmarks.rows import Bench, Row, at_most

MOST = 50.0


def measure(bench: Bench) -> Iterator[Row]:
    """Give the row of stalling."""
    with Contender("runfolio_stall") as contender:
        first = contender.ask("stall")  # which sends names, axes and figures as well
        found = in_turn(
            bench.runs, {"stall": lambda: contender.ask("stall"), "copy": lambda: contender.ask("copy")}
        )
    took = {name: 1e3 * median(found["stall"], name) for name in ("stall", "snapshot", "fill")}
    yield at_most(
        "10,000 histograms filled a batch, snapshot to the renderer: filling stands still for",
        took["stall"],
        MOST,
        "ms",
        [
            f"of that the snapshot: {took['snapshot']:.1f} ms; filling a batch: {took['fill']:.0f} ms",
            f"the first time in a run, once: {1e3 * first['stall']:.0f} ms",
            f"floor: a copy of the counts in memory: {1e3 * median(found['copy'], 'wall'):.1f} ms",
        ],
    )
