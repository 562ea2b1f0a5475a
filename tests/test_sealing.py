"""Sealing: the order of the runs, how long the reading waits, and what the summary says of each."""

import errno
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from runfolio.errors import FolderError
from runfolio.folder import EndOfRunDirectory, verify
from runfolio.images import Image
from runfolio.on_sealed import NotCalled
from runfolio.plots import Integer, Reducer, Spills
from runfolio.render import Failure, Rendered, Renderer, RenderJob
from runfolio.run_plots import RunPlots
from runfolio.runs import EndedBy, Run
from runfolio.sealing import MAX_WAITING, Sealer
from runfolio.settings import Settings
from runfolio.stream import SpillMark
from runfolio.summary import RunSummary
from runfolio.watching import Operation, watched
from support import FakeClock, contents, entries, record


class Drawing(Future[Rendered]):
    """A drawing that is done when it is told, or at last when someone waits for it."""

    def __init__(self, job: RenderJob, failures: tuple[Failure, ...]) -> None:
        super().__init__()
        self._drawn = Rendered(images=(own(job.caption.spills),), failures=failures)

    def be_done(self) -> None:
        self.set_result(self._drawn)

    def result(self, timeout: float | None = None) -> Rendered:
        if not self.done():
            self.be_done()
        return super().result(timeout)


class HeldRenderer(Renderer):
    """Draws no pictures but what they are to say, each when it is told."""

    def __init__(self) -> None:
        self.drawings: list[Drawing] = []
        self.jobs: list[RenderJob] = []
        self.failures: tuple[Failure, ...] = ()

    def submit(self, job: RenderJob, *, live: bool = False) -> Future[Rendered]:
        assert not live
        self.jobs.append(job)
        self.drawings.append(Drawing(job, self.failures))
        return self.drawings[-1]


class Hits(msgspec.Struct):
    hits: int


def columns(spills: Sequence[Any]) -> Any:
    return SimpleNamespace(hits=np.array([spill.hits for spill in spills], np.int64))


def make_reducer() -> Reducer:
    """Return a reducer with a histogram that loses each spill whose `hits` is 0."""
    reducer = Reducer("Mine", reads=Spills(Hits, columns))
    reducer.hist("hits", Integer(0, 3))

    @reducer.hist("careless", Integer(0, 3))
    def careless(columns: Any) -> Any:
        if not columns.hits.all():
            raise ValueError
        return columns.hits

    reducer.table("newest", ["hits"], by="n", values=lambda c: (c.hits, 1 / c.hits))
    reducer.tree("rows", {"hits": "int8"}, file="rows_{run}", by="hits", limit=3)
    reducer.figure("picture", panels=[["hits"]], size=(200, 200))
    return reducer


def own(spills: int) -> Image:
    """Return our picture of so many spills."""
    return Image(tag="picture", image_type="png", data=b"own %d" % spills, producer="Mine")


def sent(tag: str) -> Image:
    return Image(tag=tag, image_type="png", data=b"sent", producer="stream")


