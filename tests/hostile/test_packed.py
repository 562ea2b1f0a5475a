"""Compressed files, however much they stand for; of a damaged one all before the damage is filled."""

from pathlib import Path

import pytest

from hostile.packed import CASES, Packed
from hostile.processing import process
from runfolio.mice.reducers import BEAM_LINE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_file_gives_what_is_sound_in_it(place: Path, case: Packed) -> None:
    outcome = process(place, case.file, case.made(), BEAM_LINE)
    assert [run.spills for run in outcome.summary.runs] == ([case.filled] if case.filled else [])
    assert dict(outcome.summary.rejected) == case.rejected
    assert len(outcome.summary.problems) == bool(case.says)
    assert all(case.says in problem for problem in outcome.summary.problems)
    assert outcome.summary.exit_status == (1 if case.rejected or case.says else 0)
