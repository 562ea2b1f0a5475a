"""Every hostile document of the corpus costs itself alone, and is accounted for."""

from pathlib import Path

import pytest

from hostile.cases import Case
from hostile.corpus import CASES
from hostile.processing import assert_accounted, process


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
