"""Journals that are made anew, from the folders here and from what is at the destinations."""

import json
from pathlib import Path
from typing import Any, Self

import pytest
from msgspec.structs import replace

from at_work import World, failing, stand_in
from mover.memory import MemoryPlace
from runfolio.errors import FolderError, Interrupted, JournalError, Unavailable
from runfolio.mover import receipts as receipts_module
from runfolio.mover.entries import RunState
from runfolio.mover.journal import Journal
from runfolio.mover.leases import Lease
from runfolio.mover.receipts import Receipts
from runfolio.mover.reconciling import Reconciled, rebuild_journal
from servers.place import flip
from support import FakeClock


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three runs that are at two destinations."""
    world = stand_in(monkeypatch, World(tmp_path, clock=FakeClock()), "carrier", "reconciling")
    world.add("tape")
    world.add("disk", packaging="tar")
    world.seal(7, 8, 9)
    world.once()
    return world


def rebuild(world: World) -> Reconciled:
    return rebuild_journal(world.end_of_run, world.journal, world.settings, world.clock)


def lose_journal(world: World) -> None:
    for path in world.journal.glob("journal.sqlite*"):
        path.unlink()


def remove_here(world: World, name: str) -> None:
    for path in (world.end_of_run / name).iterdir():
        path.unlink()
    (world.end_of_run / name).rmdir()


def hostile(world: World, **changed: Any) -> None:
    """Change the receipt of run 7 at the destination."""
    files = world.places["tape"].files
    files["receipts/7.json"] = json.dumps({**json.loads(files["receipts/7.json"]), **changed}).encode()


def facts(world: World) -> list[tuple[object, ...]]:
    return [
        (each.run, each.destination, each.state, each.bytes, each.delivered_at) for each in world.deliveries()
    ]


def test_a_journal_that_is_lost_is_found_again(world: World) -> None:
    before = facts(world)
    lose_journal(world)
    found = rebuild(world)
    assert (found.runs, found.delivered, found.removed_here) == (3, {"tape": 3, "disk": 3}, set())
    assert (found.set_aside, found.problems, found.unfinished) == (None, [], [])
    assert facts(world) == before


def test_receipts_that_are_lost_too_are_made_anew(world: World) -> None:
    lose_journal(world)
    receipts = Receipts(world.journal)
    receipts.path("7", "tape").unlink()
    rebuild(world)
    made = receipts.find("7", "tape")
    assert made is not None
    assert made.was_there


@pytest.mark.parametrize("other", ["a run of somebody else", "what is no receipt"])
def test_a_run_is_known_also_where_its_place_was_another_ones_before(world: World, other: str) -> None:
    place = world.places["tape"]
    hostile(world, manifest_sha256="0" * 64, files=json.loads(place.files["receipts/8.json"])["files"])
    if other == "what is no receipt":
        place.files["receipts/7.json"] = b"{"
    before = place.files["receipts/7.json"]
    lose_journal(world)
    world.once()
    assert place.files["receipts/7.json"] == before
    remove_here(world, "7")
    lose_journal(world)
    found = rebuild(world)
    assert found.removed_here == {"7"}
    assert found.delivered["tape"] == 3
    assert len(found.problems) == (other == "what is no receipt")
    assert world.states()["7 tape"] == "delivered"


def test_a_damaged_journal_is_set_aside(world: World) -> None:
    (world.journal / "journal.sqlite").write_bytes(b"damaged")
    (world.journal / "journal.sqlite-wal").write_bytes(b"more")
    found = rebuild(world)
    assert found.set_aside == world.journal / "journal.19700112T134640Z.sqlite"
    assert found.set_aside.read_bytes() == b"damaged"
    assert found.set_aside.with_name(f"{found.set_aside.name}-wal").read_bytes() == b"more"
    assert set(world.states().values()) == {"delivered"}


def test_what_was_set_aside_before_stays(world: World) -> None:
    asides = [rebuild(world).set_aside for _ in range(3)]
    stem = "journal.19700112T134640Z"
    assert [path.name for path in asides if path] == [f"{stem}{more}.sqlite" for more in ("", ".2", ".3")]
    assert all(path and path.exists() for path in asides)


def test_a_mover_at_work_refuses(world: World) -> None:
    before = facts(world)
    with Lease(world.journal), pytest.raises(JournalError, match="a mover is at work"):
        rebuild(world)
    assert facts(world) == before
    assert len(list(world.journal.glob("journal*.sqlite"))) == 1


def test_a_directory_that_is_not_there_leaves_the_journal_alone(world: World) -> None:
    world.table = replace(world.table, directory=str(world.journal))
    journal = world.journal
    with pytest.raises(FolderError, match="nowhere"):
        rebuild_journal(world.directory / "nowhere", journal, world.settings, world.clock)
    assert len(list(journal.glob("journal*.sqlite"))) == 1


def test_runs_that_are_elsewhere_only_are_known_as_removed(world: World) -> None:
    remove_here(world, "7")
    lose_journal(world)
    found = rebuild(world)
    assert (found.runs, found.removed_here, found.delivered) == (2, {"7"}, {"tape": 3, "disk": 3})
    assert world.run("7").state is RunState.REMOVED
    assert world.states()["7 tape"] == "delivered"


def test_what_differs_there_is_reported_and_not_counted(world: World) -> None:
    world.places["tape"].files["8/run.json"] = b"{}"
    found = rebuild(world)
    assert found.problems == ["run 8: what is at tape differs (changed: run.json)"]
    assert world.states()["8 tape"] == "waiting"
    assert found.delivered == {"tape": 2, "disk": 3}


def test_what_differs_there_of_a_run_that_is_nowhere_else_is_reported(world: World) -> None:
    remove_here(world, "8")
    world.places["tape"].files["8/run.json"] = b"{}"
    lose_journal(world)
    found = rebuild(world)
    assert found.problems == ["run 8: what is at tape differs (changed: run.json)"]
    assert "8 tape" not in world.states()
    assert world.states()["8 disk"] == "delivered"


def test_what_is_not_there_is_delivered_by_the_next_mover(world: World) -> None:
    world.seal(10)
    rebuild(world)
    assert world.states()["10 tape"] == "waiting"
    world.once()
    assert set(world.states().values()) == {"delivered"}


def test_a_run_that_is_damaged_here_is_quarantined_and_told_once(world: World) -> None:
    flip(world.end_of_run / "7" / "run.json", 100)
    found = rebuild(world)
    (problem,) = found.problems
    assert problem.startswith("run 7: ")
    assert world.run("7").state is RunState.QUARANTINED
    assert found.delivered == {"tape": 2, "disk": 2}


def test_a_destination_that_is_away_is_a_problem_of_its_own(world: World) -> None:
    class Away(MemoryPlace):
        def __enter__(self) -> Self:
            raise Unavailable("no route")

    world.places["tape"] = Away()
    found = rebuild(world)
    assert found.problems == ["tape: no route"]
    assert found.delivered == {"tape": 0, "disk": 3}


def test_what_is_half_sent_is_told(world: World) -> None:
    world.places["tape"].files |= {
        ".10.0123abcd.part/run.json": b"",
        "receipts/.9.0123abcd.part": b"{",
        "stray": b"",
    }
    found = rebuild(world)
    assert found.unfinished == ["tape: .10.0123abcd.part", "tape: receipts/.9.0123abcd.part"]
    assert found.problems == []


def test_packages_that_were_written_to_compare_with_go(world: World) -> None:
    rebuild(world)
    assert list((world.journal / "work").iterdir()) == []


def test_where_no_packages_can_be_written_that_is_a_problem(world: World) -> None:
    (world.journal / "work").rmdir()
    (world.journal / "work").touch()
    found = rebuild(world)
    assert len(found.problems) == 3
    assert found.delivered == {"tape": 3, "disk": 0}


@pytest.mark.parametrize(
    "changed",
    [
        {"run": "../../7"},
        {"name": "8"},
        {"destination": "../../elsewhere"},
        {"delivered_at": "never"},
        {"files": [{"path": "../x", "bytes": 1, "digests": {}, "verified": ["md5", ""]}]},
    ],
)
def test_hostile_receipts_are_refused(world: World, changed: dict[str, Any]) -> None:
    remove_here(world, "7")
    del world.destinations[1]
    lose_journal(world)
    before = sorted(world.directory.rglob("*"))
    hostile(world, **changed)
    found = rebuild(world)
    (problem,) = found.problems
    assert problem.startswith("tape: receipts/7.json: ")
    assert "7 tape" not in world.states()
    new = {path.name.partition("-")[0] for path in set(world.directory.rglob("*")) - set(before)}
    assert new <= {"journal.sqlite"}


def test_a_receipt_for_more_than_it_has_digests_of_proves_nothing(world: World) -> None:
    remove_here(world, "7")
    lose_journal(world)
    files = json.loads(world.places["tape"].files["receipts/7.json"])["files"]
    hostile(world, files=[each | {"digests": {}} for each in files])
    found = rebuild(world)
    assert "changed: " in found.problems[0]
    assert "7 tape" not in world.states()


def test_a_receipt_without_end_is_not_read_to_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [0]

    def read(self: MemoryPlace, path: str) -> Any:
        if path == "receipts/7.json":
            while True:
                blocks[0] += 1
                yield b" " * 1000
        yield self.files[path]

    monkeypatch.setattr(MemoryPlace, "read", read)
    monkeypatch.setattr(receipts_module, "LARGEST", 10_000)
    remove_here(world, "7")
    found = rebuild(world)
    assert found.problems == ["tape: receipts/7.json: no receipt: it is larger than 10000 bytes"]
    assert blocks == [11]


def test_a_receipt_of_a_run_that_is_another_elsewhere_is_told(world: World) -> None:
    remove_here(world, "7")
    lose_journal(world)
    hostile(world, manifest_sha256="0" * 64)
    found = rebuild(world)
    assert found.problems == ["run 7: what is at disk is another than what is elsewhere"]


def test_who_left_a_receipt_may_call_the_destination_otherwise(world: World) -> None:
    remove_here(world, "7")
    lose_journal(world)
    hostile(world, destination="archive")
    assert rebuild(world).problems == []
    assert Receipts(world.journal).find("7", "tape") is not None
    assert Receipts(world.journal).find("7", "archive") is None


def test_receipts_of_other_places_are_left_alone(world: World) -> None:
    remove_here(world, "7")
    lose_journal(world)
    hostile(world, url="file:///elsewhere")
    found = rebuild(world)
    assert (found.problems, found.delivered["tape"]) == ([], 2)


def test_one_that_breaks_off_leaves_what_it_found(world: World) -> None:
    place = failing(Interrupted("cut off"), "digest", "9/")
    world.places["tape"].happening = place.happening
    found = rebuild(world)
    assert found.problems == ["tape: cut off"]
    assert found.delivered == {"tape": 2, "disk": 3}


def test_it_is_told_what_is_looked_at(world: World) -> None:
    told: list[str] = []
    rebuild_journal(world.end_of_run, world.journal, world.settings, world.clock, told.append)
    assert told == [f"{run} at {to}" for to in ("tape", "disk") for run in (7, 8, 9)]


def test_pauses_are_forgotten(world: World) -> None:
    with Journal(world.journal, clock=world.clock) as journal:
        journal.pause("tape", "by hand")
    rebuild(world)
    assert not world.destination("tape").paused
