"""The time-of-flight stations' hits and space points as they are written."""

from functools import cache
from typing import Any

import numpy as np
from msgspec import UNSET

from runfolio.mice.simulation.beam import ELECTRON, Beam
from runfolio.mice.simulation.chance import Chance, Ints
from runfolio.mice.simulation.documents import (
    Pmt,
    SlabHit,
    SlabHitStations,
    SpacePoint,
    SpacePointStations,
    TofEvent,
)
from runfolio.mice.simulation.rows import grouped
from runfolio.mice.simulation.tof_hits import (
    STATIONS,
    TDC_COUNT,
    Fired,
    ReadOut,
    Station,
    fire,
    read_out,
    space_point_counts,
)

_SLABS = 10  # stride of the tables of keys


def tof_events(chance: Chance, beam: Beam) -> list[TofEvent]:
    """Return the slab hits and space points of each event of the beam."""
    everyone = np.ones(len(beam), dtype=np.bool_)
    # Electrons shower in the material behind TOF1 and are not seen in TOF2.
    reached = (everyone, everyone, beam.species != ELECTRON)
    crossing = (-beam.t01, np.zeros(len(beam)), beam.t12)  # TOF1 is the trigger
    request = 20_000 + chance.below(20_000, len(beam))
    points, hits = [], []
    for station, reaches, time in zip(STATIONS, reached, crossing, strict=True):
        count = space_point_counts(chance, reaches)
        fired = fire(station, chance, beam, time, count)
        seen = read_out(station, chance, fired)
        points.append(grouped(_space_points(station, beam, fired, seen), count))
        in_order = _slab_hits(station, beam, request, fired, seen)
        hits.append(grouped(in_order, np.bincount(fired.event, minlength=len(beam))))
    p0, p1, p2 = points
    h0, h1, h2 = hits
    in_points, in_hits = map(SpacePointStations, p1, p0, p2), map(SlabHitStations, h1, h0, h2)
    return list(map(TofEvent, in_points, in_hits))


def _slab_hits(station: Station, beam: Beam, request: Ints, fired: Fired, seen: ReadOut) -> list[SlabHit]:
    """Return the hits, event by event."""
    order = np.argsort(fired.event, kind="stable")
    q0, q1 = seen.charge
    own = [
        fired.slab,
        beam.phys_event[fired.event],
        seen.leading.sum(axis=0) * TDC_COUNT / 2,
        q0 + q1,
        fired.plane,
        _product(seen),
        seen.time.sum(axis=0) / 2,
        np.full_like(fired.slab, station.number),
    ]
    columns: list[list[Any]] = [column[order].tolist() for column in own]
    without_time = np.flatnonzero(~seen.calibrated[order]).tolist()
    for hit in without_time:
        columns[6][hit] = UNSET
    pmt0, pmt1 = (
        _pmts(station, fired, seen, number=number, request=request, order=order) for number in (0, 1)
    )
    names = [station.name] * len(order)
    return list(map(SlabHit, *columns, names, beam.part_event[fired.event][order].tolist(), pmt1, pmt0))


def _pmts(
    station: Station, fired: Fired, seen: ReadOut, *, number: int, request: Ints, order: Ints
) -> list[Any]:
    """Return one photomultiplier of each hit, UNSET where it is not there."""
    asked = request[fired.event][order]
    leading = seen.leading[number][order]
    time: list[Any] = seen.time[number][order].tolist()
    for hit in np.flatnonzero(~seen.calibrated[order]).tolist():
        time[hit] = UNSET
    keys = _channel_keys(station.number)
    channel = (fired.plane * _SLABS + fired.slab)[order] * 2 + number
    pmts: list[Any] = list(
        map(
            Pmt,
            (leading * TDC_COUNT).tolist(),
            seen.charge[number][order].tolist(),
            (leading + asked).tolist(),
            time,
            [keys[place] for place in channel.tolist()],
            asked.tolist(),
        )
    )
    for hit in np.flatnonzero(~seen.there[number][order]).tolist():
        pmts[hit] = UNSET
    return pmts


def _space_points(station: Station, beam: Beam, fired: Fired, seen: ReadOut) -> list[SpacePoint]:
    """Return the space points, event by event."""
    x, y = slice(0, fired.points), slice(fired.points, 2 * fired.points)
    slab_time = seen.time.sum(axis=0) / 2
    charge, product = seen.charge.sum(axis=0), _product(seen)
    keys = _pixel_keys(station.number)
    pixel = fired.slab[x] * _SLABS + fired.slab[y]
    event = fired.event[x]
    return list(
        map(
            SpacePoint,
            beam.phys_event[event].tolist(),
            [keys[place] for place in pixel.tolist()],
            (charge[x] + charge[y]).tolist(),
            [station.number] * fired.points,
            fired.slab[y].tolist(),
            fired.slab[x].tolist(),
            (product[x] + product[y]).tolist(),
            ((slab_time[x] + slab_time[y]) / 2).tolist(),
            (slab_time[x] - slab_time[y]).tolist(),
            beam.part_event[event].tolist(),
            [station.name] * fired.points,
        )
    )


def _product(seen: ReadOut) -> Ints:
    """Return q0 q1 / (q0 + q1), rounded down; noise can be so small that both are 0."""
    q0, q1 = seen.charge
    product: Ints = q0 * q1 // np.maximum(q0 + q1, 1)
    return product


@cache
def _channel_keys(station: int) -> list[str]:
    return [
        f"TOFChannelKey {station} {plane} {slab} {pmt} tof{station}"
        for plane in range(2)
        for slab in range(_SLABS)
        for pmt in range(2)
    ]


@cache
def _pixel_keys(station: int) -> list[str]:
    return [f"TOFPixelKey {station} {x} {y} tof{station}" for x in range(_SLABS) for y in range(_SLABS)]
