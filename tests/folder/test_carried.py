"""Folders that are removed since they are delivered: what stays of them, and that their names stay taken."""

import errno
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image as Pictures

from killed_calls import killed_everywhere
from runfolio.errors import FolderError, NameTaken
from runfolio.folder import (
    EndOfRunDirectory,
    LeftBehind,
    SealedRun,
    carry_away,
    finish_carrying,
    list_carried,
    list_runs,
    verify,
)
from runfolio.folder.faults import Fail, Recorder
from runfolio.watching import watched
from sealed_folders import make_record, seal_run
from servers.place import files_below
from support import contents

BOTH: tuple[LeftBehind, ...] = ("record", "thumbnail")


@pytest.fixture
def end_of_run(tmp_path: Path) -> Path:
    return tmp_path / "end_of_run"


def size_of(thumbnail: Path) -> tuple[int, int]:
    with Pictures.open(thumbnail) as picture:
        picture.load()
        return picture.size


def test_the_folder_goes_and_its_record_and_a_small_picture_stay(end_of_run: Path) -> None:
    run = seal_run(end_of_run)
    record = (run.path / "run.json").read_bytes()
    entry = carry_away(run, BOTH)
    assert entry == end_of_run / ".carried" / "4235"
    assert list_runs(end_of_run) == ()
    assert set(contents(entry)) == {"documents.sha256", "run.json", "thumbnail.png"}
    assert (entry / "run.json").read_bytes() == record
    assert size_of(entry / "thumbnail.png") == (320, 240)
    assert [each.name for each in entry.parent.iterdir()] == ["4235"]


@pytest.mark.parametrize(
    ("leave_behind", "files"), [((), set()), (("record",), {"run.json"}), (("thumbnail",), {"thumbnail.png"})]
)
def test_what_stays_is_what_is_asked_for(
    end_of_run: Path, leave_behind: Sequence[LeftBehind], files: set[str]
) -> None:
    assert set(contents(carry_away(seal_run(end_of_run), leave_behind))) == {"documents.sha256", *files}


def test_those_that_were_removed_are_listed_by_number(end_of_run: Path) -> None:
    assert list_carried(end_of_run) == ()
    for number in (10, 9, 9):
        seal_run(end_of_run, number)
    for run in list_runs(end_of_run):
        carry_away(run, ())
    (end_of_run / ".carried" / "notes").touch()
    assert [each.name for each in list_carried(end_of_run)] == ["9", "9.r2", "10"]
    assert [each.path.is_dir() for each in list_carried(end_of_run)] == [True] * 3


def test_done_twice_is_done_once(end_of_run: Path) -> None:
    run = seal_run(end_of_run)
    before = files_below(carry_away(run, BOTH))
    assert files_below(carry_away(run, ())) == before


def test_what_is_not_there_cannot_be_removed(end_of_run: Path) -> None:
    with pytest.raises(FolderError, match="No such file"):
        carry_away(SealedRun(4235, 1, end_of_run / "4235"), BOTH)
    assert list_carried(end_of_run) == ()


@pytest.mark.parametrize("leave_behind", [(), BOTH])
def test_a_run_sealed_again_gets_the_next_name(end_of_run: Path, leave_behind: Sequence[LeftBehind]) -> None:
    carry_away(seal_run(end_of_run), leave_behind)
    assert EndOfRunDirectory(end_of_run).free_revision(4235) == 2
    assert seal_run(end_of_run).name == "4235.r2"


def test_the_name_is_not_given_to_what_claimed_it_before(end_of_run: Path, tmp_path: Path) -> None:
    carry_away(seal_run(end_of_run), ())
    staged = shutil.copytree(seal_run(tmp_path / "elsewhere").path, end_of_run / ".staging" / "4235")
    with pytest.raises(NameTaken, match=r"4235 is there already, or was carried away"):
        EndOfRunDirectory(end_of_run).publish(Path(staged), 4235, revision=1)
    assert Path(staged).exists()


def test_while_nobody_knows_whether_a_name_is_taken_it_is_not_given(end_of_run: Path, tmp_path: Path) -> None:
    EndOfRunDirectory(end_of_run).prepare()
    (end_of_run / ".carried").symlink_to(".carried")  # to itself, which the system refuses to follow
    staged = shutil.copytree(seal_run(tmp_path / "elsewhere").path, end_of_run / ".staging" / "4235")
    with pytest.raises(FolderError, match="cannot read") as raised:
        EndOfRunDirectory(end_of_run).publish(Path(staged), 4235)
    assert not isinstance(raised.value, NameTaken)


