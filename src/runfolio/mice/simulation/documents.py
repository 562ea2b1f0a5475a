"""The documents of the stream as structs for writing; reading has its own, elsewhere.

The keys and their order are those of MAUS's files. A detector that is not simulated is an empty
object there too. UNSET leaves a key out.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from runfolio.mice.simulation.more_documents import EmrEvent, KlEvent, SciFiEvent
from runfolio.mice.simulation.scalers import CHANNELS

Empty = dict[str, None]


class _Leaf(msgspec.Struct, gc=False):
    """Tens of thousands a second are made, and none is part of a cycle."""


class Pmt(_Leaf):
    """One photomultiplier of a slab. Times in ns; leading times in TDC counts of 25 ps."""

    raw_time: float
    charge: int
    leading_time: int
    time: float | UnsetType
    tof_key: str
    trigger_request_leading_time: int


class SlabHit(_Leaf):
    """A slab that fired. Times in ns; without a calibration there is no `time`."""

    slab: int
    phys_event_number: int
    raw_time: float
    charge: int
    plane: int
    charge_product: int
    time: float | UnsetType
    station: int
    detector: str
    part_event_number: int
    pmt1: Pmt | UnsetType
    pmt0: Pmt | UnsetType


class SpacePoint(_Leaf, rename={"slab_x": "slabX", "slab_y": "slabY"}):
    """A horizontal and a vertical slab together. Times in ns."""

    phys_event_number: int
    pixel_key: str
    charge: int
    station: int
    slab_y: int
    slab_x: int
    charge_product: int
    time: float
    dt: float
    part_event_number: int
    detector: str


class SlabHitStations(_Leaf):
    """The slab hits of an event."""

    tof1: list[SlabHit]
    tof0: list[SlabHit]
    tof2: list[SlabHit]


class SpacePointStations(_Leaf):
    """The space points of an event."""

    tof1: list[SpacePoint]
    tof0: list[SpacePoint]
    tof2: list[SpacePoint]


class TofEvent(_Leaf):
    """What the time-of-flight stations saw."""

    tof_space_points: SpacePointStations
    tof_slab_hits: SlabHitStations


class CkovA(_Leaf):
    """Cherenkov detector A: pulses in ADC counts, times in samples of 256 (255: no pulse)."""

    arrival_time_0: int
    arrival_time_1: int
    arrival_time_2: int
    arrival_time_3: int
    coincidences: int
    number_of_pes: float
    part_event_number: int
    position_min_0: int
    position_min_1: int
    position_min_2: int
    position_min_3: int
    pulse_0: int
    pulse_1: int
    pulse_2: int
    pulse_3: int
    total_charge: int


class CkovB(_Leaf):
    """Cherenkov detector B, the same with its photomultipliers numbered on."""

    arrival_time_4: int
    arrival_time_5: int
    arrival_time_6: int
    arrival_time_7: int
    coincidences: int
    number_of_pes: float
    part_event_number: int
    position_min_4: int
    position_min_5: int
    position_min_6: int
    position_min_7: int
    pulse_4: int
    pulse_5: int
    pulse_6: int
    pulse_7: int
    total_charge: int


class CkovDigit(_Leaf):
    """Both Cherenkov detectors."""

    A: CkovA
    B: CkovB


class CkovEvent(_Leaf):
    """What the Cherenkov detectors saw: one digit an event."""

    ckov_digits: list[CkovDigit]


class Event(_Leaf):
    """One trigger."""

    part_event_number: int
    tof_event: TofEvent
    ckov_event: CkovEvent
    sci_fi_event: SciFiEvent
    trigger_event: Empty
    kl_event: KlEvent
    emr_event: EmrEvent
    global_event: Empty


Channels = msgspec.defstruct("Channels", [(f"ch{channel}", int) for channel in range(CHANNELS)], gc=False)
"""The counts of a scaler, `ch0` to `ch31`."""


class Scaler(msgspec.Struct, gc=False):
    """The scaler of a spill."""

    channels: msgspec.Struct
    time_stamp: int
    phys_event_number: int


class DaqData(msgspec.Struct, gc=False):
    """What the data acquisition read once a spill."""

    V830: Scaler


DaqEventType = Literal["start_of_run", "end_of_run", "start_of_burst", "end_of_burst", "physics_event"]


class Spill(msgspec.Struct, kw_only=True):
    """A marker, or the events of one burst. `time_stamp` in Unix seconds."""

    spill_number: int
    run_number: int
    daq_event_type: DaqEventType
    event_id: int
    time_stamp: int
    errors: Empty = msgspec.field(default_factory=dict)
    mc_events: list[Empty] = msgspec.field(default_factory=list)
    daq_data: DaqData | UnsetType = UNSET
    recon_events: list[Event] | UnsetType = UNSET
    maus_event_type: str = "Spill"


class Moment(msgspec.Struct):
    """A date in UTC: `2013-11-28 09:54:09.600122`."""

    date_time: str


class JobHeader(msgspec.Struct, kw_only=True):
    """`json_configuration` is a string that holds JSON: all datacards."""

    start_of_job: Moment
    json_configuration: str
    maus_version: str
    bzr_configuration: str = ""
    bzr_revision: str = ""
    bzr_status: str = ""
    mc_events: list[Empty] = msgspec.field(default_factory=list)  # real headers carry this stray key
    maus_event_type: str = "JobHeader"


class RunHeader(msgspec.Struct, kw_only=True):
    """A run begins."""

    run_number: int
    mc_events: list[Empty] = msgspec.field(default_factory=list)
    maus_event_type: str = "RunHeader"


class RunFooter(msgspec.Struct, kw_only=True):
    """A run is over."""

    run_number: int
    mc_events: list[Empty] = msgspec.field(default_factory=list)
    maus_event_type: str = "RunFooter"


class JobFooter(msgspec.Struct, kw_only=True):
    """The job is over."""

    end_of_job: Moment
    mc_events: list[Empty] = msgspec.field(default_factory=list)
    maus_event_type: str = "JobFooter"


Document = JobHeader | RunHeader | Spill | RunFooter | JobFooter
