"""Which run is open, when it ends, and why."""

from runfolio.runs.run import EndedBy, Run, Status, Tally
from runfolio.runs.tracking import Began, Data, Event, Images, Opened, Over, Passed, Rejected, Tracker

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
    "Status",
    "Tally",
    "Tracker",
]
