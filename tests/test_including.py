"""Including: what came late is in the new revision as if it had come in time, and nothing is taken twice."""

import base64
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import drawn_by
from runfolio import pipeline
from runfolio.errors import CheckpointError, FolderError
from runfolio.folder import WriterLock
from runfolio.including import include_late
from runfolio.plots import Category, Columns, Integer, Reducer, Regular, Spills
from runfolio.settings import Settings
from runfolio.summary import Summary
from support import contents, mark, record, rejected, spill, stream
from trials import Drawn, Hits, OneDay, columns


@pytest.fixture(autouse=True, scope="module")
def nothing_is_drawn() -> Iterator[None]:
    with drawn_by(Drawn):
        yield


def reducer(bins: int = 4) -> Reducer:
    """Return plots whose contents do not depend on the order of the spills in any bit."""
    made = Reducer("Mine", reads=Spills(Hits, columns))
    made.hist("hits", Integer(0, bins))
    made.hist("words", Category(), values=lambda c: [f"w{hit}" for hit in c.hits])
    made.table("newest", ["hits"], by="at", last=2)
    made.tree("rows", {"at": "int32", "hits": "float64"}, file="rows_{run}", by=["at"])
    return made


@dataclass
class Here:
    """A directory, jobs in it, and what came late put in."""

    directory: Path
    reducer: Reducer

    @property
    def late(self) -> Path:
        return self.directory / "live" / "late.jsonl"

    @property
    def staging(self) -> Path:
        return self.directory / "end_of_run" / ".staging"

    def settings(self, **settings: Any) -> Settings:
        return Settings(
            image_directory=self.late.parent,
            end_of_run_image_directory=self.staging.parent,
            histogram_image_type=(),
            **settings,
        )

    def run(self, *documents: Any, name: str = "s.json", **settings: Any) -> Summary:
        """Run a job on documents in a file."""
        (self.directory / name).write_bytes(stream(*documents))
        return self.read(name, **settings)

    def read(self, name: str, **settings: Any) -> Summary:
        path = str(self.directory / name)
        return pipeline.run([path], self.settings(**settings), [self.reducer], clock=OneDay())

    def include(self, **settings: Any) -> Summary:
        return include_late(self.settings(**settings), [self.reducer], clock=OneDay())

    def sealed(self, name: str) -> Path:
        return self.directory / "end_of_run" / name

    def filled(self) -> dict[str, int]:
        """Return the spills of each folder."""
        folders = sorted(self.staging.parent.glob("[0-9]*"))
        return {each.name: record(each)["documents"]["filled"] for each in folders}


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path, reducer())


def image(run: int, *tags: str, data: bytes = b"sent") -> dict[str, Any]:
    entries = [{"tag": tag, "image_type": "txt", "data": base64.b64encode(data).decode()} for tag in tags]
    return {"maus_event_type": "Image", "run_number": run, "image_list": entries}


ENDED = (spill(1, 1, at=1, hits=[1]), mark("RunFooter", 1), spill(2, 1, at=1, hits=[1]))
"""A run that is sealed, and the next one."""


# --- as if it had come in time -------------------------------------------------------------------


@given(
    hits=st.lists(st.lists(st.integers(-1, 6), max_size=3), min_size=1, max_size=12),
    late=st.sets(st.integers(0, 11)),
    sent=st.sets(st.integers(0, 11)),
    order=st.randoms(use_true_random=False),
)
def test_the_folder_is_that_of_a_run_whose_documents_came_in_time(
    tmp_path_factory: pytest.TempPathFactory,
    hits: Sequence[Sequence[int]],
    late: set[int],
    sent: set[int],
    order: Any,
) -> None:
    spills = [spill(1, n, at=n, hits=each, time_stamp=5.0 + n) for n, each in enumerate(hits)]
    images = [image(1, f"tag{n}", data=b"%d" % n) for n in sent]
    documents = [*spills, *images]
    too_late = [each for n, each in enumerate(documents) if n in late]
    in_time = [each for n, each in enumerate(documents) if n not in late]
    order.shuffle(too_late)
    over = mark("RunFooter", 1), spill(2, 1)

    here = Here(tmp_path_factory.mktemp("late"), reducer())
    here.run(mark("RunHeader", 1), *in_time, *over, *too_late)
    summary = here.include()
    assert (summary.exit_status, summary.documents) == (0, len(too_late))

    undisturbed = Here(tmp_path_factory.mktemp("undisturbed"), reducer())
    undisturbed.run(mark("RunHeader", 1), *in_time, *too_late, *over)
    newest = "1.r2" if too_late else "1"
    assert contents(here.sealed(newest)) == contents(undisturbed.sealed("1"))
    assert not here.late.exists()


