"""A hook: what it gets, and what becomes of one that fails, hangs, or says too much."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from processes import DEADLINE, children, is_alive, until, what_is_there
from runfolio.hook import Dropped, Failed, TookTooLong, call


def run(
    *command: str | Path,
    limit: float = DEADLINE,
    wanted: Callable[[], bool] = lambda: True,
    **environment: str,
) -> None:
    call([*map(str, command)], environment, limit=limit, wanted=wanted)


def shell(line: str, *words: str | Path, **how: float) -> None:
    """Call a line of shell with words as its arguments."""
    run("sh", "-c", line, "sh", *words, **how)  # type: ignore[arg-type]  # only `limit` is given so


def test_a_command_gets_its_words_and_the_programs_environment_and_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE", "ral")
    run("sh", "-c", 'printf "%s|" "$@" "$SITE" "$RUN" > "$0"', tmp_path / "out", "a b", "$c", RUN="7")
    assert (tmp_path / "out").read_text() == "a b|$c|ral|7|"


def test_it_has_nothing_to_read_and_a_session_of_its_own(tmp_path: Path) -> None:
    script = "import os, sys; print(os.getsid(0) == os.getpid(), sys.stdin.read())"
    shell('exec "$1" -c "$2" > "$3"', sys.executable, script, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "True \n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("exit 3", "ended with exit status 3"),
        ("echo one; echo no  route >&2; echo; exit 1", "ended with exit status 1: no route"),
        ("kill -9 $$", "was ended by signal 9"),
        ("head -c 9000 /dev/zero | tr '\\0' x; exit 1", f"ended with exit status 1: {'x' * 200}"),
        ("printf '\\377'; exit 1", "ended with exit status 1: \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_how_it_failed_is_told_with_its_last_words(line: str, told: str) -> None:
    with pytest.raises(Failed) as failed:
        shell(line)
    assert str(failed.value) == told


@pytest.mark.parametrize(
    ("permissions", "reason"), [(0o644, "Permission denied"), (None, "No such file or directory")]
)
def test_what_cannot_be_started_is_named(tmp_path: Path, permissions: int | None, reason: str) -> None:
    script = tmp_path / "carry.sh"
    if permissions is not None:
        script.write_text("#!/bin/sh\n")
        script.chmod(permissions)
    with pytest.raises(Failed) as failed:
        run(script)
    assert str(failed.value) == f"could not be started: {script}: {reason}"


def test_one_that_prints_megabytes_comes_to_its_end(tmp_path: Path) -> None:
    shell('head -c 8000000 /dev/zero; echo done > "$1"', tmp_path / "out")
    assert (tmp_path / "out").read_text() == "done\n"


def test_one_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    shell('exec >&- 2>&-; sleep 0.3; echo done > "$1"', tmp_path / "out")
    assert (tmp_path / "out").exists()


def test_one_that_takes_too_long_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    with pytest.raises(TookTooLong) as slow:
        shell('echo waiting; sleep 1000 & echo $! > "$1"; wait', tmp_path / "pid", limit=1.0)
    assert str(slow.value) == "took longer than 1 s, and was killed: waiting"
    until(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def test_one_that_is_not_wanted_any_more_is_ended() -> None:
    before = children()
    with pytest.raises(Dropped):
        run("sleep", "1000", wanted=lambda: children() == before)
    assert children() == before


def test_what_it_leaves_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    shell('yes & echo $! > "$1"', tmp_path / "pid")
    assert time.monotonic() - began < DEADLINE
    until(lambda: not is_alive(int((tmp_path / "pid").read_text())))  # nobody hears it: SIGPIPE


def test_nothing_is_left_of_it() -> None:
    before = what_is_there()
    shell("true")
    with pytest.raises(Failed):
        shell("exit 1")
    assert what_is_there() == before


def test_it_hears_signals_as_any_command(tmp_path: Path) -> None:
    """What the program's own processes leave to it is not blocked or ignored in those of others."""
    script = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.getsignal(15))"
    usual = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    shell('"$1" -c "$2" > "$3"', sys.executable, script, tmp_path / "out")
    assert (tmp_path / "out").read_text() == usual
