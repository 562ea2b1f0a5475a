"""What an examination finds of destinations that are well, and of such as are not."""

from dataclasses import replace
from pathlib import Path

import pytest

from at_work import World, failing, stand_in
from mover.memory import MemoryPlace
from runfolio.clock import utc_text
from runfolio.errors import Refused, Unavailable
from runfolio.mover import doctor
from runfolio.mover.destination import Found, Sent
from runfolio.mover.doctor import Check, examine
from runfolio.mover.package import Algorithm, Digest, Item
from support import FakeClock

NOW = 1_000_000.0
DAY = 86_400


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return stand_in(monkeypatch, World(tmp_path, clock=FakeClock()), "doctor")


def examined(world: World, place: MemoryPlace) -> dict[str, Check]:
    world.add("tape", place)
    found = list(examine(world.destinations[0], world.clock))
    assert {each.destination for each in found} == {"tape"}
    assert place.files == {}
    return {each.what: each for each in found}


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {each.what: each.words for each in checks.values() if not each.well}


def test_all_is_well_with_a_place_that_is(world: World) -> None:
    found = examined(world, MemoryPlace())
    assert failed(found) == {}
    assert [each.words for each in found.values()][1:] == [
        "65.5 kB written", "by sha256", "a taken name is refused", "not told", "the probe is gone",
        "not told", "no end known",
    ]  # fmt: skip


def test_a_directory_is_well_and_as_empty_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LITTLE_SPACE", 0)
    monkeypatch.setattr(world, "clock", __import__("runfolio.clock").clock.TrueClock())
    archive = world.add_directory("archive")
    (archive / "7").mkdir()
    found = list(examine(world.destinations[0], world.clock))
    assert [each.words for each in found if not each.well] == []
    assert found[4].words == "as this machine's"
    assert [path.name for path in archive.iterdir()] == ["7"]


def test_one_that_does_not_rename_has_to_refuse_a_second_file(world: World) -> None:
    assert examined(world, MemoryPlace(renames=False))["renames"].words == "not, and a taken name is refused"


def test_one_that_overwrites_is_not_safe(world: World) -> None:
    class Overwriting(MemoryPlace):
        def rename(self, source: str, target: str) -> bool:
            self.remove(target)
            return super().rename(source, target)

    assert failed(examined(world, Overwriting())) == {
        "renames": "a rename overwrites what is there: it is not safe to deliver to"
    }


def test_one_that_overwrites_objects_is_not_safe(world: World) -> None:
    class Overwriting(MemoryPlace):
        def put(self, item: Item, path: str, sent: Sent) -> Digest | None:
            self.files.pop(path, None)
            return super().put(item, path, sent)

    words = failed(examined(world, Overwriting(renames=False)))["renames"]
    assert words == "it overwrites what is there: it is not safe to deliver to"


def test_one_that_never_renames_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryPlace, "rename", lambda *_: False)
    assert failed(examined(world, MemoryPlace())) == {"renames": "a free name counts as taken"}


@pytest.mark.parametrize("algorithm", [Algorithm.SHA256, Algorithm.ADLER32, Algorithm.MD5])
def test_a_wrong_digest_is_found(world: World, monkeypatch: pytest.MonkeyPatch, algorithm: Algorithm) -> None:
    monkeypatch.setattr(MemoryPlace, "digest", lambda *_: Digest(algorithm, "00000001"))
    assert failed(examined(world, MemoryPlace())) == {
        "verifies": f"its {algorithm} of the probe is 00000001, and wrong"
    }


def test_one_that_is_away_is_not_examined_further(world: World) -> None:
    class Away(MemoryPlace):
        def __enter__(self) -> "Away":  # noqa: PYI034 - it never does
            raise Unavailable("no route")

    assert failed(found := examined(world, Away())) == {"reachable": "no route"}
    assert len(found) == 1


def test_where_nothing_can_be_written_the_rest_is_told_all_the_same(world: World) -> None:
    found = examined(world, failing(Refused("permission denied"), "put"))
    assert failed(found) == {"writable": "permission denied"}
    assert "space" in found
    assert "verifies" not in found


def test_what_cannot_be_removed_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add("tape", place := MemoryPlace())
    monkeypatch.setattr(MemoryPlace, "remove", lambda *_: None)
    found = {each.what: each for each in examine(world.destinations[0], world.clock)}
    assert failed(found) == {"removes": "what was removed is still there"}
    assert place.files


def test_each_thing_is_tried_whatever_becomes_of_the_others(world: World) -> None:
    found = examined(world, failing(Unavailable("cut off"), "digest"))
    assert failed(found) == {"verifies": "cut off"}
    assert found["renames"].well


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(0, ""), (59, ""), (-61, "61 s behind this machine's"), (3600, "3600 s ahead of this machine's")],
)
def test_a_clock_that_is_wrong_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, ahead: float, words: str
) -> None:
    look = MemoryPlace.look

    def dated(self: MemoryPlace, path: str) -> Found | None:
        found = look(self, path)
        return found and replace(found, modified=NOW + ahead)

    monkeypatch.setattr(MemoryPlace, "look", dated)
    assert failed(examined(world, MemoryPlace())).get("clock", "") == words


@pytest.mark.parametrize(
    ("free", "well"), [(0, False), (9 * 10**9, False), (11 * 10**9, True), (10**15, True)]
)
def test_little_space_is_told(world: World, monkeypatch: pytest.MonkeyPatch, free: int, well: bool) -> None:
    monkeypatch.setattr(MemoryPlace, "space", lambda _: free)
    space = examined(world, MemoryPlace())["space"]
    assert space.well is well
    assert space.words.endswith("B free")


@pytest.mark.parametrize(("days", "well"), [(-1, False), (6, False), (8, True)])
def test_credentials_that_end_soon_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch, days: int, well: bool
) -> None:
    end = NOW + days * DAY
    monkeypatch.setattr(MemoryPlace, "credentials_end", lambda _: end)
    found = examined(world, MemoryPlace())["credentials"]
    assert found.well is well
    assert found.words == f"until {utc_text(end)}{'' if well else ': renew them'}"


def test_the_probe_goes_also_where_nobody_waits_for_the_end(world: World) -> None:
    world.add("tape", place := MemoryPlace())
    checks = examine(world.destinations[0], world.clock)
    next(checks)
    next(checks)
    assert place.files
    checks.close()  # type: ignore[attr-defined]  # a generator
    assert place.files == {}
