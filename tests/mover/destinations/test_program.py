import os
import time
from pathlib import Path

import pytest

from processes import is_alive, until, what_is_there
from runfolio.errors import Refused
from runfolio.mover.destinations.program import LAST_WORDS, Program
from support import open_descriptors


def shell(script: str, *arguments: str, lease: int | None = None) -> Program:
    return Program(["sh", "-c", script, *arguments], lease)


def ended(program: Program) -> bytes:
    """Return all that it prints."""
    with program:
        return b"".join(program.output())


def test_what_it_prints_is_given_whole() -> None:
    printed = ended(program := shell("head -c 3000000 /dev/zero; printf end"))
    assert printed == bytes(3_000_000) + b"end"
    assert program.status == 0


def test_the_last_line_that_it_said_is_kept() -> None:
    ended(program := shell("echo first >&2; printf 'no\\033 such file\\n\\n' >&2; exit 3"))
    assert program.last_words == "no? such file"
    assert program.how_it_ended == "ended with status 3"


def test_who_says_much_takes_no_memory() -> None:
    ended(program := shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2"))
    assert program.last_words == "end"
    assert len(program._said) == LAST_WORDS


def test_a_signal_that_ended_it_is_named() -> None:
    ended(program := shell("kill -9 $$"))
    assert program.how_it_ended == "was killed by signal 9 (Killed)"


def test_it_has_no_input_and_no_terminal() -> None:
    assert ended(shell("cat; (: < /dev/tty) 2> /dev/null || printf none")) == b"none"


def test_words_are_not_a_shells() -> None:
    assert ended(Program(["printf", "%s", "$HOME; *"], None)) == b"$HOME; *"


def test_whoever_waits_is_given_moments() -> None:
    moments = 0
    with shell("sleep 1000") as program:
        for block in program.output():
            assert block == b""
            if (moments := moments + 1) == 2:
                break
    assert program.how_it_ended == "was killed by signal 9 (Killed)"


def test_its_group_ends_with_the_with(tmp_path: Path) -> None:
    with shell('(sh -c \'echo $$ > "$0"; sleep 1000\' "$0"; :)', str(tmp_path / "pid")) as program:
        for _ in program.output():
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"):
                break
    pid = int((tmp_path / "pid").read_text())
    until(lambda: not is_alive(pid))


def test_what_it_leaves_behind_is_not_waited_for_and_ends() -> None:
    before = time.monotonic()
    pid = int(ended(program := shell("sleep 1000 & echo $!")))
    assert program.status == 0
    assert time.monotonic() - before < 500
    until(lambda: not is_alive(pid))


def test_a_program_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    ended(program := shell('exec >&- 2>&-; sleep 0.3; : > "$0"; exit 4', str(tmp_path / "done")))
    assert program.status == 4
    assert (tmp_path / "done").exists()


def test_a_program_that_there_is_not_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("")
    (tmp_path / "none").chmod(0o755)
    before = open_descriptors()
    for name, words in (("gone", "No such file"), ("", "Permission denied"), ("none", "Exec format error")):
        path = str(tmp_path / name)
        with pytest.raises(Refused, match=f"{path} cannot be started: {words}"), Program([path], None):
            pass
    assert open_descriptors() == before


def test_no_descriptor_and_no_process_stays() -> None:
    before = what_is_there()
    ended(shell("sleep 1000 &"))
    assert what_is_there() == before


def test_it_inherits_the_lease_and_nothing_else(tmp_path: Path) -> None:
    with (tmp_path / "lease").open("w") as lease, (tmp_path / "other").open("w") as other:
        os.set_inheritable(other.fileno(), True)
        open_there = ended(Program(["ls", "-l", "/proc/self/fd"], lease.fileno())).decode()
    assert str(tmp_path / "lease") in open_there
    assert str(tmp_path / "other") not in open_there


def test_signals_to_our_group_do_not_reach_it() -> None:
    with shell("sleep 1000") as program:
        assert os.getpgid(program._process.pid) == program._process.pid != os.getpgid(0)
