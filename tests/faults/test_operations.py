"""A job is killed before and after each of its durable operations, and each is refused by the disk.

Whatever happens, nothing but whole folders is ever visible; and once a job was started again, there is
each run, once, with the bytes that an undisturbed job gives it.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from support import clean_environment
from trials import KILLS, REFUSALS, RUNS, THROUGH

TRIALS = Path(__file__).parents[1] / "trials.py"
PARTS = 4
"""The trials are split up, so that several processes share them."""

NOBODYS = {"lock"}
"""What may be left in the staging: a dead process's lock, which is in nobody's way."""

Record = Callable[[str, object], None]
Found = dict[str, Any]


@pytest.fixture
def try_all(
    tmp_path: Path, record_property: Record
) -> Callable[[Sequence[str], int, str], tuple[Found, list[Found]]]:
    """Return what came of an undisturbed job, and of each trial of a part."""

    def found(happenings: Sequence[str], part: int, what: str) -> tuple[Found, list[Found]]:
        done = subprocess.run(
            [sys.executable, TRIALS, tmp_path, ",".join(happenings), str(part), str(PARTS)],
            env=clean_environment(),
            capture_output=True,
            check=True,
        )
        undisturbed, *trials = map(json.loads, done.stdout.splitlines())
        record_property(what, len(trials))
        return undisturbed, trials

    return found


def lines(text: str) -> list[str]:
    return sorted(text.splitlines())


@pytest.mark.parametrize("part", range(PARTS))
def test_after_a_kill_all_is_as_if_nothing_had_happened(try_all: Any, part: int) -> None:
    undisturbed, trials = try_all(KILLS, part, "kill points")
    assert len(undisturbed["folders"]) == RUNS
    assert len(trials) * PARTS >= 200
    for trial in trials:
        assert all(trial["visible"].values()), trial
        for what in ("folders", "set_aside", "written_on"):
            assert trial[what] == undisturbed[what], (what, trial)
        assert set(trial["staging"]) <= NOBODYS, trial


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("refusals", [REFUSALS, [REFUSALS[0] + THROUGH]], ids=["once", "for good"])
def test_what_the_disk_refuses_is_done_when_it_can_be(
    try_all: Any, refusals: Sequence[str], part: int
) -> None:
    undisturbed, trials = try_all(refusals, part, "refused operations")
    for trial in trials:
        assert all(trial["visible"].values()), trial
        assert trial["folders"] == undisturbed["folders"], trial
        assert set(trial["staging"]) <= NOBODYS, trial
        assert lines(trial["written_on"]) == lines(undisturbed["written_on"]), (
            trial
        )  # in another order, maybe
        if not trial["operation"].startswith("append"):
            assert trial["set_aside"] == undisturbed["set_aside"], trial
