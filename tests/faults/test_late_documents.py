"""Late documents are put in by a process that is killed, or refused, at each of its durable operations.

Started again, there is one new folder of each run, as if nothing had happened, and nothing is taken twice.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from support import clean_environment
from trials import KILLS, REFUSALS

TRIALS = Path(__file__).parents[1] / "late_trials.py"
PARTS = 2
"""The trials are split up, so that several processes share them."""

LEFT = {"1", "2", "3", "kept", "lock"}
"""What may be in the staging: the states of the three runs, and a dead process's lock."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("happenings", [KILLS, REFUSALS[:1]], ids=["killed", "refused"])
def test_it_is_all_done_once(
    tmp_path: Path, record_property: Callable[[str, object], None], happenings: Sequence[str], part: int
) -> None:
    done = subprocess.run(
        [sys.executable, TRIALS, tmp_path, ",".join(happenings), str(part), str(PARTS)],
        env=clean_environment(),
        capture_output=True,
        check=True,
    )
    undisturbed, *trials = map(json.loads, done.stdout.splitlines())
    record_property("kill points" if happenings == KILLS else "refused operations", len(trials))
    assert list(undisturbed["folders"]) == ["1", "1.r2", "2", "2.r2", "3"]
    assert undisturbed["late"] == ["half a lin"]
    assert len(undisturbed["rejected"]) == 1
    assert len(trials) >= 30
    for trial in trials:
        assert_is_as_undisturbed(trial, undisturbed)


def assert_is_as_undisturbed(trial: dict[str, Any], undisturbed: dict[str, Any]) -> None:
    assert all(trial["visible"].values()), trial
    assert trial["folders"] == undisturbed["folders"], trial
    assert trial["late"] == undisturbed["late"], trial
    assert set(trial["staging"]) <= LEFT, trial
    if "append" not in trial["operation"] or trial["happening"] in KILLS:
        assert trial["rejected"] == undisturbed["rejected"], trial
