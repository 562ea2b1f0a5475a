"""What a whole job came to: plain data for whoever tells the user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Is told how far the reading is, after every batch."""

    def update(self, bytes_read: int, bytes_total: int | None, spills: int, run_number: int | None) -> None:
        """Take the figures of the whole job; `bytes_total` is None where it is not known."""
        ...


class NoProgress:
    """Tells nobody."""

    def update(self, bytes_read: int, bytes_total: int | None, spills: int, run_number: int | None) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """One run, as it was sealed or why it could not be."""

    run_number: int
    status: str
    ended_by: str
    unit: str = "spill"
    """What is counted as filled."""
    spills: int
    rejected: int
    """Documents set aside that are counted with this run, and entries of image documents."""
    folder: Path | None
    """The sealed folder; None where sealing failed."""
    revision: int
    images: int
    renamed: Sequence[str] = ()
    """Images that got a second name, since another producer had their tag."""
    problems: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The whole job."""

    runs: Sequence[RunSummary]
    rejected: Mapping[str, int]
    """By reason, over the whole job."""
    set_aside: Path | None
    """Where what was rejected is kept; None where nothing was, or it could not be kept."""
    late: Mapping[int, int] = field(default_factory=dict)
    """By run number, documents that came for it when it was sealed already; they are among the rejected."""
    set_aside_late: Path | None = None
    """Where these are kept; None where there are none."""
    stray: Mapping[str, int]
    """Markers, headers and footers of no run that was open, by kind; they change nothing."""
    problems: Sequence[str]
    documents: int
    bytes_read: int
    seconds: float
    drawing_seconds: float = 0.0
    """That the process which draws was at work, beside all else."""

    @property
    def exit_status(self) -> int:
        """0 if all went well, 1 if anything was rejected or lost."""
        failed = self.problems or self.rejected or any(run.problems for run in self.runs)
        return 1 if failed else 0
