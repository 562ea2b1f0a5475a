"""What comes late, with the real program: told at the end, and put into a new folder by one more command."""

import subprocess
from pathlib import Path

import pytest

from following import footer, header
from support import PROGRAM, Runfolio, clean_environment, contents, entries, record, spill, stream

EPOCH = {"SOURCE_DATE_EPOCH": "1385632449"}


@pytest.fixture
def simulated(runfolio: Runfolio, tmp_path: Path) -> list[bytes]:
    """Return the lines of a simulated run, number 4235."""
    runfolio("simulate", "--run-number", "4235", "--spills", "6", "--quiet", "--output", "s.json")
    lines = (tmp_path / "s.json").read_bytes().splitlines(keepends=True)
    (tmp_path / "s.json").unlink()
    return lines


def physics(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b'"physics_event"' in line]


def test_spills_of_a_file_that_came_late(runfolio: Runfolio, tmp_path: Path, simulated: list[bytes]) -> None:
    late = physics(simulated)[-2:]
    in_time = b"".join(line for line in simulated if line not in late)
    next_run = stream(header(4236), spill(4236, 1), footer(4236))
    (tmp_path / "late.json").write_bytes(in_time + next_run + b"".join(late))
    (tmp_path / "in_time.json").write_bytes(b"".join(simulated))

    done = runfolio("run", "late.json", status=1, env=EPOCH)
    assert "run 4235: 2 documents came when it was sealed already" in done.stdout
    assert "kept in live/late.jsonl; runfolio run --include-late puts them in" in done.stdout

    done = runfolio("run", "--include-late", env=EPOCH)
    assert "end_of_run/4235.r2" in done.stdout
    assert not (tmp_path / "live" / "late.jsonl").exists()
    runfolio("verify", "end_of_run/4235", "end_of_run/4235.r2")
    assert runfolio("run", "--include-late").stdout == "Nothing came late.\n"

    runfolio("run", "in_time.json", "--image-directory", "other", env=EPOCH)
    included, undisturbed = tmp_path / "end_of_run" / "4235.r2", tmp_path / "other" / "end_of_run" / "4235"
    assert entries(included) == entries(undisturbed)
    assert record(included)["documents"] == record(undisturbed)["documents"]
    roots = [
        {name: data for name, data in contents(each).items() if name.endswith(".root")}
        for each in (included, undisturbed)
    ]
    assert roots[0] == roots[1]


def test_spills_of_a_pipe_that_came_late(runfolio: Runfolio, tmp_path: Path) -> None:
    documents = spill(1, 1), footer(1), header(2), spill(2, 1), spill(1, 2), footer(2)
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [*PROGRAM, "run", "-", "--grace", "0", "--histogram-image-type", "none"],
            cwd=tmp_path,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        ) as program,
    ):
        program.communicate(stream(*documents), 60)
    assert program.returncode == 1
    runfolio("run", "--include-late", "--grace", "0", "--histogram-image-type", "none", "--quiet")
    found = record(tmp_path / "end_of_run" / "1.r2")
    assert (found["documents"]["filled"], found["sources"]) == (2, ["stdin"])
    assert (found["status"], found["ended_by"]) == ("complete", "run_footer")


def test_what_cannot_be_put_in_is_told(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_bytes(stream(spill(1, 1), footer(1), spill(2, 1), spill(1, 2)))
    runfolio("run", "s.json", "--histogram-image-type", "none", status=1)
    done = runfolio("run", "--include-late", status=1)
    why = "it was sealed with other plots or settings; give those again"
    assert done.stdout == f"run 1: a line stays in live/late.jsonl: {why}\n"


@pytest.mark.parametrize("more", [["s.json"], ["-"], ["--follow"]])
def test_files_are_refused(runfolio: Runfolio, more: list[str]) -> None:
    done = runfolio("run", "--include-late", *more, status=2)
    assert done.stderr == "runfolio: --include-late reads what came late, and no files: give it without any\n"
