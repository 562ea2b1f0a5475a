"""Retrying: pauses that grow, up to a minute, until it works."""

import pytest

from runfolio.errors import FolderError
from runfolio.retrying import Retries, is_disk_trouble
from support import FakeClock

FULL = FolderError("cannot write x: No space left on device")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(100)


def test_pauses_double_up_to_a_minute(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    retries, pauses = Retries(clock), []
    for _ in range(8):
        retries.failed("run 7 is not sealed yet", FULL, last=False)
        pauses.append(retries.wait)
        clock.sleep(retries.wait)
        assert retries.wait == 0
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert caplog.messages[1] == f"run 7 is not sealed yet: {FULL}; tried again in 2 s"


def test_once_it_works_the_next_failure_is_a_first_one(clock: FakeClock) -> None:
    retries = Retries(clock)
    for _ in range(3):
        retries.failed("x", FULL, last=False)
    assert retries.wait == 4
    retries.succeeded()
    assert (retries.error, retries.wait) == (None, 0)
    retries.failed("x", FULL, last=False)
    assert retries.wait == 1


def test_after_the_last_try_none_is_announced(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    Retries(clock).failed("x", FULL, last=True)
    assert caplog.messages == [f"x: {FULL}"]


def test_what_the_system_refuses_may_pass() -> None:
    refused = FolderError("cannot write")
    refused.__cause__ = OSError()
    assert is_disk_trouble(refused)
    assert not is_disk_trouble(FULL)
