"""Every way in which a run can end, as its folder says it."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from following import end, footer, header, images
from processes import DEADLINE, running, send, until
from support import Runfolio, entries, record, spill, stream

Ending = tuple[str, str, int]
"""What ended a run, its status, and the spills that it was filled with."""

Ends = Callable[..., dict[str, Ending]]

NO_PICTURES = ("--histogram-image-type", "none")


def sealed(directory: Path) -> dict[str, Ending]:
    """Return the endings of the runs by the names of their folders."""
    folders = sorted((directory / "end_of_run").glob("[0-9]*"))
    records = {folder.name: record(folder) for folder in folders}
    return {
        name: (run["ended_by"], run["status"], run["documents"]["filled"]) for name, run in records.items()
    }


@pytest.fixture
def ends(runfolio: Runfolio, tmp_path: Path) -> Ends:
    """Runs the program on a file of documents, and returns the endings of its runs."""

    def run(*documents: Any, options: tuple[str, ...] = (), status: int = 0) -> dict[str, Ending]:
        (tmp_path / "spills.json").write_bytes(stream(*documents))
        runfolio("run", "spills.json", *NO_PICTURES, *options, status=status)
        return sealed(tmp_path)

    return run


def counts(directory: Path, folder: str = "1") -> dict[str, Any]:
    """Return what a run's documents were counted as."""
    found: dict[str, Any] = record(directory / "end_of_run" / folder)["documents"]
    return found


def test_a_footer_before_the_last_data(ends: Ends) -> None:
    found = ends(header(1), spill(1, 1), footer(1), spill(1, 2), spill(1, 3))
    assert found == {"1": ("run_footer", "complete", 3)}


def test_several_footers(ends: Ends, tmp_path: Path) -> None:
    found = ends(header(1), spill(1, 1), footer(1), spill(1, 2), footer(1), footer(1))
    assert found == {"1": ("run_footer", "complete", 2)}
    assert counts(tmp_path)["run_footers"] == 3


def test_a_footer_for_a_run_that_never_was(runfolio: Runfolio, tmp_path: Path) -> None:
    documents = header(1), spill(1, 1), footer(9), spill(1, 2), footer(1)
    done = runfolio("run", "-", *NO_PICTURES, stdin=stream(*documents))
    assert sealed(tmp_path) == {"1": ("run_footer", "complete", 2)}
    assert "of no open run, and passed over: RunFooter 1" in done.stdout


def test_two_spills_that_say_that_the_run_is_over(ends: Ends, tmp_path: Path) -> None:
    found = ends(header(1), spill(1, 1), end(1), end(1), spill(1, 2), footer(1))
    assert found == {"1": ("end_of_run_spill", "complete", 2)}
    assert (counts(tmp_path)["end_of_run_spills"], counts(tmp_path)["run_footers"]) == (2, 1)


def test_a_header_twice(ends: Ends, tmp_path: Path) -> None:
    found = ends(header(1), spill(1, 1), header(1), spill(1, 2), footer(1))
    assert found == {"1": ("run_footer", "complete", 2)}
    assert counts(tmp_path)["run_headers"] == 2


def test_the_same_number_again_with_a_header_is_a_second_folder(ends: Ends) -> None:
    first, between = (header(1), spill(1, 1), footer(1)), (header(2), spill(2, 1), footer(2))
    found = ends(*first, *between, header(1), spill(1, 2), spill(1, 3))
    assert found == {
        "1": ("run_footer", "complete", 1),
        "2": ("run_footer", "complete", 1),
        "1.r2": ("end_of_input", "incomplete", 2),
    }


def test_the_same_number_again_without_a_header_is_late(ends: Ends, tmp_path: Path) -> None:
    found = ends(spill(1, 1), footer(1), spill(2, 1), spill(1, 2), spill(2, 2), footer(2), status=1)
    assert found == {"1": ("run_footer", "complete", 1), "2": ("run_footer", "complete", 2)}
    kept = [json.loads(each.read_text()) for each in (tmp_path / "live").glob("*.jsonl")]
    assert [(each["reason"], each["run_number"]) for each in kept] == [("late", 1)]


def test_a_run_with_no_spill(ends: Ends, tmp_path: Path) -> None:
    assert ends(header(1), footer(1)) == {"1": ("run_footer", "complete", 0)}
    run = record(tmp_path / "end_of_run" / "1")
    assert (run["images"], run["first_spill"], run["last_spill"]) == ([], None, None)


def test_a_run_with_no_image(ends: Ends, tmp_path: Path) -> None:
    calibration = [spill(1, number, daq_event_type="calibration_event") for number in (1, 2)]
    assert ends(header(1), *calibration, footer(1)) == {"1": ("run_footer", "complete", 0)}
    assert counts(tmp_path)["passed_over"] == 2
    assert record(tmp_path / "end_of_run" / "1")["images"] == []


def test_a_run_of_images_alone(ends: Ends, tmp_path: Path) -> None:
    assert ends(images(1), images(1)) == {"1": ("end_of_input", "incomplete", 0)}
    assert counts(tmp_path)["images"] == 2


def test_spills_without_an_event(ends: Ends, tmp_path: Path) -> None:
    found = ends(header(1), spill(1, 1), spill(1, 2, recon_events=[]), footer(1))
    assert found == {"1": ("run_footer", "complete", 2)}
    assert set(entries(tmp_path / "end_of_run" / "1").values()) == {0}
    assert len(record(tmp_path / "end_of_run" / "1")["images"]) == 2


def test_the_next_run(ends: Ends) -> None:
    found = ends(header(1), spill(1, 1), header(2), spill(2, 1))
    assert found == {"1": ("next_run", "incomplete", 1), "2": ("end_of_input", "incomplete", 1)}


def test_late_spills_go_to_their_run_while_it_waits_and_two_are_open(ends: Ends, tmp_path: Path) -> None:
    overlapping = spill(1, 1), spill(2, 1), spill(1, 2), spill(2, 2), spill(1, 3)
    found = ends(header(1), *overlapping, footer(2), footer(1), options=("--grace", "3600"))
    assert found == {"1": ("next_run", "incomplete", 3), "2": ("run_footer", "complete", 2)}
    marks = [record(tmp_path / "end_of_run" / name)["last_spill"]["number"] for name in ("1", "2")]
    assert marks == [3, 2]


def test_a_file_knows_no_idle_timeout(ends: Ends) -> None:
    found = ends(header(1), spill(1, 1), options=("--idle-timeout", "0.1"))
    assert found == {"1": ("end_of_input", "incomplete", 1)}


def test_a_run_on_a_pipe_that_nothing_comes_of_any_more(tmp_path: Path) -> None:
    options = ("--idle-timeout", "0.5", "--grace", "0", *NO_PICTURES)
    with running(tmp_path, "-", *options) as process:
        send(process, stream(header(1), spill(1, 1)))
        until((tmp_path / "end_of_run" / "1").exists)
        assert process.poll() is None
        process.communicate(stream(spill(2, 1), footer(2)), DEADLINE)
    assert process.returncode == 0
    assert sealed(tmp_path) == {"1": ("idle_timeout", "incomplete", 1), "2": ("run_footer", "complete", 1)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "-", "--refresh-seconds", "0", *NO_PICTURES) as process:
        send(process, stream(header(1), spill(1, 1)))
        until((tmp_path / "live" / "imageReducePyTOFPlot.root").exists)
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert sealed(tmp_path) == {"1": ("interrupted", "interrupted", 1)}
    assert b"interrupted while it was open" in out + err
    assert b"Traceback" not in err
