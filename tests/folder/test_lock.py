import errno
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Barrier, Lock, Thread

import pytest

from runfolio.errors import FolderError
from runfolio.folder import WriterLock, lock
from runfolio.folder.faults import Fail, Recorder
from runfolio.folder.holder import Holder, content_of, holder_in
from runfolio.watching import Operation, watched
from support import open_descriptors

HOST = os.uname().nodename
SINCE = "2026-11-23T10:00:00Z"
DEAD = Holder(process=os.getpid(), host=HOST, process_started=1, since=SINCE)
"""Its number is this process's by now."""
RUNNING = Holder(process=os.getppid(), host=HOST, process_started=None, since=SINCE)
ELSEWHERE = Holder(process=7, host="daq01", process_started=1, since=SINCE)


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    staging = tmp_path / "end_of_run" / ".staging"
    staging.mkdir(parents=True)
    return staging


@pytest.fixture
def path(staging: Path) -> Path:
    return staging / "lock"


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks."""

    def refuse(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.fixture(params=["locks", "no locks"])
def any_file_system(request: pytest.FixtureRequest) -> None:
    if request.param == "no locks":
        request.getfixturevalue("no_locks")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PAUSE", 0)


@contextmanager
def locked_by_another(path: Path, content: bytes) -> Iterator[None]:
    """Hold the system's lock of a file with this content, as another process does."""
    path.write_bytes(content)
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def refusal(staging: Path) -> str:
    """Return why the lock is refused."""
    with pytest.raises(FolderError) as refused, WriterLock(staging):
        pass
    return str(refused.value)


@pytest.mark.usefixtures("any_file_system")
def test_lock_says_who_holds_it_and_is_gone_afterwards(staging: Path, path: Path) -> None:
    with WriterLock(staging):
        said = json.loads(path.read_bytes())
        assert (said["process"], said["host"]) == (os.getpid(), HOST)
    assert list(staging.iterdir()) == []
    with WriterLock(staging):
        assert path.exists()


@pytest.mark.usefixtures("any_file_system")
def test_lock_is_freed_by_an_error_too(staging: Path) -> None:
    with suppress(KeyboardInterrupt), WriterLock(staging):
        raise KeyboardInterrupt
    assert list(staging.iterdir()) == []


@pytest.mark.usefixtures("any_file_system")
def test_second_job_of_the_same_process_is_refused_as_such(staging: Path, path: Path) -> None:
    with WriterLock(staging):
        since = json.loads(path.read_bytes())["since"]
        assert refusal(staging) == (
            f"{staging.parent} is being written to by another job of this process, since {since}; "
            "wait until it ends, or give --end-of-run-image-directory another directory"
        )
        assert path.exists()


def test_running_process_is_named(staging: Path, path: Path) -> None:
    with locked_by_another(path, content_of(RUNNING)):
        assert refusal(staging) == (
            f"{staging.parent} is being written to by another runfolio: process {os.getppid()} on {HOST}, "
            f"since {SINCE}; end it, or give --end-of-run-image-directory another directory"
        )


def test_process_of_another_host_is_named_and_what_to_do_if_that_is_dead(staging: Path, path: Path) -> None:
    with locked_by_another(path, content_of(ELSEWHERE)):
        said = refusal(staging)
    assert "process 7 on daq01" in said
    assert said.endswith(f"; if that machine is dead, remove {path}")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "content", [b"", b"\x1b[2J rubbish", content_of(DEAD)], ids=["empty", "rubbish", "dead"]
)
def test_holder_that_does_not_say_who_it_is_still_holds(staging: Path, path: Path, content: bytes) -> None:
    with locked_by_another(path, content):
        said = refusal(staging)
    assert "by another process, which does not say who it is" in said
    assert str(path) in said


def test_holder_may_say_who_it_is_a_moment_later(
    staging: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: path.write_bytes(content_of(RUNNING)))
    with locked_by_another(path, content_of(DEAD)):
        assert f"process {os.getppid()} on" in refusal(staging)


@pytest.mark.parametrize("holder", [DEAD, RUNNING, ELSEWHERE])
def test_lock_that_the_system_has_freed_is_taken_over_whoever_it_names(
    staging: Path, path: Path, holder: Holder
) -> None:
    path.write_bytes(content_of(holder))
    with WriterLock(staging):
        found = holder_in(path.read_bytes())
        assert found
        assert found.is_this_process
        assert found.runs()


def test_rubbish_is_written_over(staging: Path, path: Path) -> None:
    path.write_bytes(b"\xff rubbish")
    os.truncate(path, 1 << 40)
    with WriterLock(staging):
        assert path.stat().st_size < 1000


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_lock_of_a_dead_process_is_taken_over(staging: Path, path: Path) -> None:
    path.write_bytes(content_of(DEAD))
    with WriterLock(staging):
        assert path.read_bytes() != content_of(DEAD)
        assert list(staging.iterdir()) == [path]


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("holder", [RUNNING, ELSEWHERE])
def test_without_locks_whoever_may_run_holds(staging: Path, path: Path, holder: Holder) -> None:
    path.write_bytes(content_of(holder))
    assert f"process {holder.process} on {holder.host}" in refusal(staging)
    assert path.read_bytes() == content_of(holder)


