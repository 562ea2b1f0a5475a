"""The same spills as columns, of which the benchmark measures how fast they are filled."""

from pathlib import Path

import pytest

from benchmarks import as_columns
from benchmarks.as_columns import COLUMNS_PLOTS, convert, differing
from runfolio import process
from runfolio.mice.simulation import Simulation, lines

SPILLS, EVENTS = 10, 60


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stream") / "spills.json"
    path.write_bytes(
        b"".join(lines(Simulation(run_number=1, spills=SPILLS, events_per_spill=EVENTS, seed=3)))
    )
    return path


@pytest.fixture
def converted(stream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.setattr(as_columns, "EVENTS", 250)  # so that there are several record batches and clusters
    files = {form: tmp_path / f"spills.{form}" for form in ("arrow", "root")}
    assert convert(stream, files["arrow"], files["root"]) == SPILLS * EVENTS
    return files


@pytest.mark.parametrize("form", ["arrow", "root"])
def test_columns_fill_every_bin_as_the_stream_does(
    stream: Path, converted: dict[str, Path], form: str
) -> None:
    assert differing(stream, converted[form]) == []
    [run] = process(converted[form], plots=COLUMNS_PLOTS).values()
    assert run.record.documents.filled == SPILLS * EVENTS
    assert all(histogram.sum() > 0 for histogram in run.histograms.values())


def test_a_bin_that_differs_is_found(stream: Path, converted: dict[str, Path], tmp_path: Path) -> None:
    one_less = tmp_path / "less.json"
    text = stream.read_bytes()
    one_less.write_bytes(text.replace(b'"pulse_3":', b'"pulse_x":', 1))
    assert differing(one_less, converted["root"]) == ["1: hPMT4"]


def test_a_stream_without_events_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    with pytest.raises(ValueError, match="no reconstructed event"):
        convert(tmp_path / "empty.json", tmp_path / "a", tmp_path / "b")
