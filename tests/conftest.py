"""What all tests share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from runfolio.readings import Reading, Readings

settings.register_profile("any_speed", deadline=None)  # of a machine that does other work meanwhile
settings.register_profile("quick", deadline=None, max_examples=15)  # the inner loop: fewer examples
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


@pytest.fixture
def readings() -> Readings:
    """What a table of two rows says, one of them without a value."""
    known = Reading(
        row="Triggers",
        last=72.0,
        last_number=200,
        mean_of_last=72.5,
        mean=1e6 / 7,
        values=199,
        not_a_number=1,
    )
    empty = Reading(
        row="GVA", last=None, last_number=None, mean_of_last=None, mean=None, values=0, not_a_number=200
    )
    return Readings(
        name="scalers",
        title="Scalers",
        by="spill",
        averaged=10,
        rows=(known, empty),
        without_number=0,
        lost_spills=1,
    )
