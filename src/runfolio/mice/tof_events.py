"""Events of the time-of-flight counters: what is read of a spill, and the columns made of it.

An event without `tof_space_points` is passed over; with them, a station that is missing, null or
empty has no space point. Nulls within a list are no hits. The structs hold no cycles: kept from the
garbage collector (`gc=False`), they are read and let go in three quarters of the time.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import floats, integers

STATIONS = ("tof0", "tof1", "tof2")


class Pmt(Struct, gc=False):
    """A photomultiplier's part of a slab hit: only whether it is there is used."""


class SlabHit(Struct, gc=False):
    """A hit in one slab; plane 0 is the horizontal slabs, plane 1 the vertical ones."""

    slab: int | None = None
    plane: int | None = None
    pmt0: Pmt | None = None
    pmt1: Pmt | None = None


class SpacePoint(Struct, gc=False):
    """Where a horizontal and a vertical slab were hit together; time in ns."""

    slabX: int | None = None  # noqa: N815  (the stream's name)
    slabY: int | None = None  # noqa: N815  (as above)
    time: float | None = None


class SlabHits(Struct, gc=False):
    tof0: list[SlabHit | None] | None = None
    tof1: list[SlabHit | None] | None = None
    tof2: list[SlabHit | None] | None = None


class SpacePoints(Struct, gc=False):
    tof0: list[SpacePoint | None] | None = None
    tof1: list[SpacePoint | None] | None = None
    tof2: list[SpacePoint | None] | None = None


class TofEvent(Struct, gc=False):
    tof_slab_hits: SlabHits | None = None
    tof_space_points: SpacePoints | None = None


class ReconEvent(Struct, gc=False):
    tof_event: TofEvent | None = None


class TofSpill(Struct, gc=False):
    recon_events: list[ReconEvent | None] | None = None


class Station(NamedTuple):
    """One station's columns; those of space points are flat over the events that have any such list."""

    hit_slab: npt.NDArray[np.int64]
    hit_plane: npt.NDArray[np.int64]
    hit_pmts: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
    """For each of the two photomultipliers, whether a hit has it."""
    slab_x: npt.NDArray[np.int64]
    slab_y: npt.NDArray[np.int64]
    pixel_x: npt.NDArray[np.int64]
    pixel_y: npt.NDArray[np.int64]
    """slabX and slabY of the space points that have both."""
    space_points: npt.NDArray[np.int64]
    """Space points in each event."""
    single_time: npt.NDArray[np.float64]
    """Time in ns of each event's one space point; NaN for events with none or several."""


def tof_columns(spills: Sequence[TofSpill]) -> tuple[Station, ...]:
    """Return the columns of a batch for each station."""
    events = [
        event.tof_event for spill in spills for event in spill.recon_events or () if event and event.tof_event
    ]
    slab_hits = [event.tof_slab_hits for event in events if event.tof_slab_hits]
    space_points = [event.tof_space_points for event in events if event.tof_space_points]
    return tuple(
        _station(map(attrgetter(name), slab_hits), map(attrgetter(name), space_points)) for name in STATIONS
    )


def single_time(space_points: Sequence[SpacePoint | None] | None) -> float | None:
    """Return the time in ns of an event's one space point in a station, None if there is not exactly one."""
    found = [point for point in space_points or () if point]
    return found[0].time if len(found) == 1 else None


def _station(
    slab_hits: Iterable[list[SlabHit | None] | None], space_points: Iterable[list[SpacePoint | None] | None]
) -> Station:
    hits = [h for event in slab_hits for h in event or () if h and h.slab is not None and h.plane is not None]
    by_event = [[point for point in event or () if point] for event in space_points]
    points = [point for event in by_event for point in event]
    pixels = [p for p in points if p.slabX is not None and p.slabY is not None]
    return Station(
        hit_slab=integers([h.slab for h in hits]),
        hit_plane=integers([h.plane for h in hits]),
        hit_pmts=(
            np.array([h.pmt0 is not None for h in hits], np.bool_),
            np.array([h.pmt1 is not None for h in hits], np.bool_),
        ),
        slab_x=integers([p.slabX for p in points]),
        slab_y=integers([p.slabY for p in points]),
        pixel_x=integers([p.slabX for p in pixels]),
        pixel_y=integers([p.slabY for p in pixels]),
        space_points=integers(map(len, by_event)),
        single_time=floats([event[0].time if len(event) == 1 else None for event in by_event]),
    )
