"""The order in which folders and checkpoints come to the disk, so that a power cut takes none away."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from drawing import drawn_here
from runfolio import pipeline
from runfolio.checkpoints import JobState
from runfolio.folder import read_checkpoint, verify
from runfolio.folder.names import MANIFEST, read_staged_name
from runfolio.settings import Settings
from runfolio.watching import Operation, watched
from support import mark, spill, stream
from trials import reducer

RUNS = (1, 2)
CHECKPOINT = "checkpoint."


@dataclass
class Journal:
    """All operations in order; and where a folder is begun or renamed, what the checkpoint holds then."""

    operations: list[tuple[Operation, Path]] = field(default_factory=list)
    held: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    """Run numbers and revisions, by the number of the operation."""

    def before(self, operation: Operation, path: Path) -> None:
        if operation in ("mkdir", "rename") and not path.name.startswith((".", CHECKPOINT)):
            self.held[len(self.operations)] = runs_held(path)

    def after(self, operation: Operation, path: Path) -> None:
        self.operations.append((operation, path))

    def at(self, operation: Operation, path: Path) -> list[int]:
        """Return the numbers of an operation."""
        return [number for number, each in enumerate(self.operations) if each == (operation, path)]

    def once(self, operation: Operation, path: Path) -> int:
        [number] = self.at(operation, path)
        return number

    def staged(self, run_number: int) -> Path:
        """Return where a run's folder was built."""
        [path] = {
            path
            for operation, path in self.operations
            if operation == "mkdir" and (read_staged_name(path.name) or (0,))[0] == run_number
        }
        return path


def runs_held(path: Path) -> set[tuple[int, int]]:
    """Return what the checkpoint holds of the directory in which a folder is built, or sealed."""
    found = [*path.parent.glob(f"{CHECKPOINT}*"), *path.parent.glob(f".staging/{CHECKPOINT}*")]
    states = (msgspec.msgpack.decode(read_checkpoint(each), type=JobState) for each in found)
    return {(each.run.number, each.revision) for state in states for each in state.over}


@dataclass
class Done:
    """A job that was written down."""

    end_of_run: Path
    journal: Journal

    @property
    def staging(self) -> Path:
        return self.end_of_run / ".staging"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A job of two runs, with pictures and a file of rows."""
    directory = tmp_path_factory.mktemp("order")
    plots = reducer()
    plots.figure("picture", panels=[["hits"]], size=(200, 200))
    documents = [
        (mark("RunHeader", run), spill(run, 1, at=1, hits=[1, 2]), mark("RunFooter", run)) for run in RUNS
    ]
    (directory / "s.json").write_bytes(b"".join(stream(*each) for each in documents))
    settings = Settings(
        image_directory=directory / "live",
        end_of_run_image_directory=directory / "end_of_run",
        checkpoint_seconds=0,
    )
    journal = Journal()
    with drawn_here(), watched(journal):
        summary = pipeline.run([str(directory / "s.json")], settings, [plots])
    assert summary.exit_status == 0
    return Done(directory / "end_of_run", journal)


@pytest.mark.parametrize("run", RUNS)
def test_each_file_is_on_the_disk_after_its_last_write_and_before_its_folder(done: Done, run: int) -> None:
    journal, staged, folder = done.journal, done.journal.staged(run), done.end_of_run / str(run)
    names = {path.name for path in folder.iterdir()}
    assert {"imagepicture.png", f"rows_{run}.root", "run.json", MANIFEST} <= names
    assert verify(folder).whole
    closed = journal.once("fsync_directory", staged)
    for name in names:
        on_disk = journal.once("fsync_file", staged / name)
        assert journal.once("create", staged / name) < max(journal.at("write", staged / name)) < on_disk
        assert on_disk < closed
    touched = [number for number, (_, path) in enumerate(journal.operations) if path.parent == staged]
    assert max(touched) < closed


@pytest.mark.parametrize("run", RUNS)
def test_the_manifest_is_written_when_all_else_is_on_the_disk(done: Done, run: int) -> None:
    journal, staged = done.journal, done.journal.staged(run)
    others = {path.name for path in (done.end_of_run / str(run)).iterdir()} - {MANIFEST}
    assert others
    assert max(journal.once("fsync_file", staged / name) for name in others) < journal.once(
        "create", staged / MANIFEST
    )


@pytest.mark.parametrize("run", RUNS)
def test_a_folder_is_renamed_when_it_is_on_the_disk_and_then_its_name_is(done: Done, run: int) -> None:
    journal = done.journal
    renamed = journal.once("rename", done.end_of_run / str(run))
    assert journal.once("fsync_directory", journal.staged(run)) < renamed
    assert journal.operations[renamed + 1] == ("fsync_directory", done.end_of_run)


@pytest.mark.parametrize("run", RUNS)
def test_a_checkpoint_holds_a_run_before_its_folder_is_built_and_until_it_has_its_name(
    done: Done, run: int
) -> None:
    journal = done.journal
    for moment in (
        journal.once("mkdir", journal.staged(run)),
        journal.once("rename", done.end_of_run / str(run)),
    ):
        assert (run, 1) in journal.held[moment]


def test_each_checkpoint_is_on_the_disk_before_it_has_its_name_and_then_its_name_is(done: Done) -> None:
    operations, found = done.journal.operations, 0
    for number, (operation, path) in enumerate(operations):
        if operation == "rename" and path.name.startswith(CHECKPOINT):
            found += 1
            (created, temporary), *written, synced = operations[before_it(operations, number) : number]
            assert created == "create"
            assert temporary.name.startswith(f".{path.name}.")
            assert set(written) == {("write", temporary)}
            assert synced == ("fsync_file", temporary)
            assert operations[number + 1] == ("fsync_directory", done.staging)
    assert found >= len(RUNS)


def before_it(operations: list[tuple[Operation, Path]], number: int) -> int:
    """Return the number of the last file that was created before."""
    return max(each for each, (operation, _) in enumerate(operations[:number]) if operation == "create")


def test_the_checkpoint_is_removed_last_when_every_run_has_its_name(done: Done) -> None:
    journal = done.journal
    [removed] = [
        number
        for number, (operation, path) in enumerate(journal.operations)
        if operation == "remove" and path.name.startswith(CHECKPOINT)
    ]
    for run in RUNS:
        assert journal.once("rename", done.end_of_run / str(run)) + 1 < removed
    assert journal.operations[removed + 1] == ("fsync_directory", done.staging)
