import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from journals import mover
from processes import Process, until
from runfolio.errors import JournalError
from runfolio.mover.entries import State
from runfolio.mover.leases import Lease, is_held, living

CLAIMS = """
import sys
from pathlib import Path
from journals import mover
with mover(Path(sys.argv[1])) as own:
    own.claimed()
    print(own.lease.token, flush=True)
    sys.stdin.read()
"""

STARTS_ANOTHER = """
import subprocess, sys
from pathlib import Path
from journals import mover
with mover(Path(sys.argv[1])) as own:
    own.claimed()
    sends = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    subprocess.Popen(sends, pass_fds=[own.lease.descriptor])
    print(own.lease.token, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another(program: str, directory: Path) -> Iterator[tuple[Process, str]]:
    """Run another mover, that has claimed a delivery; give its token. What it starts ends with the input."""
    with subprocess.Popen(
        [sys.executable, "-c", program, directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    with mover(tmp_path) as own:
        own.add(4235)
    return tmp_path


def test_lease_is_held_as_long_as_the_with_lasts(tmp_path: Path) -> None:
    with Lease(tmp_path) as lease:
        assert is_held(tmp_path, lease.token)
        assert living(tmp_path) == {lease.token}
    assert not is_held(tmp_path, lease.token)
    assert list((tmp_path / "movers").iterdir()) == []


def test_each_has_a_token_of_its_own(tmp_path: Path) -> None:
    with Lease(tmp_path) as one, Lease(tmp_path) as other:
        assert living(tmp_path) == {one.token, other.token}
        assert one.token != other.token


def test_nobody_holds_what_was_never_there(tmp_path: Path) -> None:
    assert not is_held(tmp_path, "0" * 16)
    assert living(tmp_path) == frozenset()


def test_file_that_cannot_be_asked_counts_as_held(tmp_path: Path) -> None:
    (tmp_path / "movers").mkdir()
    (tmp_path / "movers" / "loop").symlink_to("loop")
    assert is_held(tmp_path, "loop")


def test_files_of_the_dead_are_removed(directory: Path) -> None:
    with another(CLAIMS, directory) as (process, token):
        process.kill()
        process.wait()
        assert (directory / "movers" / token).exists()
        with Lease(directory) as lease:
            assert [path.name for path in (directory / "movers").iterdir()] == [lease.token]


def test_delivery_of_a_killed_mover_is_free(directory: Path) -> None:
    with another(CLAIMS, directory) as (process, token), mover(directory) as own:
        assert own.delivery().owner == token
        assert own.claim() is None
        process.kill()
        process.wait()
        assert own.claimed().attempts == 2
        assert own.said("4235")[-1] == "attempt 2; the mover that had it is gone"


def test_delivery_of_a_stopped_mover_stays_its_own(directory: Path) -> None:
    with another(CLAIMS, directory) as (process, _), mover(directory) as own:
        process.send_signal(signal.SIGSTOP)
        own.clock.sleep(1e7)
        assert own.claim() is None
        process.send_signal(signal.SIGCONT)
        assert own.claim() is None


def test_orphan_keeps_the_delivery_of_its_killed_mover(directory: Path) -> None:
    with another(STARTS_ANOTHER, directory) as (process, token), mover(directory) as own:
        process.kill()
        process.wait()
        assert own.claim() is None
        assert token in living(directory)
        assert process.stdin is not None
        process.stdin.close()  # that of the orphan too, which ends by it
        until(lambda: not is_held(directory, token))
        assert own.claimed().state is State.SENDING


def test_delivery_left_by_a_mover_that_ended_is_free(directory: Path) -> None:
    with mover(directory) as before:
        before.claimed()
    with mover(directory) as own:
        assert own.claimed().attempts == 2


def test_nothing_is_claimed_without_a_lease_that_is_held(directory: Path) -> None:
    with mover(directory) as own:
        (directory / "movers" / own.lease.token).unlink()
        with pytest.raises(JournalError, match="no longer held"):
            own.claim()
        assert own.delivery().state is State.WAITING


def test_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "movers").write_bytes(b"")
    with pytest.raises(JournalError, match=r"cannot lock .*movers: File exists"), Lease(tmp_path):
        pass


def test_what_a_dead_mover_has_left_can_be_taken_by_nobody_while_it_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (left := tmp_path / "movers" / ("0" * 16)).parent.mkdir()
    left.touch()
    held: list[bool] = []
    monkeypatch.setattr(Path, "unlink", lambda path: held.append(is_held(tmp_path, path.name)))
    with Lease(tmp_path):
        assert held == [True]
