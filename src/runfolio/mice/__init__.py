"""MICE: its data model, its reducers, and a simulator of its stream. A user of the rest like any other."""

from runfolio.plots import Reducer


def default_reducers() -> tuple[Reducer, ...]:
    """Return what a run is plotted with where nothing else is asked for: TOF and Cherenkov."""
    from runfolio.mice.ckov import ckov  # noqa: PLC0415 - the simulator needs neither
    from runfolio.mice.tof import tof  # noqa: PLC0415

    return tof, ckov
