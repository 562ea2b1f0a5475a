"""Which run is open, when it ends, and why."""

from runfolio.runs.run import EndedBy, Run, Status, Tally
from runfolio.runs.tracking import Began, Event, Images, Opened, Over, Passed, Rejected, Spills, Tracker

__all__ = [
    "Began",
    "EndedBy",
    "Event",
    "Images",
    "Opened",
    "Over",
    "Passed",
    "Rejected",
    "Run",
    "Spills",
    "Status",
    "Tally",
    "Tracker",
]