class Sealing:
    """A sealer, and what has become of each run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "end_of_run"
        self.clock = FakeClock(100)
        self.renderer = HeldRenderer()
        self.summaries: list[RunSummary] = []
        self.images: list[tuple[Image, ...]] = []
        end_of_run = EndOfRunDirectory(self.directory)
        self.sealer = Sealer(
            Settings(), self.renderer, end_of_run, self.clock, self._sealed, on_sealed=NotCalled()
        )

    def _sealed(self, plots: RunPlots, images: tuple[Image, ...], summary: RunSummary) -> None:
        assert plots.run.number == summary.run_number
        self.summaries.append(summary)
        self.images.append(images)

    def give(self, run_number: int, *hits: int, reason: EndedBy = EndedBy.RUN_FOOTER) -> RunPlots:
        """Give a run of spills with so many hits each, in one batch."""
        plots = self.make(run_number, *hits)
        self.end(plots, reason)
        return plots

    @staticmethod
    def make(run_number: int, *hits: int) -> RunPlots:
        plots = RunPlots(Run(run_number, opened_at=0.0), [make_reducer()], Settings())
        if hits:
            plots.fill([Hits(each) for each in hits])
        plots.run.tally.filled = len(hits)
        return plots

    def end(self, plots: RunPlots, reason: EndedBy = EndedBy.RUN_FOOTER) -> None:
        plots.run.end(reason, now=60.0, when=60.0)
        self.sealer.give(plots)

    def finish(self) -> RunSummary:
        """Return what became of the newest run."""
        self.secure()
        self.sealer.seal_all(at_once=True)
        self.sealer.give_up(None)
        return self.summaries[-1]

    def secure(self) -> None:
        """Do what writing a checkpoint does."""
        self.sealer.claimed()
        self.sealer.secure()

    def keep_up(self) -> None:
        self.secure()
        self.sealer.keep_up()

    @property
    def numbers(self) -> list[int]:
        return [summary.run_number for summary in self.summaries]


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    return Sealing(tmp_path)


def test_a_run_is_sealed_once_its_pictures_are_there(sealing: Sealing) -> None:
    sealing.give(7, 1)
    sealing.keep_up()
    assert sealing.summaries == []
    sealing.renderer.drawings[0].be_done()
    sealing.keep_up()
    assert [summary.folder for summary in sealing.summaries] == [sealing.directory / "7"]
    assert verify(sealing.directory / "7").whole


def test_runs_are_sealed_in_the_order_in_which_they_were_over(sealing: Sealing) -> None:
    sealing.give(9, 1)
    sealing.give(8, 1)
    sealing.renderer.drawings[1].be_done()
    sealing.keep_up()
    assert sealing.numbers == []
    sealing.renderer.drawings[0].be_done()
    sealing.keep_up()
    assert sealing.numbers == [9, 8]


def test_a_run_without_a_spill_waits_for_no_pictures(sealing: Sealing) -> None:
    plots = sealing.make(7)
    plots.take(sent("x"))
    sealing.end(plots)
    sealing.keep_up()
    assert sealing.renderer.jobs == []
    assert {name for name in contents(sealing.directory / "7") if name.endswith(".png")} == {"imagex.png"}


def test_the_last_pictures_say_that_they_are(sealing: Sealing) -> None:
    sealing.give(7, 1, 2)
    [job] = sealing.renderer.jobs
    assert (job.caption.final, job.caption.spills, job.written_at) == (True, 2, 1_000_100)


def test_tables_are_in_the_record(sealing: Sealing) -> None:
    sealing.give(7, 1, 2)
    sealing.finish()
    [table] = record(sealing.directory / "7")["tables"]["Mine"]
    [row] = table["rows"]
    assert (table["name"], row["row"], row["last"], row["last_number"]) == ("newest", "hits", 0.5, 2)


def test_trees_are_in_the_record_and_lost_rows_are_a_problem(sealing: Sealing) -> None:
    sealing.give(7, 1, 2, 1, 2, 1)
    summary = sealing.finish()
    [tree] = record(sealing.directory / "7")["trees"]["Mine"]
    assert tree == {"name": "rows", "rows": 3, "lost_rows": 2, "lost_spills": 0}
    assert summary.problems == (
        "rows of Mine lost 2 rows: 3 are its limit, or a branch does not hold a value",
    )


def test_a_file_of_data_is_in_the_folder_and_nowhere_else(sealing: Sealing) -> None:
    plots = sealing.make(7)
    data = Image(tag="rows_7", image_type="root", data=b"rows", producer="Mine", data_file=True)
    plots.take(data)
    sealing.end(plots)
    sealing.finish()
    assert contents(sealing.directory / "7")["rows_7.root"] == b"rows"
    assert "rows_7.json" in contents(sealing.directory / "7")
    assert sealing.images == [()]


def test_up_to_so_many_runs_nobody_waits_for_pictures(sealing: Sealing) -> None:
    for number in range(MAX_WAITING):
        sealing.give(number, 1)
    sealing.keep_up()
    assert sealing.numbers == []


def test_with_more_runs_the_first_is_waited_for_and_no_other(sealing: Sealing) -> None:
    for number in range(MAX_WAITING + 1):
        sealing.give(number, 1)
    sealing.keep_up()
    assert sealing.numbers == [0]
    assert [drawing.done() for drawing in sealing.renderer.drawings] == [True] + [False] * MAX_WAITING


def test_at_the_end_every_run_is_waited_for(sealing: Sealing) -> None:
    for number in range(3):
        sealing.give(number, 1)
    sealing.finish()
    assert sealing.numbers == [0, 1, 2]
    sealing.finish()
    assert sealing.numbers == [0, 1, 2]


def test_a_run_that_cannot_be_sealed_says_why_and_later_ones_go_on(sealing: Sealing) -> None:
    sealing.directory.write_bytes(b"in the way")
    sealing.give(7, 1)
    failed = sealing.finish()
    sealing.directory.unlink()
    sealing.give(8, 1)
    sealed = sealing.finish()
    assert (failed.folder, failed.revision, failed.images, failed.renamed) == (None, 0, 0, ())
    [problem] = failed.problems
    assert problem.startswith("not sealed: cannot make the directory")
    assert (sealed.folder, sealed.problems) == (sealing.directory / "8", ())


def test_the_images_of_a_run_that_cannot_be_sealed_are_handed_on(sealing: Sealing) -> None:
    sealing.directory.write_bytes(b"in the way")
    sealing.give(7, 1)
    sealing.finish()
    assert sealing.images == [(own(1),)]


def test_what_is_handed_on_is_what_is_in_the_folder(sealing: Sealing) -> None:
    plots = sealing.make(7, 1, 1)
    plots.take(sent("x"))
    sealing.end(plots)
    assert sealing.finish().images == 2
    assert sealing.images == [(own(2), sent("x"))]
    found = contents(sealing.directory / "7")
    assert (found["imagepicture.png"], found["imagex.png"]) == (b"own 2", b"sent")


def test_a_run_that_went_well_has_no_problems(sealing: Sealing) -> None:
    sealing.give(7, 1, 2)
    summary = sealing.finish()
    assert (summary.problems, summary.renamed) == ((), ())
    assert (summary.status, summary.ended_by, summary.spills) == ("complete", "run_footer", 2)


def test_lost_spills_are_problems(sealing: Sealing) -> None:
    sealing.give(7, 0, 1, 0)
    assert sealing.finish().problems == ("careless of Mine lost 2 spills to an error",)
    assert entries(sealing.directory / "7", "Mine") == {"hits": 3, "careless": 1}


def test_images_that_could_not_be_drawn_are_problems(sealing: Sealing) -> None:
    sealing.renderer.failures = (Failure("picture", "pdf", "ValueError: no ink"),)
    sealing.give(7, 1)
    assert sealing.finish().problems == ("picture.pdf could not be drawn: ValueError: no ink",)
    failed = record(sealing.directory / "7")["images_failed"]
    assert failed == [{"tag": "picture", "image_type": "pdf", "reason": "ValueError: no ink"}]


def test_images_that_could_not_be_drawn_for_one_reason_are_counted(sealing: Sealing) -> None:
    sealing.renderer.failures = (
        *(Failure("picture", each, "no time") for each in ("pdf", "svg", "eps")),
        Failure("other", "png", "no ink"),
    )
    sealing.give(7, 1)
    assert sealing.finish().problems == (
        "3 images could not be drawn: no time",
        "other.png could not be drawn: no ink",
    )
    assert len(record(sealing.directory / "7")["images_failed"]) == 4


def test_images_that_could_not_be_filed_are_problems(sealing: Sealing) -> None:
    plots = sealing.make(7)
    plots.take(sent("../up"))
    sealing.end(plots)
    [problem] = sealing.finish().problems
    assert problem.startswith("an image could not be filed: ")
    assert "../up" in problem


def test_a_run_that_was_interrupted_says_so(sealing: Sealing) -> None:
    sealing.give(7, 1, reason=EndedBy.INTERRUPTED)
    summary = sealing.finish()
    assert summary.problems == ("interrupted while it was open; its folder holds what had come by then",)
    assert (summary.status, record(sealing.directory / "7")["status"]) == ("interrupted", "interrupted")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (EndedBy.MADE_ROOM, "sealed early, to make room"),
        (EndedBy.CRASHED, "open when runfolio was killed"),
    ],
)
def test_a_run_that_was_cut_short_says_why(sealing: Sealing, reason: EndedBy, said: str) -> None:
    sealing.give(7, 1, reason=reason)
    [problem] = sealing.finish().problems
    assert problem.startswith(said)


@pytest.mark.parametrize("reason", [EndedBy.NEXT_RUN, EndedBy.IDLE_TIMEOUT, EndedBy.END_OF_INPUT])
def test_a_run_whose_end_was_not_seen_is_incomplete_without_a_problem(
    sealing: Sealing, reason: EndedBy
) -> None:
    plots = sealing.make(7, 1, 1)
    plots.run.torn = True  # the input broke off, which is told of by itself
    sealing.end(plots, reason=reason)
    summary = sealing.finish()
    assert (summary.status, summary.problems) == ("incomplete", ())


def test_all_that_went_wrong_is_said(sealing: Sealing) -> None:
    sealing.renderer.failures = (Failure("picture", "pdf", "no ink"),)
    sealing.directory.write_bytes(b"in the way")
    sealing.give(7, 0, reason=EndedBy.INTERRUPTED)
    began = [problem.split()[0] for problem in sealing.finish().problems]
    assert began == ["picture.pdf", "careless", "interrupted", "not"]


def test_a_folder_whose_name_is_not_confirmed_is_sealed_with_a_problem(sealing: Sealing) -> None:
    class Unconfirmed:
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "fsync_directory" and path == sealing.directory and (path / "7").exists():
                raise OSError(errno.EIO, "Input/output error")

        def after(self, operation: Operation, path: Path) -> None:
            """Nothing to do."""

    sealing.give(7, 1)
    with watched(Unconfirmed()):
        summary = sealing.finish()
    assert summary.folder == sealing.directory / "7"
    [problem] = summary.problems
    assert problem.startswith(f"cannot write to disk the directory {sealing.directory}")


def test_second_names_are_told(sealing: Sealing) -> None:
    plots = sealing.make(7, 1)
    plots.take(sent("picture"))
    sealing.end(plots)
    assert sealing.finish().renamed == ("picture of stream is filed as picture_2",)


def test_a_tag_of_ours_is_ours_also_where_our_own_file_is_missing(sealing: Sealing) -> None:
    plots = sealing.make(7, 1)
    plots.take(sent("Mine"))
    sealing.end(plots)
    assert sealing.finish().renamed == ("Mine of stream is filed as Mine_2",)
    assert contents(sealing.directory / "7")["imageMine_2.png"] == b"sent"


def test_a_run_that_has_a_folder_already_gets_another(sealing: Sealing) -> None:
    sealing.give(7, 1)
    sealing.give(7, 1, 1)
    sealing.finish()
    assert [summary.revision for summary in sealing.summaries] == [1, 2]
    assert [summary.folder for summary in sealing.summaries] == [
        sealing.directory / "7",
        sealing.directory / "7.r2",
    ]


def test_documents_and_entries_that_were_rejected_are_counted_together(sealing: Sealing) -> None:
    plots = sealing.make(7, 1)
    plots.run.tally.rejected["not_json"] = 2
    plots.entries_rejected["bad_tag"] = 3
    sealing.end(plots)
    assert sealing.finish().rejected == 5
    kept = record(sealing.directory / "7")
    assert kept["documents"]["rejected"] == {"not_json": 2}
    assert kept["image_entries_rejected"] == {"bad_tag": 3}


def test_the_record_has_the_times_and_the_documents_of_the_run(sealing: Sealing) -> None:
    plots = sealing.make(7, 1, 1)
    for number, time in ((1, 30.0), (2, None)):
        plots.run.see(SpillMark(number, time))
    plots.run.tally.run_footers = 3
    sealing.end(plots)
    sealing.finish()
    kept = record(sealing.directory / "7")
    assert [kept[f"{name}_at"][8:] for name in ("started", "ended", "sealed")] == [
        "01T00:00:00Z",
        "01T00:01:00Z",
        "12T13:48:20Z",
    ]
    assert kept["first_spill"] == {"number": 1, "time": "1970-01-01T00:00:30Z"}
    assert kept["last_spill"] == {"number": 2, "time": None}
    counted = {name: value for name, value in kept["documents"].items() if value}
    assert counted == {"received": 5, "filled": 2, "run_footers": 3}


def test_the_record_names_each_source_once_and_without_its_directory(sealing: Sealing) -> None:
    plots = sealing.make(7, 1)
    plots.run.sources = dict.fromkeys(("/one/b.json", "/other/b.json", "a.json"))
    sealing.end(plots)
    sealing.finish()
    assert record(sealing.directory / "7")["sources"] == ["b.json", "a.json"]


@dataclass
class Refusing:
    """Refuses some operations, and keeps a list of the renames that were tried."""

    names: set[str]
    operation: Operation = "rename"
    tried: list[str] = field(default_factory=list)

    def before(self, operation: Operation, path: Path) -> None:
        if operation == "rename":
            self.tried.append(path.name)
        if operation == self.operation and path.name in self.names:
            raise OSError(errno.EIO, "Input/output error")

    def after(self, operation: Operation, path: Path) -> None:
        """Nothing to do."""


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    watcher = Refusing(set())
    with watched(watcher):
        yield watcher


def test_of_many_runs_that_the_disk_refuses_one_is_tried_after_a_pause(
    sealing: Sealing, refusing: Refusing, caplog: pytest.LogCaptureFixture
) -> None:
    refusing.names = {"1", "2", "3"}
    for number in (1, 2, 3):
        sealing.give(number, 1)
        sealing.renderer.drawings[-1].be_done()
        sealing.keep_up()
    caplog.clear()
    sealing.keep_up()
    assert refusing.tried == ["1", "2", "3"]
    for _ in range(3):
        sealing.clock.sleep(60)
        sealing.keep_up()
    assert refusing.tried[3:] == ["1", "2", "3"]
    assert len(caplog.messages) == 3


def test_once_the_disk_takes_one_run_all_are_sealed(sealing: Sealing, refusing: Refusing) -> None:
    refusing.names = {"1", "2", "3"}
    for number in (1, 2, 3):
        sealing.give(number, 1)
        sealing.renderer.drawings[-1].be_done()
    sealing.keep_up()
    refusing.names = set()
    sealing.clock.sleep(60)
    sealing.keep_up()
    assert sealing.numbers == [1, 2, 3]
    assert all(summary.problems == () for summary in sealing.summaries)


def test_a_run_with_trouble_of_its_own_is_in_nobodys_way(sealing: Sealing, refusing: Refusing) -> None:
    refusing.names = {"1"}
    for number in (1, 2, 3):
        sealing.give(number, 1)
    sealing.secure()
    for _ in range(3):
        sealing.sealer.seal_all(at_once=False)
        sealing.clock.sleep(60)
    assert sealing.numbers == [2, 3]
    assert sealing.sealer.waiting == 1


def test_a_run_whose_name_is_taken_after_trouble_gets_the_next_one(
    sealing: Sealing, refusing: Refusing
) -> None:
    refusing.names = {"7"}
    sealing.give(7, 1)
    sealing.renderer.drawings[0].be_done()
    sealing.keep_up()
    refusing.names = set()
    (sealing.directory / "7").mkdir()
    sealing.clock.sleep(60)
    sealing.sealer.keep_up()
    sealing.sealer.keep_up()  # without a checkpoint of its new name it is not sealed
    assert sealing.numbers == []
    sealing.keep_up()
    assert [summary.revision for summary in sealing.summaries] == [2]


def test_after_the_last_try_no_other_is_announced(
    sealing: Sealing, refusing: Refusing, caplog: pytest.LogCaptureFixture
) -> None:
    refusing.names = {"7"}
    sealing.give(7, 1)
    [problem] = sealing.finish().problems
    assert problem.startswith("not sealed: cannot rename to")
    assert "run 7 is not sealed yet" in caplog.text
    assert "tried again" not in caplog.text


def test_a_run_without_a_checkpoint_says_why(sealing: Sealing) -> None:
    sealing.give(7, 1)
    sealing.sealer.give_up(FolderError("no room for it"))
    assert sealing.summaries[0].problems == ("not sealed: no room for it",)


def test_a_folder_that_vanishes_before_it_is_confirmed_is_built_anew(
    sealing: Sealing, refusing: Refusing
) -> None:
    refusing.names, refusing.operation = {"end_of_run"}, "fsync_directory"
    sealing.give(7, 1)
    sealing.renderer.drawings[0].be_done()
    sealing.directory.joinpath(".staging").mkdir(parents=True)
    sealing.keep_up()
    assert (sealing.directory / "7").is_dir()
    assert sealing.numbers == []
    shutil.rmtree(sealing.directory)
    refusing.names = set()
    sealing.clock.sleep(60)
    sealing.keep_up()
    assert sealing.numbers == [7]
    assert verify(sealing.directory / "7").whole


def test_a_folder_that_is_confirmed_later_is_sealed_once(sealing: Sealing, refusing: Refusing) -> None:
    refusing.names, refusing.operation = {"end_of_run"}, "fsync_directory"
    sealing.give(7, 1)
    sealing.renderer.drawings[0].be_done()
    sealing.directory.joinpath(".staging").mkdir(parents=True)
    sealing.keep_up()
    refusing.names = set()
    sealing.clock.sleep(60)
    sealing.keep_up()
    assert (refusing.tried, sealing.numbers) == (["7"], [7])
    assert sealing.summaries[0].problems == ()


def test_a_run_that_was_sealed_before_comes_after_that_also_where_the_folder_is_gone(
    sealing: Sealing,
) -> None:
    plots = sealing.make(7, 1)
    plots.run.end(EndedBy.RUN_FOOTER, now=60.0, when=60.0)
    sealing.sealer.give(plots, after=2)
    assert sealing.finish().folder == sealing.directory / "7.r3"


def test_the_revision_that_a_run_gets_is_known_while_it_waits(sealing: Sealing) -> None:
    sealing.give(7, 1)
    sealing.give(7, 1)
    sealing.give(8, 1)
    assert [sealing.sealer.revision_of(number) for number in (7, 8, 9)] == [2, 1, None]
    sealing.finish()
    assert [(each.run_number, each.revision) for each in sealing.summaries] == [(7, 1), (7, 2), (8, 1)]
