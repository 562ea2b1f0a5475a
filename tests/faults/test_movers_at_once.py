"""Two movers, each the real program, on one directory: they share the work, and no run is sent twice."""

import re
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from passing import assert_all_there, with_final_names
from processes import DEADLINE, until
from runfolio.clock import TrueClock
from runfolio.mover.entries import Delivery, State
from runfolio.mover.journal import Journal
from runfolio.mover.leases import living
from runfolio.mover.reading import JournalReader
from sealed_folders import IMAGES, seal_run
from servers import file
from servers.file import FilePlace
from support import PROGRAM, clean_environment, contents

RUNS = range(1, 31)
RUN_BYTES = 3_000
"""Of a run, about."""

Record = Callable[[str, object], None]


@dataclass
class Movers:
    """Movers that share runs, journal and destination, each with a settings file of its own."""

    directory: Path
    place: FilePlace
    stack: ExitStack
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def end_of_run(self) -> Path:
        return self.directory / "end_of_run"

    @property
    def journal(self) -> Path:
        """Where it is kept."""
        return self.end_of_run / ".mover"

    def start(self, rate: int = 1_000_000_000) -> subprocess.Popen[str]:
        """Start one pass, with one delivery at a time, of so many bytes a second."""
        settings = self.directory / f"{len(self.started)}.toml"
        settings.write_text(
            f'[[destination]]\nname = "archive"\nurl = "{self.place.settings.url}"\n'
            f"parallel = 1\nrate = {rate}\n"
        )
        given = ["--settings", str(settings), "--end-of-run-image-directory", str(self.end_of_run)]
        process = subprocess.Popen(
            [*PROGRAM, "move", "--once", *given],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        self.stack.enter_context(process)
        self.stack.callback(process.kill)
        return process

    def start_at_once(self, count: int, rate: int) -> list[subprocess.Popen[str]]:
        """Start several, and let none begin before all are there."""
        with (
            Journal(self.journal, clock=TrueClock()) as journal,
            closing(sqlite3.connect(journal.path, isolation_level=None)) as holder,
        ):
            holder.execute("BEGIN IMMEDIATE")  # what each of them has to note first waits for this
            started = [self.start(rate) for _ in range(count)]
            until(lambda: len(living(self.journal)) == count)
            holder.execute("ROLLBACK")
        return started

    def deliveries(self, *states: State) -> list[Delivery]:
        """Return those that the journal has in these states."""
        with JournalReader(self.journal) as journal:
            return journal.deliveries(states=set(states or State))

    def attempts(self) -> list[list[str]]:
        """Return how each run was begun."""
        with JournalReader(self.journal) as journal:
            events = [[each.what for each in journal.events(str(run))] for run in RUNS]
        return [[what for what in each if what.startswith("attempt")] for each in events]

    def wait_for_temporary(self) -> str:
        """Wait until a file is being sent; return the run that it is of."""
        until(lambda: any(self.place.archive.glob(".*.part/*")))
        (sending,) = self.deliveries(State.SENDING)
        return sending.run

    def assert_all_there(self) -> None:
        """Hold that each run is delivered, once, and nothing is left."""
        assert {each.state for each in self.deliveries()} == {State.DELIVERED}
        folders = [self.end_of_run / str(run) for run in RUNS]
        sealed = {
            f"{folder.name}/{name}": data for folder in folders for name, data in contents(folder).items()
        }
        assert_all_there(self.place, sealed)


@pytest.fixture
def movers(tmp_path: Path) -> Iterator[Movers]:
    """Seal the runs."""
    for run in RUNS:
        seal_run(tmp_path / "end_of_run", run, IMAGES[:1])
    with ExitStack() as stack:
        yield Movers(tmp_path, file.make_place(tmp_path), stack)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait until a mover has ended, by itself; return how much it has delivered, and what else it said."""
    out, err = process.communicate(timeout=DEADLINE)
    lines = err.splitlines()
    assert all("not all is delivered" in line for line in lines)  # what another one has in hand
    assert process.returncode == len(lines)
    found = re.search(r"([0-9]+) deliver(?:y|ies), ", out)
    assert found, out
    return int(found[1]), err


def test_two_movers_share_the_work(movers: Movers, record_property: Record) -> None:
    ended = [end(each) for each in movers.start_at_once(2, rate=10 * RUN_BYTES)]
    assert sum(count for count, _ in ended) == len(RUNS)
    assert all(count > 0 for count, _ in ended)
    assert movers.attempts() == [["attempt 1"]] * len(RUNS)
    movers.assert_all_there()
    record_property("runs shared by two movers", len(RUNS))


def test_what_a_killed_mover_had_in_hand_is_taken_over(movers: Movers, record_property: Record) -> None:
    killed = movers.start(rate=RUN_BYTES // 20)
    movers.wait_for_temporary()
    (temporary,) = movers.place.archive.glob(".*.part")
    killed.kill()
    killed.wait()
    assert end(movers.start()) == (len(RUNS), "")
    again = ("attempt 1", "attempt 2; the mover that had it is gone")
    assert Counter(map(tuple, movers.attempts())) == {("attempt 1",): len(RUNS) - 1, again: 1}
    assert not temporary.exists()
    movers.assert_all_there()
    record_property("movers killed beside another", 1)


def test_what_a_stopped_mover_has_in_hand_stays_its_own(movers: Movers, record_property: Record) -> None:
    stopped = movers.start(rate=RUN_BYTES // 5)
    run = movers.wait_for_temporary()
    stopped.send_signal(signal.SIGSTOP)
    delivered, err = end(movers.start())
    assert delivered == len(RUNS) - 1
    assert "of 1 run not all is delivered" in err
    assert [each.run for each in movers.deliveries(State.SENDING)] == [run]
    assert run not in {path.partition("/")[0] for path in with_final_names(movers.place)}
    stopped.send_signal(signal.SIGCONT)
    assert end(stopped) == (1, "")
    assert movers.attempts() == [["attempt 1"]] * len(RUNS)
    movers.assert_all_there()
    record_property("movers stopped beside another", 1)
