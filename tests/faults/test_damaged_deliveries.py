"""A byte is flipped: in the run folder, on the server's disk before it is verified, and in what is delivered.

Nothing that differs gets a final name, and nothing that has one is ever overwritten.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from passing import LARGE, Passes, assert_all_there, assert_only_verified, with_final_names
from runfolio.cli import main
from runfolio.mover.entries import State
from runfolio.mover.receipts import Receipts
from runfolio.mover.settings import FileDestination, Packaging
from runfolio.watching import Operation
from servers.kinds import KINDS
from servers.place import Place, flip

MIDST = 600_000
RENAMING = sorted(KINDS.keys() - {"s3"})
"""What S3 has at all has its final name, with bytes of which it has the digest."""

Record = Callable[[str, object], None]


@dataclass
class Damage:
    """Flips a bit of a file as soon as it was put, before anybody verifies it."""

    place: Place
    most: int = 1_000
    times: int = 0

    def before(self, operation: Operation, path: Path) -> None: ...

    def after(self, operation: Operation, path: Path) -> None:
        if operation == "put" and path.name == LARGE and self.times < self.most:
            self.times += 1
            self.place.damage("/".join(path.parts[1:]), MIDST)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Start a server of a kind."""
    (tmp_path / "server").mkdir()
    made = KINDS[request.param](tmp_path / "server")
    yield made
    made.stop()


@pytest.fixture
def passes(place: Place, tmp_path: Path) -> Passes:
    """Return passes over one run, to a server."""
    made = Passes(tmp_path, (place.settings,))
    made.seal(1)
    return made


of_all_kinds = pytest.mark.parametrize("place", sorted(KINDS), indirect=True)
of_renaming_kinds = pytest.mark.parametrize("place", RENAMING, indirect=True)
to_a_directory = pytest.mark.parametrize("place", ["file"], indirect=True)


# In the run folder


@to_a_directory
@pytest.mark.parametrize("packaging", ["folder", "tar", "bagit"])
def test_a_run_that_was_damaged_after_its_sealing_is_not_sent(
    place: Place,
    packaging: Packaging,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    record_property: Record,
) -> None:
    passes = Passes(tmp_path, (FileDestination(name="archive", url=place.settings.url, packaging=packaging),))
    passes.seal(1, 2)
    flip(passes.end_of_run / "1" / LARGE, MIDST)
    passes.make()
    assert {path.partition("/")[0].removesuffix(".tar") for path in with_final_names(place)} == {"2"}
    (found,) = passes.quarantined()
    assert (found.run, found.destination) == ("1", "")
    assert LARGE in found.reason
    assert "1 to archive" in caplog.text
    assert "the run is quarantined" in caplog.text
    assert passes.make() == []
    record_property("bytes flipped in run folders", 1)


@to_a_directory
def test_the_list_of_the_quarantine_says_what_is_damaged(
    passes: Passes, place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(passes.end_of_run / "1" / LARGE, MIDST)
    settings = tmp_path / "runfolio.toml"
    settings.write_text(f'[[destination]]\nname = "archive"\nurl = "{place.settings.url}"\n')
    given = ["--settings", str(settings), "--end-of-run-image-directory", str(passes.end_of_run)]
    assert main(["move", "--once", *given]) == 1
    capsys.readouterr()
    assert main(["move", "quarantine", "list", *given]) == 0
    assert LARGE in "".join(capsys.readouterr().out.split())


@dataclass
class DamageSource:
    """Flips a bit of the run folder after it was verified, just before it is sent."""

    file: Path
    done: bool = False

    def before(self, operation: Operation, path: Path) -> None:
        if operation == "put" and path.name == LARGE and not self.done:
            self.done = True
            flip(self.file, MIDST)

    def after(self, operation: Operation, path: Path) -> None: ...


@pytest.mark.parametrize("place", ["file", "s3", "sftp"], indirect=True)
def test_a_run_that_is_damaged_while_it_is_sent_gets_no_name(
    passes: Passes, place: Place, record_property: Record
) -> None:
    passes.make(DamageSource(passes.end_of_run / "1" / LARGE))
    assert passes.errors() == {(place.settings.name, State.WAITING, "NotVerified")}
    passes.make()
    assert [(each.run, each.destination) for each in passes.quarantined()] == [("1", "")]
    assert not any(LARGE in path for path in with_final_names(place))
    record_property("bytes flipped in run folders", 1)


# Before it is verified


@of_renaming_kinds
def test_what_rots_before_it_is_verified_is_removed_and_sent_again(
    passes: Passes, place: Place, record_property: Record
) -> None:
    passes.make(Damage(place, most=1))
    (noted,) = passes.deliveries()
    assert (noted.state, noted.error_kind, noted.not_verified) == (State.WAITING, "NotVerified", 1)
    assert with_final_names(place) == {}
    assert not any(LARGE in path for path in place.files())
    again = passes.make()
    assert [Path(path).name for path in again if "receipts" not in path] == [LARGE]
    assert_all_there(place, passes.sealed())
    record_property("bytes flipped in temporary files", 1)


@of_renaming_kinds
def test_what_rots_each_time_is_quarantined_after_three(
    passes: Passes, place: Place, record_property: Record
) -> None:
    rot = Damage(place)
    for _ in range(4):
        passes.make(rot)
        assert with_final_names(place) == {}
    assert rot.times == 3
    assert [(each.run, each.destination) for each in passes.quarantined()] == [("1", place.settings.name)]
    passes.release(1)
    passes.make()
    assert_only_verified(place, passes.sealed())
    assert with_final_names(place) == passes.sealed()
    record_property("bytes flipped in temporary files", rot.times)


# In what is delivered


@of_all_kinds
def test_what_rots_after_its_delivery_is_found_by_reading_back_and_left_alone(
    passes: Passes, place: Place, record_property: Record
) -> None:
    passes.make()
    assert [each.problem for each in passes.verify_deep()] == [""]
    place.damage(f"1/{LARGE}", MIDST)
    damaged = place.files()
    assert [each.problem for each in passes.verify_deep()] == [f"changed: {LARGE}"]
    for journal in (passes.journal, "another"):  # that of a mover that knows nothing of the delivery
        passes.journal = journal
        assert not any(LARGE in path for path in passes.make())
        assert place.files() == damaged
    record_property("bytes flipped in what is delivered", 1)


@of_all_kinds
def test_what_is_there_already_and_the_same_counts_as_delivered(
    passes: Passes, place: Place, tmp_path: Path
) -> None:
    passes.make()
    there = place.files()
    passes.journal = "another"
    assert passes.make() == []
    assert passes.errors() == {(place.settings.name, State.DELIVERED, "")}
    receipt = Receipts(tmp_path / "another").find("1", place.settings.name)
    assert receipt is not None
    assert receipt.was_there
    assert place.files() == there


@of_all_kinds
def test_what_is_there_already_and_differs_is_left_alone(
    passes: Passes, place: Place, tmp_path: Path
) -> None:
    passes.make()
    there = place.files()
    another = Passes(tmp_path / "another", (place.settings,))
    another.seal(1, sealed_at="2014-11-28T10:54:10Z")
    assert another.make() == []
    assert another.errors() == {(place.settings.name, State.QUARANTINED, "Conflict")}
    assert "run.json" in another.quarantined()[0].reason
    assert place.files() == there
