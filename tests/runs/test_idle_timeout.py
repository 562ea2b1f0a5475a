"""A run of live input that nothing comes of any more: when it is over, and what keeps it open."""

from typing import Any

import pytest

from following import GARBAGE, JOB_HEADER, Followed, footer, header, images, marker, names, rows
from runfolio.runs import EndedBy, Run, Status
from support import spill


def silent(grace: float = 0.0, **tracker: Any) -> Followed:
    """Return live input with a spill of run 1, which is given up after 30 seconds."""
    found = Followed(grace, live=True, idle_timeout=30, **tracker)
    found.send(header(1), spill(1, 1))
    return found


def pause(found: Followed, seconds: float) -> list[Run]:
    """Let so many seconds pass in which nothing comes, and return the runs that are over by then."""
    found.clock.seconds += seconds
    found.send(None)
    return found.over


def test_a_run_is_over_when_nothing_has_come_of_it_for_so_long() -> None:
    found = silent()
    assert pause(found, 29.9) == []
    [run] = pause(found, 0.1)
    assert (run.reason, run.status, run.ended_at) == (EndedBy.IDLE_TIMEOUT, Status.INCOMPLETE, 1_000_030)


@pytest.mark.parametrize(
    "document",
    [
        header(1),
        spill(1, 2),
        marker(1),
        spill(1, 2, daq_event_type="calibration_event"),
        images(1),
        spill(1, 2, time_stamp="bad"),
    ],
    ids=["header", "spill", "marker", "calibration", "image", "bad spill"],
)
def test_whatever_names_the_run_keeps_it_open(document: Any) -> None:
    found = silent()
    found.clock.seconds = 29
    found.send(document)
    assert pause(found, 29) == []
    assert len(pause(found, 1)) == 1


@pytest.mark.parametrize("document", [GARBAGE, JOB_HEADER, images(), images(2), footer(2)])
def test_what_does_not_name_the_run_does_not_keep_it_open(document: Any) -> None:
    found = silent()
    found.clock.seconds = 29
    found.send(document)
    assert [run.number for run in pause(found, 1)] == [1]


def test_a_run_of_which_only_images_came_is_over_too() -> None:
    found = Followed(live=True, idle_timeout=30)
    found.send(images(1))
    assert [run.reason for run in pause(found, 30)] == [EndedBy.IDLE_TIMEOUT]


def test_without_a_timeout_a_run_waits_for_ever() -> None:
    found = Followed(live=True)
    found.send(spill(1, 1))
    assert pause(found, 1e9) == []


def test_runs_of_files_wait_for_ever() -> None:
    found = silent()
    found.tracker.live = False
    assert pause(found, 1e9) == []


def test_it_waits_for_its_grace_as_any_run_that_has_ended() -> None:
    found = silent(grace=10)
    assert pause(found, 30) == []
    found.send(spill(1, 2), footer(1))
    assert pause(found, 9) == []
    [run] = pause(found, 1)
    assert (run.reason, run.tally.filled) == (EndedBy.IDLE_TIMEOUT, 2)


def test_a_run_that_has_ended_keeps_its_reason() -> None:
    found = silent(grace=100)
    found.send(footer(1))
    assert [run.reason for run in pause(found, 100)] == [EndedBy.RUN_FOOTER]


def test_time_spent_on_what_has_come_ends_no_run_whose_data_are_waiting() -> None:
    found = silent()
    found.clock.seconds = 100
    assert names(found.send(images(2), spill(1, 2))) == ["Opened", "Images", "Data"]
    assert pause(found, 29) == []


def test_where_data_do_not_say_when_they_end_the_run_lacks_nothing() -> None:
    found = Followed(live=True, says_end=False, idle_timeout=30)
    found.take(rows(1))
    assert [run.status for run in pause(found, 30)] == [Status.COMPLETE]
