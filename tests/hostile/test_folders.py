"""Run folders and live directories that were tampered with: told in words, never followed or obeyed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile.folders import DAMAGED_RECORDS, NO_RECORDS, SOUND_RECORDS
from hostile.pictures import BAD_TAGS
from hostile.processing import elsewhere, process
from hostile.texts import entry, images
from runfolio import cli
from runfolio.mice.reducers import EVERY
from support import record, spill, stream


@pytest.fixture
def folder(place: Path) -> Path:
    """A sealed folder of a run with an image, an image that was refused, and a table."""
    documents = (spill(1, 1, time_stamp=1.0), images(entry(), entry(tag="../x")), b"no JSON")
    return process(place, "spills.json", stream(*documents), EVERY).folders[1]


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; whatever it writes is printable."""
    status = cli.main(arguments)
    said = capsys.readouterr()
    for line in (said.out + said.err).split("\n"):
        assert line.isprintable()
    return status, said.out, said.err


@pytest.mark.parametrize("made", SOUND_RECORDS.values(), ids=SOUND_RECORDS)
def test_a_hostile_record_is_shown_without_its_control_characters(
    folder: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Any], Any]
) -> None:
    (folder / "run.json").write_text(json.dumps(made(record(folder))))
    for options in ((), ("--verbose",), ("--json",)):
        status, out, err = shown(capsys, "show", *options, str(folder))
        assert (status, err) == (0, "")
        assert out
    assert shown(capsys, "verify", str(folder))[0] == 1


def refused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Check that a folder cannot be shown, that one line says so, and that it is not whole."""
    for options in ((), ("--json",)):
        status, out, err = shown(capsys, "show", *options, str(folder))
        assert (status, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert len(err) < 1_000
        assert "run.json" in err
    assert shown(capsys, "verify", str(folder))[0] == 1


@pytest.mark.parametrize("made", DAMAGED_RECORDS.values(), ids=DAMAGED_RECORDS)
def test_a_damaged_record_is_refused_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Any], bytes]
) -> None:
    (folder / "run.json").write_bytes(made(record(folder)))
    refused(capsys, folder)


@pytest.mark.parametrize("made", NO_RECORDS.values(), ids=NO_RECORDS)
def test_what_is_no_record_is_not_read(
    folder: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Path], object]
) -> None:
    (folder / "run.json").unlink()
    made(folder / "run.json")
    refused(capsys, folder)


def test_a_record_larger_than_any_is_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "run.json").open("r+b") as file:
        file.truncate(2 << 30)
    status, out, err = shown(capsys, "show", str(folder))
    assert (status, out) == (2, "")
    assert "larger than" in err


@pytest.mark.parametrize("made", NO_RECORDS.values(), ids=NO_RECORDS)
def test_what_is_no_manifest_seals_no_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Path], object]
) -> None:
    (folder / "manifest-sha256.txt").unlink()
    made(folder / "manifest-sha256.txt")
    status, out, err = shown(capsys, "verify", str(folder))
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "0" * 64 + "  ../../../x",
        "0" * 64 + "  /etc/passwd",
        "\x1b]0;owned\x07",
        "0" * 64 + "  a\x1b[31m",
        "\0",
        "",
    ],
)
def test_a_manifest_with_another_line_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    with (folder / "manifest-sha256.txt").open("a") as file:
        file.write(line + "\n")
    status, out, err = shown(capsys, "verify", str(folder))
    assert (status, out) == (2, "")
    assert len(err) < 1_000


def test_files_called_like_terminal_controls_are_told_of(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("\x1b]0;owned\x07", "\x9b2J", "\u202egnp", "a\nb"):
        (folder / name).touch()
    status, out, _ = shown(capsys, "verify", str(folder))
    assert status == 1
    assert len(out.splitlines()) == 4


def live_index(place: Path, files: list[str]) -> bytes:
    found = json.loads((place / "live" / "live.json").read_bytes())
    return json.dumps(found | {"files": files}).encode()


def test_what_live_json_lists_elsewhere_is_not_removed(folder: Path, place: Path) -> None:
    (place / "live" / "mine.txt").touch()
    for name in ("x", "../x", "../../x"):
        (place / "live" / name).touch()
    files = [*BAD_TAGS, str(place / "x"), "rejected.jsonl", "live.json", "run.json", "x"]
    (place / "live" / "live.json").write_bytes(live_index(place, files))
    before = set(elsewhere(place))
    process(place, "again.json", stream(spill(2, 1)), EVERY)
    assert set(elsewhere(place)) == before | {place / "again.json"}
    assert {"mine.txt", "rejected.jsonl", "live.json"} <= {path.name for path in (place / "live").iterdir()}
    assert not (place / "live" / "x").exists()
    assert folder.exists()


@pytest.mark.parametrize("made", DAMAGED_RECORDS.values(), ids=DAMAGED_RECORDS)
def test_a_damaged_live_json_stops_no_run(place: Path, made: Callable[[Any], bytes], folder: Path) -> None:
    (place / "live" / "live.json").write_bytes(made(record(folder)))
    outcome = process(place, "again.json", stream(spill(2, 1)), EVERY)
    [problem] = outcome.summary.problems
    assert "live.json" in problem
    assert outcome.folders[2].exists()
    assert json.loads((place / "live" / "live.json").read_bytes())["run_number"] == 2
