"""A run: what it counts, why it ended, and its first and last spill."""

from collections.abc import Sequence
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.runs import EndedBy, Run, Status, Tally
from runfolio.stream import SpillMark


def seen(spills: Sequence[SpillMark]) -> Run:
    run = Run(7, 0.0)
    for spill in spills:
        run.see(spill)
    return run


spills = st.lists(st.builds(SpillMark, st.integers(-3, 3), st.none() | st.integers(0, 3).map(float)))


@given(spills.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_the_first_and_last_spill_do_not_depend_on_the_order(
    orders: tuple[Sequence[SpillMark], Sequence[SpillMark]],
) -> None:
    one, other = map(seen, orders)
    assert (one.first_spill, one.last_spill) == (other.first_spill, other.last_spill)
    assert one.last_dated_spill == other.last_dated_spill


def test_the_first_and_last_spill_go_by_number_and_not_by_time() -> None:
    run = seen([SpillMark(2, 5.0), SpillMark(1, 9.0), SpillMark(3, 1.0)])
    assert (run.first_spill, run.last_spill) == (SpillMark(1, 9.0), SpillMark(3, 1.0))


def test_of_spills_with_one_number_those_with_a_time_count() -> None:
    run = seen([SpillMark(1, None), SpillMark(1, 3.0), SpillMark(1, 2.0), SpillMark(1, None)])
    assert (run.first_spill, run.last_spill) == (SpillMark(1, 2.0), SpillMark(1, 3.0))


def test_the_last_dated_spill_is_the_last_that_has_a_time() -> None:
    run = seen([SpillMark(2, 5.0), SpillMark(1, 9.0), SpillMark(4, None), SpillMark(3, None)])
    assert (run.last_spill, run.last_dated_spill) == (SpillMark(4, None), SpillMark(2, 5.0))


def test_a_run_without_spills_has_no_first_and_no_last() -> None:
    assert (seen([]).first_spill, seen([]).last_spill) == (None, None)


def test_the_first_reason_stands() -> None:
    run = Run(7, 0.0)
    run.end(EndedBy.RUN_FOOTER, 1.0, 10.0)
    run.end(EndedBy.INTERRUPTED, 2.0, 20.0)
    assert (run.reason, run.ended_at, run.ended_when) == (EndedBy.RUN_FOOTER, 1.0, 10.0)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("run_footer", Status.COMPLETE),
        ("end_of_run_spill", Status.COMPLETE),
        ("next_run", Status.INCOMPLETE),
        ("idle_timeout", Status.INCOMPLETE),
        ("end_of_input", Status.INCOMPLETE),
        ("made_room", Status.INCOMPLETE),
        ("interrupted", Status.INTERRUPTED),
        ("crashed", Status.INCOMPLETE),
    ],
)
def test_the_reason_says_whether_a_run_is_complete(reason: str, status: Status) -> None:
    run = Run(7, 0.0)
    run.end(EndedBy(reason), 1.0, 1.0)
    assert run.status is status


@pytest.mark.parametrize("reason", list(EndedBy))
def test_where_data_do_not_say_when_they_end_a_run_is_complete_unless_it_was_cut_short(
    reason: EndedBy,
) -> None:
    cut_short = {
        EndedBy.MADE_ROOM: Status.INCOMPLETE,
        EndedBy.INTERRUPTED: Status.INTERRUPTED,
        EndedBy.CRASHED: Status.INCOMPLETE,
    }
    run = Run(7, 0.0, says_end=False)
    run.end(reason, 1.0, 1.0)
    assert run.status is cut_short.get(reason, Status.COMPLETE)


@pytest.mark.parametrize("reason", [EndedBy.NEXT_RUN, EndedBy.IDLE_TIMEOUT, EndedBy.END_OF_INPUT])
def test_a_run_of_an_input_that_broke_off_is_incomplete(reason: EndedBy) -> None:
    run = Run(7, 0.0, says_end=False, torn=True)
    run.end(reason, 1.0, 1.0)
    assert run.status is Status.INCOMPLETE


def test_received_is_the_sum_of_all_parts() -> None:
    tally = Tally()
    tally.rejected.update({"late": 2, "cut_off": 3})
    counts = [field.name for field in fields(Tally) if field.name != "rejected"]
    for name in counts:
        setattr(tally, name, 1)
    assert tally.received == len(counts) + 5
