"""A run: which documents belonged to it, and why it ended. No histograms and no files here."""

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from msgspec import Struct

from runfolio.stream import SpillMark


class EndedBy(StrEnum):
    """Why a run ended."""

    RUN_FOOTER = "run_footer"
    END_OF_RUN_SPILL = "end_of_run_spill"
    NEXT_RUN = "next_run"
    IDLE_TIMEOUT = "idle_timeout"
    """Live input brought nothing of it for too long."""
    END_OF_INPUT = "end_of_input"
    MADE_ROOM = "made_room"
    """Too many runs were open side by side."""
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"
    """The program was killed, and its input can't be read again."""


class Status(StrEnum):
    """Whether a run's folder holds all that the run had."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    INTERRUPTED = "interrupted"


STATUS = {
    EndedBy.RUN_FOOTER: Status.COMPLETE,
    EndedBy.END_OF_RUN_SPILL: Status.COMPLETE,
    EndedBy.NEXT_RUN: Status.INCOMPLETE,
    EndedBy.IDLE_TIMEOUT: Status.INCOMPLETE,
    EndedBy.END_OF_INPUT: Status.INCOMPLETE,
    EndedBy.MADE_ROOM: Status.INCOMPLETE,
    EndedBy.INTERRUPTED: Status.INTERRUPTED,
    EndedBy.CRASHED: Status.INCOMPLETE,
}

UNANNOUNCED = (EndedBy.NEXT_RUN, EndedBy.IDLE_TIMEOUT, EndedBy.END_OF_INPUT)
"""How runs end whose data do not say when they are over; such a run lacks nothing."""


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


class RunState(Struct, frozen=True, kw_only=True):
    """All of a run that is open, as plain data: what a checkpoint holds of it.

    Moments on the clock that measures pauses are ages in seconds, since that clock does not outlive
    its process.
    """

    number: int
    opened_at: float
    says_end: bool
    torn: bool
    begun: bool
    counts: dict[str, int]
    """The tally's, by name, without what was rejected."""
    rejected: dict[str, int]
    ended_by: EndedBy | None
    ended_at: float | None
    since_end: float | None
    since_last: float
    sources: tuple[str, ...]
    first_spill: SpillMark | None
    last_spill: SpillMark | None
    last_dated_spill: SpillMark | None


@dataclass
class Run:
    """One run from its first document to its seal."""

    number: int
    opened_at: float
    """Unix seconds."""
    says_end: bool = True
    """Whether its data will say when it is over."""
    torn: bool = False
    """Whether data that may have been its own were lost: an input broke off while it was open."""
    begun: bool = False
    """Whether a header or a spill has come, and not images alone."""
    tally: Tally = field(default_factory=Tally)
    ended_by: EndedBy | None = None
    """None while it goes on; the first reason stands."""
    ended_at: float | None = None
    """Unix seconds."""
    ended_when: float = 0.0
    """The same on the clock that measures pauses."""
    last_came: float = 0.0
    """When something last came that names it, on that clock."""
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
        lacks_nothing = self.reason in UNANNOUNCED and not (self.says_end or self.torn)
        return Status.COMPLETE if lacks_nothing else STATUS[self.reason]

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

    def state(self, when: float) -> RunState:
        """Return all of it as plain data; `when` is now, on the clock that measures pauses."""
        counts = dict(vars(self.tally))
        rejected = counts.pop("rejected")
        return RunState(
            number=self.number,
            opened_at=self.opened_at,
            says_end=self.says_end,
            torn=self.torn,
            begun=self.begun,
            counts=counts,
            rejected=dict(rejected),
            ended_by=self.ended_by,
            ended_at=self.ended_at,
            since_end=None if self.ended_by is None else when - self.ended_when,
            since_last=when - self.last_came,
            sources=tuple(self.sources),
            first_spill=self.first_spill,
            last_spill=self.last_spill,
            last_dated_spill=self.last_dated_spill,
        )

    @classmethod
    def restored(cls, state: RunState, when: float) -> Self:
        """Return the run that a state is of; `when` is now, on the clock that measures pauses.

        Raises:
            ValueError: the state counts what is not counted here.

        """
        if state.counts.keys() != vars(Tally()).keys() - {"rejected"}:
            raise ValueError(f"run {state.number} counts other things than are counted here")
        return cls(
            number=state.number,
            opened_at=state.opened_at,
            says_end=state.says_end,
            torn=state.torn,
            begun=state.begun,
            tally=Tally(**state.counts, rejected=Counter(state.rejected)),
            ended_by=state.ended_by,
            ended_at=state.ended_at,
            ended_when=0.0 if state.since_end is None else when - state.since_end,
            last_came=when - state.since_last,
            sources=dict.fromkeys(state.sources),
            first_spill=state.first_spill,
            last_spill=state.last_spill,
            last_dated_spill=state.last_dated_spill,
        )


def _from_the_first(mark: SpillMark) -> tuple[int, float]:
    """Order spills, of two with one number the earlier first, and one that has a time."""
    return mark.number or 0, math.inf if mark.time is None else mark.time


def _to_the_last(mark: SpillMark) -> tuple[int, float]:
    """Order spills, of two with one number the later last, and one that has a time."""
    return mark.number or 0, -math.inf if mark.time is None else mark.time
