"""The Cherenkov counters: what is read of their events, and the plots of `ReducePyCkovPlot`.

Names, titles, binnings and tags are those of MICE's control room (MAUS, ReducePyCkovPlot). PMT 1-4
are detector A, 5-8 are B.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import NAN, floats, integers, present, without_nulls
from runfolio.mice.tof_events import SpacePoints, single_times
from runfolio.plots import Panel, Reducer, Regular, Series, Spills, grid

GARBAGE_CHARGE = -1000
"""Charges at or below it are no measurements."""
NO_PULSE = 255
"""The arrival time that stands for no pulse, in samples of one time bin of 256."""
B_BEGINS = 4
"""The photomultipliers of detector B are numbered from here, those of A from 0."""


class CounterA(Struct, gc=False):
    """Detector A, photomultipliers 1 to 4."""

    arrival_time_0: int | None = None
    arrival_time_1: int | None = None
    arrival_time_2: int | None = None
    arrival_time_3: int | None = None
    number_of_pes: float | None = None
    pulse_0: int | None = None
    pulse_1: int | None = None
    pulse_2: int | None = None
    pulse_3: int | None = None


class CounterB(Struct, gc=False):
    """Detector B, photomultipliers 5 to 8."""

    arrival_time_4: int | None = None
    arrival_time_5: int | None = None
    arrival_time_6: int | None = None
    arrival_time_7: int | None = None
    number_of_pes: float | None = None
    pulse_4: int | None = None
    pulse_5: int | None = None
    pulse_6: int | None = None
    pulse_7: int | None = None


class CkovDigit(Struct, gc=False):
    A: CounterA | None = None
    B: CounterB | None = None


class CkovEvent(Struct, gc=False):
    ckov_digits: list[CkovDigit | None] | None = None


class TofEvent(Struct, gc=False):
    tof_space_points: SpacePoints | None = None


class ReconEvent(Struct, gc=False):
    tof_event: TofEvent | None = None
    ckov_event: CkovEvent | None = None


class CkovSpill(Struct, gc=False):
    recon_events: list[ReconEvent | None] | None = None


class CkovColumns(NamedTuple):
    """Columns of a batch. Those by event have one value an event, NaN where it has none."""

    flight: npt.NDArray[np.float64]
    """By event: t1 - t0 in ns, where TOF0 and TOF1 have one space point each."""
    pes_a: npt.NDArray[np.float64]
    """By event: photo-electrons in A."""
    pes_b: npt.NDArray[np.float64]
    """By event: photo-electrons in B."""
    pulses: tuple[npt.NDArray[np.int64], ...]
    """For each of the 8 photomultipliers, its charges."""
    arrivals: tuple[npt.NDArray[np.int64], ...]
    """For each of the 8 photomultipliers, its arrival times."""


def ckov_columns(spills: Sequence[CkovSpill]) -> CkovColumns:
    """Return the columns of a batch."""
    events = [event for spill in spills for event in spill.recon_events or () if event]
    digits = [_first_digit(event.ckov_event) for event in events]
    a = [digit.A if digit else None for digit in digits]
    b = [digit.B if digit else None for digit in digits]
    seen_a, seen_b = [each for each in a if each], [each for each in b if each]
    points = [event.tof_event and event.tof_event.tof_space_points for event in events]
    start = single_times(without_nulls([each.tof0 if each else None for each in points]))
    stop = single_times(without_nulls([each.tof1 if each else None for each in points]))
    return CkovColumns(
        flight=stop - start,
        pes_a=floats([counter.number_of_pes if counter else NAN for counter in a]),
        pes_b=floats([counter.number_of_pes if counter else NAN for counter in b]),
        pulses=(
            integers([counter.pulse_0 for counter in seen_a]),
            integers([counter.pulse_1 for counter in seen_a]),
            integers([counter.pulse_2 for counter in seen_a]),
            integers([counter.pulse_3 for counter in seen_a]),
            integers([counter.pulse_4 for counter in seen_b]),
            integers([counter.pulse_5 for counter in seen_b]),
            integers([counter.pulse_6 for counter in seen_b]),
            integers([counter.pulse_7 for counter in seen_b]),
        ),
        arrivals=(
            integers([counter.arrival_time_0 for counter in seen_a]),
            integers([counter.arrival_time_1 for counter in seen_a]),
            integers([counter.arrival_time_2 for counter in seen_a]),
            integers([counter.arrival_time_3 for counter in seen_a]),
            integers([counter.arrival_time_4 for counter in seen_b]),
            integers([counter.arrival_time_5 for counter in seen_b]),
            integers([counter.arrival_time_6 for counter in seen_b]),
            integers([counter.arrival_time_7 for counter in seen_b]),
        ),
    )


def _first_digit(event: CkovEvent | None) -> CkovDigit | None:
    return event.ckov_digits[0] if event and event.ckov_digits else None


Array = npt.NDArray[Any]


def charges(pmt: int) -> Callable[[CkovColumns], Array]:
    """Fill with a photomultiplier's charges, without the garbage."""
    return lambda columns: columns.pulses[pmt][columns.pulses[pmt] > GARBAGE_CHARGE]


