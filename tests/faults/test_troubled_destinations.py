"""A destination is full or lets nobody in, or the clock jumps: others go on, and it gets all in the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from passing import LARGE, LARGE_BYTES, Passes, Stop, assert_all_there, with_final_names
from runfolio.mover.entries import State
from runfolio.watching import Operation
from servers import file
from servers.place import Place
from servers.sshd import Sshd, write_key
from small_disks import FullDisk, small_file_system

RUNS = (1, 2)

YEAR = 365 * 86_400.0
JUMPS = (YEAR, -YEAR, -1800.0, 1800.0, -3599.0, -2 * YEAR, 3 * YEAR, -YEAR / 2)

Record = Callable[[str, object], None]


@pytest.fixture
def other(tmp_path: Path) -> Place:
    """Return a directory that is well, by the name of other."""
    (tmp_path / "other").mkdir()
    made = file.make_place(tmp_path / "other")
    return file.FilePlace(made.directory, msgspec.structs.replace(made.settings, name="other"))


# It is full


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FullDisk]:
    """Mount a file system that has room for two runs, once it is not full any more."""
    (tmp_path / "disk").mkdir()
    with small_file_system(tmp_path / "disk", "4m") as full:
        yield full


@pytest.fixture(params=["file", "sftp"])
def full(request: pytest.FixtureRequest, disk: FullDisk, tmp_path: Path) -> Iterator[Place]:
    """Return a place on it."""
    made: Place
    if request.param == "file":
        made = file.make_place(disk.directory)
    else:
        (tmp_path / "server").mkdir()
        made = Sshd(tmp_path / "server", str(disk.directory / "archive"))
    yield made
    made.stop()


def test_a_full_destination_waits_while_others_go_on(
    full: Place, other: Place, disk: FullDisk, tmp_path: Path, record_property: Record
) -> None:
    passes = Passes(tmp_path, (full.settings, other.settings))
    passes.seal(*RUNS)
    arrived: list[str] = []
    for room in (0, LARGE_BYTES // 2):
        disk.leave_room(room)
        arrived += passes.make()
        assert passes.errors() == {
            (full.settings.name, State.WAITING, "Unavailable"),
            ("other", State.DELIVERED, ""),
        }
        assert with_final_names(full) == {}
    assert_all_there(other, passes.sealed())
    disk.leave_room(3 * LARGE_BYTES)
    again = passes.make_until_delivered()
    assert len(arrived) == len({*arrived} - {*again})
    assert_all_there(full, passes.sealed())
    record_property(f"disks full, {full.settings.schemes[0]}", 2)


# It lets nobody in


def test_a_destination_that_refuses_the_key_is_paused_while_others_go_on(
    other: Place, tmp_path: Path, record_property: Record
) -> None:
    (tmp_path / "server").mkdir()
    place = Sshd(tmp_path / "server")
    try:
        keys = place.directory / "authorized_keys"
        good = keys.read_text()
        write_key(place.directory / "another")
        keys.write_bytes((place.directory / "another.pub").read_bytes())
        passes = Passes(tmp_path, (place.settings, other.settings))
        passes.seal(*RUNS)
        passes.make()
        assert passes.paused() == ["disk"]
        assert passes.errors() == {("disk", State.WAITING, "Refused"), ("other", State.DELIVERED, "")}
        assert_all_there(other, passes.sealed())
        keys.write_text(good)
        assert passes.make() == []  # until people say that it is mended
        passes.resume("disk")
        passes.make_until_delivered()
        assert_all_there(place, passes.sealed())
        record_property("credentials refused", 1)
    finally:
        place.stop()


# The clock jumps


@pytest.fixture
def place(tmp_path: Path) -> file.FilePlace:
    """Return a directory that can be gone, to which there is one delivery at a time."""
    (tmp_path / "server").mkdir()
    made = file.make_place(tmp_path / "server")
    return file.FilePlace(made.directory, msgspec.structs.replace(made.settings, parallel=1))


@pytest.mark.parametrize("jumps", [(each,) * 3 for each in JUMPS] + [JUMPS, JUMPS[::-1]])
def test_whatever_the_clock_says_the_next_try_comes_within_the_longest_pause(
    jumps: tuple[float, ...], place: file.FilePlace, tmp_path: Path, record_property: Record
) -> None:
    passes = Passes(tmp_path, (place.settings,))
    passes.seal(*RUNS)
    arrived = passes.make(stop := Stop(place, LARGE))
    assert stop.done
    for jump in jumps:
        before = passes.failures("archive")
        passes.clock.seconds += jump
        passes.make(after=0.0)
        assert passes.failures("archive") - before <= 1  # not over and over
        before = passes.failures("archive")
        passes.make(after=passes.settings.table.longest_pause)
        assert passes.failures("archive") == before + 1
    place.start()
    again = passes.make_until_delivered()
    assert sorted(arrived + again) == sorted({*arrived, *again})
    assert_all_there(place, passes.sealed())
    record_property("clock jumps", len(jumps))


@dataclass
class Jump:
    """Sets the clock after each file, a year ahead and back in turn."""

    passes: Passes
    jumps: int = 0

    def before(self, operation: Operation, path: Path) -> None: ...

    def after(self, operation: Operation, _path: Path) -> None:
        if operation in {"put", "move", "commit"}:
            self.passes.clock.seconds += YEAR if self.jumps % 2 else -YEAR
            self.jumps += 1


def test_a_clock_that_jumps_in_the_midst_has_nothing_sent_twice(
    place: file.FilePlace, tmp_path: Path, record_property: Record
) -> None:
    passes = Passes(tmp_path, (place.settings,))
    passes.seal(*RUNS)
    put = passes.make(jump := Jump(passes))
    assert jump.jumps > 20
    assert len(put) == len(set(put))
    assert {each.attempts for each in passes.deliveries()} == {1}
    assert_all_there(place, passes.sealed())
    assert passes.make() == []
    record_property("clock jumps", jump.jumps)
