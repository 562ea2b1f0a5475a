"""Run folders that are sealed, without a stream and a job to make them of."""

import hashlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image as Pictures

from runfolio.folder import (
    MANIFEST,
    DocumentCounts,
    EndOfRunDirectory,
    HistogramRecord,
    RunRecord,
    SealedRun,
    SpillMark,
)
from runfolio.folder.manifest import manifest_bytes
from runfolio.images import Caption, Image

HISTOGRAM = HistogramRecord(
    kind="count",
    name="ht01",
    entries=58,
    in_range=55,
    underflow=1,
    overflow=2,
    not_a_number=0,
    lost_spills=0,
    mean=28.5,
)


def png(width: int, height: int, mode: str = "RGB") -> bytes:
    """Return a picture of one colour."""
    Pictures.new(mode, (width, height)).save(made := BytesIO(), "PNG")
    return made.getvalue()


IMAGES = (
    Image(tag="tof_time", image_type="png", data=png(800, 600), producer="ReducePyTOFPlot"),
    Image(tag="ReducePyTOFPlot", image_type="root", data=b"root" * 300_000, producer="ReducePyTOFPlot"),
)

SMALLEST = b'{"sealed_at": "2013-11-28T10:54:10Z"}'
"""What a mover needs of `run.json`."""


def write_folder(directory: Path, files: Mapping[str, bytes]) -> SealedRun:
    """Write files and their manifest as the folder of run 4235."""
    folder = directory / "4235"
    folder.mkdir(parents=True)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    for name, data in {**files, MANIFEST: manifest_bytes(digests)}.items():
        (folder / name).write_bytes(data)
    return SealedRun(4235, 1, folder)


def make_record(**changes: Any) -> RunRecord:
    """Return the record of run 4235, with any of its fields changed."""
    fields: dict[str, Any] = {
        "run_number": 4235,
        "status": "complete",
        "ended_by": "run_footer",
        "unit": "spill",
        "started_at": "2013-11-28T09:54:09Z",
        "ended_at": "2013-11-28T10:54:09Z",
        "sealed_at": "2013-11-28T10:54:10Z",
        "first_spill": SpillMark(number=0, time="2013-11-28T09:54:09Z"),
        "last_spill": SpillMark(number=122, time=None),
        "documents": DocumentCounts(
            received=130,
            run_headers=1,
            run_footers=2,
            end_of_run_spills=2,
            markers=0,
            filled=123,
            passed_over=0,
            images=0,
            rejected={"not_json": 2},
        ),
        "image_entries_rejected": {},
        "histograms": {"ReducePyTOFPlot": (HISTOGRAM,)},
        "settings": {
            "image_file_prefix": "image",
            "refresh_rate": None,
            "histogram_image_type": ("png", "pdf"),
        },
        "versions": {"runfolio": "0.1.0"},
        "sources": ("spills.json",),
    }
    return RunRecord(**{**fields, **changes})


def seal_run(
    end_of_run: Path, number: int = 4235, images: Sequence[Image] = IMAGES, **changes: Any
) -> SealedRun:
    """Seal a run, with the record's fields changed so."""
    record = make_record(run_number=number, **changes)
    caption = Caption(run_number=number, spills=1, last_spill_time=None, final=True)
    sealed = EndOfRunDirectory(end_of_run).seal(record, images, caption)
    return SealedRun(number, sealed.revision, sealed.path)
