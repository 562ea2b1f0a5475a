"""Every hostile document of the corpus costs itself alone, and is accounted for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drawing import drawn_here
from hostile.cases import Case
from hostile.corpus import CASES
from hostile.processing import assert_accounted, process


@pytest.fixture(autouse=True, scope="module")
def in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory deep enough that what climbs out of it is found."""
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


def test_the_corpus_is_large_and_no_case_is_there_twice() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 100
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_document_costs_itself_alone(place: Path, case: Case) -> None:
    outcome = process(place, "spills.json", case.stream, case.reducers)
    assert_accounted(outcome, case.documents + 3, case.job_marks)
    assert dict(outcome.summary.rejected) == dict(case.rejected)
    assert sum(outcome.summary.stray.values()) == case.stray
    assert {run.run_number: run.ended_by for run in outcome.summary.runs} == dict(case.runs)
    counts = outcome.counted(1)
    expected = {"filled": 0, "run_footers": 0, **case.counted}
    expected |= {"filled": expected["filled"] + 2, "run_footers": expected["run_footers"] + 1}
    assert {name: counts[name] for name in expected} == expected
    assert outcome.sent_images(1) == case.images
    assert outcome.lost(1) == case.lost
    assert outcome.summary.exit_status == case.exit_status
