"""The whole way: what is sealed and shown at the end, that all documents are counted, what goes wrong."""

import base64
import gzip
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drawing import drawn_here
from runfolio import pipeline
from runfolio.errors import FolderError, InputError
from runfolio.folder import verify
from runfolio.plots import Integer, Reducer, Spills
from runfolio.settings import Settings
from runfolio.summary import NoProgress, Summary
from support import PNG, FakeClock, contents, entries, mark, record, rejected, spill, stream


@pytest.fixture(autouse=True, scope="module")
def in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


class Hits(msgspec.Struct):
    hits: tuple[int, ...] = ()


def columns(spills: Sequence[Any]) -> Any:
    return SimpleNamespace(hits=np.array([hit for spill in spills for hit in spill.hits], np.int64))


def make_reducer() -> Reducer:
    reducer = Reducer("Mine", reads=Spills(Hits, columns))
    reducer.hist("hits", Integer(0, 3))
    reducer.figure("picture", panels=[["hits"]], size=(200, 200))
    return reducer


@dataclass
class Job:
    """Runs of the program in one directory."""

    directory: Path
    progress: Any = field(default_factory=NoProgress)

    @property
    def live(self) -> Path:
        return self.directory / "live"

    def sealed(self, run_number: int) -> Path:
        return self.directory / "end_of_run" / str(run_number)

    def settings(self, **settings: Any) -> Settings:
        return Settings(
            image_directory=self.live, end_of_run_image_directory=self.directory / "end_of_run", **settings
        )

    def run(self, *documents: Any, **settings: Any) -> Summary:
        """Run on these documents in one file."""
        (self.directory / "spills.json").write_bytes(stream(*documents))
        return self.read("spills.json", **settings)

    def read(self, *names: str, **settings: Any) -> Summary:
        """Run on files of the directory."""
        return pipeline.run(
            [str(self.directory / name) for name in names],
            self.settings(**settings),
            [make_reducer()],
            progress=self.progress,
            clock=FakeClock(),
        )


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@dataclass
class Watching:
    """Keeps what the live directory held after each thing that was read, and what it was told."""

    live: Path
    states: list[dict[str, bytes]] = field(default_factory=list)
    told: list[tuple[int, int | None, int, int | None]] = field(default_factory=list)

    def update(self, bytes_read: int, bytes_total: int | None, spills: int, run_number: int | None) -> None:
        self.states.append(pictures(self.live))
        self.told.append((bytes_read, bytes_total, spills, run_number))


def pictures(directory: Path) -> dict[str, bytes]:
    """Return the images of a live directory or run folder, and what is said of each."""
    own = ("live.json", "run.json", "manifest-sha256.txt", "rejected.jsonl")
    return {
        path.name: path.read_bytes()
        for path in sorted(directory.iterdir())
        if path.is_file() and path.name not in own
    }


def entries_of(path: Path) -> int:
    """Return the entries of the histogram in a .root file."""
    with uproot.open(path) as file:
        return int(file["hits"].values(flow=True).sum())


def images(*tags: str, run_number: int | None = 1, data: bytes = PNG) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    made = [{"tag": tag, "image_type": "png", "data": encoded} for tag in tags]
    own = {} if run_number is None else {"run_number": run_number}
    return {"maus_event_type": "Image", "image_list": made, **own}


def received(summary: Summary) -> int:
    """Return the documents that the records of all runs count."""
    return sum(record(run.folder)["documents"]["received"] for run in summary.runs if run.folder)


HEADER, FOOTER = mark("RunHeader", 1), mark("RunFooter", 1)
JOB_HEADER = {"maus_event_type": "JobHeader", "start_of_job": {"date_time": ""}}
JOB_FOOTER = {"maus_event_type": "JobFooter", "end_of_job": {"date_time": ""}}
GARBAGE = b"garbage"


