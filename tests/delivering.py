"""Movers in processes of their own that are killed at one of their effects, and then started again.

Run as a program it starts a server of one kind and makes every trial of a part of them: for each it forks a
process, which needs no start-up, and writes what came of it as a line of JSON, first of all that of a mover
to which nothing happened.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from runfolio.clock import TrueClock
from runfolio.errors import JournalError, RunfolioError
from runfolio.folder import verify
from runfolio.folder.faults import Kill, Recorder
from runfolio.mover.entries import State
from runfolio.mover.moving import Mover
from runfolio.mover.reading import JournalReader
from runfolio.mover.settings import MoverSettings, MoveTable, Packaging
from runfolio.watching import Watcher, watched
from sealed_folders import IMAGES, seal_run
from servers.kinds import KINDS
from servers.place import Place
from support import contents
from trials import in_a_process

RUNS = (7,)
KILLS: tuple[Literal["before", "after"], ...] = ("before", "after")
STARTS = 5
"""Within so many starts after a kill, all is delivered."""
PATIENT_STARTS = 2
"""After so many that did not, the server is started anew: XRootD's HTTP hangs of itself now and then."""


@dataclass
class Outcome:
    """What came of a trial: what was to be seen right after it, and what once a mover was started again."""

    at: int
    """The number of the effect, from 0."""
    when: str
    """`before`, `after`, or `never`."""
    effect: str = ""
    wrong: list[str] = field(default_factory=list)
    """Of what had a final name right after it, all that was not as it was sent."""
    files: dict[str, str] = field(default_factory=dict)
    """At the end, the digests of all files at the destination but the receipts, by path."""
    receipts: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    """Of the deliveries, by the journal."""
    source_whole: bool = False
    left: list[str] = field(default_factory=list)
    """What is left of work in the mover's own directory."""
    starts: int = 0


@dataclass
class Trials:
    """Trials with one server, each with runs and a place below its URL of its own.

    Args:
        directory: takes all of it.
        place: the server.
        packaging: what is sent of a run.

    """

    directory: Path
    place: Place
    packaging: Packaging = "folder"
    expected: Mapping[str, str] = field(default_factory=dict)
    """The digests of an undisturbed delivery, by path."""

    def undisturbed(self) -> tuple[Outcome, list[str]]:
        """Return the outcome of a mover to which nothing happens, and its effects."""
        told = self.directory / "effects"
        outcome = self.trial(-1, "never", Recorder(), told)
        self.expected = outcome.files
        return outcome, told.read_text().splitlines()

    def trial(self, at: int, when: str, watcher: Watcher, tell: Path | None = None) -> Outcome:
        """Have a mover disturbed, then start it again, at least once and until all is delivered."""
        work = self.directory / f"{at}.{when}"
        end_of_run = work / "end_of_run"
        for number in RUNS:
            seal_run(end_of_run, number, IMAGES[:1])
        before = {path.name: contents(path) for path in end_of_run.glob("[0-9]*")}
        settings = self._settings(work.name)
        self._make_folder(work.name)
        outcome = Outcome(at, when)
        in_a_process(lambda: move(end_of_run, settings, watcher, tell))
        outcome.wrong = self._wrong(work.name)
        while outcome.starts == 0 or (outcome.starts < STARTS and not _is_done(end_of_run, settings)):
            if outcome.starts >= PATIENT_STARTS:
                self._revive()
            outcome.starts += 1
            in_a_process(lambda: move(end_of_run, settings, Recorder()))
        self._look(end_of_run, settings, outcome, work.name)
        after = {path.name: contents(path) for path in end_of_run.glob("[0-9]*")}
        outcome.source_whole = before == after and all(verify(end_of_run / name).whole for name in after)
        shutil.rmtree(work)
        return outcome

    def _settings(self, below: str) -> MoverSettings:
        there = self.place.settings
        settings = msgspec.structs.replace(
            there,
            name="there",
            url=f"{there.url}/{below}",
            packaging=self.packaging,
            parallel=1,
            timeout=20.0,
        )
        return MoverSettings(table=MoveTable(first_pause=0.001), destinations=(settings,))

    def _make_folder(self, below: str) -> None:
        from runfolio.mover.destinations import make_destination  # noqa: PLC0415

        def made() -> int:
            with make_destination(self.place.settings) as opened:
                opened.make_folder(below)
            return 0

        if in_a_process(made) != 0:
            self._revive()
            assert in_a_process(made) == 0

    def _revive(self) -> None:
        self.place.stop()
        self.place.start()

    def _files(self, below: str) -> dict[str, str]:
        return {
            path.removeprefix(f"{below}/"): hashlib.sha256(data).hexdigest()
            for path, data in self.place.files().items()
            if path.startswith(f"{below}/")
        }

    def _wrong(self, below: str) -> list[str]:
        """Return what has a final name and is not what was sent; folders that are renamed are whole, too."""
        there = self._files(below)
        final = {path: digest for path, digest in there.items() if not path.startswith((".", "receipts/"))}
        wrong = [
            path for path, digest in final.items() if self.expected and self.expected.get(path) != digest
        ]
        for top in {path.partition("/")[0] for path in final}:
            of_it = {path for path in self.expected if path.partition("/")[0] == top}
            sealed = any(path.endswith("manifest-sha256.txt") for path in final if path.startswith(f"{top}/"))
            if (self.place.settings.schemes != ("s3",) or sealed) and not of_it <= final.keys():
                wrong.append(f"{top} is not whole")
        return wrong

    def _look(self, end_of_run: Path, settings: MoverSettings, outcome: Outcome, below: str) -> None:
        there = self._files(below)
        outcome.files = {path: each for path, each in there.items() if not path.startswith("receipts/")}
        outcome.receipts = sorted(path for path in there if path.startswith("receipts/"))
        directory = settings.directory(end_of_run)
        with JournalReader(directory) as journal:
            outcome.states = [f"{each.run} {each.state}" for each in journal.deliveries()]
        outcome.left = sorted(path.name for path in (directory / "work").glob("*"))


