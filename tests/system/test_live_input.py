"""Input that is still being written: live plots, rotation, and the ways to stop."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from processes import DEADLINE, running, send, until
from support import PROGRAM, clean_environment, mark, record, spill, stream


def spills_shown(live: Path) -> int:
    """Return the spills that the newest live picture says it shows."""
    described = live / "imagetof_SlabHits_X.json"
    return json.loads(described.read_text())["spills"] if described.exists() else 0


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_live_plots_follow_a_growing_file(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(stream(mark("RunHeader", 1), spill(1, 1)))
    with running(tmp_path, "--follow", "spills.json", "--refresh-seconds", "0") as process:
        until(lambda: spills_shown(tmp_path / "live") == 1)
        whole = stream(spill(1, 2))
        append(path, whole[:20])
        append(path, whole[20:] + stream(spill(1, 3)))
        until(lambda: spills_shown(tmp_path / "live") == 3)
        live = json.loads((tmp_path / "live" / "imagetof_SlabHits_X.json").read_text())
        assert live["state"] == "open"
        assert not (tmp_path / "end_of_run" / "1").exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 1
    run = record(tmp_path / "end_of_run" / "1")
    assert (run["status"], run["ended_by"], run["documents"]["filled"]) == ("interrupted", "interrupted", 3)


def test_a_followed_file_may_be_rotated_and_truncated(tmp_path: Path) -> None:
    path = tmp_path / "spills.json"
    path.write_bytes(stream(spill(1, 1)))
    arguments = ("--follow", "spills.json", "--refresh-seconds", "0")
    with running(tmp_path, *arguments) as process:
        until(lambda: spills_shown(tmp_path / "live") == 1)
        append(path, stream(spill(1, 2)))
        path.rename(tmp_path / "spills.json.1")
        path.write_bytes(stream(spill(1, 3), spill(1, 4)))
        until(lambda: spills_shown(tmp_path / "live") == 4)
        os.truncate(path, 0)
        time.sleep(0.5)  # a file that shrinks and grows past its old size between two looks can't be told
        append(path, stream(spill(1, 5)))
        until(lambda: spills_shown(tmp_path / "live") == 5)
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE)
    assert record(tmp_path / "end_of_run" / "1")["documents"]["filled"] == 5


def test_an_ended_run_is_sealed_while_the_stream_stays_open(tmp_path: Path) -> None:
    with running(tmp_path, "-", "--grace", "0.2", "--histogram-image-type", "none") as process:
        send(process, stream(mark("RunHeader", 1), spill(1, 1), mark("RunFooter", 1)))
        folder = tmp_path / "end_of_run" / "1"
        until(folder.exists)
        assert process.poll() is None
        assert record(folder)["ended_by"] == "run_footer"


def test_ctrl_c_reaches_the_whole_group_and_still_draws_the_last_pictures(tmp_path: Path) -> None:
    """A terminal sends Ctrl-C to every process of the job, the drawing one too."""
    process = subprocess.Popen(
        [*PROGRAM, "run", "-", "--refresh-seconds", "0"],
        cwd=tmp_path,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        send(process, stream(spill(1, 1)))
        until(lambda: spills_shown(tmp_path / "live") == 1)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
    assert b"Traceback" not in err
    assert len(record(tmp_path / "end_of_run" / "1")["images"]) == 21


def test_pictures_of_the_run_before_do_not_stay_in_the_live_directory(tmp_path: Path) -> None:
    with running(tmp_path, "-", "--refresh-seconds", "0", "--grace", "0") as process:
        send(process, stream(spill(1, 1)))
        until(lambda: spills_shown(tmp_path / "live") == 1)
        send(process, stream(mark("RunFooter", 1), mark("RunHeader", 2)))
        until(lambda: spills_shown(tmp_path / "live") == 0)
        assert list((tmp_path / "live").glob("*.png")) == []


def test_numbered_live_images_carry_the_spill_count(tmp_path: Path) -> None:
    with running(tmp_path, "-", "--refresh-rate", "2", "--histogram-auto-number") as process:
        send(process, stream(spill(1, 1), spill(1, 2)))
        until((tmp_path / "live" / "imagetof_SlabHits_X000002.png").exists)
