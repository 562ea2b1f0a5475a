"""Which runs are open, which run a document belongs to, and when and why a run is over."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from following import (
    GARBAGE,
    JOB_FOOTER,
    JOB_HEADER,
    Followed,
    anything,
    bad_rows,
    counts,
    end,
    followed,
    footer,
    header,
    images,
    marker,
    names,
    own_items,
    rows,
)
from runfolio.runs import Data, EndedBy, Images, Opened, Over, Passed, Rejected, Status
from runfolio.runs.tracking import MAX_WAITING
from runfolio.stream import Batch, BrokenOff, Kind, Refused
from support import spill

ENDS: dict[str, tuple[list[Any], list[tuple[int, str, dict[str, int]]]]] = {
    "footer": (
        [header(1), spill(1, 1), footer(1)],
        [(1, "run_footer", {"run_headers": 1, "filled": 1, "run_footers": 1})],
    ),
    "end_of_run spill": (
        [spill(1, 1), end(1)],
        [(1, "end_of_run_spill", {"filled": 1, "end_of_run_spills": 1})],
    ),
    "end_of_run spill, then footer": (
        [spill(1, 1), end(1), footer(1)],
        [(1, "end_of_run_spill", {"filled": 1, "end_of_run_spills": 1, "run_footers": 1})],
    ),
    "footer, then end_of_run spill": (
        [spill(1, 1), footer(1), end(1)],
        [(1, "run_footer", {"filled": 1, "end_of_run_spills": 1, "run_footers": 1})],
    ),
    "footers and end_of_run spills of several workers": (
        [spill(1, 1), end(1), footer(1), end(1), footer(1), footer(1)],
        [(1, "end_of_run_spill", {"filled": 1, "end_of_run_spills": 2, "run_footers": 3})],
    ),
    "spills after the footer": (
        [spill(1, 1), footer(1), spill(1, 2), marker(1)],
        [(1, "run_footer", {"filled": 2, "markers": 1, "run_footers": 1})],
    ),
    "a spill of the next run": (
        [spill(1, 1), spill(2, 1)],
        [(1, "next_run", {"filled": 1}), (2, "end_of_input", {"filled": 1})],
    ),
    "a header of the next run": (
        [spill(1, 1), header(2)],
        [(1, "next_run", {"filled": 1}), (2, "end_of_input", {"run_headers": 1})],
    ),
    "an image of another run": (
        [spill(1, 1), images(2), spill(1, 2)],
        [(1, "end_of_input", {"filled": 2}), (2, "end_of_input", {"images": 1})],
    ),
    "an image of the next run, and then its header": (
        [spill(1, 1), images(2), header(2), spill(2, 1)],
        [(1, "next_run", {"filled": 1}), (2, "end_of_input", {"images": 1, "run_headers": 1, "filled": 1})],
    ),
    "an image of a run that has ended, and then its spill": (
        [images(2), footer(2), spill(2, 1)],
        [(2, "run_footer", {"images": 1, "run_footers": 1, "filled": 1})],
    ),
    "the next run after a footer": (
        [spill(1, 1), footer(1), spill(2, 1), end(2)],
        [
            (1, "run_footer", {"filled": 1, "run_footers": 1}),
            (2, "end_of_run_spill", {"filled": 1, "end_of_run_spills": 1}),
        ],
    ),
    "the end of the input": ([spill(1, 1)], [(1, "end_of_input", {"filled": 1})]),
    "no spill": ([header(1), footer(1)], [(1, "run_footer", {"run_headers": 1, "run_footers": 1})]),
    "images alone": ([images(1), images(1)], [(1, "end_of_input", {"images": 2})]),
    "header twice": (
        [header(1), spill(1, 1), header(1), footer(1)],
        [(1, "run_footer", {"run_headers": 2, "filled": 1, "run_footers": 1})],
    ),
    "markers": (
        [marker(1, "start_of_run"), marker(1, "start_of_burst"), marker(1, "end_of_burst")],
        [(1, "end_of_input", {"markers": 3})],
    ),
    "spills that are neither physics nor markers": (
        [spill(1, n, daq_event_type=kind) for n, kind in enumerate(("", "calibration_event", "7unknown"))],
        [(1, "end_of_input", {"filled": 1, "passed_over": 2})],
    ),
    "a footer of a run that never was": (
        [spill(1, 1), footer(9), spill(1, 2)],
        [(1, "end_of_input", {"filled": 2})],
    ),
    "nothing of any run": ([JOB_HEADER, footer(1), JOB_FOOTER], []),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("documents", "runs"), ENDS.values(), ids=ENDS)
def test_how_a_run_ends(documents: Sequence[Any], runs: Sequence[tuple[int, str, dict[str, int]]]) -> None:
    found = followed(*documents)
    assert [(run.number, run.reason, counts(run.tally)) for run in found.over] == runs
    assert found.rejected == []


def test_a_run_that_is_interrupted_says_so() -> None:
    [run] = followed(spill(1, 1), reason=EndedBy.INTERRUPTED).over
    assert (run.reason, run.status) == (EndedBy.INTERRUPTED, Status.INTERRUPTED)


def test_an_interruption_after_the_footer_leaves_the_run_complete() -> None:
    [run] = followed(spill(1, 1), footer(1), reason=EndedBy.INTERRUPTED).over
    assert run.reason is EndedBy.RUN_FOOTER


def test_a_run_is_opened_before_anything_is_said_of_it_and_over_at_last() -> None:
    found = followed(header(1), spill(1, 1), spill(1, 2), images(1), footer(1))
    assert names(found.events) == ["Opened", "Began", "Passed", "Data", "Images", "Over"]


def test_the_run_before_is_over_before_the_next_is_opened() -> None:
    found = followed(spill(1, 1), spill(2, 1))
    assert names(found.events) == ["Opened", "Began", "Data", "Over", "Opened", "Began", "Data", "Over"]


def test_headers_and_job_footers_are_passed_on_and_run_footers_are_not() -> None:
    found = followed(JOB_HEADER, header(1), footer(1), JOB_FOOTER)
    passed = [event.document.kind for event in found.events if isinstance(event, Passed)]
    assert passed == [Kind.JOB_HEADER, Kind.RUN_HEADER, Kind.JOB_FOOTER]
    assert (found.tracker.job_marks, found.tracker.stray) == (2, {})


def test_only_physics_spills_are_to_be_filled() -> None:
    found = followed(spill(1, 1), marker(1), spill(1, 2, daq_event_type="calibration_event"), marker(1))
    [event] = [event for event in found.events if isinstance(event, Data)]
    assert [each.spill_number for each in event.data] == [1]


def test_a_run_knows_when_it_was_opened_and_ended_and_where_it_came_from() -> None:
    found = Followed()
    found.send(spill(1, 1))
    found.clock.seconds = 5
    found.send(footer(1))
    found.clock.seconds = 9
    [run] = found.close().over
    assert (run.opened_at, run.ended_at, run.ended_when) == (1_000_000, 1_000_005, 5)
    assert list(run.sources) == ["spills.json"]


def test_an_image_without_run_number_goes_to_the_only_open_run() -> None:
    found = followed(spill(1, 1), images())
    assert [run.tally.images for run in found.over] == [1]


def test_an_image_without_run_number_goes_to_a_run_that_has_ended_and_is_not_sealed() -> None:
    assert [run.tally.images for run in followed(spill(1, 1), footer(1), images()).over] == [1]


def test_an_image_without_run_number_before_any_run_is_set_aside() -> None:
    found = followed(images(), spill(1, 1))
    assert found.rejected == [(None, "no_run")]
    assert [run.tally.received for run in found.over] == [1]


def test_an_image_without_run_number_under_two_open_runs_is_set_aside() -> None:
    found = followed(spill(1, 1), spill(2, 1), images(), grace=10)
    assert found.rejected == [(None, "no_run")]


def test_a_garbled_line_is_counted_with_the_only_open_run() -> None:
    found = followed(GARBAGE, spill(1, 1), GARBAGE, spill(2, 1), GARBAGE, GARBAGE)
    assert found.rejected == [(None, "not_json"), (1, "not_json"), (2, "not_json"), (2, "not_json")]


def test_a_garbled_line_is_counted_with_no_run_where_two_are_open() -> None:
    assert followed(spill(1, 1), spill(2, 1), GARBAGE, grace=10).rejected == [(None, "not_json")]


def test_a_bad_document_that_names_its_run_is_counted_with_it() -> None:
    bad = spill(1, 1, time_stamp="now")
    assert followed(spill(1, 1), spill(2, 1), bad, grace=10).rejected == [(1, "wrong_type")]
    assert followed(bad, spill(2, 1), bad).rejected == [(None, "wrong_type")] * 2


def test_spills_for_a_sealed_run_are_set_aside_and_its_markers_are_stray() -> None:
    calibration = spill(1, 3, daq_event_type="calibration_event")
    found = followed(spill(1, 1), spill(2, 1), spill(1, 2), marker(1), calibration, end(1), spill(2, 2))
    assert found.rejected == [(None, "late")] * 2
    assert found.tracker.stray == {"marker": 2}
    assert [(run.number, run.tally.received) for run in found.over] == [(1, 1), (2, 2)]


def test_footers_for_a_sealed_run_are_stray() -> None:
    found = followed(spill(1, 1), spill(2, 1), footer(1), footer(1))
    assert found.tracker.stray == {Kind.RUN_FOOTER: 2}
    assert [run.reason for run in found.over] == [EndedBy.NEXT_RUN, EndedBy.END_OF_INPUT]


def test_images_for_a_sealed_run_are_set_aside() -> None:
    assert followed(spill(1, 1), spill(2, 1), images(1)).rejected == [(None, "late")]


def test_a_header_of_a_sealed_run_opens_it_anew() -> None:
    found = followed(spill(1, 1), spill(2, 1), header(1), spill(1, 2), images(1), footer(1))
    assert [(run.number, run.reason, run.tally.filled) for run in found.over] == [
        (1, EndedBy.NEXT_RUN, 1),
        (2, EndedBy.NEXT_RUN, 1),
        (1, EndedBy.RUN_FOOTER, 1),
    ]
    assert found.rejected == []


def test_a_late_header_of_a_sealed_run_is_stray() -> None:
    found = followed(
        spill(1, 1), spill(2, 1), header(1), spill(2, 2), header(1), marker(1), footer(1), end(1)
    )
    assert [(run.number, run.tally.filled) for run in found.over] == [(1, 1), (2, 2)]
    assert found.tracker.stray == {Kind.RUN_HEADER: 2, Kind.RUN_FOOTER: 1, "marker": 2}
    assert sum(isinstance(event, Passed) for event in found.events) == 0


def test_headers_of_a_sealed_run_count_with_the_run_that_they_begin_anew() -> None:
    found = followed(spill(1, 1), spill(2, 1), header(1), header(1), images(1))
    assert [(run.number, run.tally.received) for run in found.over] == [(1, 1), (2, 1), (1, 3)]
    assert found.tracker.stray == {}


def test_many_runs_that_have_ended_do_not_wait_for_their_grace() -> None:
    found = Followed(grace=10)
    found.send(*(spill(number, 1) for number in range(20)))
    assert [run.number for run in found.over] == list(range(20 - 1 - MAX_WAITING))
    assert MAX_WAITING == 8
    assert [run.number for run in found.close().over] == list(range(20))


def test_without_grace_a_run_that_ended_waits_as_long_as_nothing_of_another_comes() -> None:
    found = Followed()
    assert Over not in map(type, found.send(spill(1, 1), footer(1), spill(1, 2), GARBAGE, JOB_FOOTER))
    assert names(found.send(spill(2, 1))) == ["Over", "Opened", "Began", "Data"]


def test_without_grace_a_run_that_ended_is_over_when_nothing_more_is_there() -> None:
    found = Followed()
    assert names(found.send(spill(1, 1), footer(1), None)) == ["Opened", "Began", "Data", "Over"]


def test_a_run_that_has_not_ended_waits_for_ever() -> None:
    found = Followed()
    found.send(spill(1, 1))
    found.clock.seconds = 10**9
    assert found.send(None) == []


def test_with_grace_a_run_is_over_once_it_has_passed() -> None:
    found = Followed(grace=10)
    found.send(spill(1, 1), footer(1))
    found.clock.seconds = 9.9
    assert found.send(None) == []
    found.clock.seconds = 10
    assert names(found.send(None)) == ["Over"]


def test_a_second_footer_does_not_prolong_the_grace() -> None:
    found = Followed(grace=10)
    found.send(spill(1, 1), footer(1))
    found.clock.seconds = 9
    found.send(footer(1), end(1))
    found.clock.seconds = 10
    assert names(found.send(None)) == ["Over"]


def test_with_grace_late_spills_go_to_their_run_until_it_is_sealed() -> None:
    found = Followed(grace=10)
    found.send(spill(1, 1), spill(2, 1), spill(1, 2), footer(1), images(1), spill(2, 2))
    found.clock.seconds = 10
    assert names(found.send(spill(2, 3))) == ["Data", "Over"]
    found.send(spill(1, 3))
    found.close()
    assert [(run.number, run.reason, run.tally.filled) for run in found.over] == [
        (1, EndedBy.NEXT_RUN, 2),
        (2, EndedBy.END_OF_INPUT, 3),
    ]
    assert found.rejected == [(None, "late")]


def test_with_grace_the_end_of_input_ends_every_run_in_the_order_of_their_opening() -> None:
    found = followed(spill(3, 1), spill(1, 1), spill(2, 1), grace=10)
    assert [(run.number, run.reason) for run in found.over] == [
        (3, EndedBy.NEXT_RUN),
        (1, EndedBy.NEXT_RUN),
        (2, EndedBy.END_OF_INPUT),
    ]


def test_closing_twice_says_nothing_more() -> None:
    found = followed(spill(1, 1))
    before = len(found.events)
    assert len(found.close().events) == before


@given(
    st.lists(anything),
    st.sampled_from([0.0, 1.0, 3.0]),
    st.sampled_from([None, 2.0]),
    st.sampled_from(EndedBy),
)
def test_every_document_is_accounted_for(
    documents: list[Any], grace: float, idle_timeout: float | None, reason: EndedBy
) -> None:
    found = Followed(grace, live=True, idle_timeout=idle_timeout)
    for document in documents:
        found.send(document)
        found.clock.seconds += 1
    found.close(reason)
    without_run = sum(run is None for run, _ in found.rejected)
    received = sum(run.tally.received for run in found.over)
    marks = found.tracker.job_marks + found.tracker.stray.total()
    assert received + marks + without_run == sum(document is not None for document in documents)


@given(st.lists(anything), st.sampled_from([0.0, 1.0, 3.0]))
def test_runs_open_fill_and_end_in_order(documents: list[Any], grace: float) -> None:
    found = Followed(grace)
    found.send(*documents)
    found.close()
    open_runs: set[int] = set()
    for event in found.events:
        match event:
            case Opened(run):
                assert run.number not in open_runs
                open_runs.add(run.number)
            case Over(run):
                open_runs.remove(run.number)
                assert run.ended_by is not None
            case Data(run, _) | Images(run, _):
                assert run.number in open_runs
    assert not open_runs


@given(st.lists(anything), st.sampled_from([0.0, 1.0]))
def test_what_is_handed_on_is_what_is_counted(documents: list[Any], grace: float) -> None:
    found = followed(*documents, grace=grace)
    filled = sum(len(event.data) for event in found.events if isinstance(event, Data))
    assert filled == sum(run.tally.filled for run in found.over)
    rejected = sum(run.tally.rejected.total() for run in found.over)
    assert rejected == sum(run is not None for run, _ in found.rejected)


def side_by_side(
    *items: Batch | Refused | BrokenOff | None,
    most_open: int = 100,
    says_end: bool = False,
    live: bool = False,
) -> Followed:
    """Return a tracker of one's own data, and all that it has said of it."""
    found = Followed(live=live, says_end=says_end, most_open=most_open)
    found.take(*items)
    return found.close()


