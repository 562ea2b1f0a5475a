"""Lists of rows cut into one list for each event, or for each track."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

import numpy as np

from runfolio.mice.simulation.chance import Ints

T = TypeVar("T")


def grouped(rows: list[T], counts: Ints) -> Iterator[list[T]]:
    """Yield the first `counts[0]` rows, then the next `counts[1]`, and so on."""
    ends = [0, *np.cumsum(counts).tolist()]
    return (rows[first:last] for first, last in pairwise(ends))
