"""The two halves of the soak: one process that goes on for long, and jobs that are killed again and again."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from soak.disk import Disk
from soak.disturbing import Disturber
from soak.job import FilesJob, FollowedJob, Job, PipedJob
from soak.watching import Flatness, Watch

TICK = 0.05
PIECES = 4
"""Parts of runs that are sent at each tick."""
SAMPLE_SECONDS = 0.5
MOVER_SECONDS = 3.0
FOLLOWED_SECONDS = 15.0
"""How long a growing file is followed by one job."""


@dataclass
class Phase:
    """What came of one half."""

    name: str
    seconds: float = 0.0
    jobs: int = 0
    starts: int = 0
    runs: int = 0
    folders: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    disturbances: Counter[str] = field(default_factory=Counter)
    ended_by: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    flatness: Sequence[Flatness] = ()
    growth: float = 0.0
    """MB of memory in 10,000 runs."""
    stops: list[float] = field(default_factory=list)
    """Seconds from each request to stop to the end."""
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong, and what is to stay flat has done so."""
        return not self.problems and all(each.flat for each in self.flatness)

    def add(self, job: Job, disturber: Disturber) -> None:
        """Count what a job came to."""
        accounts = job.accounts
        self.jobs += 1
        self.starts += job.starts
        self.runs += len(accounts.runs)
        self.folders += accounts.folders
        self.documents.update(accounts.account())
        self.disturbances.update(disturber.done)
        self.ended_by.update(accounts.ended_by)
        self.set_aside.update(accounts.set_aside)
        self.stops += [job.seconds_to_stop] if isinstance(job, FollowedJob) else []
        self.problems += [f"{job.directory.name}: {problem}" for problem in job.problems]


def one_process(directory: Path, disk: Disk, seed: int, seconds: float) -> Phase:
    """Feed one process for so many seconds, and sample it."""
    phase = Phase("one process")
    job = PipedJob(directory / "piped", disk.directory / "piped", seed)
    job.start()
    watch = Watch(job.process.pid, temporary=job.temporary, staging=job.staging, live=job.live)
    _attend(job, Disturber(job, disk, seed, kills=False), phase, seconds, watch)
    phase.flatness, phase.growth = watch.flatness(), watch.growth()
    return phase


def many_processes(directory: Path, disk: Disk, seed: int, seconds: float) -> Phase:
    """Have jobs follow a growing file, and read files, for so many seconds, and kill them meanwhile."""
    phase = Phase("killed processes")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        kind = FilesJob if phase.jobs % 2 else FollowedJob
        name = f"{phase.jobs}"
        job = kind(directory / name, disk.directory / name, seed + phase.jobs)
        job.start()
        disturber = Disturber(job, disk, seed + phase.jobs, kills=True)
        _attend(job, disturber, phase, min(left, FOLLOWED_SECONDS) if kind is FollowedJob else inf)
    return phase


def _attend(job: Job, disturber: Disturber, phase: Phase, seconds: float, watch: Watch | None = None) -> None:
    """Do all that there is to do around a job, for so long or until it ends, and draw the balance."""
    began = time.monotonic()
    next_sample = next_round = 0.0
    try:
        while (now := time.monotonic()) < began + seconds and job.process.poll() is None:
            for _ in range(PIECES):
                job.feed()
            disturber.go_on()
            job.look()
            if watch is not None and job.runs and now > next_sample:
                watch.sample(job.runs)
                next_sample = now + SAMPLE_SECONDS
            if now > next_round:
                job.carry_away()
                next_round = now + MOVER_SECONDS
            time.sleep(TICK)
        disturber.calm()
        job.finish()
    finally:
        phase.add(job, disturber)
        phase.seconds += time.monotonic() - began
        job.clear()
