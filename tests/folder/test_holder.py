import os
import subprocess
import sys

import pytest

from runfolio.folder.holder import Holder, content_of, holder_in, this_process

HOST = os.uname().nodename


def holder(process: int, *, host: str = HOST, process_started: int | None = None) -> Holder:
    return Holder(process=process, host=host, process_started=process_started, since="2026-11-23T10:00:00Z")


def test_what_is_written_is_read_back() -> None:
    own = this_process("2026-11-23T10:00:00Z")
    assert holder_in(content_of(own)) == own
    assert (own.process, own.host, own.is_this_process, own.runs()) == (os.getpid(), HOST, True, True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 20,
        b"1234\n",
        b"\xff",
        b"[" * 4000,
        content_of(holder(7)).replace(b"7", b"0", 1),
        content_of(holder(7)).replace(b"7", b"-1", 1),
        content_of(holder(7)).replace(b"7", b"2147483648", 1),
        content_of(holder(7, host="daq01\x1b[2J")),
        content_of(holder(7, host="daq01\n")),
        content_of(holder(7, host="d" * 256)),
        content_of(holder(7)) + b" " * 5000,
    ],
)
def test_anything_else_names_nobody(content: bytes) -> None:
    assert holder_in(content) is None


def test_a_process_that_ended_does_not_run() -> None:
    with subprocess.Popen(["true"]) as process:
        pass
    assert not holder(process.pid, process_started=1).runs()


def test_a_process_that_waits_for_its_parent_to_take_notice_of_its_end_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not holder(process.pid).runs()


def test_a_later_process_with_the_same_number_is_another() -> None:
    started = this_process("now").process_started
    assert started is not None
    assert holder(os.getpid(), process_started=started).runs()
    assert not holder(os.getpid(), process_started=started - 1).runs()


def test_a_process_of_another_user_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert holder(os.getppid()).runs()


def test_on_another_host_it_cannot_be_known_so_it_runs() -> None:
    elsewhere = holder(os.getpid(), host="daq01", process_started=1)
    assert elsewhere.runs()
    assert not elsewhere.is_this_process
