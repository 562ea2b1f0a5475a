"""The time, the machine's or the one that is asked for."""

import time

import pytest

from runfolio.clock import LAST_SECOND, SystemClock, source_date_epoch, utc_text
from runfolio.errors import SettingsError

NAME = "SOURCE_DATE_EPOCH"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)


def test_without_source_date_epoch_it_is_the_time_of_the_machine() -> None:
    assert source_date_epoch() is None
    before = time.time()
    assert before <= SystemClock().now() <= time.time()


def test_an_empty_source_date_epoch_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")
    assert source_date_epoch() is None


@pytest.mark.parametrize("seconds", [0, 1385632449, LAST_SECOND])
def test_source_date_epoch_stands_still_and_can_be_written_down(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setenv(NAME, str(seconds))
    clock = SystemClock()
    assert clock.now() == clock.now() == seconds
    assert utc_text(clock.now()).endswith("Z")


def test_pauses_are_measured_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "0")
    clock = SystemClock()
    assert 0 < clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    "text",
    ["-1", "1.5", "1e9", "now", " 1", "1\n", "\u0661", "0x1", "+1", str(LAST_SECOND + 1), "9" * 5000],
)
def test_what_is_no_number_of_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(SettingsError, match="SOURCE_DATE_EPOCH in the environment is"):
        SystemClock()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1385632449.6, "2013-11-28T09:54:09Z"),
        (LAST_SECOND, "9999-12-31T23:59:59Z"),
    ],
)
def test_seconds_are_written_as_utc(seconds: float, text: str) -> None:
    assert utc_text(seconds) == text
