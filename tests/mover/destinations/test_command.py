import fcntl
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from processes import is_alive, until
from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.carrier import Gone
from runfolio.mover.destinations import command
from runfolio.mover.destinations.command import SiteCommands
from runfolio.mover.package import Algorithm, Digest, Item
from servers.command import CommandPlace, make_place
from support import FakeClock


@pytest.fixture
def item(tmp_path: Path) -> Item:
    (tmp_path / "run.json").write_bytes(data := bytes(range(250)) * 10_000)
    digests = {Algorithm.SHA256: hashlib.sha256(data).hexdigest()}
    return Item(path="run.json", source=tmp_path / "run.json", size=len(data), digests=digests)


Make = Callable[..., tuple[SiteCommands, CommandPlace]]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Return what opens a site with some other commands."""

    def make(lease: int | None = None, **settings: Any) -> tuple[SiteCommands, CommandPlace]:
        (tmp_path / "server").mkdir()
        place = make_place(tmp_path / "server", **settings)
        return SiteCommands(place.settings, lease), place

    return make


def shell(script: str, *words: str) -> tuple[str, ...]:
    """Return a command that is given source and target, and ignores them if it likes."""
    return ("sh", "-c", script, *(words or ("{source}", "{target}")))


def nothing(_: int) -> None:
    """Hear of bytes."""


@pytest.mark.parametrize(
    ("status", "kind"),
    [(1, Interrupted), (69, Unavailable), (75, Unavailable), (77, Refused), (78, Refused), (126, Refused)],
)
def test_how_a_command_ends_tells_what_to_do(
    made: Make, item: Item, status: int, kind: type[DeliveryError]
) -> None:
    site, place = made(put=shell(f"echo working >&2; echo it is so >&2; exit {status}"))
    words = f"put of {place.storage}/a: sh ended with status {status}: it is so"
    with pytest.raises(kind, match=words):
        site.put(item, "a", nothing)


def test_a_command_that_is_killed_has_interrupted_one_transfer(made: Make, item: Item) -> None:
    site, _ = made(put=shell("kill -9 $$"))
    with pytest.raises(Interrupted, match=r"sh was killed by signal 9 \(Killed\)"):
        site.put(item, "a", nothing)


def test_missing_programs_are_refused_before_anything_is_sent(made: Make) -> None:
    site, _ = made(rename=("no-such-program", "{source}", "{target}"))
    with pytest.raises(Refused, match="rename: there is no program no-such-program: install it"), site:
        pass


def test_programs_that_a_wrapper_does_not_find_are_refused(made: Make, item: Item) -> None:
    site, _ = made(put=shell("no-such-program"))
    with pytest.raises(Refused, match=r"ended with status 127: .*no-such-program"):
        site.put(item, "a", nothing)


def test_exists_that_fails_is_not_taken_for_no(made: Make) -> None:
    site, _ = made(exists=shell("exit 2"))
    with pytest.raises(Interrupted, match=r"exists of .*/a: sh ended with status 2"):
        site.look("a")


@pytest.mark.parametrize("at", ["put", "get", "checksum"])
def test_a_transfer_that_hangs_is_interrupted(
    made: Make, item: Item, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setattr(command, "SLOWEST", 1e9)
    site, _ = made(**{at: shell("echo waiting >&2; sleep 1000")}, timeout=2)
    transfers: dict[str, Callable[[SiteCommands], object]] = {
        "put": lambda site: site.put(item, "a", nothing),
        "get": lambda site: list(site.read("a")),
        "checksum": lambda site: site.digest("a"),
    }
    with pytest.raises(Interrupted, match=f"{at} of .* did not end within .* s; raise timeout .*: waiting"):
        transfers[at](site)


def test_a_checksum_that_takes_long_may_be_given_up(made: Make) -> None:
    def give_up(_: int) -> None:
        raise Gone

    site, _ = made(checksum=shell("sleep 1000"), timeout=20)
    with pytest.raises(Gone):
        site.digest("a", give_up)


def test_a_site_that_hangs_when_asked_is_unavailable(made: Make) -> None:
    site, _ = made(exists=shell("sleep 1000"), timeout=0.3)
    with pytest.raises(Unavailable, match=r"exists of .* did not end within"), site:
        pass


def test_large_files_have_more_time_than_the_timeout(
    made: Make, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SLOWEST", item.size / 1000)
    site, place = made(put=shell('sleep 0.5; cp "$0" "$1"'), timeout=0.4)
    monkeypatch.setattr(SiteCommands, "look", lambda *_: None)
    site.put(item, "a", nothing)
    assert place.files() == {"a": item.source.read_bytes()}


def test_what_the_caller_sleeps_is_not_the_commands_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "time", clock := FakeClock())
    deadline = command._Deadline(5, lambda: clock.sleep(100))
    clock.sleep(1)
    assert not deadline.passed()
    assert clock.seconds == 101
    clock.sleep(5)
    assert deadline.passed()


def test_output_that_goes_on_is_progress_of_reading(made: Make) -> None:
    site, _ = made(get=shell("for n in 1 2 3 4 5 6; do printf $n; sleep 0.4; done"), timeout=2)
    assert b"".join(site.read("a")) == b"123456"


def test_giving_up_ends_a_copy_at_once_with_all_its_processes(made: Make, item: Item, tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    def give_up(count: int) -> None:
        assert count == 0
        if pids.exists() and pids.read_text().endswith("\n"):
            raise KeyboardInterrupt

    site, _ = made(put=shell('sleep 1000 & echo $! $$ > "$2"; wait', "{source}", "{target}", str(pids)))
    with pytest.raises(KeyboardInterrupt):
        site.put(item, "a", give_up)
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    until(lambda: not any(map(is_alive, started)))


def test_bytes_count_once_they_are_there(made: Make, item: Item) -> None:
    site, place = made()
    told: list[tuple[int, bool]] = []
    site.put(item, "a", lambda count: told.append((count, "a" in place.files())))
    assert [count for count, _ in told if count] == [1 << 20, 1 << 20, item.size - (2 << 20)]
    assert all(there for count, there in told if count)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_checksum_is_the_first_word(made: Make, algorithm: Algorithm) -> None:
    digits = {"sha256": 64, "md5": 32, "adler32": 8}[algorithm]
    site, _ = made(checksum=shell(f"echo {'AB' * (digits // 2)} and more"), algorithm=str(algorithm))
    assert site.digest("a") == Digest(algorithm, "ab" * (digits // 2))


def test_an_adler32_gets_its_zeros_back(made: Make) -> None:
    site, _ = made(checksum=shell("echo 1a2b3c"), algorithm="adler32")
    assert site.digest("a") == Digest(Algorithm.ADLER32, "001a2b3c")


@pytest.mark.parametrize("printed", ["", "none", "ab" * 16, "ab" * 33, "xy" * 32])
def test_what_is_no_checksum_is_refused(made: Make, printed: str) -> None:
    site, _ = made(checksum=shell(f"echo {printed}"))
    with pytest.raises(Refused, match=f"checksum of .*/a: printed '{printed}', which is no sha256"):
        site.digest("a")


def test_read_back_sees_a_flipped_bit(made: Make, item: Item) -> None:
    site, place = made(verify="read-back", checksum=())
    site.put(item, "a", nothing)
    assert item.is_as_sent(site.digest("a"))
    place.damage("a", 1_500_000)
    assert not item.is_as_sent(site.digest("a"))


def test_reading_that_breaks_off_is_interrupted(made: Make) -> None:
    site, _ = made(get=shell("printf half; exit 1"), verify="read-back")
    with pytest.raises(Interrupted, match=r"get of .*/a: sh ended with status 1"):
        site.digest("a")


def test_without_get_nothing_is_read(made: Make) -> None:
    site, _ = made(get=())
    with pytest.raises(Refused, match="get, a command that prints it, is not set"):
        next(site.read("a"))


def test_without_names_none_are_known(made: Make, item: Item) -> None:
    site, _ = made(names=())
    site.put(item, "a", nothing)
    assert site.names("") == frozenset()


def test_names_are_those_of_paths_too(made: Make) -> None:
    site, _ = made(names=shell('echo "$1/one"; echo two/; echo; echo "th ree"', "{target}", "{target}"))
    assert site.names("") == {"one", "two", "th ree"}


def test_the_folder_and_the_one_above_are_no_names_in_it(made: Make) -> None:
    site, place = made(names=("ls", "-a", "{target}"))
    (place.storage / "one").touch()
    assert site.names("") == {"one"}


def test_names_without_end_are_refused(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MOST_NAMES", 10_000)
    site, _ = made(names=shell("seq 100000"))
    with pytest.raises(Refused, match=r"names of .*: more than 10000 bytes"):
        site.names("")


def test_a_rename_that_did_nothing_is_refused(made: Make, item: Item) -> None:
    site, _ = made(rename=shell("exit 0"))
    site.put(item, "a", nothing)
    with pytest.raises(Refused, match=r"rename of .*/a: ended with status 0, and nothing has got .*/b"):
        site.rename("a", "b")


def test_a_name_that_is_taken_in_between_is_left(made: Make, item: Item) -> None:
    site, place = made(rename=shell('echo old > "$1"; mv -nT "$0" "$1"'))
    site.put(item, "a", nothing)
    assert not site.rename("a", "b")
    assert place.files() == {"a": item.source.read_bytes(), "b": b"old\n"}


def test_braces_and_blanks_stay_what_they_are(made: Make, item: Item) -> None:
    site, place = made()
    for name in ("a {source} b", "$(id)", "-rf", "{target}"):
        site.put(item, name, nothing)
        assert item.is_as_sent(site.digest(name))
        site.remove(name)
    assert place.files() == {}


def test_a_source_that_begins_with_a_dash_is_a_path(
    made: Make, item: Item, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item.source.rename(tmp_path / "-r")
    monkeypatch.chdir(tmp_path)
    site, place = made()
    site.put(replace(item, source=Path("-r")), "a", nothing)
    assert list(place.files()) == ["a"]


def test_the_whole_destination_is_never_removed(made: Make) -> None:
    site, place = made()
    with pytest.raises(ValueError, match="never removed"):
        site.remove("")
    assert place.storage.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"put": ("cp", "{source}")}, "put has to be a program and its arguments, {target} among them"),
        ({"put": ("cp", "{target}")}, "put has to be a program and its arguments, {source} among them"),
        ({"rename": ()}, "rename has to be a program and its arguments, {source} among them"),
        ({"names": ("{target}",)}, "names has to be a program and its arguments, {target} among them"),
    ],
)
def test_commands_that_are_not_told_what_to_work_on_are_no_settings(
    made: Make, wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        made(**wrong)


ORPHANED = """
import fcntl, sys
from pathlib import Path
from runfolio.mover.destinations.command import open_destination
from runfolio.mover.package import Item
from servers.command import make_place

