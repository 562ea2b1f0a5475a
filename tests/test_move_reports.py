"""How deliveries stand, as a user sees it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from consoles import HOSTILE, pipe, written
from journals import LONGEST_PAUSE, Mover, mover, run_entry
from runfolio.errors import InputError, JournalError
from runfolio.folder import SealedRun
from runfolio.move_reports import (
    EVENTS,
    NEWEST_DELIVERED,
    DeliveryStatus,
    known_run,
    show_checks,
    show_cleaned,
    show_deliveries,
    show_left,
    show_quarantined,
    show_reconciled,
    show_status,
    show_verified,
    status_of,
)
from runfolio.mover.cleaning import Cleaned
from runfolio.mover.doctor import Check
from runfolio.mover.entries import Intent
from runfolio.mover.quarantine import Quarantined
from runfolio.mover.receipts import Receipts
from runfolio.mover.reconciling import Reconciled
from runfolio.mover.verifying import Verified

NOW = "1970-01-12T13:46:40Z"
LATER = "1970-01-12T13:46:50Z"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mover]:
    with mover(tmp_path) as found:
        yield found


def shown(own: Mover, *, every: bool = False) -> str:
    console = pipe()
    show_status(console, status_of(own.journal.directory, every=every))
    return written(console)


def statuses(own: Mover) -> dict[str, DeliveryStatus]:
    found = status_of(own.journal.directory, every=True).deliveries
    return {f"{each.run} {each.destination}": each for each in found}


def deliver(own: Mover, count: int = 1) -> None:
    for _ in range(count):
        own.journal.delivered(own.claimed(), 1000)


# Status


def test_a_destination_that_fails_says_why_and_when_it_is_tried_again(own: Mover) -> None:
    own.add(7)
    own.journal.destination_failed("tape", "no route", 1_000_010.0, LONGEST_PAUSE)
    tape, disk = status_of(own.journal.directory, every=False).destinations
    assert (tape.state, tape.error, tape.next_try, tape.waiting) == ("waiting", "no route", LATER, 1)
    assert (disk.state, disk.error, disk.next_try) == ("ok", "", None)
    assert statuses(own)["7 tape"].next_try == LATER


def test_what_was_removed_here_before_it_was_delivered_is_never_tried(own: Mover) -> None:
    own.add(7, destinations=["tape", "disk"])
    deliver(own)
    own.journal.failed(own.claimed("disk"), "no route", "Interrupted", 1_000_010.0)
    own.journal.run_removed("7")
    assert [each.waiting for each in status_of(own.journal.directory, every=False).destinations] == [0, 0]
    never = statuses(own)["7 disk"]
    assert (never.state, never.error, never.next_try) == ("not delivered", "removed here", None)
    assert "disk" not in shown(own).split("\n\n")[1]
    assert "all is delivered" in shown(own)
    console = pipe()
    show_deliveries(console, own.journal, Receipts(own.journal.directory), "7")
    assert "disk: not delivered, 1 attempt" in written(console)
    assert "next try" not in written(console)
    assert show_left(pipe(), own.journal, stopped=False, once=True) == 0


def test_a_paused_destination_says_why(own: Mover) -> None:
    own.add(7)
    own.journal.pause("tape", "by hand")
    tape, _ = status_of(own.journal.directory, every=False).destinations
    assert (tape.state, tape.error) == ("paused", "by hand")
    assert statuses(own)["7 tape"].state == "paused"


def test_a_destination_that_is_no_longer_in_the_settings_is_left_out_of_the_deliveries(own: Mover) -> None:
    own.add(7)
    own.journal.set_destinations({"disk": "file:///disk"})
    found = status_of(own.journal.directory, every=False)
    assert [each.state for each in found.destinations] == ["ok", "not in the settings"]
    assert found.deliveries == []
    assert found.oldest_undelivered is None


def test_a_delivery_says_how_it_failed(own: Mover) -> None:
    own.add(7)
    own.journal.failed(own.claimed(), "cut off", "Interrupted", 1_000_010.0)
    assert statuses(own)["7 tape"] == DeliveryStatus(
        run="7", destination="tape", state="waiting", attempts=1, bytes=1000, error="cut off",
        next_try=LATER, delivered_at=None,
    )  # fmt: skip


def test_what_is_delivered_says_no_error_and_when(own: Mover) -> None:
    own.add(7)
    own.journal.failed(own.claimed(), "cut off", "Interrupted", 0.0)
    deliver(own)
    found = statuses(own)["7 tape"]
    assert (found.state, found.attempts, found.error, found.delivered_at) == ("delivered", 2, "", NOW)


def test_a_run_in_quarantine_says_so_for_what_waits_of_it(own: Mover) -> None:
    own.add(7)
    own.journal.quarantine_run("7", "run.json is damaged")
    found = statuses(own)["7 tape"]
    assert (found.state, found.error) == ("quarantined", "run.json is damaged")


def test_what_a_dead_mover_had_waits(own: Mover, tmp_path: Path) -> None:
    own.add(7)
    with mover(tmp_path) as other:
        other.claimed()
        assert statuses(own)["7 tape"].state == "sending"
    assert statuses(own)["7 tape"].state == "waiting"


def test_only_the_newest_that_are_delivered_are_listed(own: Mover) -> None:
    own.add(*range(1, NEWEST_DELIVERED + 11))
    for _ in range(NEWEST_DELIVERED + 5):
        own.clock.sleep(1)
        deliver(own)
    found = status_of(own.journal.directory, every=False)
    assert found.not_listed == 5
    assert [each.run for each in found.deliveries] == [str(run) for run in range(6, NEWEST_DELIVERED + 11)]
    assert found.oldest_undelivered == str(NEWEST_DELIVERED + 6)
    assert status_of(own.journal.directory, every=True).not_listed == 0
    assert "5 more were delivered; --all lists them" in shown(own)


def test_status_as_a_user_sees_it(own: Mover) -> None:
    own.add(7, 8)
    deliver(own)
    own.journal.failed(own.claimed(), "cut off " * 100, "Interrupted", 1_000_010.0)
    lines = shown(own).splitlines()
    assert lines[0].split() == [
        "destination",
        "state",
        "delivered",
        "to",
        "do",
        "quarantined",
        "last",
        "error",
    ]
    assert lines[1].split() == ["tape", "ok", "1", "1", "0"]
    assert lines[-2:] == [f"oldest undelivered: run 8, here since {NOW}", "1 mover at work"]
    assert all(len(line) < 300 for line in lines)


def test_status_where_all_is_delivered(own: Mover, tmp_path: Path) -> None:
    own.add(7)
    deliver(own)
    assert "all is delivered" in shown(own)
    own.journal.set_destinations({})
    console = pipe()
    show_status(console, msgspec.structs.replace(status_of(tmp_path, every=False), destinations=[], movers=0))
    assert written(console) == "There are no destinations.\n"


def test_status_is_json_too(own: Mover) -> None:
    own.add(7)
    found = json.loads(msgspec.json.encode(status_of(own.journal.directory, every=False)))
    assert found["deliveries"][0]["run"] == "7"
    assert found["movers"] == 1


def test_without_a_journal_there_is_no_status(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        status_of(tmp_path, every=False)


def test_no_control_character_of_an_error_reaches_a_terminal(own: Mover) -> None:
    own.add(7)
    own.journal.failed(own.claimed(), HOSTILE, "Interrupted", 0.0)
    own.journal.pause("disk", HOSTILE)
    assert not set("\x1b\x07\x9b\x7f\u202e") & set(shown(own))


# One run


def shown_run(own: Mover, name: str = "7") -> str:
    console = pipe()
    show_deliveries(console, own.journal, Receipts(own.journal.directory), name)
    return written(console)


def test_a_run_is_shown_with_all_that_has_happened(own: Mover) -> None:
    own.add(7, destinations=["tape", "disk"])
    own.journal.intend(sending := own.claimed(), Intent.SEND, ".7.part")
    own.journal.failed(sending, "cut off", "Interrupted", 1_000_010.0)
    own.journal.delivered(own.claimed("disk"), 1000)
    text = shown_run(own)
    for line in ("Run 7", "  state     sealed", "  size      3 files, 1.0 kB", "tape: waiting, 1 attempt",
                 "  error     cut off", "  begun as  .7.part", f"  next try  {LATER}",
                 "disk: delivered, 1 attempt", f"  delivered {NOW}"):  # fmt: skip
        assert line in text.splitlines(), line
    assert "Interrupted: cut off" in text
    assert "delivered: 1000 bytes" in text


def test_a_run_may_be_named_by_its_folder(own: Mover) -> None:
    own.add(7)
    assert known_run(own.journal, "end_of_run/7/") == run_entry(7)


def test_a_run_that_is_not_known_is_said(own: Mover) -> None:
    with pytest.raises(InputError, match="no run 9 is known to the mover; runfolio move status --all"):
        shown_run(own, "9")


def test_of_many_events_the_newest_are_shown(own: Mover) -> None:
    own.add(7)
    for _ in range(EVENTS):
        own.journal.let_go(own.claimed())
    assert sum(line.startswith("  1970-") for line in shown_run(own).splitlines()) == EVENTS


# What others have found


def test_what_verifying_finds_decides_the_status() -> None:
    well = Verified(run="7", destination="tape", files=3, bytes=1000)
    console = pipe()
    assert show_verified(console, ["7"], [well]) == 0
    assert written(console) == "7 at tape: ok, 3 files, 1.0 kB\n"
    console = pipe()
    assert (
        show_verified(console, ["7"], [well, Verified(run="7", destination="disk", problem="missing: a")])
        == 1
    )
    assert written(console).splitlines()[1] == "7 at disk: missing: a"


def test_a_run_that_was_delivered_nowhere_is_said_whatever_others_are() -> None:
    console = pipe()
    problem = Verified(run="7", destination="tape", problem="missing: a")
    assert show_verified(console, ["7", "end_of_run/8"], [problem]) == 1
    assert written(console).splitlines() == ["7 at tape: missing: a", "end_of_run/8 is delivered nowhere yet"]


def test_quarantine_is_a_table() -> None:
    console = pipe()
    show_quarantined(console, [Quarantined(run="7", destination="", since=NOW, reason="damaged")])
    assert written(console).splitlines()[1].split() == ["7", "(the", "folder)", NOW, "damaged"]
    console = pipe()
    show_quarantined(console, [])
    assert written(console) == "Nothing is in quarantine.\n"


def test_one_check_that_fails_decides_the_status() -> None:
    def check(what: str, *, well: bool) -> Check:
        return Check(destination="tape", what=what, well=well, words="so")

    console = pipe()
    assert show_checks(console, [check("writable", well=True)]) == 0
    assert show_checks(console, [check("renames", well=False), check("clock", well=True)]) == 1
    assert [line.split() for line in written(console).splitlines()] == [
        ["ok", "tape", "writable", "so"], ["FAIL", "tape", "renames", "so"], ["ok", "tape", "clock", "so"]
    ]  # fmt: skip


@pytest.mark.parametrize(("problems", "status"), [([], 0), (["run 7: damaged"], 1)])
def test_what_a_journal_was_made_of_is_told(problems: list[str], status: int) -> None:
    found = Reconciled(
        set_aside=Path("journal.1.sqlite"), runs=2, delivered={"tape": 3}, removed_here={"9"},
        problems=problems, unfinished=["tape: .7.0123abcd.part"],
    )  # fmt: skip
    console = pipe()
    assert show_reconciled(console, found) == status
    assert written(console).splitlines() == [
        "2 run folders here, 1 run elsewhere only",
        "the former journal is kept as journal.1.sqlite",
        "tape: 3 delivered",
        "unfinished, of a delivery that goes on or of none any more: tape: .7.0123abcd.part",
        *problems,
    ]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"stopped": False, "once": True}, 1, "runfolio move status says why"),
        ({"stopped": True, "once": False}, 0, "the next mover goes on with them"),
        ({"stopped": True, "once": True}, 1, "the next mover goes on with them"),
    ],
)
def test_what_is_not_delivered_is_said_at_the_end(
    own: Mover, options: dict[str, Any], status: int, words: str
) -> None:
    own.add(7, 8, destinations=["tape", "disk"])
    deliver(own)
    console = pipe()
    assert show_left(console, own.journal, **options) == status
    assert written(console) == f"runfolio: of 2 runs not all is delivered; {words}\n"


def test_where_all_is_delivered_nothing_is_said_at_the_end(own: Mover) -> None:
    own.add(7, destinations=["tape", "disk"])
    deliver(own)
    own.journal.set_destinations({"tape": "root://eos//tape"})
    console = pipe()
    assert show_left(console, own.journal, stopped=False, once=True) == 0
    assert written(console) == ""


@pytest.mark.parametrize(("dry_run", "words"), [(True, "would be "), (False, "")])
def test_what_was_removed_and_what_stays_is_told(tmp_path: Path, dry_run: bool, words: str) -> None:
    gone = Cleaned(run=SealedRun(7, 1, tmp_path), bytes=1000)
    stays = Cleaned(run=SealedRun(8, 1, tmp_path), reason="one of the newest")
    console = pipe()
    assert show_cleaned(console, [gone, stays], dry_run=dry_run) == 0
    assert written(console).splitlines() == [
        f"7 {words}removed, 1.0 kB",
        "8 stays: one of the newest",
        f"1 folder, 1.0 kB {words}free; 1 folder left",
    ]
