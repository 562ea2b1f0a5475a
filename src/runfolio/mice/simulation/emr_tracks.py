"""The tracks in the Electron-Muon Ranger: how deep they go, and which planes they cross.

A muon or pion ranges out; where a muon stopped, its decay electron makes a second, shorter track.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from runfolio.mice.simulation.beam import MUON, Beam, Passage
from runfolio.mice.simulation.chance import Bools, Chance, Floats, Ints, Quantiles, normal, quantiles

PLANES, PLANE_PITCH = 48, 17.5  # mm
_MUON_EFFICIENCY, _PION_EFFICIENCY = 0.985, 0.87  # of a plane; pions interact
_DAUGHTER_EFFICIENCY = 0.65
_PION_MASS = 1.321  # in muon masses
_REACHED = 0.95
_DECAY_RATE = 0.3  # of muons, seen within the gate
_LOSS = 35.0  # MeV/c, in the trackers, the absorber and the KL
_SLOWEST, _SPAN = 20.0, 240.0  # MeV/c, of the table of ranges
_STRAGGLING = 0.03
_WIDTH = (120.0, 110.0)  # mm, of the beam
_CENTRE = (-15.0, 20.0)  # mm
_LONGEST_DAUGHTER = 14  # planes


class Tracks(NamedTuple):
    """Columns by track, event by event, the primary first. Lengths in mm."""

    event: Ints
    daughter: Bools
    range: Floats
    crossed: Ints
    """Planes from the first to the last."""
    fired: Bools
    """Shape (track, plane)."""
    start: Floats
    """Shape (track, 2): x and y where the track, carried on, meets the first plane of all."""
    slope: Floats
    """Shape (track, 2): mm a mm."""


@dataclass(frozen=True)
class _Tables:
    range: Quantiles
    straggling: Quantiles  # share of the range
    width: Quantiles  # beam widths
    slope: Quantiles  # mm a mm


@cache
def _tables() -> _Tables:
    return _Tables(
        range=quantiles(lambda share: muon_range(_SLOWEST + _SPAN * share)),
        straggling=normal(1, _STRAGGLING, 1 - 3 * _STRAGGLING, 1 + 3 * _STRAGGLING),
        width=normal(0, 1, -2.8, 2.8),
        slope=normal(0, 0.12, -0.4, 0.4),
    )


def muon_range(momentum: float) -> float:
    """Return a muon's range in mm: a power law through the tracks of a simulated file of MAUS.

    There 128, 166 and 189 MeV/c go 150, 276 and 363 mm.
    """
    power: float = 150 * (momentum / 128) ** 2.3
    return power


def tracks(chance: Chance, beam: Beam, passed: Passage) -> Tracks:
    """Return the tracks that fire a plane."""
    mothers = _mothers(chance, beam, passed)
    daughters = _daughters(chance, mothers, beam.species[mothers.event] == MUON)
    both = [np.concatenate(pair) for pair in zip(mothers, daughters, strict=True)]
    order = np.argsort(both[0], kind="stable")
    fires = np.concatenate([mothers.fired.any(axis=1), daughters.fired.any(axis=1)])
    return Tracks(*(each[order[fires[order]]] for each in both))


def _mothers(chance: Chance, beam: Beam, passed: Passage) -> Tracks:
    tables = _tables()
    event = np.flatnonzero(passed.ds & chance.occurs(_REACHED, len(beam)))
    heavier = np.where(beam.species[event] == MUON, 1.0, _PION_MASS)
    # Of the same speed, ranges are as the masses.
    as_muon = (beam.momentum[event] - _LOSS) / heavier
    length = heavier * tables.range.of((as_muon - _SLOWEST) / _SPAN)
    length = length * tables.straggling.of(chance.uniform(len(event)))
    crossed = np.minimum(length // PLANE_PITCH + 1, PLANES).astype(np.int64)
    muon = beam.species[event] == MUON
    efficiency = np.where(muon, _MUON_EFFICIENCY, _PION_EFFICIENCY)[:, np.newaxis]
    fired = chance.uniform(len(event), PLANES) < efficiency
    return Tracks(
        event=event,
        daughter=np.zeros(len(event), dtype=np.bool_),
        range=length,
        crossed=crossed,
        fired=fired & (np.arange(PLANES) < crossed[:, np.newaxis]),
        start=_starts(chance, np.stack([beam.x[event], beam.y[event]], axis=1)),
        slope=_tables().slope.of(chance.uniform(len(event), 2)),
    )


def _starts(chance: Chance, kept: Floats) -> Floats:
    """Return x and y in mm; `kept` is the particle's place in the beam, in beam widths."""
    own = _tables().width.of(chance.uniform(*kept.shape))
    places: Floats = np.array(_CENTRE) + np.array(_WIDTH) * (0.8 * kept + 0.6 * own)
    return places


def _daughters(chance: Chance, mothers: Tracks, muon: Bools) -> Tracks:
    """Return the tracks of decay electrons, each from its mother's last plane on."""
    which = np.flatnonzero(muon & chance.occurs(_DECAY_RATE, len(muon)))
    crossed = 2 + chance.below(_LONGEST_DAUGHTER - 1, len(which))
    first = mothers.crossed[which, np.newaxis]
    plane = np.arange(PLANES)
    fired = (plane >= first) & (plane < first + crossed[:, np.newaxis])
    slope = 2 * _tables().slope.of(chance.uniform(len(which), 2))
    return Tracks(
        event=mothers.event[which],
        daughter=np.ones(len(which), dtype=np.bool_),
        range=(crossed - chance.uniform(len(which))) * PLANE_PITCH,
        crossed=crossed,
        fired=fired & chance.occurs(_DAUGHTER_EFFICIENCY, len(which), PLANES),
        start=mothers.start[which] + (mothers.slope[which] - slope) * first * PLANE_PITCH,
        slope=slope,
    )