def test_a_run_becomes_a_folder_and_all_went_well(job: Job) -> None:
    summary = job.run(HEADER, spill(1, 1, hits=[0, 1]), spill(1, 2, hits=[1]), FOOTER)
    assert entries(job.sealed(1), "Mine") == {"hits": 3}
    assert verify(job.sealed(1)).whole
    [run] = summary.runs
    assert (run.folder, run.status, run.spills, run.images) == (job.sealed(1), "complete", 2, 2)
    assert (summary.problems, summary.rejected, summary.set_aside) == ([], {}, None)
    assert summary.exit_status == 0


def test_what_is_sealed_is_what_was_shown_last_and_what_came_after_it(job: Job, tmp_path: Path) -> None:
    job.progress = watching = Watching(job.live)
    job.run(
        spill(1, 1, hits=[0, 1]), HEADER, spill(1, 2, hits=[1]), spill(1, 3, hits=[2, 2, 9]),
        refresh_seconds=0,
    )  # fmt: skip
    last_shown = watching.states[-1]
    assert json.loads(last_shown["imageMine.json"])["spills"] == 1
    (tmp_path / "last.root").write_bytes(last_shown["imageMine.root"])
    assert entries_of(tmp_path / "last.root") == 2
    assert entries_of(job.sealed(1) / "imageMine.root") == 2 + 4
    assert entries(job.sealed(1), "Mine") == {"hits": 2 + 4}


def test_the_last_live_pictures_are_the_sealed_ones_byte_for_byte(job: Job) -> None:
    job.run(
        images("picture", "x"), spill(1, 1, hits=[0]), images("x", data=PNG + b"new"), spill(1, 2, hits=[1]),
        histogram_image_type=("png", "svg"), refresh_seconds=0,
    )  # fmt: skip
    sealed = pictures(job.sealed(1))
    assert pictures(job.live) == sealed
    named = {"imageMine.root", "imagepicture.png", "imagepicture.svg", "imagepicture_2.png", "imagex.png"}
    assert set(sealed) == named | {f"{Path(name).stem}.json" for name in named}
    assert (sealed["imagex.png"], sealed["imagepicture_2.png"]) == (PNG + b"new", PNG)


def test_the_last_live_pictures_say_that_they_are(job: Job) -> None:
    job.run(spill(1, 1), spill(1, 2))
    index = json.loads((job.live / "live.json").read_text())
    assert (index["run_number"], index["state"], index["spills"]) == (1, "final", 2)


def test_a_stream_without_refresh_is_shown_at_the_end_alone(job: Job) -> None:
    job.progress = watching = Watching(job.live)
    job.run(spill(1, 1), HEADER, spill(1, 2), refresh_seconds=86_400)
    assert watching.states == [{}] * 3
    assert pictures(job.live) == pictures(job.sealed(1)) != {}


def test_each_run_has_its_own_counts_and_its_own_images(job: Job) -> None:
    summary = job.run(spill(1, 1, hits=[0]), images("x"), spill(2, 1, hits=[1, 1]), mark("RunFooter", 2))
    assert [run.run_number for run in summary.runs] == [1, 2]
    assert [entries(job.sealed(number), "Mine")["hits"] for number in (1, 2)] == [1, 2]
    assert [(job.sealed(number) / "imagex.png").exists() for number in (1, 2)] == [True, False]
    assert pictures(job.live) == pictures(job.sealed(2))


def test_a_run_is_sealed_while_the_next_is_read(job: Job) -> None:
    class Looking:
        def __init__(self) -> None:
            self.sealed: list[bool] = []

        def update(self, *_: object) -> None:
            self.sealed.append(job.sealed(1).exists())

    job.progress = looking = Looking()
    job.run(spill(1, 1), mark("RunHeader", 2), spill(2, 1))
    assert looking.sealed == [False, True, True]


def test_a_grace_keeps_a_run_open_for_spills_that_come_late(job: Job) -> None:
    late = (spill(1, 1), spill(2, 1), spill(1, 2))
    assert job.run(*late).rejected == {"late": 1}
    assert [run.spills for run in job.run(*late, grace=5).runs] == [2, 1]


