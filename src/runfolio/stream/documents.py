"""Documents: the kinds of JSON object that a stream is made of, holding only what is used.

Keys that are not named here are passed over without being built: real headers carry stray ones.
What a spill holds of a detector is declared by the reducers, not here.
"""

from enum import Enum, StrEnum, auto
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from runfolio.stream.lines import Line

RunNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SpillNumber = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
TimeStamp = Annotated[float, Meta(ge=0, lt=253402300800)]  # Unix seconds, up to the year 9999


class Kind(StrEnum):
    """The values of `maus_event_type`."""

    JOB_HEADER = "JobHeader"
    RUN_HEADER = "RunHeader"
    SPILL = "Spill"
    IMAGE = "Image"
    RUN_FOOTER = "RunFooter"
    JOB_FOOTER = "JobFooter"


class StartOfJob(Struct):
    date_time: str


class JobHeader(Struct):
    """One process began."""

    start_of_job: StartOfJob


class JobFooter(Struct):
    """The process ends."""

    end_of_job: StartOfJob


class RunMark(Struct):
    """A run header or footer; old files say `run_num`."""

    run_number: RunNumber | UnsetType = UNSET
    run_num: RunNumber | UnsetType = UNSET


class Spill(Struct):
    """What is read of every spill; the reducers' fields are merged into it."""

    maus_event_type: str | UnsetType = UNSET
    run_number: RunNumber | UnsetType = UNSET
    run_num: RunNumber | UnsetType = UNSET
    spill_number: SpillNumber | UnsetType = UNSET
    spill_num: SpillNumber | UnsetType = UNSET
    daq_event_type: str | UnsetType = UNSET
    time_stamp: TimeStamp | None = None


class ImageList(Struct):
    """An image document; its entries are read one by one, so that a bad one costs only itself."""

    image_list: list[msgspec.Raw]
    run_number: RunNumber | None = None


class ImageEntry(Struct):
    """One image that another program made; `data` is base64."""

    tag: str
    image_type: str
    data: str
    description: str = ""
    keywords: list[str] = []


class OldImage(Struct):
    """The forms before feature #1286: an entry in an object of its own, or bare."""

    run_number: RunNumber | None = None
    image: msgspec.Raw | UnsetType = UNSET
    tag: msgspec.Raw | UnsetType = UNSET
    data: msgspec.Raw | UnsetType = UNSET


class Part(Enum):
    """What a document of data is to its run."""

    DATA = auto()
    LAST = auto()
    """Data, and the run is over."""
    END = auto()
    """The run is over; no data."""
    MARKER = auto()
    """Any other moment; no data."""
    OTHER = auto()
    """Data that no reducer has a use for."""


class SpillMark(Struct, frozen=True, gc=False):
    """One spill's number and its time in Unix seconds, where it has one; of one's own data, an event's."""

    number: int | None
    """None where data have times and no numbers."""
    time: float | None


class Document(Struct, frozen=True, gc=False):
    """One document of the stream: its kind, the run it speaks of, what was read of it, its line."""

    kind: Kind
    run_number: int | None
    body: Any
    line: Line
    part: Part = Part.OTHER
    mark: SpillMark | None = None
    """Of data, where they have a number."""


class Refused(Struct, frozen=True, gc=False):
    """A document that is set aside, the short word it is counted by, and what was wrong."""

    line: Line
    reason: str
    detail: str
    run_number: int | None = None
    rows: int = 1
    """How many documents it stands for: of columns, all rows that the same is wrong with."""


class BrokenOff(Struct, frozen=True, gc=False):
    """A source could not be read to its end: what it still held may be lacking in any open run."""


PARTS = {
    "physics_event": Part.DATA,
    "": Part.DATA,  # simulated ones have no event type
    "start_of_run": Part.MARKER,
    "end_of_run": Part.END,
    "start_of_burst": Part.MARKER,
    "end_of_burst": Part.MARKER,
}
"""What spills are by their `daq_event_type`; any other is Part.OTHER."""
