"""What a refresh costs the process that fills: the time for which it can't go on."""

from collections.abc import Iterator

from benchmarks.asking import Contender, in_turn, median
from benchmarks.rows import Bench, Row, at_most

MOST = 50.0


def measure(bench: Bench) -> Iterator[Row]:
    """Give the row of stalling."""
    with Contender("runfolio_stall") as contender:
        contender.ask("stall")  # the first one, which sets up much, is not counted
        found = in_turn(
            bench.runs, {"stall": lambda: contender.ask("stall"), "copy": lambda: contender.ask("copy")}
        )
    took = {name: 1e3 * median(found["stall"], name) for name in ("stall", "snapshot", "handing", "fill")}
    yield at_most(
        "10,000 histograms filled a batch, snapshot to the renderer: filling stands still for",
        took["stall"],
        MOST,
        "ms",
        [
            f"snapshot {took['snapshot']:.1f} ms, handing over {took['handing']:.1f} ms",
            f"filling a batch {took['fill']:.0f} ms",
            f"floor: a copy of the counts in memory {1e3 * median(found['copy'], 'wall'):.1f} ms",
        ],
    )