def arrival_times(pmt: int) -> Callable[[CkovColumns], Array]:
    """Fill with a photomultiplier's arrival times, where it has a pulse."""
    return lambda columns: columns.arrivals[pmt][columns.arrivals[pmt] < NO_PULSE]


def light_and_flight(pes: str) -> Callable[[CkovColumns], tuple[Array, Array]]:
    """Fill with photo-electrons, where there are any, against the time of flight of the same event."""

    def values(columns: CkovColumns) -> tuple[Array, Array]:
        light: Array = getattr(columns, pes)
        both = (light > 0) & ~np.isnan(columns.flight)
        return light[both], columns.flight[both]

    return values


ckov = Reducer("ReducePyCkovPlot", reads=Spills(CkovSpill, ckov_columns))

# The histograms, in the order of the original's file.
ckov.hist(
    "htof",
    Regular(100, 10, 40, "TOF(ns)"),
    values=lambda columns: present(columns.flight),
    figure=False,  # the TOF reducer draws it already
)

for name in "AB":
    ckov.hist(
        f"tof_{name}",
        Regular(100, 0, 50, f"Ckov{name} PE"),
        Regular(200, 15, 35, "t(TOF0 to TOF1) (ns)"),
        values=light_and_flight(f"pes_{name.lower()}"),
    )

for pmt in range(8):
    ckov.hist(
        f"hPMT{pmt + 1}",
        Regular(500, -50, 500, "Charge", integers=True),
        title=f"PMT{pmt + 1}",
        values=charges(pmt),
    )

for pmt in range(8):
    ckov.hist(
        f"harr_time{pmt + 1}",
        Regular(200, 0, 200, "Uncalibrated Time (ns)", integers=True),
        title=f"Arrival Times{pmt + 1}",
        values=arrival_times(pmt),
    )

# The figures.
ckov.figure(
    "CkovCharge_PMT1-8",
    panels=grid([Panel(series=(Series(f"hPMT{pmt}"),), log_y=True) for pmt in range(1, 9)], columns=4),
    keywords=("ckov", "charge", "pmt"),
    size=(1200, 800),
)
ckov.figure(
    "CkovArrivalTimes_PMT1-8",
    panels=grid([f"harr_time{pmt}" for pmt in range(1, 9)], columns=4),
    keywords=("ckov", "time", "pmt"),
    size=(1200, 800),
)
for name in "AB":
    ckov.figure(
        f"CkovPE_{name}_vs_TOF_0_to_1",
        panels=[[f"tof_{name}"]],
        keywords=("ckov", "tof", f"ckov{name.lower()}"),
        size=(600, 600),
    )
