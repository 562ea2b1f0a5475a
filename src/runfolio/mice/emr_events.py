"""Events of the Electron-Muon Ranger: what is read of a spill, and the columns made of it.

Plane hits and tracks are those of `emr_event`; `emr_spill_data` holds the same bar hits before they are
sorted into events, and reading it too would count them twice. -1 stands for no value. Numbers are read
as real ones, though some are whole in the stream: where one is not, that costs the entry and not the spill.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import floats

PLANES, BARS = 48, 60
NONE = -1.0
"""Stands for no value."""
BAR_PITCH = 17.0
"""From one bar to the next, in mm: bars are triangular, 33 mm wide, and overlap."""
MIDDLE_BAR = 30
MOST_PAIRS = 1_000_000
"""Of bars hit in plane 0 and plane 1: a particle makes a few, and each pair takes memory."""
MOTHER, DAUGHTER = "mother", "daughter"
"""The stream's words for a primary track and for a secondary one, made where the primary stopped."""

Floats = npt.NDArray[np.float64]


class BarHit(Struct, gc=False):
    """A bar that fired: `ch` counts over all planes, `tot` is the time over threshold."""

    ch: float | None = None
    tot: float | None = None


class PlaneHit(Struct, gc=False):
    """A plane that fired. Planes of even number measure x, those of odd number y."""

    plane: float | None = None
    charge: float | None = None
    bar_hits: list[BarHit | None] | None = None


class Track(Struct, gc=False):
    """A fitted track; range in mm."""

    range: float | None = None
    chi2: float | None = None


class EventTrack(Struct, gc=False):
    """A track with its hits; charges of the multi-anode (ma) and the single-anode (sa) photomultipliers."""

    type: str | None = None
    plane_hits: list[PlaneHit | None] | None = None
    track: Track | None = None
    total_charge_ma: float | None = None
    total_charge_sa: float | None = None
    charge_ratio_ma: float | None = None
    charge_ratio_sa: float | None = None
    plane_density_ma: float | None = None


class EmrEvent(Struct, gc=False):
    event_tracks: list[EventTrack | None] | None = None


class ReconEvent(Struct, gc=False):
    emr_event: EmrEvent | None = None


class EmrSpill(Struct, gc=False):
    recon_events: list[ReconEvent | None] | None = None


class EmrColumns(NamedTuple):
    """Columns of a batch. Those by track have NaN where there is no value."""

    bar_plane: Floats
    """By bar hit: its plane."""
    bar: Floats
    """By bar hit: its number within the plane, 0 to 59."""
    profile: Sequence[tuple[Floats, Floats]]
    """By track: the bars hit in plane 0, and those hit in plane 1."""
    depth: Floats
    """The planes with charge."""
    range_primary: Floats
    """By track: mm, NaN for other tracks."""
    range_secondary: Floats
    chi2: Floats
    total_charge_ma: Floats
    total_charge_sa: Floats
    charge_ratio_ma: Floats
    charge_ratio_sa: Floats
    plane_density_ma: Floats


def emr_columns(spills: Sequence[EmrSpill]) -> EmrColumns:
    """Return the columns of a batch."""
    kinds_and_tracks = list(_tracks(spills))
    tracks = [track for _, track in kinds_and_tracks]
    planes = [[plane for plane in track.plane_hits or () if plane] for track in tracks]
    in_planes = [(hit.plane, bar) for track in planes for hit in track for bar in _bars(hit)]
    return EmrColumns(
        bar_plane=floats([plane for plane, _ in in_planes]),
        bar=floats([bar for _, bar in in_planes]),
        profile=_profile(planes),
        depth=floats([hit.plane for track in planes for hit in track if hit.charge not in (None, 0, NONE)]),
        range_primary=_fitted(
            "range", [track if kind == MOTHER else None for kind, track in kinds_and_tracks]
        ),
        range_secondary=_fitted(
            "range", [track if kind == DAUGHTER else None for kind, track in kinds_and_tracks]
        ),
        chi2=_fitted("chi2", tracks),
        total_charge_ma=_known([track.total_charge_ma for track in tracks]),
        total_charge_sa=_known([track.total_charge_sa for track in tracks]),
        charge_ratio_ma=_known([track.charge_ratio_ma for track in tracks]),
        charge_ratio_sa=_known([track.charge_ratio_sa for track in tracks]),
        plane_density_ma=_known([track.plane_density_ma for track in tracks]),
    )


def _tracks(spills: Sequence[EmrSpill]) -> Iterator[tuple[str, EventTrack]]:
    """Yield each track with its kind; where the stream doesn't say it, an event's first is the primary."""
    for spill in spills:
        for event in spill.recon_events or ():
            if event and event.emr_event:
                for place, track in enumerate(event.emr_event.event_tracks or ()):
                    if track:
                        yield track.type or (DAUGHTER if place else MOTHER), track


def _bars(hit: PlaneHit) -> list[float]:
    """Return the bars of a plane that fired, by their number within it; channels beyond the last are none."""
    return [
        bar.ch % BARS
        for bar in hit.bar_hits or ()
        if bar and bar.ch is not None and 0 <= bar.ch < PLANES * BARS and bar.tot is not None and bar.tot > 0
    ]


def _profile(planes: Sequence[Sequence[PlaneHit]]) -> list[tuple[Floats, Floats]]:
    """Return the bars hit in plane 0 and in plane 1 of each track that has both."""
    found = []
    for track in planes:
        x, y = ([bar for hit in track if hit.plane == number for bar in _bars(hit)] for number in (0, 1))
        if x and y:
            found.append((floats(x), floats(y)))
    return found


def beam_profile(columns: EmrColumns) -> tuple[Floats, Floats]:
    """Return x and y in mm of each pair of a bar in a track's plane 0 with one in its plane 1.

    Raises:
        ValueError: there are more than the memory should hold; a track of 20,000 bar hits makes 10^8.

    """
    pairs = sum(len(x) * len(y) for x, y in columns.profile)
    if pairs > MOST_PAIRS:
        raise ValueError(f"{pairs:,} pairs of bars in planes 0 and 1; at most {MOST_PAIRS:,} are filled")
    x = np.concatenate([np.empty(0), *(np.repeat(x, len(y)) for x, y in columns.profile)])
    y = np.concatenate([np.empty(0), *(np.tile(y, len(x)) for x, y in columns.profile)])
    return (x - MIDDLE_BAR) * BAR_PITCH, (y - MIDDLE_BAR) * BAR_PITCH


def _fitted(name: str, tracks: Sequence[EventTrack | None]) -> Floats:
    fits = [track.track if track else None for track in tracks]
    return _known([getattr(fit, name) if fit else None for fit in fits])


def _known(values: Sequence[float | None]) -> Floats:
    """Return the values, NaN for those that are missing and for -1."""
    found = floats(values)
    return np.where(found == NONE, np.nan, found)