def ended(found: Followed) -> list[tuple[int, str, str, int]]:
    return [(run.number, run.reason, run.status, run.tally.filled) for run in found.over]


def test_runs_of_files_go_on_side_by_side() -> None:
    found = side_by_side(rows(1, 2), rows(2), rows(1, 3), rows(2))
    assert ended(found) == [(1, "end_of_input", "complete", 5), (2, "end_of_input", "complete", 2)]
    assert found.rejected == []


def test_of_live_input_the_next_run_ends_the_one_before() -> None:
    found = side_by_side(rows(1, 2), rows(2), rows(1, 3), live=True)
    assert ended(found) == [(1, "next_run", "complete", 2), (2, "end_of_input", "complete", 1)]
    assert found.rejected == [(None, "late")]


def test_with_too_many_runs_the_one_that_got_nothing_for_longest_makes_room_and_is_incomplete() -> None:
    found = side_by_side(rows(1), rows(2), rows(1), rows(3), rows(1), rows(2), most_open=2)
    assert [(number, reason, status) for number, reason, status, _ in ended(found)] == [
        (2, "made_room", "incomplete"),
        (3, "end_of_input", "complete"),
        (1, "end_of_input", "complete"),
    ]
    assert found.rejected == [(None, "late")]


def test_a_run_that_says_its_end_is_complete_and_one_that_does_not_is_incomplete() -> None:
    found = side_by_side(rows(1, over=True), rows(2, ends=1), rows(3), says_end=True)
    assert ended(found) == [
        (1, "end_of_run_spill", "complete", 1),
        (2, "end_of_run_spill", "complete", 1),
        (3, "end_of_input", "incomplete", 1),
    ]
    assert [run.tally.end_of_run_spills for run in found.over] == [0, 1, 0]


