"""What a mover and a status ask of the journal takes no longer for the runs that are delivered already."""

from collections.abc import Callable
from pathlib import Path

import pytest

from journals import LONGEST_PAUSE, Mover, mover, run_entry
from runfolio.clock import TrueClock
from runfolio.folder import list_runs
from runfolio.move_reports import NEWEST_DELIVERED, status_of
from runfolio.mover.entries import Intent, State
from runfolio.mover.scanning import Scanner
from sealed_folders import seal_run

FEW, MANY = 30, 600


def steps(journal: Mover, act: Callable[[], object]) -> int:
    """Return how many steps SQLite's machine makes for something."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    journal.journal._database.set_progress_handler(step, 1)
    try:
        act()
    finally:
        journal.journal._database.set_progress_handler(None, 0)
    return count


def delivered(own: Mover, *numbers: int) -> None:
    own.journal.add_runs([run_entry(number) for number in numbers], ["tape"])
    for _ in numbers:
        own.journal.delivered(own.claimed(), 10)
        own.clock.sleep(1)


def one_delivery(own: Mover) -> None:
    claimed = own.claimed()
    own.journal.intend(claimed, Intent.SEND, ".part")
    own.journal.delivered(claimed, 10)


ASKED: dict[str, Callable[[Mover], object]] = {
    "a delivery": one_delivery,
    "when the next is due": lambda own: own.journal.next_due(LONGEST_PAUSE),
    "what waits": lambda own: own.journal.deliveries(states={State.WAITING}),
    "what is to be delivered": lambda own: own.journal.undelivered(),
    "the oldest": lambda own: own.journal.oldest_undelivered(),
    "the newest": lambda own: own.journal.newest_delivered(5),
    "a run": lambda own: own.journal.run("7"),
    "its deliveries": lambda own: own.journal.deliveries("7"),
}


@pytest.mark.parametrize("what", ASKED)
def test_the_many_that_are_delivered_cost_nothing(tmp_path: Path, what: str) -> None:
    found = []
    for count in (FEW, MANY):
        with mover(tmp_path / str(count)) as own:
            delivered(own, *range(1, count + 1))
            own.add(1001, 1002, 1003)
            found.append(steps(own, lambda own=own: ASKED[what](own)))  # type: ignore[misc]
    assert 0 < found[1] < 1.5 * found[0]


def test_a_delivery_costs_no_more_with_many_that_wait(tmp_path: Path) -> None:
    found = []
    for count in (FEW, MANY):
        with mover(tmp_path / str(count)) as own:
            own.journal.add_runs([run_entry(number) for number in range(1, count + 1)], ["tape"])
            found.append(steps(own, lambda own=own: one_delivery(own)))  # type: ignore[misc]
    assert 0 < found[1] < 1.5 * found[0]


def test_a_delivery_costs_no_more_with_many_that_failed(tmp_path: Path) -> None:
    found = []
    for count in (FEW, MANY):
        with mover(tmp_path / str(count)) as own:
            own.journal.add_runs([run_entry(number) for number in range(1, count + 1)], ["tape"])
            for _ in range(count):
                own.journal.let_go(own.claimed(), "no room", "Unavailable")
            found.append(steps(own, lambda own=own: one_delivery(own)))  # type: ignore[misc]
    assert 0 < found[1] < 1.5 * found[0]


def test_what_failed_waits_for_all_that_did_not_then_its_turn_comes_by_when_it_failed(tmp_path: Path) -> None:
    taken = []
    with mover(tmp_path) as own:
        own.add(1, 2, 3, 4)
        for _ in range(6):
            taken.append((claimed := own.claimed()).run)
            own.clock.sleep(1)
            if claimed.run in {"1", "3"}:
                own.journal.let_go(claimed, "no room", "Unavailable")
            else:
                own.journal.delivered(claimed, 10)
    assert taken == ["1", "2", "3", "4", "1", "3"]


def test_deliveries_are_taken_up_by_number_and_revision(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        own.journal.add_runs([run_entry(*each) for each in ((10, 2), (10, 10), (9, 1), (10, 1))], ["tape"])
        assert [own.claimed().run for _ in range(4)] == ["9", "10", "10.r2", "10.r10"]


def test_a_status_lists_what_is_open_and_the_newest_of_the_others(tmp_path: Path) -> None:
    with mover(tmp_path) as own:
        delivered(own, *range(1, 101))
        own.add(101, 102)
        found, every = (status_of(own.journal.directory, every=each) for each in (False, True))
    assert [each.run for each in found.deliveries] == [str(n) for n in range(101 - NEWEST_DELIVERED, 103)]
    assert [each.run for each in every.deliveries] == [str(n) for n in range(1, 103)]
    assert (found.not_listed, every.not_listed) == (100 - NEWEST_DELIVERED, 0)
    assert found.oldest_undelivered == "101"


def test_a_scan_reads_only_what_the_journal_has_not(tmp_path: Path) -> None:
    end_of_run = tmp_path / "end_of_run"
    for number in (1, 2):
        seal_run(end_of_run, number)
    with mover(tmp_path / "journal") as own:
        assert Scanner(end_of_run, own.journal, ("tape",), TrueClock()).scan() == 2
        (end_of_run / "1" / "run.json").unlink()  # to be read no more
        seal_run(end_of_run, 3)
        again = Scanner(end_of_run, own.journal, ("tape",), TrueClock())
        assert (again.scan(), again.scan()) == (1, 0)
        assert [each.run for each in own.journal.deliveries()] == ["1", "2", "3"]


def test_known_names_are_passed_over_without_a_look(tmp_path: Path) -> None:
    for number in (1, 2):
        seal_run(tmp_path, number)
    assert [run.name for run in list_runs(tmp_path, but={"1"})] == ["2"]
