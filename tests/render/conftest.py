"""Counts, figures and a job to draw."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from runfolio.images import Caption
from runfolio.plots.axes import Axis, Integer, Regular
from runfolio.plots.counts import Counts
from runfolio.plots.figures import Figure, Panel, Series, grid
from runfolio.render.job import ReducerView, RenderJob

WRITTEN_AT = 1385632500.0


def make_counts(
    name: str, bins: Sequence[int] | None = None, axis: Axis | None = None, title: str = "a title"
) -> Counts:
    """Return counts of a 1-D histogram, the flow bins among `bins`; a triangle where none are given."""
    axis = axis or Regular(20, 0, 200, "missing pT (GeV)")
    values = np.arange(axis.bins + 2) if bins is None else np.zeros(axis.bins + 2, np.int64)
    values[: len(bins or ())] = bins or ()
    return Counts(name=name, title=title, axes=(axis,), values=values.astype(np.int64))


def make_map(name: str, scale: int = 3, x_bins: int = 10, y_bins: int = 7) -> Counts:
    """Return counts of a map with a hole at the lower left."""
    values = scale * np.add.outer(np.arange(x_bins + 2), np.arange(y_bins + 2))
    values[1, 1] = 0
    axes = (Integer(0, x_bins, "SlabY"), Integer(0, y_bins, "SlabX"))
    return Counts(name=name, title="tof1: space points", axes=axes, values=values.astype(np.int64))


@pytest.fixture
def counts() -> Callable[..., Counts]:
    return make_counts


@pytest.fixture
def a_map() -> Callable[..., Counts]:
    return make_map


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    """Draw with the settings that all pictures are drawn with."""
    from runfolio.render.style import fixed_style  # noqa: PLC0415 - some tests need matplotlib not imported

    with fixed_style():
        yield


@pytest.fixture
def caption() -> Caption:
    return Caption(run_number=4235, spills=1250, last_spill_time=1385632449.0, final=False)


@pytest.fixture
def view() -> ReducerView:
    histograms = [make_counts("mass"), make_counts("charge", [5, 1, 0, 70]), make_map("slabs")]
    overlaid = Panel(series=(Series("mass", "TOF0"), Series("charge", "TOF1", "red")))
    figures = (
        Figure(
            tag="both",
            description="Mass, charge",
            keywords=("TOF", "raw"),
            rows=((overlaid,),),
            size=(400, 300),
        ),
        Figure(
            tag="all", description="All", rows=grid(["mass", "charge", "slabs", overlaid], 2), size=(600, 500)
        ),
    )
    return ReducerView(
        name="Dimuon", counts={each.name: each for each in histograms}, figures=figures, keywords=("muon",)
    )


@pytest.fixture
def job(view: ReducerView, caption: Caption) -> RenderJob:
    return RenderJob(caption=caption, reducers=(view,), written_at=WRITTEN_AT)
