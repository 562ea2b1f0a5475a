"""Input that is bad costs itself alone, and is said; what cannot begin says why in one line."""

import base64
import gzip
import subprocess
from pathlib import Path

import pytest

from support import (
    PROGRAM,
    WITHOUT_ROOT_POWERS,
    Runfolio,
    clean_environment,
    mark,
    record,
    rejected,
    spill,
    stream,
)

NO_PICTURES = ("--histogram-image-type", "none")

BAD = {
    "not_json": b"this is no JSON",
    "not_utf8": b'{"maus_event_type": "Spill", "run_number": 1, "note": "\xff\xfe"}',
    "cut_off": b'{"maus_event_type": "Spill", "run_number": 1, "spill_nu',
    "wrong_type": b'{"maus_event_type": "Spill", "run_number": 1, "spill_number": 1,'
    b' "daq_event_type": "", "recon_events": 7}',
    "unknown_kind": b'{"maus_event_type": "Surprise", "run_number": 1}',
    "no_run_number": b'{"maus_event_type": "Spill", "spill_number": 1, "daq_event_type": ""}',
    "bad_run_number": b'{"maus_event_type": "Spill", "run_number": -1, "spill_number": 1}',
}
BAD_RUN_NUMBERS = (b'"1"', b"1.5", b"1" + b"0" * 30, b"-1", b"null", b"true", b"[1]")


def test_each_kind_of_bad_document_is_set_aside_and_the_run_goes_on(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    lines = stream(spill(1, 1), *BAD.values(), spill(1, 2), mark("RunFooter", 1))
    done = runfolio("run", "-", *NO_PICTURES, stdin=lines, status=1)
    assert record(tmp_path / "end_of_run" / "1")["documents"]["filled"] == 2
    kept = rejected(tmp_path / "live")
    assert [each["reason"] for each in kept] == list(BAD)
    assert [each["line"] for each in kept] == list(range(2, 2 + len(BAD)))
    assert all(lines[each["offset"] :].startswith(bad) for each, bad in zip(kept, BAD.values(), strict=True))
    raw = [each["raw"].encode() if "raw" in each else base64.b64decode(each["raw_base64"]) for each in kept]
    assert raw == list(BAD.values())
    assert all(reason in done.stdout + done.stderr for reason in BAD)
    assert "live/rejected.jsonl" in done.stdout + done.stderr


@pytest.mark.parametrize("number", BAD_RUN_NUMBERS)
def test_a_run_number_that_is_none_never_becomes_a_folder(
    runfolio: Runfolio, tmp_path: Path, number: bytes
) -> None:
    bad = b'{"maus_event_type": "RunFooter", "run_number": ' + number + b"}"
    runfolio("run", "-", *NO_PICTURES, stdin=stream(bad), status=1)
    assert [path.name for path in (tmp_path / "end_of_run").iterdir()] == [".staging"]
    assert [each["reason"] for each in rejected(tmp_path / "live")] == ["bad_run_number"]


def test_what_is_counted_with_a_run_adds_up(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(1, 1), *BAD.values()), status=1)
    documents = record(tmp_path / "end_of_run" / "1")["documents"]
    parts = [value for name, value in documents.items() if name not in ("received", "rejected")]
    assert documents["received"] == sum(parts) + sum(documents["rejected"].values())
    assert documents["received"] == 1 + len(BAD)