def move(end_of_run: Path, settings: MoverSettings, watcher: Watcher, tell: Path | None = None) -> int:
    """Make one pass; tell of its effects."""
    with watched(watcher):
        try:
            Mover(end_of_run, settings, TrueClock()).run(once=True)
        except RunfolioError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    if tell is not None and isinstance(watcher, Recorder):
        tell.write_text("".join(f"{name} {path.name}\n" for name, path in watcher.operations))
    return 0


def _is_done(end_of_run: Path, settings: MoverSettings) -> bool:
    try:
        with JournalReader(settings.directory(end_of_run)) as journal:
            states = [each.state for each in journal.deliveries()]
    except JournalError:  # it was killed before there was one
        return False
    return len(states) == len(RUNS) and set(states) == {State.DELIVERED}


def main(directory: Path, kind: str, packaging: Packaging, part: int, parts: int) -> None:
    """Write down the outcome of a mover to which nothing happens, and of each trial of a part."""
    server = directory / "server"
    server.mkdir()
    place = KINDS[kind](server)
    try:
        trials = Trials(directory, place, packaging)
        outcome, effects = trials.undisturbed()
        _write(asdict(outcome) | {"effects": len(effects)})
        for number, effect in enumerate(effects):
            for order, when in enumerate(kills(packaging)):
                if (number + order) % parts == part:
                    found = trials.trial(number, when, Kill(number, when))
                    found.effect = effect
                    _write(asdict(found))
    finally:
        place.stop()


def kills(packaging: Packaging) -> tuple[Literal["before", "after"], ...]:
    """Return when a mover is killed at an effect; other packages differ from folders in what comes before."""
    return KILLS if packaging == "folder" else ("before",)


def _write(found: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")


def arguments(words: Sequence[str]) -> tuple[Path, str, Packaging, int, int]:
    """Return what a command line says."""
    directory, kind, packaging, part, parts = words
    return Path(directory), kind, msgspec.convert(packaging, Packaging), int(part), int(parts)


if __name__ == "__main__":
    main(*arguments(sys.argv[1:]))
