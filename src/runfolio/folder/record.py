"""`run.json`: what is known of a run, beside its pictures.

The structs are the format: the JSON Schema in docs/run.schema.json is made from them. A change
that an older reader could misread needs another schema name.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from runfolio.errors import FolderError
from runfolio.folder._files import read_whole
from runfolio.folder.names import MAX_RUN_NUMBER, RUN_RECORD, Renamed
from runfolio.readings import Readings

if TYPE_CHECKING:  # readers of folders don't need numpy
    from runfolio.plots.counts import Counts
    from runfolio.plots.tree import TreeRows

RUN_SCHEMA = "runfolio.run/1"

RECORD_LIMIT = 1024 * 1024 * 1024
"""Bytes; a million images take about 400 MB."""

YEAR_10000 = 253_402_300_800.0

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

Status = Literal["complete", "incomplete", "interrupted"]
Setting = bool | int | float | str | None
RunNumber = Annotated[int, Meta(ge=0, le=MAX_RUN_NUMBER)]
Count = Annotated[int, Meta(ge=0)]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, in hex")]


class SpillMark(Struct, frozen=True, kw_only=True):
    """One spill, or row of data, of the run."""

    number: Annotated[int | None, Meta(description="Its number; null where data have times alone")]
    time: Annotated[Time | None, Meta(description="Its time stamp in UTC; null where the stream has none")]


class DocumentCounts(Struct, frozen=True, kw_only=True):
    """The documents of the run, by what became of them."""

    received: Annotated[Count, Meta(description="All documents of this run")]
    run_headers: Count
    run_footers: Annotated[Count, Meta(description="Several are usual; the first ends the run")]
    end_of_run_spills: Annotated[Count, Meta(description="Two are usual; the first ends the run")]
    markers: Annotated[Count, Meta(description="Other spills without data, such as a start of burst")]
    filled: Annotated[Count, Meta(description="Spills, or rows of data, filled into the histograms")]
    passed_over: Annotated[Count, Meta(description="Sound documents that no reducer had a use for")]
    images: Annotated[Count, Meta(description="Documents of images made by other programs")]
    rejected: Annotated[dict[str, Count], Meta(description="Documents set aside, by reason")]


class HistogramRecord(Struct, frozen=True, kw_only=True):
    """One histogram in figures: entries = in_range + underflow + overflow."""

    name: str
    kind: Annotated[
        Literal["count", "weighted", "profile"],
        Meta(
            description="What its bins show: entries, sums of weights, or means; entries are counted in all"
        ),
    ]
    entries: Count
    in_range: Count
    underflow: Annotated[Count, Meta(description="Below the range of an axis, above that of none")]
    overflow: Annotated[Count, Meta(description="Above the range of an axis")]
    not_a_number: Annotated[Count, Meta(description="Values that are no numbers; in no bin, not in entries")]
    lost_spills: Annotated[
        Count,
        Meta(description="Spills or rows of data whose values were lost to an error in the plot's code"),
    ]
    mean: Annotated[
        float | None, Meta(description="From the bin centres; null for 2-D or with none in range")
    ]


class TreeRecord(Struct, frozen=True, kw_only=True):
    """The rows written to one .root file of their own."""

    name: Annotated[str, Meta(description="The name of the TTree in the file")]
    rows: Count
    lost_rows: Annotated[
        Count,
        Meta(description="Rows beyond the limit, or with a value that its branch's type does not hold"),
    ]
    lost_spills: Annotated[
        Count, Meta(description="Spills or rows of data that were lost to an error in the tree's code")
    ]


class ImageEntry(Struct, frozen=True, kw_only=True):
    """One picture or file of histograms in the folder."""

    file: Annotated[str, Meta(description="Its name in the folder")]
    metadata: Annotated[str, Meta(description="The name of the file that describes it")]
    tag: Annotated[str, Meta(description="The tag that it is filed under")]
    image_type: Annotated[str, Meta(description="The extension of its name")]
    producer: Annotated[str, Meta(description="The reducer that made it, or `stream`")]
    bytes: Count
    sha256: Sha256


class ImageFailed(Struct, frozen=True, kw_only=True):
    """One image that the folder lacks, and why."""

    tag: str
    image_type: str
    reason: str


class RunRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag=RUN_SCHEMA):
    """What runfolio knows of a run: the `run.json` of its folder."""

    run_number: Annotated[RunNumber, Meta(description="The run number")]
    status: Annotated[Status, Meta(description="Whether the run came to its own end")]
    ended_by: Annotated[str, Meta(description="What ended it; this list may grow", examples=["run_footer"])]
    unit: Annotated[str, Meta(description="What is counted as filled: `spill`, or what the reducers read")]
    started_at: Annotated[Time, Meta(description="When its first document arrived, UTC")]
    ended_at: Annotated[Time, Meta(description="When the document or event that ended it arrived, UTC")]
    sealed_at: Annotated[Time, Meta(description="When this folder was sealed, UTC")]
    first_spill: Annotated[
        SpillMark | None, Meta(description="That of the lowest number, or the first by time")
    ]
    last_spill: Annotated[
        SpillMark | None, Meta(description="That of the highest number, or the last by time")
    ]
    documents: DocumentCounts
    image_entries_rejected: Annotated[dict[str, Count], Meta(description="Single images in them, by reason")]
    histograms: Annotated[
        dict[str, tuple[HistogramRecord, ...]], Meta(description="By reducer, in the order of declaration")
    ]
    tables: Annotated[
        dict[str, tuple[Readings, ...]], Meta(description="By reducer, in the order of declaration")
    ] = msgspec.field(default_factory=dict)
    trees: Annotated[
        dict[str, tuple[TreeRecord, ...]], Meta(description="By reducer, in the order of declaration")
    ] = msgspec.field(default_factory=dict)
    images: Annotated[tuple[ImageEntry, ...], Meta(description="All images of the folder")] = ()
    images_failed: Annotated[tuple[ImageFailed, ...], Meta(description="Images that could not be had")] = ()
    renamed: Annotated[tuple[Renamed, ...], Meta(description="Images whose tag another producer had")] = ()
    settings: Annotated[
        dict[str, Setting | tuple[Setting, ...]], Meta(description="The settings that this was made with")
    ]
    versions: Annotated[dict[str, str], Meta(description="Of runfolio and what it is built on")]
    sources: Annotated[tuple[str, ...], Meta(description="Where the documents came from")]

    @property
    def of_the_run(self) -> tuple[object, ...]:
        """What two records of one and the same run have in common, whenever it was sealed."""
        documents = self.documents, self.first_spill, self.last_spill
        return self.run_number, self.started_at, self.ended_at, self.ended_by, *documents


T = TypeVar("T")


class _Tagged(Struct):
    schema: str = ""


def histogram_record(counts: "Counts") -> HistogramRecord:
    """Return a histogram's counts in figures."""
    return HistogramRecord(
        name=counts.name,
        kind=counts.kind.value,
        entries=counts.entries,
        in_range=counts.in_range,
        underflow=counts.underflow,
        overflow=counts.overflow,
        not_a_number=counts.not_a_number,
        lost_spills=counts.lost_spills,
        mean=counts.mean,
    )