@pytest.mark.parametrize("leave_behind", [(), BOTH])
def test_a_run_that_was_removed_counts_as_sealed_for_the_same_documents(
    end_of_run: Path, leave_behind: Sequence[LeftBehind]
) -> None:
    entry = carry_away(seal_run(end_of_run), leave_behind)
    directory = EndOfRunDirectory(end_of_run)
    found = directory.find(make_record(sealed_at="2014-01-01T00:00:00Z"), 1)
    assert found is not None
    assert (found.path, found.revision, found.warning) == (entry, 1, "")
    assert directory.confirm_again(found) == found
    assert directory.find(make_record(), 2) is None
    assert directory.find(make_record(ended_at="2013-11-28T10:54:11Z"), 1) is None
    (entry / "documents.sha256").unlink()
    assert directory.find(make_record(), 1) is None


def test_a_folder_that_is_removed_while_it_is_looked_at_counts_as_sealed(
    end_of_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = seal_run(end_of_run)

    def removed_first(path: Path) -> object:
        carry_away(run, ())
        return verify(path)

    monkeypatch.setattr("runfolio.folder.seal.verify", removed_first)
    assert EndOfRunDirectory(end_of_run).find(make_record(), 1) is not None


def test_nobody_else_writes_there(end_of_run: Path) -> None:
    with pytest.raises(FolderError, match="choose another place"):
        EndOfRunDirectory(end_of_run).refuse_within(end_of_run / ".carried" / "live")


def test_entries_that_would_lie_elsewhere_are_refused(end_of_run: Path, tmp_path: Path) -> None:
    run = seal_run(end_of_run)
    (tmp_path / "elsewhere").mkdir()
    (end_of_run / ".carried").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="leads to elsewhere"):
        carry_away(run, BOTH)
    assert verify(run.path).whole


def test_what_is_refused_leaves_the_folder_or_what_stays_of_it(end_of_run: Path, tmp_path: Path) -> None:
    undisturbed = seal_run(tmp_path / "undisturbed")
    with watched(recorder := Recorder()):
        carry_away(undisturbed, BOTH)
    for at in range(len(recorder.operations)):
        run = seal_run(end_of_run / str(at))
        with watched(Fail(at, errno.EIO)), pytest.raises(FolderError, match="Input/output error"):
            carry_away(run, BOTH)
        assert_safe(run)
        carry_away(run, BOTH)
        assert_done(run)


def assert_safe(run: SealedRun) -> None:
    """Check that a run is there whole, or what stays of it is, and that its name is not free."""
    end_of_run = run.path.parent
    entry = end_of_run / ".carried" / run.name
    whole = verify(run.path).whole if run.path.exists() else False
    left = entry.exists() and set(contents(entry)) == {"documents.sha256", "run.json", "thumbnail.png"}
    assert whole or left
    assert left or not entry.exists()
    assert EndOfRunDirectory(end_of_run).free_revision(run.run_number) == 2
    assert EndOfRunDirectory(end_of_run).find(make_record(), 1) is not None


def assert_done(run: SealedRun) -> None:
    assert_safe(run)
    assert not run.path.exists()
    assert [each.name for each in (run.path.parent / ".carried").iterdir()] == [run.name]


CARRYING = """
from runfolio.folder import carry_away, list_runs
from sealed_folders import seal_run

def prepare(directory):
    seal_run(directory)

def call(directory):
    carry_away(*list_runs(directory), ("record", "thumbnail"))
"""


def test_killed_at_any_point_nothing_is_lost_and_the_next_call_finishes_it(tmp_path: Path) -> None:
    trials = killed_everywhere(tmp_path, CARRYING)
    assert len(trials) >= 30
    for trial in trials:
        run = SealedRun(4235, 1, trial / "4235")
        assert_safe(run)
        if run.path.exists():
            carry_away(run, BOTH)
        else:
            finish_carrying(trial)
        assert_done(run)


def test_nothing_is_removed_before_all_that_comes_before_is_on_the_disk(end_of_run: Path) -> None:
    run = seal_run(end_of_run)
    with watched(recorder := Recorder()):
        carry_away(run, BOTH)
    carried = end_of_run / ".carried"
    *_, entry, _, away, _, _, removed = recorder.operations
    assert entry == ("rename", carried / "4235")
    assert [recorder.operations[at] for at in (-5, -3, -2)] == [
        ("fsync_directory", carried),
        ("fsync_directory", carried),
        ("fsync_directory", end_of_run),
    ]
    assert (away[0], removed[0]) == ("rename", "remove")
    assert away[1] == removed[1]


def test_what_others_left_there_is_not_removed(end_of_run: Path) -> None:
    run = seal_run(end_of_run)
    carried = end_of_run / ".carried"
    (carried / "mine").mkdir(parents=True)
    (carried / ".4236.0123abcd.new").mkdir()
    carry_away(run, ())
    assert {each.name for each in carried.iterdir()} == {"4235", "mine"}