def test_a_line_of_200_mb_is_set_aside_without_being_kept_whole(runfolio: Runfolio, tmp_path: Path) -> None:
    with (tmp_path / "spills.json").open("wb") as file:
        file.write(stream(spill(1, 1)) + b'{"padding": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + stream(spill(1, 2)))
    runfolio("run", "spills.json", *NO_PICTURES, status=1)
    [long] = rejected(tmp_path / "live")
    assert (long["reason"], long["line"], long["truncated"]) == ("too_long", 2, True)
    assert long["bytes"] == 200_000_000 + len('{"padding": ""}')
    assert (tmp_path / "live" / "rejected.jsonl").stat().st_size < 1_000_000
    assert record(tmp_path / "end_of_run" / "1")["documents"]["filled"] == 2


def test_a_damaged_archive_is_said_and_what_came_before_counts(runfolio: Runfolio, tmp_path: Path) -> None:
    whole = gzip.compress(stream(*(spill(1, n) for n in range(2000))), mtime=0)
    (tmp_path / "spills.json.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "more.json").write_bytes(stream(spill(2, 1)))
    done = runfolio("run", "spills.json.gz", "more.json", *NO_PICTURES, status=1)
    assert "spills.json.gz: cannot be read on at byte" in done.stderr
    assert 0 < record(tmp_path / "end_of_run" / "1")["documents"]["filled"] < 2000
    assert record(tmp_path / "end_of_run" / "2")["documents"]["filled"] == 1


SEALED_HERE = ("--end-of-run-image-directory", "end_of_run")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.json"], "missing.json: No such file or directory"),
        (["."], ".: is a directory"),
        (["spills.json", "missing.json"], "missing.json: No such file or directory"),
        (["--follow", "-"], "--follow watches one file"),
        (["spills.json", "--image-directory", "spills.json"], "spills.json"),
        (["spills.json", "--end-of-run-image-directory", "spills.json/x"], "spills.json"),
        (["spills.json", "--documents", "no/such/place"], "no/such/place"),
        (["spills.json", "--documents", "./spills.json"], "would destroy it"),
        (["spills.json", "--documents", "end_of_run/7"], "choose another place"),
        (["spills.json", "--documents", "end_of_run/7.r2/run.json"], "choose another place"),
        (["spills.json", "--documents", "live/live.json"], "choose another name"),
        (["spills.json", "--image-directory", "end_of_run/7", *SEALED_HERE], "choose another place"),
        (["spills.json", "--image-directory", "end_of_run/.staging", *SEALED_HERE], "choose another place"),
        ([""], "an empty name"),
        (["spills.json", "--refresh-rate", "often"], "refresh_rate"),
        ([], "nothing to read"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(
    runfolio: Runfolio, tmp_path: Path, arguments: list[str], says: str
) -> None:
    lines = stream(spill(1, 1))
    (tmp_path / "spills.json").write_bytes(lines)
    done = runfolio("run", *arguments, status=2)
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not list(tmp_path.glob("end_of_run/[0-9]*"))
    assert (tmp_path / "spills.json").read_bytes() == lines


@pytest.mark.parametrize(
    ("forbidden", "said"),
    [
        ("spills.json", "runfolio: spills.json: no permission to read it\n"),
        ("here", "runfolio: cannot make the directory here/end_of_run: Permission denied\n"),
    ],
)
def test_without_permission_it_does_not_start_and_says_so(tmp_path: Path, forbidden: str, said: str) -> None:
    (tmp_path / "spills.json").write_bytes(stream(spill(1, 1)))
    (tmp_path / "here").mkdir()
    (tmp_path / forbidden).chmod(0o000 if forbidden == "spills.json" else 0o555)
    arguments = ("run", "spills.json", "--end-of-run-image-directory", "here/end_of_run")
    done = subprocess.run(
        [*WITHOUT_ROOT_POWERS, *PROGRAM, *arguments],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, said)
    assert list((tmp_path / "here").iterdir()) == []


def test_the_stream_is_not_written_over_what_stdin_reads(tmp_path: Path) -> None:
    lines = stream(spill(1, 1))
    (tmp_path / "spills.json").write_bytes(lines)
    with (tmp_path / "spills.json").open("rb") as stdin:
        done = subprocess.run(
            [*PROGRAM, "run", "-", "--documents", "spills.json"],
            cwd=tmp_path,
            env=clean_environment(),
            stdin=stdin,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 2
    assert (tmp_path / "spills.json").read_bytes() == lines


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("run spills.json", 0, b""),
        ("--version", 0, b""),
        ("simulate --spills 1", 2, b"runfolio: standard output is closed: give --output spills.json\n"),
        (
            "run spills.json --documents -",
            2,
            b"runfolio: standard output is closed: give --documents out.jsonl\n",
        ),
    ],
)
def test_a_closed_output_ends_nothing(tmp_path: Path, command: str, status: int, said: bytes) -> None:
    (tmp_path / "spills.json").write_bytes(stream(mark("RunHeader", 1)))
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m runfolio {command} >&-', PROGRAM[0]],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, said)
    assert (tmp_path / "end_of_run" / "1").is_dir() == (command == "run spills.json")