def test_how_the_run_ended_stays(here: Here) -> None:
    here.run(spill(1, 1), spill(2, 1), spill(1, 2), mark("RunFooter", 2), spill(1, 3))
    here.include()
    first, second = (record(here.sealed(name)) for name in ("1", "1.r2"))
    for what in ("status", "ended_by", "ended_at", "started_at", "sources"):
        assert second[what] == first[what]
    assert (second["documents"]["filled"], second["last_spill"]["number"]) == (3, 3)


def test_the_folder_before_is_left_alone(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    before = contents(here.sealed("1"))
    summary = here.include()
    assert contents(here.sealed("1")) == before
    assert [(run.run_number, run.revision, run.spills) for run in summary.runs] == [(1, 2, 2)]


def test_a_document_that_was_written_over_several_lines(here: Here) -> None:
    over_lines = json.dumps(spill(1, 2, at=2, hits=[3]), indent=2).encode()
    here.run(*ENDED, over_lines, spill(2, 2))
    here.include()
    assert here.filled() == {"1": 1, "1.r2": 2, "2": 2}


def test_one_that_is_not_all_text(here: Here) -> None:
    raw = json.dumps(spill(1, 2, at=2, hits=[3])).encode()
    here.run(*ENDED, raw)
    entry = json.loads(here.late.read_text())
    del entry["raw"]
    here.late.write_text(json.dumps({**entry, "raw_base64": base64.b64encode(raw).decode()}) + "\n")
    here.include()
    assert here.filled()["1.r2"] == 2


def test_entries_of_late_images_that_cannot_be_used_are_set_aside(here: Here) -> None:
    here.run(*ENDED, image(1, "good", "../bad"))
    summary = here.include()
    assert (here.sealed("1.r2") / "imagegood.txt").read_bytes() == b"sent"
    assert summary.rejected == {"bad_tag": 1}
    [entry] = rejected(here.late.parent)
    assert (entry["line"], entry["reason"], entry["run_number"]) == (4, "bad_tag", 1)


def test_several_runs_and_sources(here: Here) -> None:
    here.run(*ENDED, spill(1, 2), mark("RunFooter", 2), spill(3, 1), spill(2, 2), spill(3, 2))
    here.run(spill(5, 1), spill(6, 1), spill(5, 2), name="t.json")
    assert [run.run_number for run in here.include().runs] == [1, 2, 5]
    assert here.filled() == {"1": 1, "1.r2": 2, "2": 1, "2.r2": 2, "3": 2, "5": 1, "5.r2": 2, "6": 1}
    assert record(here.sealed("5.r2"))["sources"] == ["t.json"]


def test_later_ones_go_into_a_further_revision(here: Here) -> None:
    here.run(*ENDED, spill(1, 2), spill(1, 3))
    first, second = here.late.read_text().splitlines(keepends=True)
    for line in (first, second):
        here.late.write_text(line)
        here.include()
    assert here.filled() == {"1": 1, "1.r2": 2, "1.r3": 3, "2": 1}


def test_a_folder_that_was_carried_away_keeps_its_name(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    shutil.rmtree(here.sealed("1"))
    here.include()
    assert here.filled() == {"1.r2": 2, "2": 1}


def test_the_live_directory_goes_on_showing_its_run(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    before = (here.late.parent / "live.json").read_bytes()
    here.include()
    assert (here.late.parent / "live.json").read_bytes() == before


def test_the_stream_is_not_written_on(here: Here, tmp_path: Path) -> None:
    here.run(*ENDED, spill(1, 2))
    (tmp_path / "out.json").write_text("of another job")
    here.include(documents=tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "of another job"


def test_that_a_run_was_cut_short_is_not_told_again(here: Here) -> None:
    here.reducer = own()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runfolio.inputs.MOST_OPEN", (2, 2))
        patch.setattr("runfolio.stream.readers.BATCH_ROWS", 1)
        here.run(*({"run": run, "x": 1, "hits": []} for run in (0, 1, 2, 0)))
    summary = here.include()
    assert [(run.run_number, run.ended_by) for run in summary.runs] == [(0, "made_room")]
    assert summary.exit_status == 0


# --- one's own data ------------------------------------------------------------------------------


def own(**keys: Any) -> Reducer:
    made = Reducer("Own", reads=Columns(run="run", **keys))
    made.hist("x", Regular(10, 0, 10))
    made.hist("hits", Regular(10, 0, 10), values=lambda e: e.hits[e.x > 0])
    return made


def test_rows_of_json_lines(here: Here) -> None:
    here.reducer = own(end="last")
    rows = [{"run": 1, "x": 2, "hits": [1, 2]}, {"run": 1, "x": 3, "hits": [4], "last": 1}]
    here.run(*rows, {"run": 2, "x": 1, "hits": []}, {"run": 1, "x": 4}, {"run": 1, "x": 5})
    summary = here.include()
    assert (summary.exit_status, here.filled()["1.r2"]) == (0, 4)
    of_hits = record(here.sealed("1.r2"))["histograms"]["Own"][1]
    assert (of_hits["name"], of_hits["entries"], of_hits["lost_spills"]) == ("hits", 3, 0)


def test_rows_of_files_of_columns_stay(here: Here) -> None:
    here.reducer = own(end="last")
    table = {"run": [1, 2, 1], "x": [1.0, 2.0, 3.0], "hits": [[1], [2], [3]], "last": [1, 0, 0]}
    pq.write_table(pa.table(table), here.directory / "s.parquet")
    here.read("s.parquet")
    before = here.late.read_bytes()
    [problem] = here.include().problems
    assert "run 1: a line stays in " in problem
    assert "rows of files of columns" in problem
    assert here.late.read_bytes() == before


# --- what cannot be put in -----------------------------------------------------------------------


def stays(here: Here, problem: str, **settings: Any) -> None:
    """Assert that nothing is put in, and why."""
    before, folders = here.late.read_bytes(), here.filled()
    summary = here.include(**settings)
    assert summary.runs == []
    assert [each for each in summary.problems if problem in each] == summary.problems
    assert (summary.exit_status, len(summary.problems)) == (1, 1)
    assert (here.late.read_bytes(), here.filled()) == (before, folders)


def test_nothing_came_late(here: Here) -> None:
    here.run(*ENDED)
    summary = here.include()
    assert (summary.exit_status, summary.documents) == (0, 0)


def test_without_a_state(here: Here) -> None:
    here.run(*ENDED, spill(1, 2), spill(1, 3))
    shutil.rmtree(here.staging / "kept")
    stays(here, "run 1: 2 lines stay in ")


def test_with_a_state_that_is_damaged(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    (here.staging / "kept" / "1").write_bytes(b"")
    stays(here, "is damaged")


def test_with_other_plots(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    here.reducer = reducer(bins=5)
    stays(here, "it was sealed with other plots or settings; give those again")


def test_with_other_settings(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    stays(here, "other plots or settings", grace=5)


def test_one_that_was_not_kept_whole(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    entry = json.loads(here.late.read_text())
    here.late.write_text(json.dumps({**entry, "truncated": True}) + "\n")
    stays(here, "too long to be kept whole")


def test_what_came_for_a_former_folder(here: Here) -> None:
    documents = (*ENDED, spill(1, 2))
    here.run(*documents)
    here.run(*documents, grace=3600)
    here.run(*documents[:2])
    stays(here, "for another folder of it than the newest")


def test_a_newer_folder_whose_state_is_not_kept(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    shutil.copytree(here.sealed("1"), here.sealed("1.r2"))
    stays(here, "a newer folder, whose state is not kept")


def test_lines_that_cannot_be_read_are_told(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    with here.late.open("a") as file:
        file.write("half a li")
    summary = here.include()
    assert [run.revision for run in summary.runs] == [2]
    [problem] = summary.problems
    assert problem.endswith("late.jsonl: 1 of its lines cannot be read, and stay there")
    assert here.late.read_text() == "half a li"


@pytest.mark.parametrize("raw", ["garbage", json.dumps(spill(3, 1)), json.dumps(mark("JobFooter", 1))])
def test_a_line_that_holds_something_else_than_it_says(here: Here, raw: str) -> None:
    here.run(*ENDED, spill(1, 2))
    entry = json.loads(here.late.read_text())
    here.late.write_text(json.dumps({**entry, "raw": raw}) + "\n")
    told = here.include().problems
    assert len(told) == 1
    assert "does not hold a document of run 1, as it says" in told[0]
    assert here.filled() == {"1": 1, "2": 1}
    assert len(here.late.read_text().splitlines()) == 1


# --- one after the other -------------------------------------------------------------------------


def test_while_another_process_writes(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    with WriterLock(here.staging), pytest.raises(FolderError, match="is being written to"):
        here.include()


def test_while_a_job_that_was_killed_is_not_gone_on_with(here: Here) -> None:
    here.run(*ENDED, spill(1, 2))
    (here.staging / "checkpoint.0123456789abcdef").touch()
    with pytest.raises(CheckpointError, match="of a job that was killed: start that again first"):
        here.include()


def test_each_line_says_which_folder_it_came_too_late_for(here: Here) -> None:
    again = mark("RunHeader", 1), spill(1, 3), mark("RunFooter", 1), spill(3, 1), spill(1, 4)
    here.run(*ENDED, spill(1, 2), mark("RunFooter", 2), *again)
    entries = map(msgspec.json.decode, here.late.read_bytes().splitlines())
    assert [(each["run_number"], each["revision"]) for each in entries] == [(1, 1), (1, 2)]
    summary = here.include()
    assert here.filled() == {"1": 1, "1.r2": 1, "1.r3": 2, "2": 1, "3": 1}
    assert len(summary.problems) == 1
