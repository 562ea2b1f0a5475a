"""The particles of a block of spills: what they are, how fast, and where they cross the stations.

All detectors look at the same `Beam`, so that what one of them says agrees with the others.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from runfolio.mice.simulation.chance import Bools, Chance, Floats, Ints, Quantiles, normal

ELECTRON, MUON, PION = range(3)
_MUON_SHARE = (0.08, 0.84)  # electrons below the first, pions above the second
_MASS = np.array([0.511, 105.658, 139.570])  # MeV/c^2
_LIGHT_01 = 25.85  # ns, TOF0 to TOF1 at the speed of light
_LIGHT_12 = 27.5  # ns, TOF1 to TOF2
_LOSS = 8.0  # MeV/c between the two, in the detectors and the material of the channel
_PASS_US, _PASS_DS = 0.65, 0.75  # of the muons and pions before each tracker
_PROFILE_CUT = 2.8  # the beam pipe, in units of the beam's width


@dataclass(frozen=True, kw_only=True)
class Beam:
    """One entry an event, spill after spill. Times of flight in ns, true ones."""

    part_event: Ints
    phys_event: Ints
    species: Ints
    beta: Floats
    momentum: Floats
    """Between TOF1 and TOF2, in MeV/c."""
    t01: Floats
    t12: Floats
    x: Floats
    """Distance from the beam's axis that the particle keeps from station to station, in beam widths."""
    y: Floats

    def __len__(self) -> int:
        return len(self.species)


@dataclass(frozen=True)
class Passage:
    """Which events have a particle that goes through each tracker; behind the second are KL and EMR."""

    us: Bools
    ds: Bools


@dataclass(frozen=True)
class _Tables:
    events: Quantiles
    momentum: tuple[Quantiles, Quantiles, Quantiles]  # MeV/c, by species
    profile: Quantiles


@cache
def _tables() -> _Tables:
    # The cuts keep times of flight within what MICE measured: 28 to 34 ns and 30 to 36 ns.
    muons, pions = normal(198, 16, 155, 232), normal(215, 7.5, 200, 232)
    cut = _PROFILE_CUT
    return _Tables(normal(72, 34, 1, 151), (muons, muons, pions), normal(0, 1, -cut, cut))


def spill_sizes(chance: Chance, spills: int) -> Ints:
    """Return events a spill, 1 to 150: the beam loss, and with it the rate, wanders from spill to spill."""
    return _tables().events.of(chance.uniform(spills)).astype(np.int64)


def beam(chance: Chance, sizes: Ints, first_phys_event: int) -> Beam:
    """Return the particles of consecutive spills of `sizes` events each."""
    events = int(sizes.sum())
    species = np.searchsorted(np.array(_MUON_SHARE), chance.uniform(events)).astype(np.int64)
    momentum = _momentum(chance, species)
    speed, slower = _beta(momentum, species), _beta(momentum - _LOSS, species)
    spill = np.repeat(np.arange(len(sizes)), sizes)
    profile = _tables().profile
    return Beam(
        part_event=np.arange(events) - (np.cumsum(sizes) - sizes)[spill],
        phys_event=spill + first_phys_event,
        species=species,
        beta=speed,
        momentum=momentum - _LOSS,
        t01=_LIGHT_01 / speed,
        t12=_LIGHT_12 / slower,
        x=profile.of(chance.uniform(events)),
        y=profile.of(chance.uniform(events)),
    )


def passage(chance: Chance, beam: Beam) -> Passage:
    """Return how far the particles get behind TOF1; electrons, as in TOF2, nowhere."""
    us = (beam.species != ELECTRON) & chance.occurs(_PASS_US, len(beam))
    return Passage(us, us & chance.occurs(_PASS_DS, len(beam)))


def _momentum(chance: Chance, species: Ints) -> Floats:
    uniform = chance.uniform(len(species))
    return np.choose(species, [table.of(uniform) for table in _tables().momentum])


def _beta(momentum: Floats, species: Ints) -> Floats:
    mass = _MASS[species]
    beta: Floats = momentum / np.sqrt(momentum * momentum + mass * mass)
    return beta