@pytest.mark.usefixtures("no_locks", "impatient")
@pytest.mark.parametrize("size", [0, 20, 1 << 40])
def test_without_locks_rubbish_may_be_anyone(staging: Path, path: Path, size: int) -> None:
    path.write_bytes(b"")
    os.truncate(path, size)
    assert refusal(staging).endswith(f"if there is none, remove {path}")
    assert path.stat().st_size == size


@pytest.mark.usefixtures("any_file_system")
@pytest.mark.parametrize("kind", ["directory", "link", "fifo"])
def test_what_is_no_regular_file_is_told_and_left(staging: Path, path: Path, kind: str) -> None:
    match kind:
        case "directory":
            path.mkdir()
        case "link":
            path.symlink_to(staging / "elsewhere")
        case _:
            os.mkfifo(path)
    assert refusal(staging) == f"cannot lock {path}: it is no regular file; remove it"
    assert [each.name for each in staging.iterdir()] == ["lock"]


@pytest.mark.usefixtures("any_file_system")
def test_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone").endswith("gone: No such file or directory")


class Meanwhile(Recorder):
    """Does something once, right after the first of these operations."""

    def __init__(self, operation: Operation, do: Callable[[], object]) -> None:
        super().__init__()
        self._operation, self._do = operation, do

    def after(self, operation: Operation, path: Path) -> None:
        super().after(operation, path)
        if [done for done, _ in self.operations].count(self._operation) == 1 and operation == self._operation:
            self._do()


def test_file_removed_between_opening_and_locking_is_no_lock(staging: Path, path: Path) -> None:
    with watched(Meanwhile("create", path.unlink)), WriterLock(staging):
        assert "by another job of this process" in refusal(staging)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_file_removed_while_it_is_written_is_no_lock(staging: Path, path: Path) -> None:
    with watched(Meanwhile("write", path.unlink)), WriterLock(staging):
        assert "by another job of this process" in refusal(staging)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_file_replaced_while_it_is_written_is_its_writers(staging: Path, path: Path) -> None:
    def replace() -> None:
        path.unlink()
        path.write_bytes(content_of(RUNNING))

    with watched(Meanwhile("write", replace)):
        assert f"process {os.getppid()} on" in refusal(staging)
    assert path.read_bytes() == content_of(RUNNING)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_one_that_was_faster_to_take_over_holds(staging: Path, path: Path) -> None:
    path.write_bytes(content_of(DEAD))

    class Faster(Recorder):
        def before(self, operation: Operation, _: Path) -> None:
            if operation == "rename" and not self.operations:
                path.write_bytes(content_of(RUNNING))

    with watched(Faster()):
        assert f"process {os.getppid()} on" in refusal(staging)
    assert path.read_bytes() == content_of(RUNNING)


@pytest.mark.usefixtures("any_file_system")
def test_lock_of_a_directory_that_was_made_anew_is_left_to_its_holder(staging: Path, path: Path) -> None:
    with ExitStack() as second:
        with WriterLock(staging):
            shutil.rmtree(staging)
            staging.mkdir()
            second.enter_context(WriterLock(staging))
        assert path.exists()
        assert "by another job of this process" in refusal(staging)


@pytest.mark.usefixtures("impatient")
def test_full_disk_costs_only_the_name_of_the_holder(staging: Path, caplog: pytest.LogCaptureFixture) -> None:
    with watched(Fail(1, errno.ENOSPC)), WriterLock(staging):
        assert "No space left on device" in caplog.text
        assert "does not say who it is" in refusal(staging)


@pytest.mark.usefixtures("any_file_system")
def test_failures_leave_no_descriptor_open(staging: Path) -> None:
    before = open_descriptors()
    for at in range(4):
        with suppress(FolderError), watched(Fail(at, errno.EIO)), WriterLock(staging):
            refusal(staging)
        with suppress(FileNotFoundError):
            (staging / "lock").unlink()
    assert open_descriptors() == before


@pytest.mark.usefixtures("any_file_system")
def test_programs_that_are_started_do_not_get_the_lock(staging: Path, path: Path) -> None:
    with WriterLock(staging):
        files = subprocess.check_output(["ls", "-l", "/proc/self/fd"], close_fds=False, text=True)
    assert "/dev/null" in files or "pipe:" in files
    assert str(path) not in files


@pytest.mark.usefixtures("any_file_system", "impatient")
def test_of_many_that_start_at_once_one_at_a_time_holds_it(staging: Path) -> None:
    inside, together, held = Lock(), Barrier(4), []

    def start(number: int) -> None:
        together.wait()
        for _ in range(25):
            with suppress(FolderError), WriterLock(staging):
                assert inside.acquire(blocking=False)
                held.append(number)
                inside.release()

    threads = [Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held
    assert list(staging.iterdir()) == []


def test_a_lock_is_free_once_an_interrupt_has_come_while_it_was_removed(staging: Path) -> None:
    class Interrupt(Recorder):
        def before(self, operation: Operation, _path: Path) -> None:
            if operation == "remove":
                raise KeyboardInterrupt

    before = open_descriptors()
    with pytest.raises(KeyboardInterrupt), watched(Interrupt()), WriterLock(staging):
        pass
    assert open_descriptors() == before
    with WriterLock(staging):
        pass
