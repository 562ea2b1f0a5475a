"""What is set aside is there once, wherever a job is killed and started again."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from runfolio.settings import Settings
from stepwise import Disk, SteppedJob, Task


def rejecting(directory: Path, **settings: Any) -> Task:
    """Return the task to read one line that is set aside."""
    directory.mkdir()
    (directory / "spills.json").write_bytes(b"garbage\n")
    made = Settings(
        image_directory=directory / "live", end_of_run_image_directory=directory / "end_of_run", **settings
    )
    return Task([directory / "spills.json"], follow=False, settings=made)


def set_aside(directory: Path) -> int:
    """Return how many lines were set aside; half a line is what a kill has left."""
    lines = (directory / "live" / "rejected.jsonl").read_text().splitlines()
    return sum(line.endswith("}") and json.loads(line)["raw"] == "garbage" for line in lines)


@pytest.mark.parametrize("checkpoint_seconds", [0, 10])
def test_a_document_is_set_aside_once_wherever_a_job_is_killed(
    tmp_path: Path, checkpoint_seconds: float
) -> None:
    for step in count():
        task = rejecting(tmp_path / str(step), checkpoint_seconds=checkpoint_seconds)
        undisturbed = SteppedJob(task, Disk(dies_in=step)).summary
        if not task.done:
            SteppedJob(task, Disk())
        assert set_aside(tmp_path / str(step)) == 1
        if undisturbed:
            return
