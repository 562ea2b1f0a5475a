"""Which run is open, when it ends, and why."""

from runfolio.runs.run import EndedBy, Run, SpillMark, Status, Tally
from runfolio.runs.tracking import Event, Images, Opened, Over, Passed, Rejected, Spills, Tracker

__all__ = [
    "EndedBy",
    "Event",
    "Images",
    "Opened",
    "Over",
    "Passed",
    "Rejected",
    "Run",
    "SpillMark",
    "Spills",
    "Status",
    "Tally",
    "Tracker",
]
