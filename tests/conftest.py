"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of the test data beside the project; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the test data beside the project, ../shared/data, are not there")
    return SHARED
