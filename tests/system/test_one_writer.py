"""One runfolio writes to an end-of-run directory; the next one settles what a killed one left."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from processes import Process, running, until
from runfolio.folder import verify
from support import PROGRAM, WITHOUT_ROOT_POWERS, Runfolio, clean_environment, mark, record, spill, stream

NO_PICTURES = ("--histogram-image-type", "none")
LOCK = Path("end_of_run", ".staging", "lock")


def begun(directory: Path, process: Process) -> None:
    """Wait until a process has said that it is the writer."""
    until(lambda: (directory / LOCK).is_file() and str(process.pid) in (directory / LOCK).read_text())


def refused(runfolio: Runfolio, process: Process) -> None:
    """Check that a second one does not start, and names the first."""
    done = runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(1, 1)), status=2)
    [line] = done.stderr.splitlines()
    assert line.startswith(
        f"runfolio: end_of_run is being written to by another runfolio: process {process.pid}"
        f" on {os.uname().nodename}, since "
    )
    assert line.endswith("end it, or give --end-of-run-image-directory another directory")
    assert done.stdout == ""


def test_a_second_one_is_refused_and_the_first_is_not_disturbed(runfolio: Runfolio, tmp_path: Path) -> None:
    with running(tmp_path, "-", *NO_PICTURES) as process:
        begun(tmp_path, process)
        refused(runfolio, process)
        process.communicate(stream(spill(7, 1), mark("RunFooter", 7)))
        assert process.returncode == 0
    assert not (tmp_path / LOCK).exists()
    assert record(tmp_path / "end_of_run" / "7")["documents"]["filled"] == 1
    runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(8, 1), mark("RunFooter", 8)))


def test_another_directory_has_a_writer_of_its_own(runfolio: Runfolio, tmp_path: Path) -> None:
    with running(tmp_path, "-", *NO_PICTURES) as process:
        begun(tmp_path, process)
        elsewhere = ("--end-of-run-image-directory", "other", "--image-directory", "other_live")
        runfolio("run", "-", *NO_PICTURES, *elsewhere, stdin=stream(spill(1, 1)))
    assert (tmp_path / "other" / "1").is_dir()


def test_one_that_is_stopped_still_holds_and_one_that_was_killed_does_not(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    with running(tmp_path, "-", *NO_PICTURES) as process:
        begun(tmp_path, process)
        staging = (tmp_path / LOCK).parent  # once a checkpoint is there, something may be lost
        until(lambda: any(staging.glob("checkpoint.*")))
        process.send_signal(signal.SIGSTOP)
        refused(runfolio, process)
        process.kill()
        process.wait()
        assert (tmp_path / LOCK).is_file()
        runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(1, 1)), status=1)


def test_its_drawing_process_does_not_hold_the_lock(tmp_path: Path) -> None:
    with running(tmp_path, "-", "--refresh-seconds", "0") as process:
        assert process.stdin is not None
        process.stdin.write(stream(spill(1, 1)))
        process.stdin.flush()
        until((tmp_path / "live" / "imagetof_SlabHits_X.json").exists)
        own = Path("/proc", str(process.pid))
        drawing = [pid for task in own.glob("task/*/children") for pid in task.read_text().split()]
        assert drawing
        open_files = {pid: open_in(Path("/proc", pid)) for pid in [own.name, *drawing]}
        holding = [pid for pid, files in open_files.items() if str(tmp_path / LOCK) in files]
        assert holding == [own.name]


def open_in(process: Path) -> list[str]:
    """Return the files that a process has open."""
    files = []
    for descriptor in process.glob("fd/*"):
        with suppress(FileNotFoundError):  # closed by now
            files.append(str(descriptor.readlink()))
    return files


def test_a_directory_that_may_not_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / LOCK.parent).mkdir(parents=True)
    (tmp_path / LOCK.parent).chmod(0o555)
    done = subprocess.run(
        [*WITHOUT_ROOT_POWERS, *PROGRAM, "run", "-", *NO_PICTURES],
        cwd=tmp_path,
        env=clean_environment(),
        input=stream(spill(1, 1)),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.decode() == f"runfolio: cannot create {LOCK}: Permission denied\n"


def left_behind(directory: Path, run_number: int) -> Path:
    """Take a sealed folder back to where it was built."""
    left = directory / LOCK.with_name(f"{run_number}.0123456789abcdef.01234567")
    return (directory / "end_of_run" / str(run_number)).rename(left)


def test_a_folder_that_a_killed_one_had_built_is_put_in_its_place(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(7, 1), mark("RunFooter", 7)))
    left_behind(tmp_path, 7)
    done = runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(8, 1), mark("RunFooter", 8)))
    assert "run 7: a former process had built its folder" in done.stderr
    assert "it is now end_of_run/7" in done.stderr
    assert verify(tmp_path / "end_of_run" / "7").whole


def test_what_a_killed_one_had_half_built_is_set_aside_and_is_no_success(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(7, 1), mark("RunFooter", 7)))
    left = left_behind(tmp_path, 7)
    (left / "manifest-sha256.txt").unlink()
    lines = stream(spill(8, 1), mark("RunFooter", 8))
    done = runfolio("run", "-", *NO_PICTURES, stdin=lines, status=1)
    kept = Path("end_of_run", ".staging", "set-aside", left.name)
    assert f"what there is of it is kept in {kept}" in done.stdout
    assert (tmp_path / kept / "run.json").is_file()
    assert sorted(path.name for path in (tmp_path / "end_of_run").iterdir()) == [".staging", "8"]
    runfolio("run", "-", *NO_PICTURES, stdin=lines)
