"""The parts of an event that are the KL's, the EMR's and the trackers', as structs for writing.

The keys and their order are those of MAUS's files, as far as anything reads them: those files also hold each
plane's samples, clusters, and fits in every detail, a hundred times as much. UNSET leaves a key out.
"""

from typing import Literal

import msgspec
from msgspec import UnsetType


class _Leaf(msgspec.Struct, gc=False):
    """Tens of thousands a second are made, and none is part of a cycle."""


class Vector(_Leaf):
    """A place, in mm."""

    x: float
    y: float
    z: float


class KlDigit(_Leaf):
    """One photomultiplier of a cell. Charges in ADC counts, by two ways of finding them."""

    cell: int
    charge_mm: int | UnsetType
    charge_pm: int
    kl_key: str
    part_event_number: int
    phys_event_number: int
    pmt: int
    position_max: int


class KlCellHit(_Leaf):
    """Both photomultipliers of a cell: (q0 + q1) / 2 and 2 q0 q1 / (q0 + q1)."""

    cell: int
    charge: int
    charge_product: int
    detector: str
    part_event_number: int
    phys_event_number: int


class KlCellHits(_Leaf):
    """The cell hits of an event."""

    kl: list[KlCellHit]


class KlDigits(_Leaf):
    """The digits of an event."""

    kl: list[KlDigit]


class KlEvent(_Leaf):
    """What the KL calorimeter saw."""

    kl_cell_hits: KlCellHits
    kl_digits: KlDigits


class EmrBarHit(_Leaf):
    """A bar that fired: `ch` is 60 times the plane and the bar; times in TDC counts."""

    ch: int
    deltat: int
    time: int
    tot: int


class EmrPlaneHit(_Leaf):
    """A plane that fired; orientation 0 measures x, 1 measures y."""

    bar_hits: list[EmrBarHit]
    charge: float
    deltat: int
    orientation: int
    plane: int
    time: int


class EmrTrack(_Leaf):
    """A fitted track; range in mm, -1 without a fit."""

    chi2: float
    origin: Vector
    range: float


class EmrEventTrack(_Leaf):
    """A track with its hits; -1 stands for no value. Charges of both kinds of photomultiplier."""

    charge_ratio_ma: float
    charge_ratio_sa: float
    id: int
    plane_density_ma: float
    plane_density_sa: float
    plane_hits: list[EmrPlaneHit]
    total_charge_ma: float
    total_charge_sa: float
    track: EmrTrack
    type: Literal["mother", "daughter"]


class EmrEvent(_Leaf):
    """What the Electron-Muon Ranger saw."""

    event_tracks: list[EmrEventTrack]


class SciFiDigit(_Leaf):
    """A channel of a tracker that fired; stations count from 1. Time in ns."""

    adc: int
    channel: int
    event: int
    npe: float
    plane: int
    spill: int
    station: int
    time: float
    tracker: int
    used: bool


class SciFiSpacePoint(_Leaf):
    """Where the fibres of three planes cross, or of two. Time in ns."""

    event: int
    npe: float
    position: Vector
    spill: int
    station: int
    time: float
    tracker: int
    type: Literal["triplet", "duplet"]


class SciFiEvent(_Leaf):
    """What both trackers saw."""

    digits: list[SciFiDigit]
    spacepoints: list[SciFiSpacePoint]
