"""Events of the time-of-flight counters: what is read of a spill, and the columns made of it.

An event without `tof_space_points` is passed over; with them, a station that is missing, null or
empty has no space point. Nulls within a list are no hits. The structs hold no cycles: kept from the
garbage collector (`gc=False`), they are read and let go in three quarters of the time.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import NAN, flat, floats, integers, truths, without_nulls

STATIONS = ("tof0", "tof1", "tof2")

Whole = npt.NDArray[np.int64]


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
    hits = [event.tof_slab_hits for event in events if event.tof_slab_hits]
    points = [event.tof_space_points for event in events if event.tof_space_points]
    return (
        _station([each.tof0 for each in hits], [each.tof0 for each in points]),
        _station([each.tof1 for each in hits], [each.tof1 for each in points]),
        _station([each.tof2 for each in hits], [each.tof2 for each in points]),
    )


def single_times(space_points: Iterable[Sequence[SpacePoint]]) -> npt.NDArray[np.float64]:
    """Return the time in ns of each event's one space point in a station, NaN if it has not exactly one."""
    return floats([points[0].time if len(points) == 1 else NAN for points in space_points])


def _station(
    slab_hits: Iterable[Sequence[SlabHit | None] | None],
    space_points: Iterable[Sequence[SpacePoint | None] | None],
) -> Station:
    hits = flat(slab_hits)
    slab, plane = _slab_and_plane(hits)
    if not len(slab) == len(plane) == len(hits):  # some lack one of them, or both
        hits = [hit for hit in hits if hit.slab is not None and hit.plane is not None]
        slab, plane = _slab_and_plane(hits)
    by_event = without_nulls(space_points)
    points = flat(by_event)
    pixel_x, pixel_y = slab_x, slab_y = _slabs(points)
    if not len(slab_x) == len(slab_y) == len(points):
        pixel_x, pixel_y = _slabs([p for p in points if p.slabX is not None and p.slabY is not None])
    return Station(
        hit_slab=slab,
        hit_plane=plane,
        hit_pmts=(
            truths([hit.pmt0 is not None for hit in hits]),
            truths([hit.pmt1 is not None for hit in hits]),
        ),
        slab_x=slab_x,
        slab_y=slab_y,
        pixel_x=pixel_x,
        pixel_y=pixel_y,
        space_points=integers([len(points) for points in by_event]),
        single_time=single_times(by_event),
    )


def _slab_and_plane(hits: Sequence[SlabHit]) -> tuple[Whole, Whole]:
    return integers([hit.slab for hit in hits]), integers([hit.plane for hit in hits])


def _slabs(points: Sequence[SpacePoint]) -> tuple[Whole, Whole]:
    return integers([point.slabX for point in points]), integers([point.slabY for point in points])
