"""A run to seal, and ways to make images of it."""

from collections.abc import Callable
from typing import Any

import pytest

from runfolio.folder import DocumentCounts, HistogramRecord, RunRecord, SpillMark
from runfolio.images import Caption, Image


@pytest.fixture
def picture() -> Callable[..., Image]:
    """Make an image: `picture("tof_time", b"...", producer="ReducePyCkovPlot")`."""

    def make(tag: str, data: bytes = b"png", **changes: Any) -> Image:
        return Image(tag=tag, data=data, **{"image_type": "png", "producer": "ReducePyTOFPlot", **changes})

    return make


@pytest.fixture
def images() -> tuple[Image, ...]:
    """Three files of two tags."""
    return (
        Image(
            tag="tof_time",
            image_type="png",
            data=b"\x89PNG time",
            description="Time",
            keywords=("TOF", "Time"),
        ),
        Image(
            tag="tof_time", image_type="pdf", data=b"%PDF time", description="Time", keywords=("TOF", "Time")
        ),
        Image(tag="ReducePyTOFPlot", image_type="root", data=b"root", producer="ReducePyTOFPlot"),
    )


@pytest.fixture
def caption() -> Caption:
    return Caption(run_number=4235, spills=123, last_spill_time=1385632449.0, final=True)


@pytest.fixture
def make_record() -> Callable[..., RunRecord]:
    """Make the record of run 4235, with any of its fields changed."""

    def make(**changes: Any) -> RunRecord:
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

    return make


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
