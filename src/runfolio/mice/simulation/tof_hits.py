"""Which slabs of a time-of-flight station fire, when, and what their photomultipliers say.

A station has a layer of horizontal slabs (plane 0) and one of vertical ones (plane 1), each slab
read out at both ends. A particle fires one slab in each, which make a space point; noise
fires single slabs. All work is on flat arrays over the slab hits of a block of spills.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from runfolio.mice.simulation.beam import Beam
from runfolio.mice.simulation.chance import Bools, Chance, Floats, Ints, Quantiles, moyal, normal

TDC_COUNT = 0.025  # ns
_POINTS = np.array([0.05, 0.94, 0.985])  # of an event: none below the first, then one, two, three
_LONE_SLAB_RATE = 0.5  # one layer fired, in events without a space point
_NOISE_RATE = 0.06
_NO_PMT_RATE = 0.01
_NO_CALIBRATION_RATE = 0.3  # of noise
_GATE = 40.0  # ns about the trigger in which second particles and noise fall
_SHARED = (0.8, 0.6)  # how much of its place a particle keeps from station to station; squares add to 1


@dataclass(frozen=True)
class Station:
    """A station, and the beam in it; lengths are counted in slabs, horizontal ones first."""

    number: int
    slabs: int
    centre: tuple[float, float]
    width: tuple[float, float]

    @property
    def name(self) -> str:
        return f"tof{self.number}"


STATIONS = (
    Station(0, 10, (4.7, 4.3), (1.5, 1.7)),
    Station(1, 7, (3.1, 2.9), (1.1, 1.2)),
    Station(2, 10, (4.4, 4.7), (1.9, 1.8)),
)


@dataclass(frozen=True)
class Fired:
    """Slab hits: every space point's horizontal one, in the same order their vertical ones, then noise.

    `event` is the place in the block, `time` is in ns from the trigger.
    """

    points: int
    event: Ints
    plane: Ints
    slab: Ints
    time: Floats


@dataclass(frozen=True)
class ReadOut:
    """The photomultipliers of slab hits as (photomultiplier, hit), and what follows for the slabs.

    Times in ns. `leading` is in TDC counts from the trigger request; charges are ADC counts.
    A photomultiplier that is not there has charge 0, and the other one alone gives the times.
    """

    there: Bools
    calibrated: Bools
    time: Floats
    leading: Ints
    charge: Ints


@dataclass(frozen=True)
class _Tables:
    profile: Quantiles  # beam widths
    resolution: Quantiles  # ns, of a station; its cut keeps a time of flight within 0.25 ns of the truth
    slab_spread: Quantiles  # ns, of a slab about its station
    pmt_spread: Quantiles  # ns, of a photomultiplier about its slab
    charge: Quantiles  # ADC counts of one photomultiplier
    balance: Quantiles  # what one end gets more than the other, as a share
    cables: Floats  # ns, of (station, plane, slab, photomultiplier), the same whatever the seed


@cache
def _tables() -> _Tables:
    return _Tables(
        profile=normal(0, 1, -2.8, 2.8),
        resolution=normal(0, 0.055, -0.12, 0.12),
        slab_spread=normal(0, 0.06, -0.2, 0.2),
        pmt_spread=normal(0, 0.08, -0.3, 0.3),
        charge=moyal(1450, 170),
        balance=normal(0, 0.07, -0.25, 0.25),
        cables=-90 + 60 * Chance(0).uniform(3, 2, 10, 2),
    )


def space_point_counts(chance: Chance, reached: Bools) -> Ints:
    """Return the space points of each event, none where the particle did not get to the station."""
    return np.searchsorted(_POINTS, chance.uniform(len(reached))).astype(np.int64) * reached


def fire(station: Station, chance: Chance, beam: Beam, crossing: Floats, points: Ints) -> Fired:
    """Return the slab hits of a station that the beam's particles cross at `crossing` ns."""
    event = np.repeat(np.arange(len(beam)), points)
    starts = np.cumsum(points) - points
    accidental = np.arange(len(event)) > starts[event]  # all but the first of an event
    crossed = crossing[event] + _tables().resolution.of(chance.uniform(len(event)))
    time = np.where(accidental, _any_time(chance, len(event)), crossed)
    half = _tables().slab_spread.of(chance.uniform(len(event))) / 2
    horizontal = _slabs(station, 0, chance, beam.y[event], accidental)
    vertical = _slabs(station, 1, chance, beam.x[event], accidental)
    noise, plane, slab = _noise(station, chance, points)
    return Fired(
        points=len(event),
        event=np.concatenate([event, event, noise]),
        plane=np.concatenate([np.zeros_like(event), np.ones_like(event), plane]),
        slab=np.concatenate([horizontal, vertical, slab]),
        time=np.concatenate([time + half, time - half, _any_time(chance, len(noise))]),
    )


def read_out(station: Station, chance: Chance, fired: Fired) -> ReadOut:
    """Return what the photomultipliers make of slab hits."""
    tables, hits = _tables(), len(fired.event)
    noisy = np.arange(hits) >= 2 * fired.points
    lost = chance.occurs(_NO_PMT_RATE, hits) & (chance.below(2, hits) == np.arange(2)[:, np.newaxis])
    half = np.where(lost.any(axis=0), 0, tables.pmt_spread.of(chance.uniform(hits)))
    time = fired.time + np.stack([half, -half])
    raw = time + tables.cables[station.number, fired.plane, fired.slab].T
    leading = np.rint(raw / TDC_COUNT).astype(np.int64)
    charge = tables.charge.of(chance.uniform(hits)) * np.where(noisy, chance.uniform(hits), 1)
    balance = tables.balance.of(chance.uniform(hits))
    charges = (charge * np.stack([1 + balance, 1 - balance])).astype(np.int64)
    return ReadOut(
        there=~lost,
        calibrated=~(noisy & chance.occurs(_NO_CALIBRATION_RATE, hits)),
        time=time,
        leading=np.where(lost, leading[::-1], leading),
        charge=np.where(lost, 0, charges),
    )


def _any_time(chance: Chance, number: int) -> Floats:
    return (chance.uniform(number) - 0.5) * _GATE


def _slabs(station: Station, plane: int, chance: Chance, kept: Floats, accidental: Bools) -> Ints:
    """Return the slab where a particle crosses; `kept` is its place in the beam, in beam widths."""
    own = _tables().profile.of(chance.uniform(len(kept)))
    place = np.where(accidental, own, _SHARED[0] * kept + _SHARED[1] * own)
    slab = np.floor(station.centre[plane] + 0.5 + station.width[plane] * place).astype(np.int64)
    return np.clip(slab, 0, station.slabs - 1)


def _noise(station: Station, chance: Chance, points: Ints) -> tuple[Ints, Ints, Ints]:
    """Return event, plane and slab of single slabs."""
    count = chance.occurs(_NOISE_RATE, len(points)).astype(np.int64)
    count += chance.occurs(_LONE_SLAB_RATE, len(points)) & (points == 0)
    event = np.repeat(np.arange(len(points)), count)
    return event, chance.below(2, len(event)), chance.below(station.slabs, len(event))
