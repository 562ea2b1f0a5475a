"""Any documents, crashes and restarts in any order: each run is sealed once, every document is accounted for.

A machine sends documents to a job, lets time go by, kills it, starts it again, has the disk refuse. What
becomes of the runs is compared with a plain reckoning of what was sent, and with an undisturbed job.
"""

import errno
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reckoning import (
    COUNTED_AS,
    Close,
    Idle,
    Moment,
    Read,
    Reckoned,
    Reckoning,
    Refusal,
    Sent,
    Wait,
    placed,
    reckoned,
)
from runfolio.folder import verify
from runfolio.settings import Settings
from runfolio.summary import Summary
from sendable import IMAGE_LIMIT, LINE_LIMIT, several
from stepwise import Disk, SteppedJob, Task
from support import contents, record

Inputs = list[tuple[str, list[Sent]]]
"""The documents of each input, by its name."""

steps = st.none() | st.none() | st.integers(0, 80)
"""After how many a job dies."""


class Machine(RuleBasedStateMachine):
    """Jobs one after the other, each with inputs of its own; one that was killed is started again."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.disk = Disk()
        self.job: SteppedJob | None = None
        self.task: Task | None = None
        self.inputs: Inputs = []
        self.sealed: Counter[int] = Counter()
        """Folders of each run that were there before the task."""
        self.tasks = 0

    # What can happen.

    @precondition(lambda self: self.task is None)
    @rule(
        follow=st.booleans(),
        parts=st.lists(several, min_size=1, max_size=2),
        grace=st.sampled_from([0, 10]),
        idle_timeout=st.sampled_from([None, 20]),
        checkpoint_seconds=st.sampled_from([0, 0, 5]),
        dies_in=steps,
    )
    def begin(self, follow: bool, parts: list[list[Sent]], dies_in: int | None, **settings: Any) -> None:
        """Give a job something to do; of what it follows, more may come later."""
        self.tasks += 1
        parts = parts[:1] if follow else parts
        self.inputs = [(f"{self.tasks}_{number}.json", sent) for number, sent in enumerate(parts)]
        self.task = self.made_task(self.directory, follow, **settings)
        self.write_inputs(self.task)
        self.start("wait", dies_in)

    def made_task(self, directory: Path, follow: bool, **settings: Any) -> Task:
        made = Settings(
            image_directory=directory / "live",
            end_of_run_image_directory=directory / "end_of_run",
            documents=directory / "out.json",
            histogram_image_type=(),
            refresh_seconds=86_400,
            line_limit=LINE_LIMIT,
            image_limit=IMAGE_LIMIT,
            **settings,
        )
        return Task([directory / name for name, _ in self.inputs], follow, made)

    def write_inputs(self, task: Task, size: int | None = None) -> None:
        for path, (_, sent) in zip(task.paths, self.inputs, strict=True):
            path.write_bytes(b"".join(each.data for each in sent)[:size])

    @property
    def is_followed(self) -> bool:
        """Whether more can be sent, since the job has no end by itself and was not asked to end."""
        task = self.task
        return bool(task and task.follow and not any(isinstance(each, Close) for each in task.history))

    @precondition(lambda self: self.is_followed)
    @rule(more=several, held_back=st.sampled_from([0, 0, 1, 30]))
    def send(self, more: list[Sent], held_back: int) -> None:
        [(_, sent)] = self.inputs
        sent += more
        self.arrive(held_back)

    def arrive(self, held_back: int) -> None:
        """Have all arrive that was sent, but for the last bytes of it."""
        assert self.task
        [path], [(_, sent)] = self.task.paths, self.inputs
        data = b"".join(each.data for each in sent)
        there = path.stat().st_size
        with path.open("ab") as file:
            file.write(data[there : max(there, len(data) - held_back)])

    @precondition(lambda self: self.task and not self.job)
    @rule(on_disk_trouble=st.sampled_from(["wait", "wait", "stop"]), dies_in=steps)
    def start(self, on_disk_trouble: Literal["wait", "stop"], dies_in: int | None) -> None:
        """Start a job, which may be dead soon."""
        assert self.task
        self.task.settings = replace(self.task.settings, on_disk_trouble=on_disk_trouble)
        self.disk.dies_in = dies_in
        self.job = SteppedJob(self.task, self.disk)
        self.see()

    @precondition(lambda self: self.job)
    @rule(seconds=st.sampled_from([0, 0, 1, 5, 10, 20]), dies_in=steps)
    def go_on(self, seconds: int, dies_in: int | None) -> None:
        """Let the job take what has come, after a while."""
        assert self.job
        self.disk.dies_in = dies_in
        self.job.wait(seconds)
        self.see()

    @precondition(lambda self: self.job and self.is_followed)
    @rule(dies_in=steps)
    def stop(self, dies_in: int | None) -> None:
        assert self.job
        self.disk.dies_in = dies_in
        self.job.stop()
        self.see()

    @precondition(lambda self: self.job)
    @rule()
    def kill(self) -> None:
        assert self.job
        self.job.kill()
        self.see()

    @precondition(lambda self: self.task and not self.disk.refuses)
    @rule(
        error=st.sampled_from([errno.ENOSPC, errno.EIO, errno.EACCES]),
        what=st.sampled_from([["checkpoint"], ["the rest"], ["checkpoint", "the rest"]]),
    )
    def refuse(self, error: int, what: list[str]) -> None:
        """Have the disk refuse things from now on."""
        self.disk.refuses, self.disk.refused = error, what

    @precondition(lambda self: self.disk.refuses)
    @rule()
    def mend(self) -> None:
        self.disk.refuses = 0

    def teardown(self) -> None:
        try:
            self.bring_to_an_end()
        finally:
            if self.job:
                self.job.kill()
            shutil.rmtree(self.directory)

    def bring_to_an_end(self) -> None:
        if self.task and self.task.done:
            return  # it was found wrong
        self.disk.refuses = 0
        if self.is_followed:
            self.arrive(0)
        for _ in range(9):
            if self.task and not self.job:
                self.start("wait", None)
            if self.job and self.is_followed:
                self.go_on(0, None)
                self.stop(None)
            if self.job:
                self.go_on(100, None)
        assert self.task is None

    # What must hold.

    def see(self) -> None:
        """Look at what has become of the job."""
        assert self.job
        assert self.task
        if not self.job.ended:
            return
        summary, self.job = self.job.summary, None
        if self.task.done:
            self.check_end(summary)
            self.sealed += Counter(run.number for run in self.reckoned().over)
            self.task = None

    def reckoned(self, history: Sequence[Moment] | None = None) -> Reckoning:
        """Return what is to be expected of how the inputs were read."""
        assert self.task
        settings = self.task.settings
        timeout = settings.idle_timeout if self.task.follow else None
        empty = Reckoning(settings.grace or 0, timeout)
        return reckoned(self.inputs, self.task.history if history is None else history, empty)

    def expected(self) -> dict[str, Reckoned]:
        """Return what is to be expected of each folder that this task has made, or will make by and by."""
        revisions = self.sealed.copy()
        found = {}
        for run in self.reckoned().over:
            revisions[run.number] += 1
            found[folder_name(run.number, revisions[run.number])] = run
        return found

    def visible(self) -> dict[str, Path]:
        """Return the folders of this task."""
        end_of_run = self.directory / "end_of_run"
        if not end_of_run.is_dir():
            return {}
        earlier = {folder_name(run, each + 1) for run, count in self.sealed.items() for each in range(count)}
        names = {path.name for path in end_of_run.iterdir() if path.name != ".staging"}
        assert names >= earlier
        return {name: end_of_run / name for name in sorted(names - earlier)}

    @precondition(lambda self: self.task)
    @invariant()
    def every_folder_is_whole_and_as_reckoned(self) -> None:
        expected = self.expected()
        for name, path in self.visible().items():
            assert verify(path).whole
            assert told(path) == as_told(expected[name])

    def check_end(self, summary: Summary | None) -> None:
        """Look at all that a task has come to."""
        assert self.visible().keys() == self.expected().keys()
        self.every_folder_is_whole_and_as_reckoned()
        self.check_set_aside()
        if summary:
            self.check_accounts(summary)
        self.check_undisturbed()

    def check_set_aside(self) -> None:
        """Each document that was refused is in one of the files, once.

        One that came too late, or for no run, may come in time when it comes again: then a line is too many.
        And a job that begins anew, for lack of any checkpoint, writes all of them once more.
        """
        assert self.task
        found = Counter(set_aside(self.directory / "live", {name for name, _ in self.inputs}))
        expected = Counter(self.reckoned().refused)
        in_vain: Counter[Refusal] = Counter()
        for lost in self.task.lost:
            in_vain |= Counter(self.reckoned(lost).refused)
        again = [Counter(self.reckoned(lost).refused) for lost in self.task.lost_all]
        assert not expected - found
        assert not (found - expected) - sum(again, in_vain - expected)

    def check_accounts(self, summary: Summary) -> None:
        """Each document counts once: with a run that is sealed, or otherwise."""
        assert self.task
        read = max(each.offset for each in self.task.history if isinstance(each, Read))
        count = sum(end <= read for *_, end in placed(self.inputs))
        of_runs = 0
        of_none = sum(summary.rejected.values()) + sum(summary.stray.values()) + self.reckoned().jobs_own
        for said in map(record, self.visible().values()):
            of_runs += said["documents"]["received"]
            of_none -= sum(said["documents"]["rejected"].values())
            of_none -= sum(said["image_entries_rejected"].values())
        assert of_runs + of_none == count
        assert summary.documents == count

    def check_undisturbed(self) -> None:
        """A job to which nothing happens makes the same folders of what was read in the same way."""
        directory = self.directory / f"undisturbed{self.tasks}"
        directory.mkdir()
        self.do_undisturbed(directory)
        revisions: Counter[int] = Counter()
        for name, run in self.expected().items():
            revisions[run.number] += 1
            same = directory / "end_of_run" / folder_name(run.number, revisions[run.number])
            assert contents(self.directory / "end_of_run" / name) == contents(same)
        assert written_on(self.directory) == written_on(directory)

    def do_undisturbed(self, directory: Path) -> None:
        assert self.task
        settings = self.task.settings
        task = self.made_task(
            directory,
            self.task.follow,
            grace=settings.grace,
            idle_timeout=settings.idle_timeout,
            checkpoint_seconds=settings.checkpoint_seconds,
        )
        self.write_inputs(task, 0 if task.follow else None)
        job = None if task.follow else SteppedJob(task, Disk())
        for moment in self.task.history if task.follow else ():
            match moment:
                case Read(offset):
                    self.write_inputs(task, offset)
                case Idle() if job:
                    job.go_on()
                case Idle():
                    job = SteppedJob(task, Disk())
                case Wait(seconds) if job:
                    job.clock.sleep(seconds)
                case Close() if job:
                    job.stop()
        assert task.done


def folder_name(run_number: int, revision: int) -> str:
    return f"{run_number}" if revision == 1 else f"{run_number}.r{revision}"


def told(folder: Path) -> dict[str, Any]:
    """Return what is said of a run, of all that is reckoned here."""
    said = record(folder)
    hits = said["histograms"]["Mine"][0]
    return {
        "run": (said["run_number"], said["status"], said["ended_by"]),
        "documents": said["documents"],
        "image_entries_rejected": said["image_entries_rejected"],
        "hits": [hits[each] for each in ("entries", "underflow", "in_range", "overflow")],
        "spills": [said[each] and said[each]["number"] for each in ("first_spill", "last_spill")],
    }


def as_told(run: Reckoned) -> dict[str, Any]:
    """Return the same of what was reckoned."""
    below, *inside, above = run.bins
    counts = {each: run.counts[each] for each in COUNTED_AS.values()}
    return {
        "run": (run.number, run.status, run.ended_by),
        "documents": {
            **counts,
            "received": run.counts.total() + run.rejected.total(),
            "rejected": dict(run.rejected),
        },
        "image_entries_rejected": dict(run.images_rejected),
        "hits": [sum(run.bins), below, sum(inside), above],
        "spills": [min(run.spills), max(run.spills)] if run.spills else [None, None],
    }


def set_aside(live: Path, inputs: set[str]) -> list[Refusal]:
    """Return what of some inputs was set aside; half a line is what a kill has left."""
    found = []
    for name in ("rejected.jsonl", "late.jsonl"):
        text = (live / name).read_text() if (live / name).exists() else ""
        for line in text.splitlines():
            try:
                said = json.loads(line)
            except json.JSONDecodeError:
                continue
            source = Path(said["source"]).name
            assert (said["reason"] == "late") == (name == "late.jsonl")
            if source in inputs:
                found.append(Refusal(source, said["offset"], said["reason"], said["run_number"]))
    return found


def written_on(directory: Path) -> list[bytes]:
    """Return the lines that were written on; where the disk has refused, in another order."""
    return sorted((directory / "out.json").read_bytes().splitlines())


TestMachine = Machine.TestCase
TestMachine.settings = hypothesis_settings(stateful_step_count=30)