EVERY_FATE: Sequence[Any] = (
    GARBAGE, JOB_HEADER, images("x", run_number=None), FOOTER, {"maus_event_type": "Surprise"},
    HEADER, HEADER, spill(1, 1), spill(1, 2, daq_event_type="calibration_event"), GARBAGE,
    spill(1, 3, time_stamp="now"), images("x", "../up", "y"), images("z", run_number=None),
    spill(1, 0, daq_event_type="end_of_run"), FOOTER, FOOTER,
    mark("RunHeader", 2), spill(2, 1), spill(1, 4), spill(1, 0, daq_event_type="end_of_run"), FOOTER,
    images("x"), HEADER, spill(2, 2), mark("RunFooter", 2), JOB_FOOTER,
)  # fmt: skip


def test_every_document_is_counted_once(job: Job) -> None:
    summary = job.run(*EVERY_FATE)
    assert summary.documents == len(EVERY_FATE)
    assert received(summary) == 11 + 4
    assert summary.stray == {"RunFooter": 2, "RunHeader": 1, "marker": 1}
    assert summary.rejected == {
        "bad_tag": 1, "late": 2, "no_run": 1, "not_json": 2, "unknown_kind": 1, "wrong_type": 1,
    }  # fmt: skip
    assert [(run.run_number, run.spills, run.rejected) for run in summary.runs] == [(1, 1, 3), (2, 2, 0)]


@hypothesis_settings(max_examples=25)
@given(st.lists(st.sampled_from(EVERY_FATE), max_size=25))
def test_the_counts_of_documents_add_up_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, documents: Sequence[Any]
) -> None:
    job = Job(tmp_path_factory.mktemp("job"))
    summary = job.run(*documents, histogram_image_type=())
    of_the_job = sum(each in (JOB_HEADER, JOB_FOOTER) for each in documents)
    of_no_run = sum(summary.rejected.values()) - sum(run.rejected for run in summary.runs)
    counted = received(summary) + of_the_job + sum(summary.stray.values()) + of_no_run
    assert summary.documents == counted == len(documents)


def test_what_is_rejected_is_kept_and_is_no_success(job: Job) -> None:
    summary = job.run(HEADER, GARBAGE, images("../up", "x"))
    assert summary.rejected == {"bad_tag": 1, "not_json": 1}
    assert summary.set_aside == job.live / "rejected.jsonl"
    kept = [(each["reason"], each["line"], each["run_number"]) for each in rejected(job.live)]
    assert kept == [("not_json", 2, None), ("bad_tag", 3, 1)]
    assert (job.sealed(1) / "imagex.png").read_bytes() == PNG
    assert summary.exit_status == 1


class Interrupting(NoProgress):
    """Interrupts as soon as anything is read."""

    def update(self, *_: object) -> None:
        raise KeyboardInterrupt


def test_a_job_that_is_ended_at_once_and_started_again_sets_nothing_aside_twice(job: Job) -> None:
    job.progress = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        job.run(GARBAGE, spill(1, 1))
    assert len(rejected(job.live)) == 1
    job.progress = NoProgress()
    assert job.read("spills.json").rejected == {"not_json": 1}
    assert len(rejected(job.live)) == 1


def test_each_kind_of_rejection_is_logged_once(job: Job, caplog: pytest.LogCaptureFixture) -> None:
    job.run(HEADER, GARBAGE, GARBAGE, images("../up"), images("../up"))
    logged = [message.split(": ")[2] for message in caplog.messages if "set aside" in message]
    assert logged == ["not_json", "bad_tag"]


def test_what_is_rejected_and_cannot_be_kept_is_said(job: Job) -> None:
    (job.live / "rejected.jsonl").mkdir(parents=True)
    summary = job.run(HEADER, GARBAGE, GARBAGE)
    assert (summary.rejected, summary.set_aside) == ({"not_json": 2}, None)
    assert summary.problems == ["2 of the documents that were set aside could not be kept"]


