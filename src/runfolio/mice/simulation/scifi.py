"""The two scintillating-fibre trackers: five stations of three planes each, the solenoids' field off.

All work is on arrays of shape (event, tracker, station) or, with one more axis, (…, plane).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from runfolio.mice.simulation.beam import Beam, Passage
from runfolio.mice.simulation.chance import Bools, Chance, Floats, Ints, Quantiles, moyal, normal
from runfolio.mice.simulation.more_documents import SciFiDigit, SciFiEvent, SciFiSpacePoint, Vector
from runfolio.mice.simulation.rows import grouped

_TRACKERS, _STATIONS, _PLANES = 2, 5, 3
_Z = np.array([0.65, 200.65, 450.65, 750.65, 1100.65])  # mm, of the stations
_VIEWS = np.array([(1.0, 0.0), (-0.5, 0.8660254037844386), (-0.5, -0.8660254037844386)])  # across the fibres
_CHANNELS, _MIDDLE, _PITCH = 215, 106.2, 1.4945  # one channel is seven fibres; pitch in mm
_RADIUS = 150.0  # mm, of a station
_WIDTH = (32.0, 44.0)  # mm, of the beam in each tracker
_CENTRE = ((4.0, -6.0), (-9.0, 3.0))  # mm
_EFFICIENCY = 0.97
_NEIGHBOUR_RATE = 0.08  # a particle crosses two channels
_NOISE_RATE = 0.5  # single channels an event
_MOST_ADC = 255


@dataclass(frozen=True)
class _Tables:
    width: Quantiles  # beam widths
    slope: Quantiles  # mm a mm
    resolution: Quantiles  # mm
    light: Quantiles  # photoelectrons
    jitter: Quantiles  # ns


@cache
def _tables() -> _Tables:
    return _Tables(
        width=normal(0, 1, -2.8, 2.8),
        slope=normal(0, 0.018, -0.05, 0.05),
        resolution=normal(0, 0.4, -1.5, 1.5),
        light=moyal(8.5, 1.3),
        jitter=normal(0, 1.2, -4, 4),
    )


@dataclass(frozen=True)
class _Crossing:
    """Where particles cross stations: places in mm and channels, and what has fired."""

    x: Floats
    y: Floats
    channel: Ints
    fired: Bools
    light: Floats
    time: Floats
    """By event, in ns."""

    @property
    def planes(self) -> Ints:
        """How many planes of a station have fired."""
        planes: Ints = self.fired.sum(axis=3)
        return planes


def scifi_events(chance: Chance, beam: Beam, passed: Passage) -> list[SciFiEvent]:
    """Return the digits and space points of each event of the beam."""
    crossing = _cross(chance, beam, passed)
    digits, of_digits = _digits(chance, beam, crossing)
    points, of_points = _space_points(chance, beam, crossing)
    return list(map(SciFiEvent, grouped(digits, of_digits), grouped(points, of_points)))


def _cross(chance: Chance, beam: Beam, passed: Passage) -> _Crossing:
    x, y = (_places(chance, kept, axis) for axis, kept in enumerate((beam.x, beam.y)))
    across = np.stack([x, y], axis=3)[:, :, :, np.newaxis, :] * _VIEWS
    channel = np.rint(_MIDDLE + (across[..., 0] + across[..., 1]) / _PITCH).astype(np.int64)
    inside = (x * x + y * y < _RADIUS * _RADIUS) & np.stack([passed.us, passed.ds], axis=1)[:, :, np.newaxis]
    shape = (len(beam), _TRACKERS, _STATIONS, _PLANES)
    return _Crossing(
        x=x,
        y=y,
        channel=np.clip(channel, 0, _CHANNELS - 1),
        fired=inside[..., np.newaxis] & chance.occurs(_EFFICIENCY, *shape),
        light=_tables().light.of(chance.uniform(*shape)),
        time=2e6 * chance.uniform(len(beam)),
    )


def _places(chance: Chance, kept: Floats, axis: int) -> Floats:
    """Return a coordinate in mm; `kept` is the particle's place in the beam, in beam widths."""
    shape = (len(kept), _TRACKERS)
    own = _tables().width.of(chance.uniform(*shape))
    centre = np.array([each[axis] for each in _CENTRE])
    start = centre + np.array(_WIDTH) * (0.8 * kept[:, np.newaxis] + 0.6 * own)
    slope = _tables().slope.of(chance.uniform(*shape))
    places: Floats = start[:, :, np.newaxis] + slope[:, :, np.newaxis] * _Z
    return places


def _digits(chance: Chance, beam: Beam, crossing: _Crossing) -> tuple[list[SciFiDigit], Ints]:
    """Return digits event by event, and how many each event has."""
    fired = np.argwhere(crossing.fired)
    place = tuple(fired.T)
    channel, light = crossing.channel[place], crossing.light[place]
    beside = chance.occurs(_NEIGHBOUR_RATE, len(fired)) & (channel < _CHANNELS - 1)
    noise = _noise(chance, len(beam))
    rows = np.concatenate([fired, fired[beside], noise])
    used = crossing.planes[place[:3]] > 1
    channels = np.concatenate([channel, channel[beside] + 1, chance.below(_CHANNELS, len(noise))])
    lights = np.concatenate([light, 0.4 * light[beside], 2 + 3 * chance.uniform(len(noise))])
    uses = np.concatenate([used, used[beside], np.zeros(len(noise), dtype=np.bool_)])
    order = np.argsort(rows[:, 0], kind="stable")
    event, tracker, station, plane = rows[order].T
    npe = lights[order]
    digits = map(
        SciFiDigit,
        np.minimum(12 * npe, _MOST_ADC).astype(np.int64).tolist(),
        channels[order].tolist(),
        beam.part_event[event].tolist(),
        npe.tolist(),
        plane.tolist(),
        (beam.phys_event[event] + 1).tolist(),
        (station + 1).tolist(),
        _times(chance, crossing, event).tolist(),
        tracker.tolist(),
        uses[order].tolist(),
    )
    return list(digits), np.bincount(event, minlength=len(beam))


def _noise(chance: Chance, events: int) -> Ints:
    """Return event, tracker, station and plane of single channels, shape (channels, 4)."""
    event = np.flatnonzero(chance.occurs(_NOISE_RATE, events))
    limits = (_TRACKERS, _STATIONS, _PLANES)
    return np.stack([event, *(chance.below(limit, len(event)) for limit in limits)], axis=1)


def _space_points(chance: Chance, beam: Beam, crossing: _Crossing) -> tuple[list[SciFiSpacePoint], Ints]:
    """Return space points event by event, and how many each event has."""
    place = np.nonzero(crossing.planes > 1)
    event, tracker, station = place
    x, y = (
        (each[place] + _tables().resolution.of(chance.uniform(len(event)))).tolist()
        for each in (crossing.x, crossing.y)
    )
    npe = (crossing.light * crossing.fired).sum(axis=3)[place]
    kinds = ("duplet", "triplet")
    points = map(
        SciFiSpacePoint,
        beam.part_event[event].tolist(),
        npe.tolist(),
        map(Vector, x, y, _Z[station].tolist()),
        (beam.phys_event[event] + 1).tolist(),
        (station + 1).tolist(),
        _times(chance, crossing, event).tolist(),
        tracker.tolist(),
        [kinds[planes - 2] for planes in crossing.planes[place].tolist()],
    )
    return list(points), np.bincount(event, minlength=len(beam))


def _times(chance: Chance, crossing: _Crossing, event: Ints) -> Floats:
    return crossing.time[event] + _tables().jitter.of(chance.uniform(len(event)))