directory = Path(sys.argv[1])
put = ("sh", "-c", 'echo $$ > "$2"; sleep 1000', "{source}", "{target}", sys.argv[2])
place = make_place(directory, put=put)
lease = (directory / "lease").open("w")
fcntl.flock(lease, fcntl.LOCK_EX)
item = Item(path="a", source=Path(__file__), size=1, digests={})
open_destination(place.settings, lease.fileno()).put(item, "a", lambda _: None)
"""


def test_an_orphan_keeps_the_lease_of_a_mover_that_was_killed(tmp_path: Path) -> None:
    def is_free() -> bool:
        with (tmp_path / "lease").open() as lease:
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    pid_file = tmp_path / "pid"
    (tmp_path / "mover.py").write_text(ORPHANED)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, tmp_path / "mover.py", tmp_path, pid_file], env=environment
    ) as mover:
        until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
        mover.kill()
    orphan = int(pid_file.read_text())
    try:
        assert not is_free()
    finally:
        os.killpg(orphan, signal.SIGKILL)
    until(is_free)


def test_a_site_that_does_not_answer_is_unavailable_at_once(made: Make) -> None:
    site, place = made()
    place.stop()
    words = r"exists of .*: .*/site ended with status 69: the storage does not answer"
    with pytest.raises(Unavailable, match=words), site:
        pass
