"""A hostile input on its way through the whole pipeline, and whether all of it is accounted for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runfolio import pipeline
from runfolio.folder import verify
from runfolio.plots import Reducer
from runfolio.settings import Settings
from runfolio.summary import Summary
from support import FakeClock, record


@dataclass(frozen=True)
class Outcome:
    """What a job came to."""

    summary: Summary
    folders: dict[int, Path]

    @property
    def records(self) -> dict[int, dict[str, Any]]:
        return {number: record(folder) for number, folder in self.folders.items()}

    def counted(self, run_number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.records[run_number]["documents"]
        return found

    def lost(self, run_number: int) -> set[str]:
        """Return the histograms that lost spills."""
        return {
            histogram["name"]
            for histograms in self.records[run_number]["histograms"].values()
            for histogram in histograms
            if histogram["lost_spills"]
        }

    def sent_images(self, run_number: int) -> set[str]:
        """Return the files of images that other programs made."""
        images = self.records[run_number]["images"]
        return {image["file"] for image in images if image["producer"] == "stream"}


def process(place: Path, name: str, data: bytes, reducers: Sequence[Reducer], *types: str) -> Outcome:
    """Run a file through the pipeline, and draw these types of pictures; nothing else may be written."""
    (place / name).write_bytes(data)
    before = set(elsewhere(place))
    settings = Settings(
        image_directory=place / "live",
        end_of_run_image_directory=place / "end_of_run",
        histogram_image_type=types,
        grace=1,  # the clock stands still: all runs are open to the end
    )
    summary = pipeline.run([str(place / name)], settings, reducers, clock=FakeClock())
    assert set(elsewhere(place)) == before
    folders = {run.run_number: run.folder for run in summary.runs if run.folder}
    assert len(folders) == len(summary.runs)
    for folder in folders.values():
        assert verify(folder).whole
    return Outcome(summary, folders)


def elsewhere(place: Path) -> Iterator[Path]:
    """Give all files around a job's directory but those of the two that it may write to."""
    own = (place / "live", place / "end_of_run")
    return (path for path in place.parent.parent.rglob("*") if not {path, *path.parents} & {*own})


def assert_accounted(outcome: Outcome, documents: int, job_marks: int = 0) -> None:
    """Check that each document that was received is counted once."""
    summary = outcome.summary
    assert summary.documents == documents
    received = 0
    for each in outcome.records.values():
        counts = each["documents"]
        parts = [value for name, value in counts.items() if name not in ("received", "rejected")]
        assert counts["received"] == sum(parts) + sum(counts["rejected"].values())
        received += counts["received"]
        for histograms in each["histograms"].values():
            for found in histograms:
                assert found["entries"] == found["in_range"] + found["underflow"] + found["overflow"]
    of_no_run = sum(summary.rejected.values()) - sum(run.rejected for run in summary.runs)
    assert documents == received + job_marks + sum(summary.stray.values()) + of_no_run
