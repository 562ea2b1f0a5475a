"""What a tracker knows, as plain data: a tracker that is restored goes on as one that was not disturbed."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from following import Followed, anything, header, images, items_of, own_items, rows
from runfolio.runs import EndedBy, Event, Passed, Rejected, Run, RunState, TrackerState
from runfolio.stream import BrokenOff, Line, Read
from support import FakeClock, spill

items = st.lists(anything).map(lambda documents: items_of(*documents)) | st.lists(
    own_items | st.just(BrokenOff())
)
kinds_of_tracker = st.fixed_dictionaries(
    {
        "grace": st.sampled_from([0.0, 2.0]),
        "live": st.booleans(),
        "says_end": st.booleans(),
        "most_open": st.integers(1, 3),
        "idle_timeout": st.sampled_from([None, 3.0]),
    }
)

ELSEWHERE = 1_000_000
"""Seconds by which the clock that measures pauses begins elsewhere in another process."""


class OtherClock(FakeClock):
    def monotonic(self) -> float:
        return self.seconds + ELSEWHERE


def moved(found: Followed, **tracker: Any) -> Followed:
    """Return what a tracker comes to by way of a checkpoint in another process."""
    data = msgspec.msgpack.encode(found.tracker.state())
    other = Followed(**tracker)
    other.clock = other.tracker._clock = OtherClock(found.clock.seconds)
    other.tracker.restore(msgspec.msgpack.decode(data, type=TrackerState))
    return other


def said(found: Followed, event: Event) -> tuple[Any, ...]:
    """Return an event with its run as it is now."""
    run: Run | None = getattr(event, "run", None)
    return (
        type(event),
        run and run.state(found.clock.monotonic()),
        getattr(event, "data", None),
        getattr(event, "document", None),
        getattr(event, "refused", None),
    )


def take(found: Followed, items: Sequence[Read]) -> list[tuple[Any, ...]]:
    """Take an item a second, and return what was said."""
    events = []
    for item in items:
        found.clock.seconds += 1
        events += [said(found, event) for event in found.tracker.take(item)]
    return events


def close(found: Followed) -> list[tuple[Any, ...]]:
    return [said(found, event) for event in found.tracker.close(EndedBy.END_OF_INPUT)]


@given(items, st.integers(0, 30), kinds_of_tracker)
@example(items_of(spill(1, 1), spill(2, 1), header(1), images(1)), 3, {"grace": 0.0})
def test_from_any_moment_on_it_goes_on_as_if_undisturbed(
    items: Sequence[Read], moment: int, tracker: dict[str, Any]
) -> None:
    undisturbed = Followed(**tracker)
    take(undisturbed, items[:moment])
    restored = moved(undisturbed, **tracker)
    assert restored.tracker.state() == undisturbed.tracker.state()
    assert take(restored, items[moment:]) == take(undisturbed, items[moment:])
    assert close(restored) == close(undisturbed)
    assert restored.tracker.state() == undisturbed.tracker.state()


def test_the_open_runs_are_there_in_their_order() -> None:
    found = Followed(grace=10, most_open=3)
    found.take(rows(3), rows(1), rows(2), rows(3, over=True))
    restored = moved(found, grace=10, most_open=3)
    assert [run.number for run in restored.tracker.open_runs] == [1, 2, 3]
    assert [run.ended_by for run in restored.tracker.open_runs] == [None, None, EndedBy.END_OF_RUN_SPILL]


def test_headers_of_a_sealed_run_are_there_as_they_came() -> None:
    found = Followed()
    found.send(spill(1, 1), spill(2, 1), header(1))
    restored = moved(found)
    [passed] = [event for event in restored.send(spill(1, 2)) if isinstance(event, Passed)]
    assert passed.document.line.data == b'{"maus_event_type": "RunHeader", "run_number": 1}'


def test_a_state_does_not_change_with_the_tracker() -> None:
    found = Followed()
    found.send(spill(1, 1))
    before = found.tracker.state()
    copy = msgspec.msgpack.encode(before)
    found.send(spill(1, 2), b"garbage", spill(2, 1), header(1), header(1), b"garbage")
    assert msgspec.msgpack.encode(before) == copy


def test_what_was_open_in_a_program_that_was_killed_ends_as_crashed() -> None:
    found = Followed(grace=10)
    found.send(spill(1, 1), spill(2, 1), images(2))
    restored = moved(found, grace=10).close(EndedBy.CRASHED)
    assert [(run.number, run.reason, run.status) for run in restored.over] == [
        (1, "next_run", "incomplete"),
        (2, "crashed", "incomplete"),
    ]


def test_time_between_two_processes_counts_as_no_pause() -> None:
    found = Followed(grace=10, live=True, idle_timeout=30)
    found.send(spill(1, 1))
    found.clock.seconds = 29
    restored = moved(found, grace=10, live=True, idle_timeout=30)
    assert restored.send(None) == []
    restored.clock.seconds += 1
    restored.send(None)
    assert [run.ended_by for run in restored.tracker.open_runs] == [EndedBy.IDLE_TIMEOUT]


@pytest.mark.parametrize("change", [{"surprises": 1}, {"rejected": 1}])
def test_a_state_that_counts_other_things_is_refused(change: dict[str, int]) -> None:
    state = Run(7, 0.0).state(0.0)
    counts = state.counts | change
    with pytest.raises(ValueError, match="run 7 counts other things"):
        Run.restored(msgspec.structs.replace(state, counts=counts), 0.0)


def test_a_run_of_every_kind_comes_back_as_it_was() -> None:
    run = Run(7, 5.0, says_end=False, torn=True, begun=True, last_came=3.0)
    run.tally.rejected["late"] = 2
    run.tally.filled = 3
    run.sources = dict.fromkeys(["b", "a"])
    run.end(EndedBy.MADE_ROOM, 9.0, 4.0)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(run.state(6.0)), type=RunState)
    back = Run.restored(state, 106.0)
    assert (back.ended_when, back.last_came) == (104.0, 103.0)
    back.ended_when, back.last_came = 4.0, 3.0
    assert back == run
    assert list(back.sources) == ["b", "a"]
    back.tally.rejected["unheard_of"] += 1


def test_a_line_is_kept_whole() -> None:
    line = Line("a.json", 3, 70, b"\xff" * 10, 20)
    state = TrackerState(open_runs=(), sealed=(1,), anew={1: (line,)}, job_marks=2, stray={"marker": 3})
    found = Followed()
    found.tracker.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=TrackerState))
    assert found.tracker.state() == state
    assert not any(isinstance(event, Rejected) for event in found.send(spill(1, 1)))