def test_an_end_alone_ends_a_run_and_fills_nothing() -> None:
    found = side_by_side(rows(1, 0, ends=1), says_end=True)
    assert names(found.events) == ["Opened", "Began", "Over"]
    assert [counts(run.tally) for run in found.over] == [{"end_of_run_spills": 1}]


def test_rows_after_their_runs_end_are_taken_until_another_run_is_open() -> None:
    assert side_by_side(rows(1, over=True), rows(1), rows(2)).rejected == []
    late = side_by_side(rows(1, over=True), rows(2), rows(1))
    assert (late.rejected, late.tracker.stray) == ([(None, "late")], {})


def test_an_input_that_broke_off_leaves_the_runs_incomplete_that_were_open() -> None:
    found = side_by_side(rows(1), rows(2, over=True), BrokenOff(), rows(3))
    assert [(run.number, run.status) for run in found.over] == [
        (2, "complete"),
        (1, "incomplete"),
        (3, "complete"),
    ]


def test_rows_that_are_refused_together_are_all_counted() -> None:
    found = side_by_side(bad_rows(5), rows(1), bad_rows(7), rows(2), bad_rows(9))
    assert [(run.number, dict(run.tally.rejected)) for run in found.over] == [
        (1, {"no_run_number": 7}),
        (2, {}),
    ]


