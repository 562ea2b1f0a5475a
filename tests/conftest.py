"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("any_speed", deadline=None)  # of a machine that does other work meanwhile
settings.load_profile("any_speed")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of the test data beside the project; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the test data beside the project, ../shared/data, are not there")
    return SHARED
