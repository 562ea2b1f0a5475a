"""Axes of times: ticks at full seconds, minutes, hours, days, months or years, and the date beside."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.render.clockticks import clock

BEGIN = datetime(2013, 11, 28, 9, 54, 9, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("span", "labels", "note"),
    [
        (1, ("09:54:09.0", "09:54:09.2", "09:54:09.4"), "2013-11-28 UTC"),
        (20, ("09:54:10", "09:54:15", "09:54:20"), "2013-11-28 UTC"),
        (5 * MINUTE, ("09:55", "09:56", "09:57"), "2013-11-28 UTC"),
        (5 * HOUR, ("10:00", "11:00", "12:00"), "2013-11-28 UTC"),
        (3 * DAY, ("12:00", "00:00", "12:00"), "2013-11-28 to 12-01 UTC"),
        (5 * DAY, ("11-29", "11-30", "12-01"), "2013 UTC"),
        (40 * DAY, ("12-02", "12-09", "12-16"), "2013 to 2014 UTC"),
        (200 * DAY, ("2014-01", "2014-03", "2014-05"), "UTC"),
        (5 * 365 * DAY, ("2014", "2015", "2016"), "UTC"),
        (500 * 365 * DAY, ("2050", "2100", "2150"), "UTC"),
    ],
)
def test_ticks_of_any_span(span: float, labels: tuple[str, ...], note: str) -> None:
    most = 11 if span > 400 * 365 * DAY else 6
    found = clock(BEGIN, BEGIN + span, most)
    assert (found.labels[:3], found.note) == (labels, note)


def test_an_axis_over_new_year_has_both_dates() -> None:
    new_year = datetime(2014, 1, 1, tzinfo=UTC).timestamp()
    assert clock(new_year - HOUR, new_year + HOUR, 6).note == "2013-12-31 to 2014-01-01 UTC"


def test_an_axis_up_to_midnight_has_one_date() -> None:
    midnight = datetime(2014, 1, 1, tzinfo=UTC).timestamp()
    assert clock(midnight - HOUR, midnight, 6).note == "2013-12-31 UTC"


def test_weeks_begin_on_monday() -> None:
    major = clock(BEGIN, BEGIN + 40 * DAY, 6).major
    assert {datetime.fromtimestamp(each, UTC).weekday() for each in major} == {0}


def test_times_before_1970() -> None:
    assert clock(-90.0, 30.0, 4).labels == ("23:58:30", "23:59:00", "23:59:30", "00:00:00", "00:00:30")


@pytest.mark.parametrize("low", [-1e15, 1e15, 1e300])
def test_what_no_calendar_has_is_a_number(low: float) -> None:
    found = clock(low, low + abs(low) / 10, 5)
    assert found.note == ""
    assert found.major.size > 1


@given(st.floats(-1e9, 5e9), st.floats(1e-4, 4e9), st.integers(1, 12))
def test_ticks_are_few_apart_and_inside(low: float, span: float, most: int) -> None:
    found = clock(low, low + span, most)
    assert len(found.labels) == len(found.major) <= 1.2 * most + 1
    assert len(found.minor) <= 210
    slack = 1e-6 * span + 1e-6
    assert all(low - slack <= each <= low + span + slack for each in (*found.major, *found.minor))
    assert (np.diff(found.major) > 0).all()


@given(st.floats(0, 4e9), st.floats(1e-3, 80000.0), st.integers(2, 12))
def test_labels_of_a_day_are_told_apart(low: float, span: float, most: int) -> None:
    found = clock(low, low + span, most)
    assert len(set(found.labels)) == len(found.labels)
