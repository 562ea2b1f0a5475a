"""2,000 runs that wait: delivered with progress shown, while a status is asked as fast as with two."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from moving import Here
from runfolio.folder import verify
from support import PROGRAM, clean_environment

RUNS = 2000
ASKED = 5


def write_runs(end_of_run: Path, count: int) -> None:
    """Write sealed folders of three small files each."""
    for number in range(1, count + 1):
        folder = end_of_run / str(number)
        folder.mkdir(parents=True)
        files = {"image.png": b"picture %d" % number, "run.json": b'{"sealed_at": "2013-11-28T10:54:10Z"}'}
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
        for name, data in {**files, "manifest-sha256.txt": "".join(lines).encode()}.items():
            (folder / name).write_bytes(data)


def status_seconds(here: Here) -> float:
    """Return the least processor time of several times that a status is asked."""
    took = []
    for _ in range(ASKED):
        process = subprocess.Popen(
            [*PROGRAM, "move", "status"],
            cwd=here.path,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        took.append(usage.ru_utime + usage.ru_stime)
    return min(took)


@pytest.fixture
def few(here: Here, tmp_path: Path) -> Here:
    """A directory with two runs, which are delivered."""
    other = Here(tmp_path / "few", here.runfolio)
    other.path.mkdir()
    other.destination()
    write_runs(other.end_of_run, 2)
    subprocess.run([*PROGRAM, "move", "--once"], cwd=other.path, env=clean_environment(), check=True)
    return other


def test_two_thousand_runs_are_delivered_and_a_status_takes_no_longer(here: Here, few: Here) -> None:
    write_runs(here.end_of_run, RUNS)
    few_took = status_seconds(few)
    with here.mover("--once") as mover:
        while not here.journal.exists() or here.found("status")["destinations"][0]["delivered"] < RUNS // 20:
            assert mover.poll() is None
        meanwhile = here.found("status")
        during = status_seconds(here)
        out, err = mover.communicate(timeout=600)
    counts = meanwhile["destinations"][0]
    assert counts["delivered"] + counts["waiting"] == RUNS
    assert (mover.returncode, err) == (0, b"")
    lines = out.decode().splitlines()
    assert any("more delivered, " in line for line in lines)
    assert len(lines) < RUNS / 4
    assert lines[-1].startswith(f"{RUNS:,} deliveries, ")
    assert here.found("status")["destinations"][0]["delivered"] == RUNS
    assert all(verify(here.archive / str(number)).whole for number in range(1, RUNS + 1, 100))
    assert max(during, status_seconds(here)) < 2 * few_took


def test_on_a_terminal_the_many_that_wait_are_counted_down(here: Here) -> None:
    write_runs(here.end_of_run, RUNS // 10)
    status, shown = here.on_terminal("--once")
    assert status == 0
    left = [int(part.split(" to do")[0].rsplit(" ", 1)[-1]) for part in shown.split("\r") if " to do" in part]
    assert left == sorted(left, reverse=True)
    assert len(left) > 1
    assert f"{RUNS // 10} deliveries" in shown
