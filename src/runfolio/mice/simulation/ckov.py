"""The two Cherenkov detectors: aerogel of two refractive indices, four photomultipliers each."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from runfolio.mice.simulation.beam import Beam
from runfolio.mice.simulation.chance import Bools, Chance, Floats, Ints, Quantiles, normal, poisson
from runfolio.mice.simulation.documents import CkovA, CkovB, CkovDigit, CkovEvent

_PMTS = 8
_INDEX = np.array([1.07, 1.07, 1.07, 1.07, 1.12, 1.12, 1.12, 1.12])
_FULL_LIGHT = np.array([5.6, 5.2, 5.9, 5.4, 6.4, 6.0, 6.7, 6.2])  # photoelectrons of an electron
_STRAY_LIGHT = 0.08  # photoelectrons below threshold: delta rays, scintillation
_LEVEL = 0.25  # photoelectrons between two means that are tabulated
_LEVELS = 32
_GAIN = 23  # ADC counts a photoelectron
_SMALLEST = 5  # ADC counts of a pulse that is found
_DARK_RATE = 0.01
_ARRIVAL = np.array([58, 61, 57, 63, 96, 99, 94, 101])  # samples
_NO_PULSE = 255
_SAMPLES = 256
_GARBAGE_RATE = 2e-4
_GARBAGE = np.array([1717098412, -1717986919, -2147483648, -20437, -1386])  # the first was seen in real files


@dataclass(frozen=True)
class _Tables:
    counts: Ints  # (level of light, probability)
    gain: Quantiles  # relative spread of one photoelectron's charge
    pedestal: Quantiles  # ADC counts
    jitter: Quantiles  # samples
    width: Quantiles  # samples from the arrival to the peak


@cache
def _tables() -> _Tables:
    means = [_LEVEL * level + _STRAY_LIGHT for level in range(_LEVELS)]
    return _Tables(
        counts=poisson(means),
        gain=normal(0, 0.38, -1, 1.4),
        pedestal=normal(0, 2.6, -9, 9),
        jitter=normal(0, 4.2, -15, 15),
        width=normal(5, 1.2, 2, 9),
    )


def ckov_events(chance: Chance, beam: Beam) -> list[CkovEvent]:
    """Return one digit for each event of the beam."""
    photoelectrons, arrival = _pulses(chance, beam)
    seen = arrival < _NO_PULSE
    pulse = _charges(chance, photoelectrons, seen)
    counted = np.where(seen, pulse, 0)
    spoilt = chance.occurs(_GARBAGE_RATE, len(beam), _PMTS)
    pulse = np.where(spoilt, _GARBAGE[chance.below(len(_GARBAGE), len(beam), _PMTS)], pulse)
    position = _positions(chance, arrival, seen)
    part_event = beam.part_event
    a, b = (
        [
            *arrival.T[pmts].tolist(),
            seen.T[pmts].sum(axis=0).tolist(),
            (counted.T[pmts].sum(axis=0) / _GAIN).tolist(),
            part_event.tolist(),
            *position.T[pmts].tolist(),
            *pulse.T[pmts].tolist(),
            counted.T[pmts].sum(axis=0).tolist(),
        ]
        for pmts in (slice(0, 4), slice(4, 8))
    )
    return [CkovEvent([CkovDigit(*pair)]) for pair in zip(map(CkovA, *a), map(CkovB, *b), strict=True)]


def _light(beam: Beam) -> Floats:
    """Return the mean photoelectrons in each photomultiplier, by Frank and Tamm: 1 - 1/(n beta)^2."""
    speed = beam.beta[:, np.newaxis] * _INDEX
    share = (1 - 1 / (speed * speed)) / (1 - 1 / (_INDEX * _INDEX))
    light: Floats = np.maximum(share, 0) * _FULL_LIGHT
    return light


def _pulses(chance: Chance, beam: Beam) -> tuple[Ints, Ints]:
    """Return photoelectrons and arrival times (samples) as (event, photomultiplier)."""
    tables, shape = _tables(), (len(beam), _PMTS)
    level = np.minimum((_light(beam) / _LEVEL + 0.5).astype(np.int64), _LEVELS - 1)
    counts = tables.counts[level, chance.below(tables.counts.shape[1], *shape)]
    dark = chance.occurs(_DARK_RATE, *shape) & (counts == 0)
    on_time = _ARRIVAL + np.rint(tables.jitter.of(chance.uniform(*shape))).astype(np.int64)
    arrival = np.where(dark, chance.below(_NO_PULSE, *shape), on_time)
    photoelectrons = counts + dark
    return photoelectrons, np.where(photoelectrons > 0, arrival, _NO_PULSE)


def _charges(chance: Chance, photoelectrons: Ints, seen: Bools) -> Ints:
    """Return ADC counts: the pedestal's noise, and under it the light with its Poisson-like spread."""
    tables, shape = _tables(), photoelectrons.shape
    spread = tables.gain.of(chance.uniform(*shape)) * np.sqrt(photoelectrons)
    noise = tables.pedestal.of(chance.uniform(*shape))
    charge = np.rint(_GAIN * (photoelectrons + spread) + noise).astype(np.int64)
    return np.where(seen, np.maximum(charge, _SMALLEST), charge)


def _positions(chance: Chance, arrival: Ints, seen: Bools) -> Ints:
    """Return the sample of the pulse's peak; without a pulse, that of the deepest noise."""
    shape = arrival.shape
    peak = arrival + np.rint(_tables().width.of(chance.uniform(*shape))).astype(np.int64)
    return np.where(seen, np.minimum(peak, _SAMPLES - 1), chance.below(_SAMPLES, *shape))
