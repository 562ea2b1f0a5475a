"""What a job, a check or a run folder came to, as a user sees it."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from rich.console import Console

from consoles import HOSTILE, pipe, terminal, written
from runfolio.folder import (
    DocumentCounts,
    HistogramRecord,
    ImageEntry,
    ImageFailed,
    Renamed,
    RunRecord,
    SpillMark,
    Verification,
)
from runfolio.profiling import Stage
from runfolio.readings import Readings
from runfolio.reports import (
    show_included,
    show_json,
    show_problems,
    show_profile,
    show_run,
    show_summary,
    show_verification,
)
from runfolio.summary import RunSummary, Summary


def a_run(**changed: object) -> RunSummary:
    values: dict[str, object] = {
        "run_number": 4235,
        "status": "complete",
        "ended_by": "run_footer",
        "spills": 200,
        "rejected": 0,
        "folder": Path("end_of_run/4235"),
        "revision": 1,
        "images": 21,
    }
    return RunSummary(**(values | changed))  # type: ignore[arg-type]  # a test's own values


def a_job(*runs: RunSummary, **changed: object) -> Summary:
    values: dict[str, object] = {
        "runs": runs,
        "rejected": {},
        "set_aside": None,
        "stray": {},
        "problems": (),
        "documents": 1234,
        "bytes_read": 45_600_000,
        "seconds": 3.0,
    }
    return Summary(**(values | changed))  # type: ignore[arg-type]  # a test's own values


def a_histogram(name: str, entries: int) -> HistogramRecord:
    return HistogramRecord(
        kind="count",
        name=name,
        entries=entries,
        in_range=entries - 3,
        underflow=1,
        overflow=2,
        not_a_number=0,
        lost_spills=0,
        mean=None,
    )


@pytest.fixture
def record() -> RunRecord:
    """A run with something in each of its parts."""
    return RunRecord(
        run_number=4235,
        status="complete",
        ended_by="run_footer",
        unit="spill",
        started_at="2013-11-28T09:54:09Z",
        ended_at="2013-11-28T10:54:09Z",
        sealed_at="2013-11-28T10:54:10Z",
        first_spill=SpillMark(number=0, time="2013-11-28T09:54:10Z"),
        last_spill=SpillMark(number=199, time=None),
        documents=DocumentCounts(
            received=1612,
            run_headers=1,
            run_footers=2,
            end_of_run_spills=2,
            markers=400,
            filled=1200,
            passed_over=3,
            images=4,
            rejected={"not_json": 2, "bad_run_number": 1},
        ),
        image_entries_rejected={"bad_tag": 1},
        histograms={"ReducePyTOFPlot": (a_histogram("ht01", 58), a_histogram("ht12", 1055))},
        images=(
            ImageEntry(
                file="imagetof_time.png",
                metadata="imagetof_time.json",
                tag="tof_time",
                image_type="png",
                producer="ReducePyTOFPlot",
                bytes=23_456,
                sha256="0" * 64,
            ),
        ),
        images_failed=(ImageFailed(tag="tof_x", image_type="png", reason=HOSTILE),),
        renamed=(Renamed(tag="tof_time", producer="stream", name="tof_time_2"),),
        settings={},
        versions={"runfolio": "0.1.0"},
        sources=("spills.json", HOSTILE),
    )


def test_a_job_ends_with_a_table_of_its_runs() -> None:
    console = pipe()
    show_summary(
        console, a_job(a_run(), a_run(run_number=4236, folder=Path("end_of_run/4236.r2"), revision=2))
    )
    assert written(console).splitlines() == [
        " run  status    ended by    spills  rejected  images  folder",
        "4235  complete  run_footer     200         0      21  end_of_run/4235",
        "4236  complete  run_footer     200         0      21  end_of_run/4236.r2",
        "1,234 documents, 45.6 MB in 3.0 s, 15.2 MB/s",
        "run 4236: had a folder before, which is left alone",
    ]


def test_marks_of_no_open_run_are_said_and_are_no_problem() -> None:
    console = pipe()
    job = a_job(a_run(), stray={"RunFooter": 2, "marker": 1})
    show_summary(console, job)
    assert written(console).splitlines()[-1] == "of no open run, and passed over: RunFooter 2, marker 1"
    assert job.exit_status == 0


def test_an_image_with_a_second_name_is_said() -> None:
    console = pipe()
    show_summary(console, a_job(a_run(renamed=["pid of stream is filed as pid_2"])))
    assert "run 4235: pid of stream is filed as pid_2\n" in written(console)


def test_the_last_lines_say_what_was_rejected_and_where_it_is() -> None:
    console = pipe()
    run = a_run(folder=None, problems=["disk full"])
    job = a_job(
        run,
        rejected={"not_json": 2, "bad_tag": 1},
        set_aside=Path("live/rejected.jsonl"),
        problems=["tof_x.png could not be drawn"],
    )
    show_summary(console, job)
    assert "not sealed" in written(console)
    assert written(console).splitlines()[-3:] == [
        "run 4235: disk full",
        "tof_x.png could not be drawn",
        "rejected: 3 documents (bad_tag 1, not_json 2); kept in live/rejected.jsonl",
    ]


def test_problems_are_shown_alone_where_nothing_else_is_asked_for() -> None:
    console = pipe()
    show_problems(console, a_job(a_run(), rejected={"not_json": 1}))
    assert written(console) == "rejected: 1 document (not_json 1)\n"


def test_a_job_that_went_well_has_no_problems_to_show() -> None:
    console = pipe()
    show_problems(console, a_job(a_run()))
    assert written(console) == ""


def test_a_profile_says_how_much_of_the_time_each_stage_took() -> None:
    console = pipe()
    show_profile(console, {Stage.READING: 0.25, Stage.FILLING: 0.75}, a_job(drawing_seconds=0.5))
    assert [line.split() for line in written(console).splitlines()[:4]] == [
        ["stage", "seconds", "share"],
        ["reading", "0.250", "25.0%"],
        ["filling", "0.750", "75.0%"],
        ["together", "1.000"],
    ]
    assert "drawing process was at work for 0.500 s" in written(console)


def test_a_job_without_a_run_says_so() -> None:
    console = pipe()
    show_summary(console, a_job(documents=0, bytes_read=0, seconds=0.0))
    assert written(console) == "The input held no run.\n0 documents, 0 B in 0.0 s\n"


@pytest.mark.parametrize("make", [pipe, terminal])
def test_what_comes_from_the_stream_is_shown_without_control_characters(make: Callable[[], Console]) -> None:
    console = make()
    run = a_run(ended_by=HOSTILE, folder=Path(HOSTILE), problems=[HOSTILE])
    show_summary(console, a_job(run, rejected={HOSTILE: 1}, set_aside=Path(HOSTILE), problems=[HOSTILE]))
    for forbidden in ("\x1b[31mb", "\x07", "\x9b", "\u202e", "\x7f", "\r"):
        assert forbidden not in written(console)


def test_a_whole_folder_is_one_line() -> None:
    console = pipe()
    show_verification(console, Verification(folder=Path("end_of_run/4235"), files=43, bytes=1_000_000))
    assert written(console) == "end_of_run/4235: ok, 43 files, 1.0 MB\n"


def test_each_difference_is_a_line() -> None:
    console = pipe()
    found = Verification(
        folder=Path("4235"),
        files=3,
        bytes=1,
        missing=("a.png",),
        changed=("b.png",),
        extra=(HOSTILE,),
        unreadable=(("c.png", "Input/output error"),),
    )
    show_verification(console, found)
    lines = written(console).splitlines()
    assert lines[:2] == ["4235: missing: a.png", "4235: changed: b.png"]
    assert lines[2].startswith("4235: extra: ")
    assert lines[3:] == ["4235: unreadable: c.png (Input/output error)"]
    assert "\x1b" not in written(console)


def test_a_run_is_shown_at_a_glance(record: RunRecord) -> None:
    console = pipe()
    show_run(console, Path("end_of_run/4235"), record)
    text = written(console)
    assert text.startswith("Run 4235  end_of_run/4235\n  status     complete, ended by run_footer\n")
    assert "  spills     1,200 filled, first 0 at 2013-11-28T09:54:10Z, last 199\n" in text
    assert (
        "  rejected   3 (bad_run_number 1, not_json 2)\n             image entries: 1 (bad_tag 1)\n" in text
    )
    assert "ReducePyTOFPlot 2 histograms 1,113 1,107 2 4 0 0 " in " ".join(text.split())
    assert "imagetof_time.png  23.5 kB  ReducePyTOFPlot\n" in text
    assert "failed: tof_x.png: a\\x1b[31mb" in text
    assert "renamed: tof_time of stream to tof_time_2\n" in text
    assert "ht01" not in text


def test_each_histogram_is_shown_on_request(record: RunRecord) -> None:
    console = pipe()
    show_run(console, Path("4235"), record, every=True)
    assert [line.split()[:2] for line in written(console).splitlines() if " ht" in line] == [
        ["ht01", "58"],
        ["ht12", "1,055"],
    ]


def test_tables_are_shown(record: RunRecord, readings: Readings) -> None:
    console = pipe()
    show_run(console, Path("4235"), msgspec.structs.replace(record, tables={"Mine": (readings,)}))
    lines = [line.split() for line in written(console).splitlines()]
    assert ["Triggers", "72", "72.50", "142,857", "199", "1"] in lines
    assert ["GVA", "-", "-", "-", "0", "200"] in lines
    assert "scalers: Scalers (Mine)" in written(console)


def test_a_run_with_nothing_in_it_is_shown(record: RunRecord) -> None:
    console = pipe()
    bare = {name: getattr(record, name) for name in record.__struct_fields__}
    bare |= {"first_spill": None, "last_spill": None, "histograms": {}, "images": (), "images_failed": ()}
    show_run(console, Path("4235"), RunRecord(**bare))
    assert "No histograms.\n\nNo images.\n" in written(console)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_a_run_on_a_terminal_is_shown_without_control_characters(record: RunRecord, width: int) -> None:
    console = terminal(width)
    show_run(console, Path(HOSTILE), record, every=True)
    assert not {"\x07", "\x9b", "\u202e", "\x7f", "\r"} & set(written(console))


def test_a_record_is_printed_as_json_in_ascii(record: RunRecord) -> None:
    stream = io.StringIO()
    show_json(stream, record)
    text = stream.getvalue()
    assert text.replace("\n", "").isascii()
    assert text.replace("\n", "").isprintable()
    assert json.loads(text)["sources"] == ["spills.json", HOSTILE]
    assert json.loads(text)["run_number"] == 4235


def test_numbers_of_numpy_are_numbers_in_json() -> None:
    out = io.StringIO()
    show_json(out, {"bins": np.int64(10), "start": np.float64(0.5)})
    assert json.loads(out.getvalue()) == {"bins": 10, "start": 0.5}


def test_a_job_names_what_came_late_and_the_command_that_puts_it_in() -> None:
    console = pipe()
    summary = a_job(
        a_run(), late={4235: 2, 4236: 1}, rejected={"late": 3}, set_aside_late=Path("live/late.jsonl")
    )
    show_problems(console, summary)
    assert written(console).splitlines() == [
        "run 4235: 2 documents came when it was sealed already",
        "run 4236: 1 document came when it was sealed already",
        "kept in live/late.jsonl; runfolio run --include-late puts them in",
    ]


def test_what_was_put_in_is_shown_as_a_job_is_and_what_was_not_is_told() -> None:
    shown = []
    for summary in (a_job(a_run(revision=2)), a_job(problems=["run 7: a line stays"]), a_job()):
        console = pipe()
        show_included(console, summary)
        shown.append(written(console))
    assert "had a folder before, which is left alone" in shown[0]
    assert shown[1:] == ["run 7: a line stays\n", "Nothing came late.\n"]
