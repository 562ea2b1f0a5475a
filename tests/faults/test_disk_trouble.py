"""Disk trouble as the system has it: the program waits, says so, and seals all once the disk works again."""

import base64
import json
import random
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from processes import Process, running, send, until
from small_disks import FullDisk, small_file_system, small_files
from support import WITHOUT_ROOT_POWERS, contents, left_in, mark, spill, stream

OPTIONS = ("--histogram-image-type", "none", "--grace", "0")
AT_ONCE = ("-", "--refresh-seconds", "0")
EPOCH = "1000000"
RUNS = (1, 2, 3)

Folders = dict[str, dict[str, bytes]]


def one_run(number: int, spills: int = 5) -> bytes:
    """Return a run with an image that cannot be compressed."""
    noise = base64.b64encode(random.Random(number).randbytes(40_000)).decode()  # noqa: S311 - the same each time
    sent = [{"tag": "sent", "image_type": "txt", "data": noise}]
    image = {"maus_event_type": "Image", "run_number": number, "image_list": sent}
    spills_of_it = (spill(number, n) for n in range(spills))
    return stream(mark("RunHeader", number), *spills_of_it, image, mark("RunFooter", number))


ALL = b"".join(map(one_run, RUNS))


def folders(end_of_run: Path) -> Folders:
    """Return all that is visible of an end-of-run directory."""
    return {each.name: contents(each) for each in sorted(end_of_run.glob("[0-9]*"))}


@dataclass
class Job:
    """The program, and what it has said."""

    directory: Path
    end_of_run: Path
    process: Process

    @property
    def said(self) -> str:
        return (self.directory / "said").read_text()

    def lines(self, *words: str) -> list[str]:
        """Return the lines that have these words."""
        return [line for line in self.said.splitlines() if all(word in line for word in words)]

    def says(self, *words: str, times: int = 1) -> None:
        """Wait until it does."""
        until(lambda: len(self.lines(*words)) >= times)

    def end(self, data: bytes = b"") -> int:
        """Send it the rest, and return its exit status."""
        self.process.communicate(data, timeout=60)
        return self.process.returncode


@pytest.fixture
def started(tmp_path: Path) -> Callable[..., AbstractContextManager[Job]]:
    """Return what starts the program, and waits until it is the writer of its directory."""

    @contextmanager
    def start(*arguments: str, disk: FullDisk | None = None, powers: bool = True) -> Iterator[Job]:
        end_of_run = (disk.directory if disk else tmp_path) / "end_of_run"
        prefix = (*(disk.prefix if disk else ()), *(() if powers else WITHOUT_ROOT_POWERS))
        sealed_there = ("--end-of-run-image-directory", str(end_of_run))
        with running(
            tmp_path,
            *(arguments or ["-"]),
            *OPTIONS,
            *sealed_there,
            prefix=prefix,
            output=tmp_path / "said",
            SOURCE_DATE_EPOCH=EPOCH,
        ) as process:
            yield Job(tmp_path, end_of_run, process)

    return start


def begun(job: Job) -> bytes:
    """Send it the first spill, wait until it is taken, and return the rest of all."""
    end = ALL.index(b"\n", ALL.index(b"\n") + 1) + 1
    send(job.process, ALL[:end])
    shows(job, run_number=1)
    return ALL[end:]


def shows(job: Job, **figures: int) -> None:
    """Wait until the live directory does."""

    def shown() -> bool:
        index = job.directory / "live" / "live.json"
        return index.exists() and figures.items() <= json.loads(index.read_text()).items()

    until(shown)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Folders]:
    """Return the folders that a job makes, by its input, to which nothing happens."""

    @cache
    def made(source: str) -> Folders:
        directory = tmp_path_factory.mktemp("undisturbed")
        (directory / "spills.json").write_bytes(ALL)
        with running(directory, source, *OPTIONS, SOURCE_DATE_EPOCH=EPOCH) as process:
            process.communicate(ALL if source == "-" else b"")
        found = folders(directory / "end_of_run")
        assert list(found) == [str(number) for number in RUNS]
        return found

    return made


def refused(directory: Path) -> None:
    directory.chmod(0o555)


def allowed(directory: Path) -> None:
    directory.chmod(0o755)


@pytest.fixture(params=[small_file_system, small_files], ids=["file system", "file size"])
def full_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullDisk]:
    directory = tmp_path / "disk"
    directory.mkdir()
    with request.param(directory) as disk:
        yield disk


def test_on_a_full_disk_it_waits_and_then_seals_all(
    full_disk: FullDisk, started: Any, undisturbed: Any
) -> None:
    with started(disk=full_disk) as job:
        send(job.process, begun(job))
        job.says("cannot be sealed without a checkpoint", full_disk.said, "tried again in 2 s")
        assert folders(job.end_of_run) == {}
        full_disk.make_room(job.process)
        assert job.end() == 0
        assert folders(job.end_of_run) == undisturbed("-")
    pauses = [re.findall(r"tried again in (\d+) s", line) for line in job.lines("tried again")]
    assert pauses == [[str(2**n)] for n in range(len(pauses))]
    assert len(job.lines("checkpoints are written again")) == 1
    assert left_in(job.end_of_run / ".staging") == []


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (".", "run 2 is not sealed yet: cannot rename to"),
        (".staging", "cannot be sealed without a checkpoint"),
    ],
)
def test_without_permission_it_reads_on_and_later_seals_all(
    started: Any, undisturbed: Any, where: str, says: str
) -> None:
    with started(*AT_ONCE, powers=False) as job:
        rest, footer = begun(job), stream(mark("RunFooter", 3))
        refused(job.end_of_run / where)
        send(job.process, rest.removesuffix(footer))
        job.says(says, "Permission denied")
        shows(job, run_number=3, spills=5)
        assert folders(job.end_of_run) == {}
        allowed(job.end_of_run / where)
        assert job.end(footer) == 0
    assert folders(job.end_of_run) == undisturbed("-")


