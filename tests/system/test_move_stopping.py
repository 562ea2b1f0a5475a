"""A mover that is stopped, whose output nobody reads, or that has a terminal."""

import re
import signal
import subprocess
import time

import pytest

from moving import SLOW_PROGRAM, Here
from processes import Process, until
from runfolio.folder import verify
from sealed_folders import IMAGES
from support import PROGRAM, clean_environment

SLOW = "rate = 100_000"
"""Bytes per second: the larger image takes twelve of them."""
MOST_SECONDS = 5.0


def begun(here: Here) -> None:
    until(lambda: any(here.archive.glob(".7.*.part/*")))


def stopped(process: Process, *numbers: int) -> tuple[float, str]:
    """Send signals; return how long it takes to end, and what it says last."""
    began = time.monotonic()
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.2)
    _, err = process.communicate(timeout=30)
    return time.monotonic() - began, err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--once"], 1)])
def test_a_big_delivery_is_cut_off_and_the_next_mover_goes_on(
    here: Here, number: int, arguments: list[str], status: int
) -> None:
    here.seal(7, images=IMAGES).destination(SLOW)
    with here.mover(*arguments) as mover:
        begun(here)
        seconds, said = stopped(mover, number)
        assert (mover.returncode, seconds < MOST_SECONDS) == (status, True)
    assert said == "runfolio: of 1 run not all is delivered; the next mover goes on with them\n"
    assert all(name.endswith(".part") for name in here.delivered())
    here.destination().move("--once")
    assert here.delivered() == ["7"]
    assert verify(here.archive / "7").whole


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_a_delivery_that_hangs_is_cut_off_too_with_all_that_was_started(
    here: Here, numbers: list[int]
) -> None:
    here.seal(7).settings(f'[[destination]]\nname = "slow"\nurl = "command:{here.archive}"\n{SLOW_PROGRAM}')
    with here.mover() as mover:
        begun(here)
        time.sleep(1.0)  # until it hangs; sooner is as well
        seconds, said = stopped(mover, *numbers)
        assert (mover.returncode, seconds < MOST_SECONDS) == (0, True)
    assert "the next mover goes on" in said
    assert here.found("status")["movers"] == 0
    (here.path / "fast").touch()
    here.move("--once")
    assert here.delivered() == ["7"]


def test_one_that_has_nothing_to_do_ends_at_once(here: Here) -> None:
    with here.seal(7).mover() as mover:
        until((here.archive / "receipts" / "7.json").exists)
        seconds, said = stopped(mover, signal.SIGTERM)
    assert (mover.returncode, said, seconds < MOST_SECONDS) == (0, "", True)


def in_a_shell(here: Here, line: str) -> subprocess.CompletedProcess[str]:
    words = line.replace("runfolio", " ".join(PROGRAM))
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", words],
        cwd=here.path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_output_that_nobody_reads_ends_no_delivery(here: Here) -> None:
    here.seal(*range(1, 31))
    done = in_a_shell(here, "runfolio move --once | true")
    assert "Traceback" not in done.stderr
    in_a_shell(here, "runfolio move --once >&-")
    assert len(here.delivered()) == 30
    done = in_a_shell(here, "runfolio move status --all --json | head -n 1")
    assert (done.stdout, "Traceback" in done.stderr) == ("{\n", False)


def test_on_a_terminal_a_line_lives_and_a_sum_stays(here: Here) -> None:
    status, shown = here.seal(*range(1, 201)).on_terminal("--once")
    assert status == 0
    lived = re.findall(r"(\d+) delivered, (\d+) to do, [\d.]+ k?B/s; last \d+ to archive", shown)
    assert lived
    assert all(int(done) <= 200 and int(left) <= 200 for done, left in lived)
    assert "run 1 delivered" not in shown
    hidden, shown_again = shown.rindex("\x1b[?25l"), shown.rindex("\x1b[?25h")
    assert hidden < shown_again < shown.rindex("200 deliveries, ")


def test_tables_fit_a_terminal(here: Here) -> None:
    here.seal(7).move("--once")
    status, shown = here.on_terminal("status")
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert status == 0
    assert max(map(len, plain.splitlines())) <= 100
    assert "all is delivered" in plain


def test_without_a_terminal_many_deliveries_are_summed_up(here: Here) -> None:
    lines = here.seal(*range(1, 101)).move("--once").stdout.splitlines()
    assert sum("delivered to archive" in line for line in lines) < 60
    assert lines[-1].startswith("100 deliveries, ")
    assert not any("\x1b" in line or "\r" in line for line in lines)
