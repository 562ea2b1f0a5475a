"""Telling of sealed folders: each once, in order, and again by the next process where that was not done."""

import errno
import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from processes import DEADLINE, until
from runfolio.folder import EndOfRunDirectory, Sealed, folder_name
from runfolio.folder.faults import Fail
from runfolio.on_sealed import NotCalled, OnSealed, settled
from runfolio.stopping import StopOnSignal
from runfolio.watching import watched

NOTES = 'echo "$@" >> "$0"'
"""A line of shell that notes down how it was called."""


class Stop(StopOnSignal):
    """Asked to stop whenever a test says so."""

    def ask(self) -> None:
        self._asked, self._asked_at = True, time.monotonic()


@dataclass
class Site:
    """An end-of-run directory, and a site's own command."""

    directory: Path
    stop: Stop = field(default_factory=Stop)
    problems: list[str] = field(default_factory=list)

    @property
    def end_of_run(self) -> EndOfRunDirectory:
        return EndOfRunDirectory(self.directory)

    @property
    def notes(self) -> Path:
        return self.directory.parent / "notes"

    def on_sealed(self, line: str = NOTES, *, limit: float = DEADLINE) -> OnSealed:
        """Return what calls this line of shell."""
        command = ("sh", "-c", line, str(self.notes))
        return OnSealed(command, self.end_of_run, self.stop, self.problems, limit=limit)

    def seal(self, on_sealed: OnSealed, run_number: int, revision: int = 1) -> None:
        """Do what sealing does with a folder."""
        on_sealed.will_be_there(run_number, revision)
        on_sealed.is_there(self.folder(run_number, revision))

    def folder(self, run_number: int, revision: int = 1) -> Sealed:
        """Make a folder."""
        path = self.directory / folder_name(run_number, revision)
        path.mkdir()
        (path / "manifest-sha256.txt").write_text(f"{path.name}\n")
        return Sealed(
            path=path, run_number=run_number, revision=revision, files=1, bytes=1, renamed=(), failed=()
        )

    def began(self) -> list[str]:
        """Let a next process begin, and return the names of the folders that it calls for."""
        self.notes.unlink(missing_ok=True)
        with self.on_sealed() as on_sealed:
            on_sealed.begin(())
        return self.called()

    def called(self) -> list[str]:
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [Path(line.split()[1]).name for line in lines]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "end_of_run")
    site.end_of_run.prepare()
    return site


def test_each_folder_is_called_for_with_number_path_and_digest(site: Site) -> None:
    with site.on_sealed() as on_sealed:
        site.seal(on_sealed, 4235)
        site.seal(on_sealed, 4235, 2)
    digests = [hashlib.sha256(data).hexdigest() for data in (b"4235\n", b"4235.r2\n")]
    assert site.notes.read_text().splitlines() == [
        f"4235 {site.directory}/4235 {digests[0]}",
        f"4235 {site.directory}/4235.r2 {digests[1]}",
    ]
    assert site.problems == []
    assert site.began() == []


def test_the_path_is_absolute_and_in_the_environment_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.directory.parent)
    site.directory = Path("end_of_run")
    line = 'echo "$@" > "$0"; echo $RUNFOLIO_RUN $RUNFOLIO_FOLDER $RUNFOLIO_MANIFEST_SHA256 >> "$0"'
    with site.on_sealed(line) as on_sealed:
        site.seal(on_sealed, 7)
    arguments, variables = site.notes.read_text().splitlines()
    assert arguments == variables
    assert arguments.split()[1] == str(site.directory.absolute() / "7")