@pytest.mark.parametrize("away", [shutil.rmtree, lambda path: path.rename(path.with_name("elsewhere"))])
def test_a_directory_that_vanishes_is_made_anew(
    started: Any, undisturbed: Any, away: Callable[[Path], object]
) -> None:
    with started() as job:
        rest = begun(job)
        away(job.end_of_run)
        assert job.end(rest) == 0
    assert folders(job.end_of_run) == undisturbed("-")
    assert job.lines("tried again") == []


def test_a_file_in_place_of_the_directory_is_waited_for(started: Any, undisturbed: Any) -> None:
    with started() as job:
        rest = begun(job)
        shutil.rmtree(job.end_of_run)
        job.end_of_run.write_bytes(b"in the way")
        send(job.process, rest)
        job.says("cannot make the directory", "tried again in 1 s")
        job.end_of_run.unlink()
        assert job.end() == 0
    assert folders(job.end_of_run) == undisturbed("-")


def test_what_was_refused_when_it_was_told_to_stop_is_sealed_by_the_next_start(
    started: Any, undisturbed: Any, tmp_path: Path
) -> None:
    (tmp_path / "spills.json").write_bytes(ALL)
    (tmp_path / "end_of_run" / ".staging").mkdir(parents=True)
    refused(tmp_path / "end_of_run")
    with started("spills.json", powers=False) as job:
        job.says("run 1 is not sealed yet", "tried again in 1 s")
        job.process.send_signal(signal.SIGTERM)
        assert job.end() == 1
    assert_told_what_to_do(job)
    allowed(job.end_of_run)
    assert folders(job.end_of_run) == {}
    with started("spills.json") as job:
        assert job.end() == 0
    assert folders(job.end_of_run) == undisturbed("spills.json")
    assert left_in(job.end_of_run / ".staging") == []


def assert_told_what_to_do(job: Job) -> None:
    """Check that one line says it, and names the checkpoint, which is there."""
    [checkpoint] = (job.end_of_run / ".staging").glob("checkpoint.*")
    [line] = job.lines("once the disk works, start runfolio again")
    assert line.endswith(f"goes on from {checkpoint}")


def test_on_request_it_ends_at_trouble_and_the_next_start_goes_on(
    started: Any, undisturbed: Any, tmp_path: Path
) -> None:
    (tmp_path / "spills.json").write_bytes(ALL)
    (tmp_path / "end_of_run" / ".staging").mkdir(parents=True)
    refused(tmp_path / "end_of_run")
    stop = ("spills.json", "--on-disk-trouble", "stop")
    with started(*stop, powers=False) as job:
        assert job.end() == 1
    assert_told_what_to_do(job)
    assert job.lines("tried again") == []
    assert folders(job.end_of_run) == {}
    allowed(job.end_of_run)
    with started(*stop) as job:
        assert job.end() == 0
    assert len(job.lines("going on from its checkpoint")) == 1
    assert folders(job.end_of_run) == undisturbed("spills.json")


def test_where_only_the_first_checkpoint_could_be_written_the_next_start_goes_on_from_there(
    started: Any, undisturbed: Any, tmp_path: Path
) -> None:
    (tmp_path / "spills.json").write_bytes(ALL)
    with small_files(tmp_path) as disk, started("spills.json", "--on-disk-trouble", "stop", disk=disk) as job:
        assert job.end() == 1
    [line] = job.lines("once the disk works")
    assert "could not be brought up to date" in line
    with started("spills.json") as job:
        assert job.end() == 0
    assert folders(job.end_of_run) == undisturbed("spills.json")


def test_trouble_in_the_live_directory_holds_up_nothing(started: Any, undisturbed: Any) -> None:
    with started(*AT_ONCE, powers=False) as job:
        rest = begun(job)
        refused(job.directory / "live")
        assert job.end(rest) == 1
    assert folders(job.end_of_run) == undisturbed("-")
    assert job.lines("tried again") == []
    assert len(job.lines("live directory", "Permission denied")) <= 2 * len(RUNS)


def test_a_checkpoint_that_is_refused_while_a_run_is_open_holds_up_nothing(
    started: Any, undisturbed: Any
) -> None:
    with started(*AT_ONCE, "--checkpoint-seconds", "0", powers=False) as job:
        rest = begun(job)
        end = rest.index(stream(mark("RunFooter", 1)))
        refused(job.end_of_run / ".staging")
        send(job.process, rest[:end])
        job.says("there is no new checkpoint", "tried again in 1 s")
        shows(job, run_number=1, spills=5)
        allowed(job.end_of_run / ".staging")
        assert job.end(rest[end:]) == 0
    assert folders(job.end_of_run) == undisturbed("-")
