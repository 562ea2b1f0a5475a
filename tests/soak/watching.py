"""What a process takes up, looked at again and again, and whether that stays flat."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression, median

from processes import children
from runfolio.folder.names import KEPT

PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1_000_000


@dataclass(frozen=True)
class Figure:
    """A figure that is to stay flat, and what its median may grow by from the second third to the last."""

    name: str
    unit: str = ""
    share: float = 0.0
    amount: float = 0.0

    def allowed(self, before: float) -> float:
        return before * (1 + self.share) + self.amount


FIGURES = (
    Figure("memory", "MB", share=0.03, amount=2),
    Figure("memory of the drawing process", "MB", share=0.03, amount=2),
    Figure("open descriptors", amount=1),
    Figure("threads", amount=1),
    Figure("child processes"),
    Figure("temporary files", amount=1),
    Figure("files in the staging", amount=2),  # but for the states of sealed runs, which are 100 at most
    Figure("files in the live directory", amount=8),  # one run may have so many more images than another
    Figure("live directory", "MB", share=0.1, amount=0.05),
)


@dataclass(frozen=True)
class Sample:
    """The figures at one moment, in the order of FIGURES, and how many runs were sealed by then."""

    runs: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Flatness:
    """A figure over the time: its median in each third, and whether it stayed flat."""

    figure: Figure
    thirds: tuple[float, ...]

    @property
    def flat(self) -> bool:
        return self.thirds[2] <= self.figure.allowed(self.thirds[1])


class Watch:
    """Samples one process and the directories it works in."""

    def __init__(self, process: int, *, temporary: Path, staging: Path, live: Path) -> None:
        self._process = process
        self._temporary = temporary
        self._staging = staging
        self._live = live
        self.samples: list[Sample] = []

    def sample(self, runs: int) -> None:
        """Take a sample, unless the drawing process is just being replaced."""
        with suppress(FileNotFoundError, ProcessLookupError):
            drawing = children(self._process)
            shown = [each for each in _files(self._live) if each.suffix != ".jsonl"]
            values = (
                _memory(self._process),
                sum(map(_memory, drawing)),
                len(os.listdir(f"/proc/{self._process}/fd")),  # noqa: PTH208 - names alone
                len(os.listdir(f"/proc/{self._process}/task")),  # noqa: PTH208
                len(drawing),
                len(_files(self._temporary)),
                sum(each.parent.name != KEPT for each in _files(self._staging)),
                len(shown),
                sum(each.stat().st_size for each in shown) / MB,
            )
            self.samples.append(Sample(runs, values))

    def flatness(self) -> Sequence[Flatness]:
        """Return each figure over the time."""
        if len(self.samples) < 3:
            return []
        size = len(self.samples) / 3
        parts = [self.samples[round(a * size) : round(b * size)] for a, b in pairwise(range(4))]
        return [
            Flatness(figure, tuple(median(each.values[place] for each in part) for part in parts))
            for place, figure in enumerate(FIGURES)
        ]

    def growth(self) -> float:
        """Return by how many MB the memory of the process grows in 10,000 runs, after the first third."""
        later = self.samples[len(self.samples) // 3 :]
        runs = [each.runs for each in later]
        if len(set(runs)) < 2:
            return 0.0
        return linear_regression(runs, [each.values[0] for each in later]).slope * 10_000


def _memory(process: int) -> float:
    """Return the resident memory of a process, in MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / MB


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if not path.is_dir()]
