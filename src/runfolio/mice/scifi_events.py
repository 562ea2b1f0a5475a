"""Events of the scintillating-fibre trackers: what is read of a spill, and the columns made of it.

Numbers are read as real ones, though most are whole in the stream: where one is not, that costs the entry
and not the spill.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import NAN, flat, floats, without_nulls

TRACKERS = ("US", "DS")
"""Tracker 0 stands upstream of the absorber, tracker 1 downstream."""
STATIONS = (1, 2, 3, 4, 5)
PLANES = 3
CHANNELS = 215
CLUSTERS = {"triplet": 3.0, "duplet": 2.0}
"""The stream's words for space points, and of how many planes they are made."""

Floats = npt.NDArray[np.float64]


class Digit(Struct, gc=False):
    """A channel that fired: stations count from 1, all else from 0."""

    tracker: float | None = None
    station: float | None = None
    plane: float | None = None
    channel: float | None = None


class Position(Struct, gc=False):
    """In mm, from the tracker's axis."""

    x: float | None = None
    y: float | None = None


class SpacePoint(Struct, gc=False):
    """Where the fibres of two or three planes of a station cross."""

    tracker: float | None = None
    station: float | None = None
    type: str | None = None
    position: Position | None = None


class SciFiEvent(Struct, gc=False):
    digits: list[Digit | None] | None = None
    spacepoints: list[SpacePoint | None] | None = None


class ReconEvent(Struct, gc=False):
    sci_fi_event: SciFiEvent | None = None


class SciFiSpill(Struct, gc=False):
    recon_events: list[ReconEvent | None] | None = None


class Digits(NamedTuple):
    """Columns by digit, of those that lack nothing."""

    tracker: Floats
    station: Floats
    plane: Floats
    channel: Floats
    event: npt.NDArray[np.int64]
    """The place of its event in the batch."""


class SpacePoints(NamedTuple):
    """Columns by space point, NaN where a value is missing."""

    tracker: Floats
    station: Floats
    clusters: Floats
    """3 for a triplet, 2 for a duplet."""
    x: Floats
    """In mm."""
    y: Floats


class SciFiColumns(NamedTuple):
    """Columns of a batch."""

    digits: Digits
    space_points: SpacePoints
    channel_sums: tuple[Floats, Floats]
    """For each tracker: sums of three channels, one a plane, by event and station with one digit in each."""


def scifi_columns(spills: Sequence[SciFiSpill]) -> SciFiColumns:
    """Return the columns of a batch."""
    events = [
        event.sci_fi_event
        for spill in spills
        for event in spill.recon_events or ()
        if event and event.sci_fi_event
    ]
    digits = _digits(events)
    return SciFiColumns(digits, _space_points(events), (channel_sums(digits, 0), channel_sums(digits, 1)))


def _digits(events: Sequence[SciFiEvent]) -> Digits:
    by_event = without_nulls([event.digits for event in events])
    digits = flat(by_event)
    event = np.repeat(np.arange(len(events)), [len(event) for event in by_event])
    tracker, station = floats([d.tracker for d in digits]), floats([d.station for d in digits])
    plane, channel = floats([d.plane for d in digits]), floats([d.channel for d in digits])
    whole = ~np.isnan(tracker + station + plane + channel)
    return Digits(tracker[whole], station[whole], plane[whole], channel[whole], event[whole])


def _space_points(events: Sequence[SciFiEvent]) -> SpacePoints:
    points = flat([event.spacepoints for event in events])
    positions = [point.position or Position() for point in points]
    return SpacePoints(
        tracker=floats([point.tracker for point in points]),
        station=floats([point.station for point in points]),
        clusters=floats([CLUSTERS.get(point.type or "", NAN) for point in points]),
        x=floats([position.x for position in positions]),
        y=floats([position.y for position in positions]),
    )


def channel_sums(digits: Digits, tracker: int) -> Floats:
    """Return the sum of three channels for each event and station with exactly one digit in each plane.

    The planes' fibres lie 120 degrees from each other, so that the three channels of one particle add
    to about 318 wherever it crosses (Kuno's conjecture; 318 and 319 in simulated files of MAUS).
    """
    wanted = (
        (digits.tracker == tracker)
        & np.isin(digits.station, STATIONS)
        & np.isin(digits.plane, np.arange(PLANES))
    )
    events = int(digits.event.max(initial=-1)) + 1
    station, plane = digits.station[wanted].astype(np.int64) - 1, digits.plane[wanted].astype(np.int64)
    place = (digits.event[wanted] * len(STATIONS) + station) * PLANES + plane
    size = events * len(STATIONS) * PLANES
    found = np.bincount(place, minlength=size).reshape(-1, PLANES)
    sums = np.bincount(place, weights=digits.channel[wanted], minlength=size).reshape(-1, PLANES).sum(axis=1)
    alone: Floats = sums[(found == 1).all(axis=1)]
    return alone
