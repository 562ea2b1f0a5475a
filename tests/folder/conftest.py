"""A run to seal, and ways to make images of it."""

from collections.abc import Callable
from typing import Any

import pytest

import sealed_folders
from runfolio.folder import RunRecord
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
    return sealed_folders.make_record
