"""The names that --plots takes, and what is said of each without running any of it."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from runfolio.plots import list_offers
from runfolio.plots.offers import GROUP


def descriptions(monkeypatch: pytest.MonkeyPatch, *values: str) -> list[str]:
    entries = [EntryPoint(f"name{number}", value, GROUP) for number, value in enumerate(values)]
    monkeypatch.setattr("runfolio.plots.offers.entry_points", lambda group: entries if group == GROUP else [])
    return [offer.description for offer in list_offers()]


def test_mice_is_described() -> None:
    found = {offer.name: offer for offer in list_offers()}
    assert found["mice"].description == "All detectors of MICE, its scalers, and rows for calibration."
    assert found["mice.tof"].value == "runfolio.mice.tof:tof"
    assert found["mice.tof"].description.startswith("The plots of the time-of-flight counters")


def test_the_text_below_the_attribute_goes_before_that_of_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    text = '"""Of all.\n\nAnd more."""\na = 1\n"""Of a."""\nb: int = 2\n"""Of\nb."""\nc = 3\n1 / 0\n'
    (tmp_path / "offered_plots.py").write_text(text)
    found = descriptions(monkeypatch, "offered_plots:a", "offered_plots:b", "offered_plots:c")
    assert found == ["Of a.", "Of", "Of all."]


def test_what_cannot_be_read_has_no_description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "offered_broken.py").write_text("x = (\n")
    (tmp_path / "offered_bare.py").write_text("x = 1\n")
    found = descriptions(monkeypatch, "offered_broken:x", "offered_bare:x", "offered_nowhere.at:all", "sys:x")
    assert found == ["", "", "", ""]