def test_rows_that_come_late_together_are_all_counted() -> None:
    late = side_by_side(rows(1, ends=1), rows(2), rows(1, 5), rows(1, 0, ends=1))
    [refused] = [event.refused for event in late.events if isinstance(event, Rejected)]
    assert (refused.reason, refused.rows, refused.run_number) == ("late", 5, 1)
    assert late.tracker.stray == {"marker": 1}


@given(st.lists(own_items), st.integers(1, 3), st.booleans(), st.booleans())
def test_every_row_is_accounted_for(
    items: list[Batch | Refused | None], most_open: int, says_end: bool, live: bool
) -> None:
    found = side_by_side(*items, most_open=most_open, says_end=says_end, live=live)
    refused = [event for event in found.events if isinstance(event, Rejected)]
    without_run = sum(event.refused.rows for event in refused if event.run is None)
    received = sum(item.received if isinstance(item, Batch) else item.rows for item in items if item)
    sealed = sum(run.tally.received for run in found.over)
    assert received == sealed + without_run + found.tracker.stray.total()
    filled = sum(len(event.data) for event in found.events if isinstance(event, Data))
    assert filled == sum(run.tally.filled for run in found.over)


@given(st.lists(own_items), st.integers(1, 3))
def test_no_more_runs_are_open_than_may_be(items: list[Batch | Refused | None], most_open: int) -> None:
    open_runs = 0
    for event in side_by_side(*items, most_open=most_open).events:
        open_runs += isinstance(event, Opened) - isinstance(event, Over)
        assert open_runs <= most_open
