"""A run: which documents belonged to it, and why it ended. No histograms and no files here."""

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from runfolio.stream import SpillMark


class EndedBy(StrEnum):
    """Why a run ended."""

    RUN_FOOTER = "run_footer"
    END_OF_RUN_SPILL = "end_of_run_spill"
    NEXT_RUN = "next_run"
    END_OF_INPUT = "end_of_input"
    INTERRUPTED = "interrupted"


class Status(StrEnum):
    """Whether a run's folder holds all that the run had."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    INTERRUPTED = "interrupted"


STATUS = {
    EndedBy.RUN_FOOTER: Status.COMPLETE,
    EndedBy.END_OF_RUN_SPILL: Status.COMPLETE,
    EndedBy.NEXT_RUN: Status.INCOMPLETE,
    EndedBy.END_OF_INPUT: Status.INCOMPLETE,
    EndedBy.INTERRUPTED: Status.INTERRUPTED,
}


@dataclass
class Tally:
    """Every document of a run, counted once: received is the sum of the rest."""

    run_headers: int = 0
    run_footers: int = 0
    end_of_run_spills: int = 0
    markers: int = 0
    """Start of run, start and end of burst."""
    filled: int = 0
    passed_over: int = 0
    """Spills that are neither physics nor markers: calibration, unknown types."""
    images: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        return (
            self.run_headers
            + self.run_footers
            + self.end_of_run_spills
            + self.markers
            + self.filled
            + self.passed_over
            + self.images
            + self.rejected.total()
        )


@dataclass
class Run:
    """One run from its first document to its seal."""

    number: int
    opened_at: float
    """Unix seconds."""
    says_end: bool = True
    """Whether its data will say when it is over."""
    torn: bool = False
    """Whether data that may have been its own were lost: an input broke off, or it had to make room."""
    begun: bool = False
    """Whether a header or a spill has come, and not images alone."""
    tally: Tally = field(default_factory=Tally)
    ended_by: EndedBy | None = None
    """None while it goes on; the first reason stands."""
    ended_at: float | None = None
    """Unix seconds."""
    ended_when: float = 0.0
    """The same on the clock that measures pauses."""
    sources: dict[str, None] = field(default_factory=dict)
    """The names of the inputs that its documents came from, in their order."""
    first_spill: SpillMark | None = None
    last_spill: SpillMark | None = None
    last_dated_spill: SpillMark | None = None
    """The last of those that have a time."""

    def end(self, reason: EndedBy, now: float, when: float) -> None:
        """Note why it ended; a second reason changes nothing."""
        if self.ended_by is None:
            self.ended_by, self.ended_at, self.ended_when = reason, now, when

    @property
    def reason(self) -> EndedBy:
        """Why it ended, of a run that has."""
        assert self.ended_by is not None
        return self.ended_by

    @property
    def status(self) -> "Status":
        """Of a run that has ended: complete where nothing that was announced is missing."""
        natural = self.reason in (EndedBy.NEXT_RUN, EndedBy.END_OF_INPUT)
        return Status.COMPLETE if natural and not (self.says_end or self.torn) else STATUS[self.reason]

    def see(self, mark: SpillMark) -> None:
        """Take the number and time of data; first and last go by these, not by arrival.

        Where data have no numbers, they go by the time alone.
        """
        if self.first_spill is None or _from_the_first(mark) < _from_the_first(self.first_spill):
            self.first_spill = mark
        if self.last_spill is None or _to_the_last(mark) > _to_the_last(self.last_spill):
            self.last_spill = mark
        dated = self.last_dated_spill
        if mark.time is not None and (dated is None or _to_the_last(mark) > _to_the_last(dated)):
            self.last_dated_spill = mark


def _from_the_first(mark: SpillMark) -> tuple[int, float]:
    """Order spills, of two with one number the earlier first, and one that has a time."""
    return mark.number or 0, math.inf if mark.time is None else mark.time


def _to_the_last(mark: SpillMark) -> tuple[int, float]:
    """Order spills, of two with one number the later last, and one that has a time."""
    return mark.number or 0, -math.inf if mark.time is None else mark.time
