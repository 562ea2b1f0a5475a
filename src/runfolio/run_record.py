"""The record of a run: all that is known of it when it is over, as its `run.json` says it."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from runfolio import __version__
from runfolio.clock import utc_text
from runfolio.folder import (
    DocumentCounts,
    ImageFailed,
    RunRecord,
    SpillMark,
    histogram_record,
    time_text,
    tree_record,
)
from runfolio.render import Failure
from runfolio.run_plots import RunPlots
from runfolio.runs import Tally
from runfolio.settings import Settings
from runfolio.stream import SpillMark as SeenSpill

BUILT_ON = ("matplotlib", "msgspec", "numpy", "uproot", "zlib-ng")
"""Only what is always installed: without one of them no run could be sealed."""


def run_record(
    plots: RunPlots, settings: Settings, failures: Iterable[Failure], *, sealed_at: float
) -> RunRecord:
    """Return the record of a run that is over, without its images, which are known once they are filed."""
    run = plots.run
    return RunRecord(
        run_number=run.number,
        status=run.status.value,
        ended_by=run.reason.value,
        unit=plots.unit,
        started_at=utc_text(run.opened_at),
        ended_at=utc_text(run.opened_at if run.ended_at is None else run.ended_at),
        sealed_at=utc_text(sealed_at),
        first_spill=_mark(run.first_spill),
        last_spill=_mark(run.last_spill),
        documents=_document_counts(run.tally),
        image_entries_rejected=dict(sorted(plots.entries_rejected.items())),
        histograms={
            filling.reducer.name: tuple(map(histogram_record, filling.snapshot().values()))
            for filling in plots.fillings
            if filling.reducer.histograms or not filling.reducer.tables | filling.reducer.trees
        },
        tables={
            filling.reducer.name: tuple(filling.tables().values())
            for filling in plots.fillings
            if filling.reducer.tables
        },
        trees={
            filling.reducer.name: tuple(map(tree_record, filling.trees().values()))
            for filling in plots.fillings
            if filling.reducer.trees
        },
        images_failed=tuple(
            ImageFailed(tag=each.tag, image_type=each.image_type, reason=each.reason) for each in failures
        ),
        settings=settings.folder_settings(),
        versions=_versions(),
        sources=tuple(dict.fromkeys(Path(source).name for source in run.sources)),
    )


def _mark(spill: SeenSpill | None) -> SpillMark | None:
    return SpillMark(number=spill.number, time=time_text(spill.time)) if spill else None


def _document_counts(tally: Tally) -> DocumentCounts:
    return DocumentCounts(
        received=tally.received,
        run_headers=tally.run_headers,
        run_footers=tally.run_footers,
        end_of_run_spills=tally.end_of_run_spills,
        markers=tally.markers,
        filled=tally.filled,
        passed_over=tally.passed_over,
        images=tally.images,
        rejected=dict(sorted(tally.rejected.items())),
    )


@cache
def _versions() -> dict[str, str]:
    return {"runfolio": __version__, "python": python_version()} | {name: version(name) for name in BUILT_ON}
