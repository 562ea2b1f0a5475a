"""The journal among several processes, and when they are killed."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from journals import mover
from runfolio.mover.entries import State
from runfolio.mover.journal import JournalReader
from support import clean_environment

CLAIMS = """
import sys
from pathlib import Path
from threading import Thread
from journals import mover

def deliver(own):
    while claimed := own.claim():
        print(f"claimed {claimed.run}\\n", end="", flush=True)  # at once: another thread prints, too
        own.journal.delivered(claimed, 1)

with mover(Path(sys.argv[1])) as own:
    own.add(*range(int(sys.argv[2])))
    threads = [Thread(target=deliver, args=[own]) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
"""

KILLED = """
import sys
from pathlib import Path
from journals import mover
from runfolio.folder.faults import Kill
from runfolio.mover.entries import Intent
from runfolio.watching import watched

class KillAtCommit(Kill):
    def before(self, operation, path):
        if operation == "commit":
            print("before", path, flush=True)
            super().before()

    def after(self, operation, path):
        if operation == "commit":
            print("after", path, flush=True)
            super().after()

with watched(KillAtCommit(int(sys.argv[2]), sys.argv[3])), mover(Path(sys.argv[1])) as own:
    own.add(1, 2)
    journal = own.journal
    one = journal.intend(own.claimed(), Intent.SEND, ".1.part")
    journal.delivered(journal.intend(one, Intent.RENAME), 10)
    journal.failed(own.claimed(), "cut off", "Interrupted", own.clock.now() - 1)
    journal.quarantine(own.claimed(), "differs", "Conflict")
    journal.release("2", "tape")
    journal.let_go(own.claimed())
"""

STATES: dict[str, list[tuple[str, State, str]]] = {
    "1": [
        ("add 1", State.WAITING, ""),
        ("claim 1 tape", State.SENDING, ""),
        ("send 1 tape", State.SENDING, ".1.part"),
        ("rename 1 tape", State.SENDING, ".1.part"),
        ("delivered 1 tape", State.DELIVERED, ""),
    ],
    "2": [
        ("add 2", State.WAITING, ""),
        ("claim 2 tape", State.SENDING, ""),
        ("waiting 2 tape", State.WAITING, ""),
        ("claim 2 tape", State.SENDING, ""),
        ("quarantined 2 tape", State.QUARANTINED, ""),
        ("release 2 tape", State.WAITING, ""),
        ("claim 2 tape", State.SENDING, ""),
        ("waiting 2 tape", State.WAITING, ""),
    ],
}
"""What the commits make of each run."""

COMMITS = 15
"""The two that begin the journal among them."""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(PYTHONPATH=os.pathsep.join(sys.path)),
    )


def test_several_processes_deliver_each_run_once(tmp_path: Path) -> None:
    runs = 60
    processes = [start(CLAIMS, tmp_path, runs) for _ in range(4)]
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert Counter("".join(said).splitlines()) == {f"claimed {number}": 1 for number in range(runs)}
    with JournalReader(tmp_path) as journal:
        assert [(each.state, each.attempts) for each in journal.deliveries()] == [(State.DELIVERED, 1)] * runs


def killed(directory: Path, at: int, moment: str) -> list[str]:
    """Run the scenario until it kills itself; return which commits were made."""
    process = start(KILLED, directory, at, moment)
    said = process.communicate()[0].splitlines()
    assert process.returncode == -9
    assert said[-1].startswith(moment)
    return [line.removeprefix("after ") for line in said if line.startswith("after ")]


def expected(run: str, commits: list[str]) -> tuple[State, str] | None:
    """Return state and temporary name of a run's delivery after these commits, None where it has none."""
    own = [each for each in commits if run in each.split()]
    steps = STATES[run][: len(own)]
    assert [what for what, _, _ in steps] == own
    return steps[-1][1:] if steps else None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(COMMITS))
def test_killed_at_any_commit_all_is_as_before_or_after_it(tmp_path: Path, at: int, moment: str) -> None:
    commits = killed(tmp_path, at, moment)
    assert len(commits) == at + (moment == "after")
    with mover(tmp_path) as own:
        found = {each.run: (each.state, each.temporary) for each in own.journal.deliveries()}
        wanted = {run: expected(run, commits) for run in STATES}
        assert found == {run: state for run, state in wanted.items() if state}


def test_the_next_mover_ends_what_a_killed_one_began(tmp_path: Path) -> None:
    killed(tmp_path, 6, "after")
    with mover(tmp_path) as own:
        assert (own.delivery("1").state, own.delivery("1").temporary) == (State.SENDING, ".1.part")
        while claimed := own.claim():
            own.journal.delivered(claimed, 1)
        assert [each.state for each in own.journal.deliveries()] == [State.DELIVERED] * 2
