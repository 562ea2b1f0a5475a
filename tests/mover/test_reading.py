import subprocess
import sys
import time
from pathlib import Path

import pytest

from journals import DESTINATIONS, mover, run_entry
from runfolio.errors import JournalError
from runfolio.mover.entries import State
from runfolio.mover.journal import JournalReader
from support import clean_environment, open_descriptors


def test_reader_sees_what_is_noted_meanwhile(tmp_path: Path) -> None:
    with mover(tmp_path) as own, JournalReader(tmp_path) as journal:
        own.add(4235)
        assert journal.runs() == [run_entry(4235)]
        own.claimed()
        assert [each.state for each in journal.deliveries()] == [State.SENDING]


def test_reader_of_a_journal_at_rest_sees_what_a_mover_notes_that_starts_later(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(4235)
    with JournalReader(tmp_path) as journal:
        assert len(journal.runs()) == 1
        with mover(tmp_path) as own:
            own.add(4236)
            assert len(journal.runs()) == 2
        with mover(tmp_path) as own:
            own.add(4237)
        assert len(journal.runs()) == 3


def test_reading_makes_and_changes_nothing_on_the_disk(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(4235)

    def on_disk() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = on_disk()
    with JournalReader(tmp_path) as journal:
        assert journal.counts()["tape"][State.WAITING] == 1
        assert on_disk() == before
    assert on_disk() == before


def test_without_a_journal_that_is_said_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="runfolio move begins it"), JournalReader(tmp_path / "none"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_journal_that_was_not_begun_yet_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(JournalError, match="runfolio move begins it"), JournalReader(tmp_path):
        pass


def test_damage_is_said_by_the_reader_too(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(JournalError, match="move reconcile"), JournalReader(tmp_path):
        pass


def test_path_with_odd_characters_is_read(tmp_path: Path) -> None:
    directory = tmp_path / "a?b#c%20 d"
    with mover(directory) as own:
        own.add(4235)
    with JournalReader(directory) as journal:
        assert len(journal.runs()) == 1


def test_nothing_stays_open(tmp_path: Path) -> None:
    with mover(tmp_path):
        pass
    before = open_descriptors()
    for _ in range(3):
        with JournalReader(tmp_path) as journal:
            journal.runs()
    assert open_descriptors() == before


def test_runs_and_deliveries_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        for entry in (run_entry(10), run_entry(9, revision=2), run_entry(9)):
            own.journal.add_run(entry, ["disk", "tape"])
        assert [each.name for each in own.journal.runs()] == ["9", "9.r2", "10"]
        listed = [(each.run, each.destination) for each in own.journal.deliveries()]
        assert listed[:3] == [("9", "tape"), ("9", "disk"), ("9.r2", "tape")]
        assert own.journal.run("9.r2") == run_entry(9, revision=2)
        assert own.journal.run("11") is None


def test_deliveries_are_chosen(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1, 2, destinations=["tape", "disk"])
        own.claimed("disk")
        journal = own.journal
        assert [each.run for each in journal.deliveries(destination="disk")] == ["1", "2"]
        assert [each.destination for each in journal.deliveries("2")] == ["tape", "disk"]
        assert [each.run for each in journal.deliveries(states={State.SENDING})] == ["1"]
        assert len(journal.deliveries(states={State.SENDING, State.WAITING})) == 4
        assert journal.deliveries(states=set()) == []


def test_deliveries_are_counted(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1, 2, 3)
        own.journal.delivered(own.claimed(), 10)
        own.journal.quarantine(own.claimed(), "differs", "Conflict")
        counts = own.journal.counts()
        assert list(counts) == list(DESTINATIONS)
        assert {state.value: number for state, number in counts["tape"].items()} == {
            "waiting": 1, "sending": 0, "delivered": 1, "quarantined": 1,
        }  # fmt: skip
        assert sum(counts["disk"].values()) == 0


def test_what_was_not_delivered_before_its_folder_was_removed_is_not_to_be_done(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1, 2, 3, destinations=["tape", "disk"])
        own.journal.quarantine(own.claimed(), "differs", "Conflict")
        own.journal.delivered(own.claimed(), 10)
        own.journal.run_removed("1")
        own.journal.run_removed("2")
        assert [(each.run, each.destination) for each in own.journal.undelivered()] == [
            ("3", "tape"), ("3", "disk")
        ]  # fmt: skip
        assert own.journal.undelivered("2") == []
        assert sum(own.journal.counts()["tape"].values()) == 2
        assert own.journal.counts()["tape"][State.DELIVERED] == 1
        assert own.journal.counts()["disk"][State.WAITING] == 1
        assert own.journal.retry() == 2


def test_oldest_undelivered_run_is_the_one_seen_first(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        assert own.journal.oldest_undelivered() is None
        own.add(1, 2)
        oldest = own.journal.oldest_undelivered()
        assert oldest is not None
        assert oldest.name == "1"
        own.journal.delivered(own.claimed(), 10)
        oldest = own.journal.oldest_undelivered()
        assert oldest is not None
        assert oldest.name == "2"
        own.journal.run_removed("2")
        assert own.journal.oldest_undelivered() is None


def test_what_no_setting_asks_for_is_not_undelivered(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.add(1)
        own.journal.set_destinations({"disk": "file:///disk"})
        assert own.journal.oldest_undelivered() is None


def test_two_thousand_runs_are_listed_at_once(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.journal._database.execute("PRAGMA synchronous = OFF")
        own.journal.set_destinations({name: f"file:///{name}" for name in "abc"})
        own.add(*range(2000), destinations="abc")
    taken = []
    for _ in range(5):
        began = time.process_time()
        with JournalReader(tmp_path) as journal:
            assert len(journal.deliveries()) == 6000
        taken.append(time.process_time() - began)
    assert min(taken) < 0.1  # seconds of the processor; 0.025 of it on the machine that this was written on


def test_who_only_reads_imports_little() -> None:
    asked = "import sys, runfolio.mover.reading; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=clean_environment()
    )
    loaded = set(ended.stdout.split())
    assert "runfolio.mover.tables" in loaded
    assert not loaded & {"numpy", "logging", "subprocess", "asyncio", "cyclopts", "runfolio.folder"}
