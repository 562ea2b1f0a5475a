import errno
from pathlib import Path
from threading import Thread

import pytest

from journals import mover
from runfolio.errors import JournalError
from runfolio.folder.faults import Fail, Recorder
from runfolio.mover.entries import Intent
from runfolio.mover.writing import EVENTS_KEPT, ahead
from runfolio.watching import watched


@pytest.mark.parametrize(
    ("next_try", "seconds"), [(None, 0), (999, 0), (1000, 0), (1001, 1), (4600, 3600), (4601, 0), (9e9, 0)]
)
def test_what_is_further_ahead_than_any_pause_is_due_at_once(next_try: float | None, seconds: float) -> None:
    assert ahead(next_try, 1000, 3600) == seconds


def test_each_change_is_one_effect_that_says_what_it_is(tmp_path: Path) -> None:
    recorder = Recorder()
    with watched(recorder), mover(tmp_path) as own:
        own.add(4235)
        claimed = own.journal.intend(own.claimed(), Intent.RENAME, ".4235.part")
        own.journal.delivered(claimed, 1)
    commits = [str(path) for operation, path in recorder.operations if operation == "commit"]
    assert commits == [
        "begin journal",
        "set destinations",
        "add 4235",
        "claim 4235 tape",
        "rename 4235 tape",
        "delivered 4235 tape",
    ]


def test_what_changes_nothing_is_no_effect(tmp_path: Path) -> None:
    recorder = Recorder()
    with mover(tmp_path) as own:
        own.add(4235)
        own.claimed()
        own.journal.pause("disk", "full")
        with watched(recorder):
            own.add(4235)
            own.claim()
            own.claim("disk")
            own.journal.pause("disk", "full")
            own.journal.set_destinations({each.name: each.url for each in own.journal.destinations()})
            own.journal.destination_answers("tape")
            own.journal.release("4235", "tape")
    assert recorder.operations == []


def test_commit_that_fails_is_said_and_takes_all_back(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        with watched(Fail(0, errno.EIO)), pytest.raises(JournalError, match="Input/output error"):
            own.add(4235)
        assert own.journal.runs() == []
        own.add(4235)
        assert own.said("4235") == ["seen: 3 files, 1000 bytes"]


def test_threads_share_a_journal(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        adding = [Thread(target=own.add, args=range(first, first + 20)) for first in (0, 20, 40)]
        for each in adding:
            each.start()
        for each in adding:
            each.join()
        assert [run.run_number for run in own.journal.runs()] == [*range(60)]


def test_newest_events_are_kept_of_each_run(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1, 2)
        for number in range(EVENTS_KEPT + 5):
            own.journal.quarantine_run("1", f"reason {number}")
        assert own.said("1") == [f"quarantined: reason {n}" for n in range(5, EVENTS_KEPT + 5)]
        assert own.said("2") == ["seen: 3 files, 1000 bytes"]


def test_newest_events_are_kept_of_each_destination(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.journal.pause("disk", "once")
        for number in range(EVENTS_KEPT + 5):
            own.journal.pause("tape", f"reason {number}")
        events = own.journal.events(destination="tape")
        assert [each.what for each in events] == [f"paused: reason {n}" for n in range(5, EVENTS_KEPT + 5)]
        assert [each.what for each in own.journal.events(destination="disk")] == ["paused: once"]
