"""What the mover's commands say of runs that are not known."""

import os
from pathlib import Path

import pytest

from runfolio.clock import TrueClock
from runfolio.errors import InputError
from runfolio.move_reports import known_run
from runfolio.mover.journal import Journal


@pytest.mark.parametrize("name", ["", "4235", "../4235", os.fsdecode(b"\xff"), "4235\0"])
def test_a_run_that_is_not_known_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    with (
        Journal(tmp_path, clock=TrueClock()) as journal,
        pytest.raises(InputError, match="is known to the mover; runfolio move status --all lists them"),
    ):
        known_run(journal, name)