def test_a_bad_entry_is_kept_without_the_entries_beside_it(job: Job) -> None:
    job.run(HEADER, images("good", "../up", "a/b"))
    assert [json.loads(each["raw"])["tag"] for each in rejected(job.live)] == ["../up", "a/b"]


def test_an_image_for_another_run_leaves_the_live_plots_with_the_run_under_way(job: Job) -> None:
    job.run(HEADER, spill(1, 1, hits=[0]), images("other", run_number=2), spill(1, 2, hits=[1]), FOOTER)
    assert json.loads((job.live / "live.json").read_bytes())["run_number"] == 1
    assert set(pictures(job.live)) == set(pictures(job.sealed(1)))


def test_the_next_run_is_shown_though_its_images_came_first(job: Job) -> None:
    job.run(spill(1, 1, hits=[0]), images("other", run_number=2), mark("RunHeader", 2), spill(2, 1))
    assert json.loads((job.live / "live.json").read_bytes())["run_number"] == 2


def test_runs_of_images_alone_are_shown_the_newest_last(job: Job) -> None:
    job.run(images("one"), images("other", run_number=2))
    assert set(pictures(job.live)) == {"imageother.png", "imageother.json"}


def test_the_stream_is_not_written_over_its_input(job: Job, tmp_path: Path) -> None:
    documents = stream(spill(1, 1))
    (tmp_path / "spills.json").write_bytes(documents)
    (tmp_path / "more.json").write_bytes(documents)
    (tmp_path / "link.json").symlink_to("more.json")
    for target in ("spills.json", "more.json", "link.json"):
        with pytest.raises(InputError, match=rf"{target} is an input"):
            job.read("spills.json", "more.json", documents=tmp_path / target)
    assert (tmp_path / "spills.json").read_bytes() == (tmp_path / "more.json").read_bytes() == documents
    assert not job.sealed(1).exists()


