"""Which run is open, when it ends, and why."""

from runfolio.runs.run import EndedBy, Run, RunState, Status, Tally
from runfolio.runs.tracking import (
    Began,
    Data,
    Event,
    Images,
    Opened,
    Over,
    Passed,
    Rejected,
    Tracker,
    TrackerState,
)

__all__ = [
    "Began",
    "Data",
    "EndedBy",
    "Event",
    "Images",
    "Opened",
    "Over",
    "Passed",
    "Rejected",
    "Run",
    "RunState",
    "Status",
    "Tally",
    "Tracker",
    "TrackerState",
]
