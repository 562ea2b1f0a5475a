"""What becomes of a delivery, its run and its destination, for every class of error."""

import logging
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from at_work import World, failing, stand_in
from mover.memory import MemoryPlace
from runfolio.errors import (
    Conflict,
    FolderError,
    Interrupted,
    JournalError,
    NotVerified,
    Refused,
    SourceDamaged,
    Unavailable,
)
from runfolio.folder import MANIFEST, durable
from runfolio.mover import carrier, tidying
from runfolio.mover.entries import Intent, RunState, State
from runfolio.mover.journal import Journal
from runfolio.mover.package import Digest
from servers.place import flip
from support import FakeClock

NOW = 1_000_000.0


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two runs, to be delivered by a clock that stands still; pauses are as long as they may be."""
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    world = stand_in(monkeypatch, World(tmp_path, clock=FakeClock()), "carrier")
    world.seal(7, 8)
    return world


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def later(world: World, seconds: float) -> None:
    """Make a pass so much later."""
    assert isinstance(world.clock, FakeClock)
    world.clock.sleep(seconds)
    world.once()


def test_all_is_delivered_with_a_receipt_at_both_ends(world: World, caplog: pytest.LogCaptureFixture) -> None:
    place = world.add("tape")
    world.once()
    delivery = world.delivery()
    assert (delivery.state, delivery.attempts, delivery.delivered_at) == (State.DELIVERED, 1, NOW)
    assert (delivery.error, delivery.temporary, delivery.intent) == ("", "", Intent.NONE)
    assert delivery.bytes == sum(len(data) for path, data in place.files.items() if path.startswith("7/"))
    for run in ("7", "8"):
        assert (
            place.files[f"receipts/{run}.json"]
            == (world.journal / "receipts" / "tape" / f"{run}.json").read_bytes()
        )
    assert said(caplog) == []


def test_what_was_cut_off_is_tried_again_alone_after_the_first_pause(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    place = world.add("tape", failing(Interrupted("the line is dead"), "put", ".7."))
    world.once()
    delivery = world.delivery()
    assert (delivery.state, delivery.attempts, delivery.not_verified) == (State.WAITING, 1, 0)
    assert (delivery.error, delivery.error_kind) == ("the line is dead", "Interrupted")
    assert delivery.next_try == NOW + 10
    assert delivery.temporary.startswith(".7.")
    assert world.delivery("8").state is State.DELIVERED
    assert said(caplog) == ["7 to tape: the line is dead; again in 10 s"]
    place.happening = lambda _operation, _path: None
    later(world, 9)
    assert world.delivery().state is State.WAITING
    later(world, 1)
    assert world.delivery().state is State.DELIVERED


def test_pauses_double_up_to_the_longest(world: World) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put"))
    pauses, clock = [], world.clock
    assert isinstance(clock, FakeClock)
    for _ in range(12):
        world.once()
        next_try = world.delivery().next_try
        assert next_try is not None
        pauses.append(next_try - clock.now())
        clock.sleep(3600)
    assert pauses == [10 * 2**n for n in range(9)] + [3600] * 3


def test_what_arrived_in_another_form_is_tried_twice_more_then_quarantined(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.add("tape", failing(NotVerified("other bytes arrived"), "digest", ".7."))
    world.once()
    assert (world.delivery().state, world.delivery().not_verified) == (State.WAITING, 1)
    later(world, 10)
    assert (world.delivery().state, world.delivery().not_verified) == (State.WAITING, 2)
    later(world, 20)
    delivery = world.delivery()
    assert (delivery.state, delivery.attempts) == (State.QUARANTINED, 3)
    assert (delivery.error, delivery.error_kind) == ("other bytes arrived", "NotVerified")
    assert world.delivery("8").state is State.DELIVERED
    assert said(caplog) == [
        "7 to tape: other bytes arrived; again in 10 s",
        "7 to tape: other bytes arrived; again in 20 s",
        "7 to tape: other bytes arrived; quarantined, after 3 times",
    ]


@pytest.mark.parametrize(
    ("operation", "error"), [("digest", NotVerified("other bytes arrived")), ("rename", Conflict("taken"))]
)
def test_nothing_is_left_at_the_destination_of_what_is_quarantined(
    world: World, operation: str, error: Exception
) -> None:
    place = world.add("tape", failing(error, operation, "7"))
    for _ in range(3):
        later(world, 20)
    assert world.delivery().state is State.QUARANTINED
    assert [path for path in (*place.files, *place.folders) if path.startswith(".7.")] == []


def test_what_could_not_be_removed_is_gone_on_with_once_it_is_released(world: World) -> None:
    place = world.add("tape", failing(Conflict("taken"), "rename", "7"))
    fail = place.happening

    def refuse(operation: str, path: str) -> None:
        fail(operation, path)
        if operation == "remove":
            raise Unavailable("gone")

    place.happening = refuse
    world.once()
    assert world.delivery().state is State.QUARANTINED
    place.happening = lambda _operation, _path: None
    with Journal(world.journal, clock=world.clock) as journal:
        assert journal.release("7", "tape")
    place.done.clear()
    world.once()
    assert world.delivery().state is State.DELIVERED
    assert not any(each.startswith("put .7.") for each in place.done)
    assert not any(path.startswith(".7.") for path in place.files)


def test_other_attempts_count_nothing_of_what_is_not_verified(world: World) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put", times=2))
    world.once()
    assert world.delivery().not_verified == 0


def test_what_differs_under_the_final_name_is_quarantined_at_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    place = world.add("tape", MemoryPlace(files={"7/other": b"x"}))
    world.once()
    delivery = world.delivery()
    assert (delivery.state, delivery.error_kind) == (State.QUARANTINED, "Conflict")
    assert delivery.error.startswith("7 is there already at tape, and differs (missing: ")
    assert [path for path in place.files if path.startswith("7/")] == ["7/other"]
    assert world.delivery("8").state is State.DELIVERED
    assert said(caplog) == [f"7 to tape: {delivery.error}; quarantined"]


@pytest.mark.parametrize(("packaging", "link"), [("folder", "7"), ("bagit", "7/data"), ("tar", "7.tar")])
def test_a_link_that_has_the_final_name_concerns_its_run_alone(
    world: World, packaging: str, link: str
) -> None:
    archive = world.add_directory("tape", packaging=packaging)
    (archive / link).parent.mkdir(exist_ok=True)
    (archive / link).symlink_to(world.directory)
    world.once()
    assert (world.delivery().state, world.delivery().error_kind) == (State.QUARANTINED, "Conflict")
    assert world.delivery("8").state is State.DELIVERED
    assert (archive / link).is_symlink()


def test_a_refusal_pauses_the_destination_and_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.add("tape", failing(Refused("the token is over: get one"), "make_folder"))
    world.add("disk")
    world.once()
    tape, delivery = world.destination(), world.delivery()
    assert (tape.paused, tape.reason) == (True, "the token is over: get one")
    assert (delivery.state, delivery.error_kind) == (State.WAITING, "Refused")
    assert delivery.error == "the token is over: get one"
    assert (world.delivery("8").attempts, world.delivery("8").error) == (0, "")
    assert [world.delivery(run, "disk").state for run in ("7", "8")] == [State.DELIVERED] * 2
    assert said(caplog) == [
        "7 to tape: the token is over: get one; paused; once it is mended: runfolio move resume tape"
    ]


def test_what_was_refused_is_due_as_soon_as_its_destination_is_resumed(world: World) -> None:
    world.add("tape", failing(Refused("no"), "make_folder", times=1))
    world.once()
    with Journal(world.journal, clock=world.clock) as journal:
        journal.resume("tape")
    world.once()
    assert set(world.states().values()) == {"delivered"}


def test_a_destination_that_does_not_answer_has_all_wait_that_goes_there(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    place = world.add("tape", failing(Unavailable("no route"), "make_folder"))
    world.add("disk")
    world.once()
    tape, delivery = world.destination(), world.delivery()
    assert (tape.failures, tape.error, tape.next_try) == (1, "no route", NOW + 10)
    assert (delivery.state, delivery.attempts) == (State.WAITING, 0)
    assert (delivery.error, delivery.error_kind) == ("no route", "Unavailable")
    assert world.delivery("8").error == ""
    assert world.delivery("8", "disk").state is State.DELIVERED
    assert said(caplog) == ["7 to tape: no route; all that goes there again in 10 s"]
    later(world, 10)
    assert world.destination().next_try == NOW + 10 + 20
    place.happening = lambda _operation, _path: None
    later(world, 20)
    assert set(world.states().values()) == {"delivered"}
    assert (world.destination().failures, world.destination().error) == (0, "")


def test_a_run_that_there_is_never_room_for_holds_up_no_other(world: World) -> None:
    world.seal(9)
    world.add("tape", failing(Unavailable("no room"), "put", ".7."))
    for _ in range(3):
        later(world, 3600)
    assert world.states() == {"7 tape": "waiting", "8 tape": "delivered", "9 tape": "delivered"}


def test_many_that_find_a_destination_away_at_once_are_one_failure(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.seal(*range(20, 36))
    world.add("tape", failing(Unavailable("no route"), "make_folder"), parallel=16)
    world.once()
    assert (world.destination().failures, world.destination().next_try) == (1, NOW + 10)
    assert len(said(caplog)) == 1


def test_a_run_that_is_damaged_here_is_sent_nowhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    places = [world.add("tape"), world.add("disk")]
    flip(world.end_of_run / "7" / "run.json", 100)
    world.once()
    run = world.run()
    assert run.state is RunState.QUARANTINED
    assert "is not what was sealed: " in run.reason
    assert "run.json" in run.reason
    for to in ("tape", "disk"):
        assert (world.delivery(to=to).state, world.delivery(to=to).attempts) == (State.WAITING, 0)
        assert world.delivery("8", to).state is State.DELIVERED
    assert not any(path.startswith(("7", ".7")) for place in places for path in place.files)
    assert f"7 to tape: {run.reason}; the run is quarantined" in said(caplog)


@pytest.mark.parametrize("name", ["run.json", "manifest-sha256.txt"])
def test_a_run_is_quarantined_also_where_what_describes_it_is_no_longer_readable(
    world: World, name: str
) -> None:
    world.add("tape")
    path = world.end_of_run / "7" / name
    path.chmod(0o644)
    path.write_bytes(b"{")
    world.once()
    assert world.run().state is RunState.QUARANTINED
    assert world.delivery("8").state is State.DELIVERED


def test_a_client_may_find_the_source_damaged_too(world: World) -> None:
    world.add("tape", failing(SourceDamaged("shorter than it was"), "put", ".7."))
    world.once()
    assert (world.run().state, world.run().reason) == (RunState.QUARANTINED, "shorter than it was")


def test_a_folder_that_is_away_may_come_back(world: World) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put", ".7.", times=1))
    world.once()
    (world.end_of_run / "7").rename(world.directory / "away")
    later(world, 10)
    assert world.run().state is RunState.SEALED
    assert world.delivery().error_kind == "FolderError"
    (world.directory / "away").rename(world.end_of_run / "7")
    later(world, 20)
    assert world.delivery().state is State.DELIVERED


def test_a_folder_whose_manifest_is_gone_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put", ".7.", times=1))
    world.once()
    (world.end_of_run / "7" / MANIFEST).unlink()
    caplog.clear()
    later(world, 10)
    (told,) = said(caplog)
    assert f"cannot read {world.end_of_run / '7' / MANIFEST}" in told
    with Journal(world.journal, clock=world.clock) as journal:
        assert [each.run for each in journal.undelivered()] == ["7"]


def test_another_folder_of_that_name_is_not_what_was_seen(world: World) -> None:
    world.add("tape", failing(Interrupted("cut off"), "put", ".7.", times=1))
    world.once()
    (world.end_of_run / "7").rename(world.directory / "away")
    (world.end_of_run / "8").rename(world.end_of_run / "7")
    later(world, 10)
    assert world.run().state is RunState.QUARANTINED
    assert "another folder" in world.run().reason


@pytest.mark.parametrize(
    "error",
    [ValueError("a mistake\nof the client \x1b[31m"), KeyError("x"), RecursionError(), OSError(5, "bad")],
)
def test_mistakes_of_a_client_hold_up_nothing_else(
    world: World, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    world.add("tape", failing(error, "put", ".7."))
    world.add("disk")
    world.once()
    delivery = world.delivery()
    assert (delivery.state, delivery.next_try) == (State.WAITING, NOW + 10)
    assert delivery.error_kind == type(error).__name__
    assert delivery.error.isprintable()
    assert delivery.error.startswith(type(error).__name__)
    assert [world.delivery("8").state, world.delivery(to="disk").state] == [State.DELIVERED] * 2
    (line,) = said(caplog)
    assert line == f"7 to tape: {delivery.error}; again in 10 s"


class Clumsy(MemoryPlace):
    """Fails in whatever it is told to, also in connecting and leaving."""

    connecting: Exception | None = None
    connections = 0

    def __enter__(self) -> Self:
        self.connections += 1
        if self.connecting:
            raise self.connecting
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise ConnectionResetError("gone before it was left")


def test_what_goes_wrong_in_leaving_a_destination_is_of_no_account(world: World) -> None:
    world.add("tape", Clumsy())
    world.once()
    assert set(world.states().values()) == {"delivered"}


def test_leaving_in_a_bad_way_after_an_error_leaves_the_error_as_it_was(world: World) -> None:
    world.add("tape", place := Clumsy())
    place.connecting = Unavailable("no route")
    world.once()
    assert world.destination().error == "no route"


def test_after_an_error_it_connects_anew(world: World) -> None:
    world.add("tape", place := Clumsy())
    place.happening = failing(Interrupted("cut off"), "put", ".7.").happening
    world.once()
    assert place.connections == 2
    assert world.delivery("8").state is State.DELIVERED


def test_one_connection_serves_all_that_goes_well(world: World) -> None:
    world.add("tape", place := Clumsy())
    world.once()
    assert place.connections == 1


def test_a_client_that_is_not_installed_pauses_its_destination(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise Refused("destination tape needs boto3: pip install 'runfolio[s3]'")

    world.add("tape")
    monkeypatch.setattr(carrier, "make_destination", missing)
    world.once()
    assert world.destination().reason == "destination tape needs boto3: pip install 'runfolio[s3]'"


def test_where_no_packages_can_be_written_those_wait_that_need_them(world: World) -> None:
    world.add("tape", packaging="tar")
    world.add("disk")
    world.journal.mkdir()
    (world.journal / "work").write_text("in the way")
    world.once()
    delivery = world.delivery()
    assert (delivery.state, delivery.error_kind, delivery.next_try) == (
        State.WAITING,
        "FolderError",
        NOW + 10,
    )
    assert str(world.journal / "work") in delivery.error
    assert world.delivery("8", "disk").state is State.DELIVERED
    (world.journal / "work").unlink()
    later(world, 10)
    assert set(world.states().values()) == {"delivered"}


def test_a_full_disk_here_costs_a_delivery_no_more_than_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise FolderError("cannot write receipts: No space left on device")

    world.add("tape")
    with monkeypatch.context() as patched:
        patched.setattr(durable, "replace_file", full)
        world.once()
    assert world.delivery().intent is Intent.RECEIPT
    later(world, 10)
    assert set(world.states().values()) == {"delivered"}


@pytest.mark.parametrize("packaging", ["tar", "bagit"])
def test_what_was_written_for_packages_goes_once_all_have_them(world: World, packaging: str) -> None:
    world.add("tape", packaging=packaging)
    world.add("disk", failing(Interrupted("cut off"), "put", ".7.", times=1), packaging=packaging)
    world.once()
    assert [path.name.partition(".")[0] for path in (world.journal / "work").iterdir()] == ["7"]
    later(world, 10)
    assert list((world.journal / "work").iterdir()) == []


def test_destinations_that_are_no_longer_in_the_settings_keep_no_packages(world: World) -> None:
    world.add("tape", packaging="tar")
    world.add("disk", failing(Refused("no"), "put"))
    world.once()
    assert len(list((world.journal / "work").iterdir())) == 2
    del world.destinations[1]
    world.once()
    assert list((world.journal / "work").iterdir()) == []


def test_packages_that_cannot_be_removed_stay_and_the_mover_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise FolderError("somebody else is at it")

    world.add("tape", packaging="bagit")
    monkeypatch.setattr(tidying, "discard", refuse)
    world.once()
    assert set(world.states().values()) == {"delivered"}


def test_what_was_begun_in_another_packaging_is_no_obstacle(world: World) -> None:
    place = world.add("tape", failing(Interrupted("cut off"), "digest", ".7.", times=1))
    world.once()
    temporary = world.delivery().temporary
    assert any(path.startswith(f"{temporary}/") for path in place.files)
    world.destinations[0] = type(world.destinations[0])(
        name="tape", url=world.destinations[0].url, packaging="tar", parallel=1
    )
    later(world, 10)
    assert world.delivery().state is State.DELIVERED
    assert sorted(path for path in place.files if "7" in path) == ["7.tar", "receipts/7.tar.json"]


def test_a_digest_of_a_kind_that_nobody_made_is_no_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add("tape")
    monkeypatch.setattr(MemoryPlace, "digest", lambda *_: Digest("crc32c", "0"))  # type: ignore[arg-type]
    world.once()
    assert world.delivery().error_kind == "NotVerified"


def test_a_journal_that_cannot_be_written_ends_the_mover_with_its_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalError("cannot write the journal: the disk is full")

    world.add("tape", parallel=4)
    world.add("disk", parallel=4)
    monkeypatch.setattr(Journal, "intend", full)
    with pytest.raises(JournalError, match="the disk is full"):
        world.once()


def test_a_receipt_that_was_begun_is_left_by_the_next_try(world: World) -> None:
    place = world.add("tape", failing(Interrupted("cut off"), "put", "receipts/", times=2))
    world.once()
    assert world.delivery().intent is Intent.RECEIPT
    later(world, 10)
    assert {"receipts/7.json", "receipts/8.json"} <= place.files.keys()
    assert not any(path.startswith(("receipts/.", ".")) for path in place.files)


def test_long_words_of_others_are_cut(world: World) -> None:
    world.add("tape", failing(Conflict("x" * 10_000), "put", ".7."))
    world.once()
    assert len(world.delivery().error) <= 300


def test_who_is_told_of_deliveries_may_count_what_is_left(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    world.add("tape")
    world.mover(delivered=lambda delivery, size, left: told.append((delivery.run, size, left()))).run(
        once=True
    )
    assert [(run, left) for run, _, left in told] == [("7", 1), ("8", 0)]
    assert all(size == world.delivery(run).bytes for run, size, _ in told)


def test_a_database_error_is_one_of_the_journal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add("tape")

    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("runfolio.mover.writing.ahead", locked)
    monkeypatch.setattr("runfolio.mover.journal.ahead", locked)
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        world.once()
