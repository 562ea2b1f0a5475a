from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace

from journals import DESTINATIONS, LONGEST_PAUSE, Mover, mover, run_entry
from runfolio.errors import JournalError, SettingsChanged, TakenOver
from runfolio.mover.entries import Delivery, DestinationEntry, Intent, RunState, State

NOW = 1_000_000.0
"""What the clock says at first."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mover]:
    """A mover with a journal that knows no runs yet."""
    with mover(tmp_path) as found:
        yield found


# Runs


def test_run_gets_a_delivery_to_each_destination(own: Mover) -> None:
    assert own.journal.add_run(run_entry(4235), ["tape", "disk"]) == run_entry(4235)
    assert own.journal.deliveries() == [
        Delivery(run="4235", destination="tape", since=NOW),
        Delivery(run="4235", destination="disk", since=NOW),
    ]


def test_known_run_gets_deliveries_to_new_destinations_alone(own: Mover) -> None:
    own.add(4235)
    own.claimed()
    own.add(4235, destinations=["tape", "disk"])
    assert [each.state for each in own.journal.deliveries()] == [State.SENDING, State.WAITING]


def test_known_run_is_returned_as_it_was_noted_first(own: Mover) -> None:
    own.add(4235)
    found = own.journal.add_run(replace(run_entry(4235), manifest_sha256="f" * 64, seen_at=2e6), ["tape"])
    assert found == run_entry(4235)


def test_run_to_an_unknown_destination_is_refused_whole(own: Mover) -> None:
    with pytest.raises(JournalError, match=r"no destination 'moon'; there are: tape, disk"):
        own.journal.add_run(run_entry(4235), ["tape", "moon"])
    assert own.journal.runs() == []


def test_nothing_of_a_quarantined_run_is_sent_until_it_is_released(own: Mover) -> None:
    own.add(4235, 4236)
    own.journal.quarantine_run("4235", "image.png is damaged")
    run = own.journal.run("4235")
    assert run == replace(run_entry(4235), state=RunState.QUARANTINED, reason="image.png is damaged")
    assert own.claimed().run == "4236"
    assert own.journal.next_due(LONGEST_PAUSE) is None
    own.journal.release_run("4235")
    assert own.journal.run("4235") == run_entry(4235)
    assert own.claimed().run == "4235"
    assert own.said("4235")[1:] == ["quarantined: image.png is damaged", "released", "attempt 1"]


def test_removed_run_keeps_its_deliveries_and_gets_no_more(own: Mover) -> None:
    own.add(4235)
    own.journal.delivered(own.claimed(), 10)
    own.journal.run_removed("4235")
    own.add(4235, destinations=["tape", "disk"])
    assert [each.state for each in own.journal.deliveries()] == [State.DELIVERED]


def test_unknown_run_is_said(own: Mover) -> None:
    with pytest.raises(JournalError, match="knows no run '1'"):
        own.journal.quarantine_run("1", "damaged")


# Destinations


def test_destinations_are_in_the_order_of_the_settings_and_none_is_forgotten(own: Mover) -> None:
    own.journal.set_destinations({"new": "file:///new", "disk": "file:///disk"})
    found = [(each.name, each.in_settings) for each in own.journal.destinations()]
    assert found == [("new", True), ("disk", True), ("tape", False)]


def test_nothing_is_sent_where_the_settings_no_longer_say(own: Mover) -> None:
    own.add(4235)
    own.journal.set_destinations({"disk": "file:///disk"})
    assert own.claim() is None
    own.journal.set_destinations({"tape": "root://eos//tape"})
    assert own.claimed().run == "4235"


def test_runs_that_are_here_are_sent_anew_to_another_url(own: Mover) -> None:
    own.add(1, 2, 3)
    own.journal.delivered(own.claimed(), 10)
    own.journal.delivered(own.claimed(), 10)
    sending = own.journal.intend(own.claimed(), Intent.SEND, ".3.part")
    own.journal.run_removed("1")
    own.journal.set_destinations({"tape": "root://cta//tape"})
    states = [(each.state, each.temporary) for each in own.journal.deliveries()]
    assert states == [(State.DELIVERED, ""), (State.WAITING, ""), (State.WAITING, "")]
    assert own.said() == ["has another URL: root://cta//tape; before, root://eos//tape"]
    with pytest.raises(TakenOver, match="no longer this mover's"):
        own.journal.delivered(sending, 10)


def test_a_mover_that_was_started_with_another_url_gets_nothing(own: Mover) -> None:
    own.add(4235)
    own.journal.set_destinations({"tape": "root://cta//tape"})
    with pytest.raises(SettingsChanged, match=r"root://cta//tape, .* root://eos//tape: start .* anew"):
        own.claim()
    assert own.delivery().state is State.WAITING


def test_destinations_that_are_known_stay_as_they_are_where_others_are_added(own: Mover) -> None:
    own.journal.add_destinations({"moon": "file:///moon", "tape": "root://cta//tape"})
    found = {each.name: each.url for each in own.journal.destinations()}
    assert found == {**DESTINATIONS, "moon": "file:///moon"}


def test_nothing_is_sent_to_a_paused_destination_until_it_is_resumed(own: Mover) -> None:
    own.add(4235)
    own.journal.pause("tape", "credentials ended")
    paused = own.journal.destination("tape")
    assert paused is not None
    assert (paused.paused, paused.reason) == (True, "credentials ended")
    assert own.claim() is None
    assert own.journal.next_due(LONGEST_PAUSE) is None
    own.journal.resume("tape")
    assert own.claimed().run == "4235"
    assert own.said() == ["paused: credentials ended", "resumed"]


def test_destination_that_does_not_answer_is_asked_again_when_it_is_due(own: Mover) -> None:
    own.add(4235)
    assert own.journal.destination_failed("tape", "refused", NOW + 10, LONGEST_PAUSE)
    own.clock.sleep(10)
    assert own.journal.destination_failed("tape", "timed out", NOW + 30, LONGEST_PAUSE)
    assert own.journal.destination("tape") == DestinationEntry(
        name="tape", url="root://eos//tape", in_settings=True, paused=False, reason="",
        next_try=NOW + 30, failures=2, error="timed out",
    )  # fmt: skip
    assert own.claim() is None
    assert own.journal.next_due(LONGEST_PAUSE) == 20
    own.clock.sleep(20)
    assert own.claimed().run == "4235"


def test_deliveries_that_fail_together_are_one_failure_of_their_destination(own: Mover) -> None:
    own.journal.destination_failed("tape", "refused", NOW + 10, LONGEST_PAUSE)
    assert not own.journal.destination_failed("tape", "timed out", NOW + 7, LONGEST_PAUSE)
    tape = own.journal.destination("tape")
    assert tape is not None
    assert (tape.failures, tape.error, tape.next_try) == (1, "refused", NOW + 10)


def test_a_failure_counts_where_the_clock_was_set_back_since_the_last_one(own: Mover) -> None:
    own.journal.destination_failed("tape", "refused", NOW + 10, LONGEST_PAUSE)
    own.clock.sleep(-1e6)
    assert own.journal.destination_failed("tape", "timed out", NOW - 1e6, LONGEST_PAUSE)


def test_destination_that_answers_has_no_failures(own: Mover) -> None:
    own.journal.destination_failed("tape", "refused", NOW + 10, LONGEST_PAUSE)
    own.journal.destination_answers("tape")
    well = own.journal.destination("tape")
    assert well is not None
    assert (well.failures, well.error, well.next_try) == (0, "", None)
    assert own.said() == ["does not answer: refused", "answers again"]


def test_unknown_destination_is_said_with_those_there_are(own: Mover) -> None:
    with pytest.raises(JournalError, match=r"there is no destination 'moon'; there are: tape, disk"):
        own.journal.pause("moon", "")


# Deliveries


def test_lowest_run_number_comes_first(own: Mover) -> None:
    own.add(100, 20, 3)
    assert [own.claimed().run for _ in range(3)] == ["3", "20", "100"]
    assert own.claim() is None


def test_destinations_have_queues_of_their_own(own: Mover) -> None:
    own.add(1, destinations=["tape", "disk"])
    assert own.claimed("tape").destination == "tape"
    assert own.claimed("disk").destination == "disk"


def test_delivery_goes_through_its_states(own: Mover) -> None:
    own.add(4235)
    own.clock.sleep(5)
    claimed = own.claimed()
    assert claimed == Delivery(
        run="4235", destination="tape", state=State.SENDING, attempts=1, since=NOW + 5,
        owner=own.lease.token, claim=1,
    )  # fmt: skip
    sending = own.journal.intend(claimed, Intent.SEND, ".4235.0a1b2c3d.part")
    assert sending == replace(claimed, intent=Intent.SEND, temporary=".4235.0a1b2c3d.part") == own.delivery()
    renaming = own.journal.intend(sending, Intent.RENAME)
    assert renaming == replace(sending, intent=Intent.RENAME) == own.delivery()
    own.clock.sleep(5)
    delivered = own.journal.delivered(renaming, 1234)
    assert delivered == own.delivery()
    assert delivered == Delivery(
        run="4235", destination="tape", state=State.DELIVERED, attempts=1, bytes=1234,
        since=NOW + 10, delivered_at=NOW + 10, claim=1,
    )  # fmt: skip
    assert own.claim() is None
    assert own.said("4235") == ["seen: 3 files, 1000 bytes", "attempt 1", "delivered: 1234 bytes"]


def test_failed_delivery_is_tried_again_when_it_is_due_with_the_same_temporary_name(own: Mover) -> None:
    own.add(4235)
    sending = own.journal.intend(own.claimed(), Intent.SEND, ".4235.part")
    failed = own.journal.failed(sending, "cut off", "Interrupted", NOW + 10)
    assert failed == own.delivery()
    assert (failed.state, failed.error, failed.error_kind) == (State.WAITING, "cut off", "Interrupted")
    assert own.claim() is None
    assert own.journal.next_due(LONGEST_PAUSE) == 10
    own.clock.sleep(10)
    again = own.claimed()
    assert (again.attempts, again.intent, again.temporary) == (2, Intent.SEND, ".4235.part")
    assert own.said("4235")[2:] == ["Interrupted: cut off", "attempt 2"]


def test_older_copy_of_a_delivery_loses_nothing_that_was_noted_since(own: Mover) -> None:
    own.add(4235)
    claimed = own.claimed()
    own.journal.intend(claimed, Intent.SEND, ".4235.part")
    assert own.journal.failed(claimed, "cut off", "Interrupted", NOW).temporary == ".4235.part"


def test_what_was_not_verified_is_counted(own: Mover) -> None:
    own.add(4235)
    for integrity in (True, False, True):
        own.journal.failed(own.claimed(), "differs", "NotVerified", NOW, integrity=integrity)
    assert (own.delivery().attempts, own.delivery().not_verified) == (3, 2)


def test_what_is_put_off_for_longer_than_any_pause_is_due_at_once(own: Mover) -> None:
    own.add(4235)
    own.journal.failed(own.claimed(), "cut off", "Interrupted", NOW + LONGEST_PAUSE)
    assert own.claim() is None
    own.clock.sleep(-1000)  # the clock was set back
    assert own.journal.next_due(LONGEST_PAUSE) == 0
    assert own.claimed().attempts == 2


def test_quarantined_delivery_waits_for_people(own: Mover) -> None:
    own.add(4235)
    quarantined = own.journal.quarantine(own.claimed(), "another file is there", "Conflict")
    assert (quarantined.state, quarantined.error_kind) == (State.QUARANTINED, "Conflict")
    assert own.journal.retry() == 0
    assert own.claim() is None
    assert own.journal.release("4235", "tape")
    assert not own.journal.release("4235", "tape")
    assert own.claimed() == Delivery(
        run="4235", destination="tape", state=State.SENDING, attempts=1, since=NOW,
        owner=own.lease.token, claim=2,
    )  # fmt: skip


def test_delivery_that_is_let_go_counts_no_attempt(own: Mover) -> None:
    own.add(4235)
    sending = own.journal.intend(own.claimed(), Intent.SEND, ".4235.part")
    assert own.journal.let_go(sending, "no route", "Unavailable").attempts == 0
    assert own.delivery().error == "no route"
    assert own.claimed().temporary == ".4235.part"


def test_retry_has_all_that_waits_be_due(own: Mover) -> None:
    own.add(1, 2, 3)
    for _ in range(3):
        own.journal.failed(own.claimed(), "cut off", "Interrupted", NOW + 100)
    own.journal.destination_failed("tape", "refused", NOW + 100, LONGEST_PAUSE)
    assert own.journal.retry("2", "tape") == 1
    assert own.claimed().run == "2"
    assert own.journal.retry() == 2
    assert own.journal.next_due(LONGEST_PAUSE) == 0
    with pytest.raises(JournalError, match="knows no run '7'"):
        own.journal.retry("7")


def test_delivery_that_another_has_taken_over_is_lost_to_who_had_it(own: Mover, tmp_path: Path) -> None:
    own.add(4235)
    with mover(tmp_path) as other:
        before = other.claimed()
    claimed = own.claimed()
    changes: tuple[Callable[[], object], ...] = (
        lambda: own.journal.intend(before, Intent.RENAME),
        lambda: own.journal.delivered(before, 1),
        lambda: own.journal.failed(before, "", "", NOW),
        lambda: own.journal.quarantine(before, "", ""),
        lambda: own.journal.let_go(before),
    )
    for change in changes:
        with pytest.raises(JournalError, match=f"no longer .*: it is sending, by {own.lease.token}"):
            change()
    assert own.delivery() == claimed


def test_delivery_that_was_ended_cannot_be_ended_again(own: Mover) -> None:
    own.add(4235)
    claimed = own.claimed()
    own.journal.let_go(claimed)
    with pytest.raises(JournalError, match="no longer this mover's: it is waiting"):
        own.journal.delivered(claimed, 1)
    own.claimed()  # by the same mover, in another thread
    with pytest.raises(JournalError, match="no longer this mover's"):
        own.journal.delivered(claimed, 1)


def test_delivery_found_at_its_destination_is_restored(own: Mover) -> None:
    own.journal.add_run(run_entry(4235), [])
    restored = own.journal.restore("4235", "tape", number_of_bytes=10, delivered_at=5.0)
    assert restored == own.delivery()
    assert (restored.state, restored.bytes, restored.delivered_at) == (State.DELIVERED, 10, 5.0)
    assert own.claim() is None


def test_delivery_that_a_mover_has_is_not_restored(own: Mover) -> None:
    own.add(4235)
    claimed = own.claimed()
    with pytest.raises(JournalError, match="being delivered to tape by a mover"):
        own.journal.restore("4235", "tape", number_of_bytes=10, delivered_at=5.0)
    own.journal.let_go(claimed)
    own.journal.restore("4235", "tape", number_of_bytes=10, delivered_at=5.0)
    assert own.delivery().state is State.DELIVERED


def test_next_due_is_what_comes_first_of_all(own: Mover) -> None:
    assert own.journal.next_due(LONGEST_PAUSE) is None
    own.add(1, 2, destinations=["tape", "disk"])
    assert own.journal.next_due(LONGEST_PAUSE) == 0
    for destination, seconds in (("tape", 50), ("tape", 40), ("disk", 30), ("disk", 60)):
        own.journal.failed(own.claimed(destination), "cut off", "Interrupted", NOW + seconds)
    assert own.journal.next_due(LONGEST_PAUSE) == 30
    own.journal.destination_failed("disk", "refused", NOW + 45, LONGEST_PAUSE)
    assert own.journal.next_due(LONGEST_PAUSE) == 40
    assert own.journal.next_due(LONGEST_PAUSE, "disk") == 45


def test_what_others_are_sending_is_not_due_but_what_the_dead_left_is(own: Mover, tmp_path: Path) -> None:
    own.add(4235)
    with mover(tmp_path) as other:
        other.claimed()
        assert own.journal.next_due(LONGEST_PAUSE) is None
    assert own.journal.next_due(LONGEST_PAUSE) == 0


def test_all_is_there_when_the_journal_is_opened_again(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1, 2, 3, destinations=["tape", "disk"])
        own.journal.delivered(own.claimed(), 10)
        before = [asdict(each) for each in own.journal.deliveries()]
    with mover(tmp_path) as own:
        assert [asdict(each) for each in own.journal.deliveries()] == before
