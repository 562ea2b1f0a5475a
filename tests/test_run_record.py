"""The record of a run names what it was made with."""

import tomllib
from pathlib import Path

from runfolio.run_record import BUILT_ON

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_versions_are_of_what_every_installation_has() -> None:
    needed = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    assert set(BUILT_ON) <= {each.partition(">=")[0] for each in needed}
