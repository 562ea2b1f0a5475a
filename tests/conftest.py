"""What all tests share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("any_speed", deadline=None)  # of a machine that does other work meanwhile
settings.load_profile("any_speed")


@pytest.fixture(autouse=True, scope="session")
def heard_interrupts() -> Iterator[None]:
    """Let Ctrl-C be heard, also where a shell in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of the test data beside the project; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the test data beside the project, ../shared/data, are not there")
    return SHARED
