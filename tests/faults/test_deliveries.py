"""A mover is killed before and after each of its effects, for every kind of destination, and started again.

Whatever happens, what has a final name is whole and as it was sent; and once a mover was started again, each
run is at its destination, once, with its receipt, and nothing else is; the run folders here are as they were.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from delivering import RUNS, kills
from runfolio.mover.settings import Packaging
from servers.kinds import KINDS
from support import clean_environment

DELIVERING = Path(__file__).parents[1] / "delivering.py"
PARTS = 2
"""The trials of a kind are split up, so that several processes share them."""

TRIED: list[tuple[str, Packaging]] = [
    *((kind, "folder") for kind in sorted(KINDS)),
    ("file", "tar"),
    ("file", "bagit"),
]

Found = dict[str, Any]


@pytest.fixture
def try_all(tmp_path: Path, record_property: Callable[[str, object], None]) -> Callable[..., list[Found]]:
    """Return what came of an undisturbed mover, then of each trial of a part."""

    def found(kind: str, packaging: str, part: int) -> list[Found]:
        (probe := tmp_path / "probe").mkdir()
        KINDS[kind](probe).stop()  # skips where its server is not installed
        done = subprocess.run(
            [sys.executable, DELIVERING, tmp_path, kind, packaging, str(part), str(PARTS)],
            env=clean_environment(),
            capture_output=True,
            check=True,
        )
        outcomes = list(map(json.loads, done.stdout.splitlines()))
        record_property(f"kill points, {kind}, {packaging}", len(outcomes) - 1)
        return outcomes

    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("kind", "packaging"), TRIED)
def test_after_a_kill_all_is_delivered_once(try_all: Any, kind: str, packaging: Packaging, part: int) -> None:
    undisturbed, *trials = try_all(kind, packaging, part)
    assert undisturbed["states"] == [f"{run} delivered" for run in RUNS]
    assert len(trials) * PARTS >= len(kills(packaging)) * undisturbed["effects"] - PARTS
    for trial in trials:
        assert trial["wrong"] == [], trial
        for what in ("files", "receipts", "states", "left"):
            assert trial[what] == undisturbed[what], (what, trial)
        assert trial["source_whole"], trial
