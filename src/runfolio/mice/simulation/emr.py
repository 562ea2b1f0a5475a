"""The Electron-Muon Ranger's events as they are written: bars, planes and tracks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from runfolio.mice.simulation.beam import Beam, Passage
from runfolio.mice.simulation.chance import Chance, Floats, Ints, Quantiles, moyal, normal
from runfolio.mice.simulation.emr_tracks import PLANE_PITCH, Tracks, tracks
from runfolio.mice.simulation.more_documents import (
    EmrBarHit,
    EmrEvent,
    EmrEventTrack,
    EmrPlaneHit,
    EmrTrack,
    Vector,
)
from runfolio.mice.simulation.rows import grouped

_BARS, _BAR_PITCH, _MIDDLE = 60, 17.0, 30  # mm
_Z = 18544.38  # mm, of the first plane
_BESIDE_RATE = 0.55  # a particle crosses two of the triangular bars
_NO_CHARGE_RATE = 0.02  # of planes
_NO_FIT_RATE = 0.02
_NONE = -1.0


@dataclass(frozen=True)
class _Tables:
    charge: Quantiles  # ADC counts of a plane
    over_threshold: Quantiles  # TDC counts
    spread: Quantiles  # of the multi-anode charge about the single-anode one, as a share
    ratio: Quantiles
    chi2: Quantiles


@cache
def _tables() -> _Tables:
    return _Tables(
        charge=moyal(92, 22),
        over_threshold=normal(11, 5, -0.49, 30.49),
        spread=normal(1.04, 0.06, 0.8, 1.3),
        ratio=normal(0.62, 0.2, 0.08, 1.7),
        chi2=moyal(1.2, 0.2),
    )


def emr_events(chance: Chance, beam: Beam, passed: Passage) -> list[EmrEvent]:
    """Return the tracks of each event of the beam."""
    found = tracks(chance, beam, passed)
    track, plane = np.nonzero(found.fired)
    charge = np.rint(_tables().charge.of(chance.uniform(len(track))))
    charge = np.where(chance.occurs(_NO_CHARGE_RATE, len(track)), 0.0, charge)
    hits = _plane_hits(chance, found, track, plane, charge)
    total: Floats = np.bincount(track, weights=charge, minlength=len(found.event)).astype(np.float64)
    made = _event_tracks(chance, found, total, hits)
    return list(map(EmrEvent, grouped(made, np.bincount(found.event, minlength=len(beam)))))


def _plane_hits(
    chance: Chance, found: Tracks, track: Ints, plane: Ints, charge: Floats
) -> Iterator[list[EmrPlaneHit]]:
    """Return the plane hits of each track."""
    place = found.start[track, plane % 2] + found.slope[track, plane % 2] * plane * PLANE_PITCH
    time = (300_000 * chance.uniform(len(found.event))).astype(np.int64)[track]
    bars, counts = _bar_hits(chance, place / _BAR_PITCH + _MIDDLE, plane, time)
    hits = list(
        map(
            EmrPlaneHit,
            grouped(bars, counts),
            charge.tolist(),
            (22 + chance.below(8, len(track))).tolist(),
            (plane % 2).tolist(),
            plane.tolist(),
            time.tolist(),
        )
    )
    return grouped(hits, np.bincount(track, minlength=len(found.event)))


def _bar_hits(chance: Chance, place: Floats, plane: Ints, time: Ints) -> tuple[list[EmrBarHit], Ints]:
    """Return the bars about `place`, a coordinate in bars, and how many each plane hit has."""
    bar = np.clip(np.rint(place).astype(np.int64), 1, _BARS - 2)
    beside = np.where(place > bar, 1, -1)
    counts = 1 + chance.occurs(_BESIDE_RATE, len(place))
    hit = np.repeat(np.arange(len(place)), counts)
    second = np.arange(len(hit)) > (np.cumsum(counts) - counts)[hit]
    over_threshold = np.rint(_tables().over_threshold.of(chance.uniform(len(hit)))).astype(np.int64)
    rows = map(
        EmrBarHit,
        (_BARS * plane[hit] + bar[hit] + beside[hit] * second).tolist(),
        (22 + chance.below(8, len(hit))).tolist(),
        time[hit].tolist(),
        np.abs(over_threshold).tolist(),
    )
    return list(rows), counts


def _event_tracks(
    chance: Chance, found: Tracks, charge: Floats, hits: Iterator[list[EmrPlaneHit]]
) -> list[EmrEventTrack]:
    tables, number = _tables(), len(found.event)
    # A decay electron has too few planes for a ratio of the charge at its end to that before.
    ratios = (
        np.where(found.daughter, _NONE, tables.ratio.of(chance.uniform(number))).tolist() for _ in range(2)
    )
    density = found.fired.sum(axis=1) / found.crossed
    multi_anode = charge * tables.spread.of(chance.uniform(number))
    return list(
        map(
            EmrEventTrack,
            *ratios,
            found.daughter.astype(np.int64).tolist(),
            density.tolist(),
            density.tolist(),
            hits,
            multi_anode.tolist(),
            charge.tolist(),
            _fits(chance, found),
            ["daughter" if daughter else "mother" for daughter in found.daughter.tolist()],
        )
    )


def _fits(chance: Chance, found: Tracks) -> list[EmrTrack]:
    """Return the fitted tracks; electrons scatter, and fit a straight line badly."""
    number = len(found.event)
    scatter = chance.uniform(number)
    chi2 = _tables().chi2.of(chance.uniform(number)) * np.where(found.daughter, 1 + 60 * scatter * scatter, 1)
    failed = chance.occurs(_NO_FIT_RATE, number)
    origins = map(Vector, *found.start.T.tolist(), [_Z] * number)
    values = (np.where(failed, _NONE, each).tolist() for each in (chi2, found.range))
    return list(map(EmrTrack, next(values), origins, next(values)))
