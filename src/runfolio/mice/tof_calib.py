"""Rows for calibrating the time-of-flight counters: the tree `tofcalib` of `ReducePyTofCalib`.

One row for each event with exactly two slab hits in each of the three stations; a hit is one that says its
slab and plane, as for the plots. Hits of a station are in the order of their planes, so that hit 0 is
horizontal and hit 1 vertical; two hits in one plane, which no calibration can use, are kept in the
order of the stream, and their `plane` tells. A time or charge that is missing is NaN.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import floats, integers
from runfolio.mice.tof_events import STATIONS
from runfolio.plots import Reducer, Spills
from runfolio.stream import Spill

HITS = 2
"""In each station."""
PICOSECONDS = 1000.0
"""In a nanosecond."""
_INT32 = np.iinfo(np.int32)


class Pmt(Struct, gc=False):
    """A photomultiplier's part of a slab hit: raw time in ns, charge in ADC counts."""

    raw_time: float | None = None
    charge: float | None = None


class SlabHit(Struct, gc=False):
    """A hit in one slab; plane 0 is the horizontal slabs, plane 1 the vertical ones."""

    slab: int | None = None
    plane: int | None = None
    pmt0: Pmt | None = None
    pmt1: Pmt | None = None


class SlabHits(Struct, gc=False):
    tof0: list[SlabHit | None] | None = None
    tof1: list[SlabHit | None] | None = None
    tof2: list[SlabHit | None] | None = None


class TofEvent(Struct, gc=False):
    tof_slab_hits: SlabHits | None = None


class ReconEvent(Struct, gc=False):
    part_event_number: int | None = None
    tof_event: TofEvent | None = None


class CalibSpill(Spill, gc=False):
    """A spill with its own number and its run's."""

    recon_events: list[ReconEvent | None] | None = None


class Row(NamedTuple):
    """One event, and its hits station by station."""

    run: Any
    spill: Any
    event: int
    """Its number in the spill; where the stream has none, its place."""
    hits: tuple[SlabHit, ...]


stations = attrgetter(*STATIONS)

BRANCHES = {"run": "int64", "spill": "int64", "event": "int64"}
for _station, _hit in product(STATIONS, range(HITS)):
    BRANCHES |= {f"{_station}_hit{_hit}_{each}": "int32" for each in ("slab", "plane")}
    for _pmt in ("pmt0", "pmt1"):
        BRANCHES[f"{_station}_hit{_hit}_{_pmt}_raw_time"] = "float64"  # ps
        BRANCHES[f"{_station}_hit{_hit}_{_pmt}_charge"] = "float32"  # ADC counts


def calib_columns(spills: Sequence[CalibSpill]) -> dict[str, npt.NDArray[Any]]:
    """Return the rows of a batch as columns, by branch."""
    rows = [row for spill in spills for row in _rows(spill)]
    columns: dict[str, npt.NDArray[Any]] = {
        name: integers([getattr(row, name) for row in rows]) for name in ("run", "spill", "event")
    }
    for place, (station, number) in enumerate(product(STATIONS, range(HITS))):
        hits, name = [row.hits[place] for row in rows], f"{station}_hit{number}"
        columns[f"{name}_slab"] = _near(integers([hit.slab for hit in hits]))
        columns[f"{name}_plane"] = _near(integers([hit.plane for hit in hits]))
        for side, pmts in (("pmt0", [hit.pmt0 for hit in hits]), ("pmt1", [hit.pmt1 for hit in hits])):
            times = floats([pmt.raw_time if pmt else None for pmt in pmts])
            columns[f"{name}_{side}_raw_time"] = PICOSECONDS * times
            columns[f"{name}_{side}_charge"] = floats([pmt.charge if pmt else None for pmt in pmts])
    return columns


def _rows(spill: CalibSpill) -> Iterator[Row]:
    for place, event in enumerate(spill.recon_events or ()):
        if not (event and event.tof_event and event.tof_event.tof_slab_hits):
            continue
        pairs = [_pair(hits) for hits in stations(event.tof_event.tof_slab_hits)]
        if all(pairs):
            number = place if event.part_event_number is None else event.part_event_number
            yield Row(
                spill.run_number, spill.spill_number, number, tuple(hit for pair in pairs for hit in pair)
            )


def _pair(hits: list[SlabHit | None] | None) -> list[SlabHit]:
    """Return a station's two hits by plane; none where it has not exactly two."""
    found = [hit for hit in hits or () if hit and hit.slab is not None and hit.plane is not None]
    return sorted(found, key=attrgetter("plane")) if len(found) == HITS else []


def _near(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return numbers of slabs and planes; one beyond 32 bits, which is none, is the farthest within."""
    return np.clip(numbers, _INT32.min, _INT32.max)


calib = Reducer("ReducePyTofCalib", reads=Spills(CalibSpill, calib_columns))

calib.tree(
    "tofcalib",
    BRANCHES,
    file="tofcalibdata_{run}",
    by=("run", "spill", "event"),
    title="Slab hits for the calibration of the time-of-flight counters",
    values=lambda columns: columns,
    keywords=("TOF", "calibration"),
)