def test_one_is_called_after_the_other_and_nobody_waits_for_that(site: Site) -> None:
    line = '[ -e "$0.busy" ] && exit 1; touch "$0.busy"; while [ ! -e "$0.go" ]; do sleep 0.05; done;'
    with site.on_sealed(f'{line} rm "$0.busy"; {NOTES}') as on_sealed:
        for number in (3, 1, 2):
            site.seal(on_sealed, number)
        assert site.called() == []
        site.notes.with_suffix(".go").touch()
    assert site.called() == ["3", "1", "2"]
    assert site.problems == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("echo no route; exit 2", "ended with exit status 2: no route"),
        ("sleep 1000", "took longer than 2 s, and was killed"),
    ],
)
def test_a_call_that_fails_is_told_and_the_next_is_made(
    site: Site, line: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with site.on_sealed(f"[ $1 = 2 ] || {{ {line}; }}; {NOTES}", limit=2.0) as on_sealed:
        site.seal(on_sealed, 1)
        site.seal(on_sealed, 2)
        until(lambda: site.called() == ["2"])
    problem = f"{site.directory}/1: --on-sealed {told}"
    assert caplog.messages == [problem]
    assert site.problems == [problem, "--on-sealed is still to be done for 1: the next start calls it"]


def test_what_failed_is_called_for_by_the_next_process(site: Site) -> None:
    with site.on_sealed("exit 1") as on_sealed:
        site.seal(on_sealed, 10)
        site.seal(on_sealed, 9)
    assert site.began() == ["9", "10"]
    assert site.began() == []


def test_what_a_process_that_was_killed_came_to_seal_is_called_for_by_the_next(site: Site) -> None:
    killed = site.on_sealed()
    killed.will_be_there(7, 1)
    killed.will_be_there(8, 1)
    site.folder(7)
    assert site.began() == ["7"]
    site.folder(8)  # by then its checkpoint has it sealed, as any other
    assert site.began() == []


def test_what_was_made_before_is_not_called_for_twice(site: Site) -> None:
    site.on_sealed().will_be_there(7, 1)
    found = site.folder(7)
    with site.on_sealed() as on_sealed:
        on_sealed.begin(())
        on_sealed.is_there(found)
    assert site.called() == ["7"]


def test_a_folder_that_was_finished_for_a_former_process_is_called_for(site: Site) -> None:
    with site.on_sealed() as on_sealed:
        on_sealed.begin([site.folder(7)])
    assert site.called() == ["7"]


def test_a_folder_that_was_carried_away_is_not_called_for_any_more(site: Site) -> None:
    line = f'while [ ! -e "$0.go" ]; do sleep 0.05; done; {NOTES}'
    with site.on_sealed(line) as on_sealed:
        site.seal(on_sealed, 1)
        site.seal(on_sealed, 2)
        (site.directory / "2").rename(site.directory.parent / "2")
        site.notes.with_suffix(".go").touch()
    assert (site.called(), site.problems) == (["1"], [])
    assert site.began() == []


def test_a_folder_that_cannot_be_read_is_told(site: Site) -> None:
    with site.on_sealed() as on_sealed:
        folder = site.folder(7)
        (folder.path / "manifest-sha256.txt").unlink()
        (folder.path / "manifest-sha256.txt").mkdir()
        on_sealed.will_be_there(7, 1)
        on_sealed.is_there(folder)
    assert site.problems[0].startswith(f"{site.directory}/7: --on-sealed cannot read")
    assert len(site.problems) == 2


def test_at_the_end_it_is_waited_for_and_that_is_said(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with site.on_sealed(f"sleep 2.5; {NOTES}") as on_sealed:
        site.seal(on_sealed, 1)
    assert site.called() == ["1"]
    assert caplog.messages == ["waiting for --on-sealed"]


def test_at_the_end_one_that_hangs_is_the_last_that_is_waited_for(site: Site) -> None:
    with site.on_sealed("sleep 1000", limit=2.0) as on_sealed:
        folders = [site.folder(number) for number in range(1, 30)]
        for folder in folders:
            on_sealed.will_be_there(folder.run_number, 1)
        for folder in folders:
            on_sealed.is_there(folder)
    assert site.problems[0] == f"{site.directory}/1: --on-sealed took longer than 2 s, and was killed"
    assert site.problems[1].endswith("19, 20 and 9 more: the next start calls it")


def test_after_a_request_to_stop_what_hangs_is_left_to_the_next_process(site: Site) -> None:
    with site.on_sealed("sleep 1000") as on_sealed:
        site.seal(on_sealed, 1)
        site.seal(on_sealed, 2)
        site.stop.ask()
        began = time.monotonic()
    assert time.monotonic() - began < DEADLINE
    assert site.problems == ["--on-sealed is still to be done for 1, 2: the next start calls it"]
    assert site.began() == ["1", "2"]


def test_after_a_request_to_stop_a_short_call_is_made_to_its_end(site: Site) -> None:
    with site.on_sealed(f"sleep 0.2; {NOTES}") as on_sealed:
        site.seal(on_sealed, 1)
        site.stop.ask()
    assert (site.called(), site.problems) == (["1"], [])


def test_an_error_of_the_program_ends_the_call_in_work(site: Site) -> None:
    def fail() -> None:
        with site.on_sealed("sleep 1000") as on_sealed:
            site.seal(on_sealed, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert site.began() == ["1"]


def test_what_cannot_be_noted_down_is_called_for_all_the_same(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with site.on_sealed() as on_sealed, watched(Fail(0, errno.ENOSPC, through=True)):
        on_sealed.will_be_there(7, 1)
        on_sealed.is_there(site.folder(7))
        until(site.called)
    assert site.called() == ["7"]
    assert caplog.messages[0].startswith("killed now, --on-sealed would not be called for 7: cannot make")


def test_notes_that_cannot_be_read_hold_up_nothing(site: Site) -> None:
    (site.directory / ".staging" / "on-sealed").write_text("in the way")
    with site.on_sealed() as on_sealed:
        on_sealed.begin(())
        site.seal(on_sealed, 7)
    assert site.called() == ["7"]
    assert site.problems[0].startswith("--on-sealed was not called for folders of former processes: cannot")


@pytest.mark.parametrize("command", [None, ("sh", "-c", NOTES)])
def test_what_is_left_is_settled_with_a_command_or_without(site: Site, command: Sequence[str] | None) -> None:
    (site.directory / ".staging" / f"7.{'0' * 16}.{'1' * 8}").mkdir()
    with settled(site.end_of_run, command, site.stop, site.problems) as on_sealed:
        assert isinstance(on_sealed, NotCalled if command is None else OnSealed)
    assert "before its folder was whole" in site.problems[0]


def test_without_a_command_nothing_is_noted_down(site: Site) -> None:
    with settled(site.end_of_run, None, site.stop, site.problems) as on_sealed:
        on_sealed.will_be_there(7, 1)
        on_sealed.is_there(site.folder(7))
    assert not os.path.lexists(site.directory / ".staging" / "on-sealed")
