"""Messages: what the process that owns the runs and its workers say to each other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from runfolio.stream import Batch, Place, Read


class Setup(NamedTuple):
    """What a worker is told first; it answers with why it can't work, empty where it can."""

    plots: tuple[str, ...]
    identity: str
    """Of the plots that are filled."""
    line_limit: int
    stretch: int
    """Bytes of a source at whose multiples batches end."""
    asked_all: bool = False
    """Whether plots have asked for all columns that they need, as a reader of columns has to know."""


class Task(NamedTuple):
    """A block to be read; it is answered with lists of steps, then with why that was the end."""

    path: str
    """Of the file, and what it is called in what is told of it."""
    at: str
    """The path by which it is opened."""
    start: Place
    end: int | None
    learned: dict[str, Any]
    """What the reader knows where the block begins."""


class FarBatch(NamedTuple):
    """A batch without the lines of its documents, which are read again where they are needed."""

    batch: Batch
    lines: int
    """How many it has."""
    first: int
    """Which of the things behind the place before it."""
    batches: int
    """How many batches it was made of, one after the other."""


class Step(NamedTuple):
    """What comes between two places at which reading could go on."""

    items: Sequence[Read | FarBatch]
    place: Place
    """After them."""
    position: int
    """Of the source."""
    learned: dict[str, Any]
    """What the reader knows there."""


class Done(NamedTuple):
    """The block was read to its end."""


class GivenUp(NamedTuple):
    """The block can't be read by a worker from here on."""

    why: str
    for_good: bool = False
    """Whether so it is with every block."""