def tree_record(rows: "TreeRows") -> TreeRecord:
    """Return a tree's rows in figures."""
    return TreeRecord(name=rows.name, rows=rows.rows, lost_rows=rows.lost_rows, lost_spills=rows.lost_spills)


def time_text(seconds: float | None) -> str | None:
    """Return Unix seconds as UTC text; None for what cannot be meant as a time: before 1970, after 9999."""
    if seconds is None or not 0 <= seconds < YEAR_10000:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime(TIME_FORMAT)


def time_seconds(text: str) -> int:
    """Return the Unix seconds of what `time_text` gave.

    Raises:
        FolderError: it is no such time.

    """
    try:
        return int(datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise FolderError(f"{text[:40]!a} is no time as 2013-11-28T09:54:09Z") from error


def read_record(folder: Path) -> RunRecord:
    """Return a folder's `run.json`.

    Raises:
        FolderError: it is missing, no JSON, of another schema, or lacks something.

    """
    return read_json(folder / RUN_RECORD, RunRecord, RUN_SCHEMA, limit=RECORD_LIMIT)


def read_json(path: Path, kind: type[T], schema: str, *, limit: int) -> T:
    """Return a struct from a JSON file that names its schema."""
    data = read_whole(path, limit=limit)
    try:
        found = msgspec.json.decode(data, type=_Tagged).schema
        if found != schema:
            raise FolderError(f"{path}: its schema is {found[:80]!a}, and this runfolio reads {schema}")
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FolderError(f"{path} is damaged: {error}") from error
