"""What is compared: each module asks contenders in turn and makes rows of what they say."""

from collections.abc import Callable, Iterator, Mapping

from benchmarks.cases import (
    columns,
    drawing,
    filling,
    long_runs,
    moving,
    sealing,
    stalling,
    starting,
    workers,
)
from benchmarks.rows import Bench, Row

Measure = Callable[[Bench], Iterator[Row]]

CASES: Mapping[str, Measure] = {
    "filling": filling.measure,
    "columns": columns.measure,
    "workers": workers.measure,
    "drawing": drawing.measure,
    "sealing": sealing.measure,
    "starting": starting.measure,
    "moving": moving.measure,
    "stalling": stalling.measure,
    "long_runs": long_runs.measure,
}
