"""Cleaning: which folders may go, and that each is looked at once more before it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import DeliveryError, Interrupted, Unavailable
from runfolio.folder import SealedRun, list_carried, list_runs, open_folder, verify
from runfolio.mover.cleaning import Cleaned, LocalRun, clean, removable
from runfolio.mover.settings import CleanSettings
from sealed_folders import seal_run
from servers.place import files_below

NOW = 1_400_000_000.0
DAY = 86_400
MONTH = CleanSettings(older_than_days=30, keep_newest=0)


def local(number: int, *, days: float = 100, at: Sequence[str] = ("tape",), **more: Any) -> LocalRun:
    """Return a run that was sealed so many days ago, and delivered at these destinations."""
    run = more.pop("run", SealedRun(number, more.pop("revision", 1), Path(f"end_of_run/{number}")))
    return LocalRun(run=run, sealed_at=NOW - days * DAY, delivered=frozenset(at), **more)


def reasons(
    *runs: LocalRun, required: Sequence[str] = ("tape",), settings: CleanSettings = MONTH
) -> list[str]:
    """Return why each run stays."""
    return [", ".join(each.reasons) for each in removable(runs, required, settings, NOW)]


def test_what_is_old_and_delivered_may_go() -> None:
    assert reasons(local(1), local(2, days=30)) == ["", ""]


def test_what_is_younger_stays() -> None:
    assert reasons(local(1, days=29.99)) == ["younger than 30 days"]
    settings = CleanSettings(older_than_days=0.5, keep_newest=0)
    assert reasons(local(1, days=0.1), local(2, days=1), settings=settings) == ["younger than 0.5 days", ""]


def test_what_is_not_delivered_everywhere_stays() -> None:
    runs = local(1, at=["disk"]), local(2, at=["tape", "disk", "other"]), local(3, at=["other"])
    assert reasons(*runs, required=["tape", "disk"]) == [
        "not delivered at tape",
        "",
        "not delivered at disk, tape",
    ]


def test_where_no_destination_is_required_all_stay() -> None:
    assert reasons(local(1, at=["tape"]), required=[]) == ["no destination is required"]


def test_what_is_in_quarantine_stays() -> None:
    assert reasons(local(1, quarantined=True)) == ["quarantined"]


def test_all_reasons_are_told() -> None:
    settings = CleanSettings(older_than_days=30, keep_newest=1)
    run = local(1, days=1, at=[], quarantined=True)
    assert reasons(run, settings=settings) == [
        "quarantined, not delivered at tape, younger than 30 days, the newest"
    ]


def test_so_many_of_the_newest_stay_whatever_their_age() -> None:
    settings = CleanSettings(older_than_days=0, keep_newest=2)
    runs = [local(number, days=100 - number) for number in (3, 1, 2)]
    assert reasons(*runs, settings=settings) == ["one of the 2 newest", "", "one of the 2 newest"]


def test_revisions_are_one_run() -> None:
    settings = CleanSettings(older_than_days=0, keep_newest=1)
    runs = local(1), local(2), local(2, revision=2)
    assert reasons(*runs, settings=settings) == ["", "the newest", "the newest"]


def test_a_run_of_the_future_stays() -> None:
    assert reasons(local(1, days=-0.001)) == ["sealed in the future, by this clock"]


def test_a_clock_that_was_wrong_does_not_take_the_newest_runs_away() -> None:
    settings = CleanSettings(older_than_days=0, keep_newest=1)
    runs = local(1, days=50), local(2, days=40), local(3, days=5000)  # run 3 was sealed in the year 2000
    assert reasons(*runs, settings=settings) == ["", "the newest", "the newest"]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.integers(-5, 99), st.booleans())),
    st.integers(0, 30),
    st.integers(0, 60),
)
def test_no_rule_is_ever_broken(runs: list[tuple[int, int, int, bool]], newest: int, days: int) -> None:
    settings = CleanSettings(older_than_days=days, keep_newest=newest)
    there = [
        local(number, revision=revision, days=age, at=["tape"] if delivered else [])
        for number, revision, age, delivered in runs
    ]
    verdicts = removable(there, ["tape"], settings, NOW)
    gone = [each for each, verdict in zip(there, verdicts, strict=True) if not verdict.reasons]
    assert all(each.delivered and NOW - each.sealed_at >= days * DAY for each in gone)
    numbers = {each.run.run_number for each in there}
    assert len(numbers - {each.run.run_number for each in gone}) >= min(newest, len(numbers))


@dataclass
class Tape:
    """A destination that is asked whether runs are there."""

    answers: dict[str, str | DeliveryError] = field(default_factory=dict)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def still_there(self, run: SealedRun, deep: bool) -> str | None:
        self.asked.append((run.name, deep))
        answer = self.answers.get(run.name)
        if isinstance(answer, DeliveryError):
            raise answer
        return answer


Cleaning = Callable[..., list[Cleaned]]


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    """Three runs."""
    for number in (1, 2, 3):
        seal_run(tmp_path / "end_of_run", number)
    return tmp_path / "end_of_run"


@pytest.fixture
def cleaned(end_of_run: Path) -> Cleaning:
    """Clean, with all runs old and delivered."""

    def all_cleaned(*tapes: Tape, settings: CleanSettings = MONTH, **how: bool) -> list[Cleaned]:
        required = {f"tape{number}": each.still_there for number, each in enumerate(tapes, 1)}
        runs = [local(0, run=run, at=[*required]) for run in list_runs(end_of_run)]
        return list(clean(end_of_run, runs, required, settings, NOW, **how))

    return all_cleaned


def test_what_is_still_there_is_removed_here(end_of_run: Path, cleaned: Cleaning) -> None:
    sizes = {run.name: open_folder(run.path).bytes for run in list_runs(end_of_run)}
    tape = Tape()
    assert {each.run.name: (each.bytes, each.reason) for each in cleaned(tape)} == {
        name: (size, "") for name, size in sizes.items()
    }
    assert list_runs(end_of_run) == ()
    assert tape.asked == [("1", False), ("2", False), ("3", False)]
    [entry, *_] = list_carried(end_of_run)
    assert set(files_below(entry.path)) == {"documents.sha256", "run.json", "thumbnail.png"}


def test_what_is_left_behind_is_as_set(end_of_run: Path, cleaned: Cleaning) -> None:
    cleaned(Tape(), settings=CleanSettings(older_than_days=0, keep_newest=0, leave_behind=("record",)))
    assert set(files_below(end_of_run / ".carried" / "1")) == {"documents.sha256", "run.json"}


def test_a_dry_run_looks_and_removes_nothing(end_of_run: Path, cleaned: Cleaning) -> None:
    before, tape = files_below(end_of_run), Tape({"2": "gone"})
    found = cleaned(tape, dry_run=True, deep=True)
    assert [(each.bytes > 0, each.reason) for each in found] == [
        (True, ""),
        (False, "no longer at tape1: gone"),
        (True, ""),
    ]
    assert tape.asked == [("1", True), ("2", True), ("3", True)]
    assert files_below(end_of_run) == before


def test_what_is_missing_at_any_destination_stays(end_of_run: Path, cleaned: Cleaning) -> None:
    found = cleaned(Tape(), Tape({"2": "run.json is changed"}), Tape())
    assert [each.reason for each in found] == ["", "no longer at tape2: run.json is changed", ""]
    [stays] = list_runs(end_of_run)
    assert verify(stays.path).whole


def test_a_transfer_that_breaks_off_keeps_its_run_alone(end_of_run: Path, cleaned: Cleaning) -> None:
    found = cleaned(Tape({"1": Interrupted("cut off")}))
    assert [each.reason for each in found] == ["not seen at tape1: cut off", "", ""]
    assert [each.name for each in list_runs(end_of_run)] == ["1"]


def test_a_destination_that_is_down_is_asked_once_and_keeps_all(end_of_run: Path, cleaned: Cleaning) -> None:
    tape = Tape({"1": Unavailable("no answer")})
    assert {each.reason for each in cleaned(tape)} == {"not seen at tape1: no answer"}
    assert tape.asked == [("1", False)]
    assert len(list_runs(end_of_run)) == 3


def test_what_stays_by_rule_is_not_looked_at(end_of_run: Path, cleaned: Cleaning) -> None:
    tape = Tape()
    found = cleaned(tape, settings=CleanSettings(older_than_days=0, keep_newest=2))
    assert [each.reason for each in found] == ["", "one of the 2 newest", "one of the 2 newest"]
    assert tape.asked == [("1", False)]
    assert [each.name for each in list_runs(end_of_run)] == ["2", "3"]


def test_a_folder_that_cannot_be_removed_is_told_and_the_others_go(
    end_of_run: Path, cleaned: Cleaning
) -> None:
    (end_of_run / "2" / "run.json").unlink()
    found = cleaned(Tape())
    assert ["cannot read" in each.reason for each in found] == [False, True, False]
    assert [each.name for each in list_runs(end_of_run)] == ["2"]


def test_without_a_required_destination_nothing_is_removed(end_of_run: Path, cleaned: Cleaning) -> None:
    assert {each.reason for each in cleaned()} == {"no destination is required"}
    assert len(list_runs(end_of_run)) == 3


def test_what_a_killed_process_left_is_removed_first(end_of_run: Path, cleaned: Cleaning) -> None:
    left = end_of_run / ".carried" / ".7.0123abcd.new"
    left.mkdir(parents=True)
    cleaned(Tape(), dry_run=True)
    assert left.exists()
    cleaned(Tape())
    assert not left.exists()
