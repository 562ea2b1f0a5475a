"""Looking once more at what was delivered."""

from pathlib import Path
from typing import Self

import pytest

from at_work import World, failing, stand_in
from mover.memory import MemoryPlace
from runfolio.errors import Interrupted, Refused, Unavailable
from runfolio.mover.receipts import Receipts
from runfolio.mover.verifying import Verified, verify_deliveries
from sealed_folders import IMAGES
from servers.place import flip


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two runs that are at two destinations."""
    world = stand_in(monkeypatch, World(tmp_path), "carrier", "verifying")
    world.add("tape")
    world.add_directory("archive", packaging="tar")
    world.seal(7, 8, images=IMAGES)
    world.once()
    return world


def looked_at(world: World, *deliveries: tuple[str, str], deep: bool = False) -> list[Verified]:
    wanted = deliveries or [(run, to) for to in ("tape", "archive") for run in ("7", "8")]
    return list(verify_deliveries(list(wanted), world.settings, Receipts(world.journal), deep=deep))


@pytest.mark.parametrize("deep", [True, False])
def test_what_is_there_is_well(world: World, deep: bool) -> None:
    found = looked_at(world, deep=deep)
    assert [(each.run, each.destination, each.problem) for each in found] == [
        ("7", "archive", ""), ("8", "archive", ""), ("7", "tape", ""), ("8", "tape", "")
    ]  # fmt: skip
    assert found[2].files == len(list((world.end_of_run / "7").iterdir()))
    assert found[2].bytes == world.delivery("7").bytes


@pytest.mark.parametrize("deep", [True, False])
def test_what_was_changed_there_is_found(world: World, deep: bool) -> None:
    flip(world.directory / "archive" / "7.tar", 2000)
    (found,) = looked_at(world, ("7", "archive"), deep=deep)
    assert found.problem == "changed: the file"


def test_what_is_missing_or_new_there_is_found(world: World) -> None:
    files = world.places["tape"].files
    del files["7/run.json"]
    files["7/new"] = b""
    assert looked_at(world, ("7", "tape"))[0].problem == "missing: run.json; extra: new"


def test_deep_reads_back_what_a_destination_says_is_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.places["tape"]
    digests = {path: place.digest(path) for path in place.files}
    monkeypatch.setattr(place, "digest", digests.__getitem__)  # as noted down when they arrived
    place.files["7/run.json"] = place.files["7/run.json"].swapcase()
    assert looked_at(world, ("7", "tape"))[0].problem == ""
    assert looked_at(world, ("7", "tape"), deep=True)[0].problem == "changed: run.json"


def test_without_a_receipt_nobody_knows(world: World) -> None:
    Receipts(world.journal).path("7", "tape").unlink()
    found = looked_at(world)
    assert [each.run for each in found if each.problem] == ["7"]
    assert "no receipt" in found[2].problem


def test_a_destination_that_is_away_is_said_for_each_run(world: World) -> None:
    class Away(MemoryPlace):
        def __enter__(self) -> Self:
            raise Unavailable("no route")

    world.places["tape"] = Away()
    found = looked_at(world)
    assert [(each.run, each.problem) for each in found if each.problem] == [
        ("7", "no route"),
        ("8", "no route"),
    ]


def test_a_client_that_is_not_installed_is_said_for_each_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise Refused("pip install 'runfolio[s3]'")

    monkeypatch.setattr("runfolio.mover.verifying.make_destination", missing)
    assert [each.problem for each in looked_at(world)] == ["pip install 'runfolio[s3]'"] * 4


def test_one_that_is_cut_off_is_no_trouble_of_the_next(world: World) -> None:
    world.places["tape"].happening = failing(Interrupted("cut off"), "digest", times=1).happening
    found = looked_at(world, ("7", "tape"), ("8", "tape"))
    assert [each.problem for each in found] == ["cut off", ""]


def test_a_destination_that_has_left_the_settings_keeps_nothing_from_being_looked_at(world: World) -> None:
    gone, here = looked_at(world, ("7", "gone"), ("7", "tape"))
    assert (gone.destination, gone.problem) == ("gone", "not looked at: it is no longer in the settings")
    assert (here.destination, here.problem) == ("tape", "")