def test_the_stream_may_be_written_over_another_file(job: Job, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(b"of the last time\n")
    job.run(HEADER, documents=tmp_path / "out.jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_bytes()) == HEADER


def test_the_stream_is_written_on_run_by_run_and_its_footer_last(job: Job, tmp_path: Path) -> None:
    job.run(
        JOB_HEADER, HEADER, spill(1, 1), FOOTER, JOB_FOOTER, mark("RunHeader", 2), images("x", run_number=2),
        documents=tmp_path / "out.jsonl", refresh_seconds=86_400,
    )  # fmt: skip
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [(each["maus_event_type"], each.get("run_number")) for each in written] == [
        ("JobHeader", None),
        ("RunHeader", 1),
        ("Image", 1),
        ("RunFooter", 1),
        ("RunHeader", 2),
        ("Image", 2),
        ("JobFooter", None),
    ]
    assert [entry["tag"] for entry in written[2]["image_list"]] == ["Mine", "picture"]


def test_headers_and_footers_are_left_out_on_request(job: Job, tmp_path: Path) -> None:
    job.run(
        JOB_HEADER, HEADER, images("x"), FOOTER, JOB_FOOTER,
        documents=tmp_path / "out.jsonl", header_and_footer_mode="dont_append", refresh_seconds=86_400,
    )  # fmt: skip
    [written] = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert json.loads(written)["maus_event_type"] == "Image"


def test_a_full_disk_under_the_stream_written_on_is_said_and_the_run_is_sealed(job: Job) -> None:
    summary = job.run(HEADER, spill(1, 1), documents=Path("/dev/full"))
    [problem] = summary.problems
    assert problem.startswith("/dev/full: cannot be written on: ")
    assert summary.runs[0].problems == ()
    assert verify(job.sealed(1)).whole
    assert summary.exit_status == 1


def test_trouble_in_the_live_directory_is_said_and_the_run_is_sealed(job: Job) -> None:
    (job.live / "imagepicture.png").mkdir(parents=True)
    summary = job.run(spill(1, 1), HEADER, spill(1, 2), refresh_seconds=0)
    [problem] = summary.problems
    assert problem.startswith("run 1: live directory: ")
    assert "imagepicture.png" in problem
    assert summary.runs[0].problems == ()
    assert summary.exit_status == 1
    assert "imagepicture.png" in contents(job.sealed(1))
    assert verify(job.sealed(1)).whole


def test_a_run_that_cannot_be_sealed_is_no_success(job: Job) -> None:
    class InTheWay:
        """Puts a file in the place of the end-of-run directory once the job has begun."""

        def update(self, *_: object) -> None:
            directory = job.directory / "end_of_run"
            if directory.is_dir():
                shutil.rmtree(directory)
                directory.write_bytes(b"")

    job.progress = InTheWay()
    summary = job.run(spill(1, 1), on_disk_trouble="stop")
    assert [run.folder for run in summary.runs] == [None]
    [problem] = summary.problems
    assert problem.startswith("once the disk works, start runfolio again with the same input")
    assert summary.exit_status == 1
    assert json.loads((job.live / "live.json").read_text())["state"] == "final"


def test_an_input_that_breaks_off_is_said_and_the_next_is_read(job: Job, tmp_path: Path) -> None:
    whole = gzip.compress(stream(*(spill(1, number) for number in range(2000))), mtime=0)
    (tmp_path / "broken.json.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "more.json").write_bytes(stream(spill(2, 1), mark("RunFooter", 2)))
    summary = job.read("broken.json.gz", "more.json", histogram_image_type=())
    [problem] = summary.problems
    assert "broken.json.gz: cannot be read on" in problem
    assert [(run.run_number, run.ended_by) for run in summary.runs] == [(1, "next_run"), (2, "run_footer")]
    assert summary.exit_status == 1


def test_an_input_that_is_not_there_is_told_before_anything_is_written(job: Job, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.json"):
        job.read("missing.json")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_told_at_once(job: Job, tmp_path: Path) -> None:
    (tmp_path / "end_of_run").write_bytes(b"")
    with pytest.raises(FolderError, match="end_of_run"):
        job.run(spill(1, 1))


def test_a_run_goes_on_from_one_file_to_the_next(job: Job, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(stream(HEADER, spill(1, 1, hits=[0])))
    (tmp_path / "b.json").write_bytes(stream(spill(1, 2, hits=[1]), FOOTER))
    summary = job.read("a.json", "b.json")
    kept = record(job.sealed(1))
    assert (kept["sources"], kept["documents"]["received"]) == (["a.json", "b.json"], 4)
    assert entries(job.sealed(1), "Mine") == {"hits": 2}
    assert summary.bytes_read == sum((tmp_path / name).stat().st_size for name in ("a.json", "b.json"))


def test_progress_is_told_of_all_files_together(job: Job, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(stream(HEADER, spill(1, 1), spill(1, 2)))
    (tmp_path / "b.json").write_bytes(stream(spill(2, 1)))
    job.progress = watching = Watching(job.live)
    summary = job.read("a.json", "b.json", histogram_image_type=())
    whole = sum((tmp_path / name).stat().st_size for name in ("a.json", "b.json"))
    assert [told[1:] for told in watching.told] == [(whole, 0, 1), (whole, 2, 1), (whole, 3, 2)]
    read = [told[0] for told in watching.told]
    assert read == sorted(read)
    assert read[-1] == summary.bytes_read == whole


def test_the_seconds_are_those_of_the_clock(job: Job, tmp_path: Path) -> None:
    class Waiting(FakeClock):
        def update(self, *_: object) -> None:
            self.seconds += 2.5

    (tmp_path / "spills.json").write_bytes(stream(HEADER, FOOTER))
    clock = Waiting(100)
    summary = pipeline.run(
        [str(tmp_path / "spills.json")], job.settings(), [make_reducer()], progress=clock, clock=clock
    )
    assert summary.seconds == 5.0


def test_nothing_gives_nothing(job: Job) -> None:
    summary = job.run()
    assert (summary.runs, summary.documents, summary.bytes_read, summary.exit_status) == ([], 0, 0, 0)
