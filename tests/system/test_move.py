"""`runfolio move` as its page says it is used: first of all, and each command's words and exit status."""

import re
from pathlib import Path

import msgspec
import pytest

from moving import Here
from pages import DOCS
from processes import running, send, until
from runfolio.folder import verify
from runfolio.move_reports import DeliveryStatus, DestinationStatus, Status
from runfolio.mover.quarantine import Quarantined
from runfolio.mover.receipts import Receipt
from support import mark, spill, stream

PAGE = (DOCS / "datamover.md").read_text()
COMMANDS = ("status", "show", "verify", "retry", "pause", "resume", "doctor", "reconcile", "clean")


def keys(kind: type[msgspec.Struct]) -> set[str]:
    return {each.name for each in msgspec.structs.fields(kind)}


def test_the_first_use_is_as_the_page_says(here: Here) -> None:
    [settings, *_] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    [commands] = re.findall(r"^```\n(runfolio move doctor.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    archive = settings.partition("\n\n")[0]
    assert 'url = "file:///archive/mice"' in archive
    here.seal(4235, 4236).settings(archive.replace("file:///archive/mice", here.archive.as_uri()))
    lines = [line.partition("#")[0].split()[2:] for line in commands.splitlines()]
    assert lines == [["doctor"], [], ["--once"], ["status"]]
    assert "FAIL" not in here.move("doctor").stdout
    assert "runfolio: run 4235 delivered to archive, " in here.move("--once").stdout
    assert all(verify(here.archive / run).whole for run in ("4235", "4236"))
    assert "all is delivered\nno mover is at work\n" in here.move("status").stdout


def test_the_page_has_each_command() -> None:
    section = PAGE.partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"`move (\w+)", section)) == {*COMMANDS, "quarantine"}


@pytest.mark.parametrize("command", [*COMMANDS, "quarantine list", "quarantine release"])
def test_each_command_has_a_page_of_help(here: Here, command: str) -> None:
    done = here.move(*command.split(), "--help")
    assert done.stdout.startswith(f"Usage: runfolio move {command}")
    assert "--end-of-run-image-directory" in done.stdout
    assert done.stderr == ""
    assert "ARGS" not in done.stdout
    assert " STR" not in done.stdout


def test_the_help_of_move_lists_what_a_user_needs_first(here: Here) -> None:
    text = here.move("--help").stdout
    assert "runfolio move [OPTIONS]\n" in text
    named = re.findall(r"^│ (\w+) ", text, re.MULTILINE)
    assert named == [*COMMANDS[:6], "quarantine", *COMMANDS[6:]]
    assert "--once" in text


def test_a_status_as_json_is_what_its_structs_say(here: Here) -> None:
    here.seal(7).move("--once")
    found = here.found("status")
    assert found.keys() == keys(Status)
    assert found["destinations"][0].keys() == keys(DestinationStatus)
    assert found["deliveries"][0].keys() == keys(DeliveryStatus)
    told = msgspec.convert(found, Status)
    assert (told.movers, told.oldest_undelivered, told.not_listed) == (0, None, 0)
    assert [(each.run, each.state, each.attempts) for each in told.deliveries] == [("7", "delivered", 1)]
    size = sum(path.stat().st_size for path in (here.end_of_run / "7").iterdir())
    assert told.deliveries[0].bytes == size


def test_a_status_names_what_is_open_and_why(here: Here) -> None:
    here.seal(7, 8).archive.rmdir()
    here.move("--once", status=1)
    told = msgspec.convert(here.found("status"), Status)
    assert (told.destinations[0].state, told.destinations[0].waiting) == ("paused", 2)
    assert "archive is not there" in told.destinations[0].error
    assert told.oldest_undelivered == "7"
    text = here.move("status").stdout
    assert "oldest undelivered: run 7, here since " in text
    assert "is not there: make it, or mount it" in text


def test_showing_a_run_tells_its_deliveries_and_what_happened(here: Here) -> None:
    here.seal(7).move("--once")
    text = here.move("show", "7").stdout
    assert text.startswith("Run 7\n")
    for words in ("archive: delivered, 1 attempt", "4 files", "attempt 1", "seen: 4 files"):
        assert words in text
    receipt = here.path / re.findall(r"receipt +(\S+)", text)[0]
    assert msgspec.json.decode(receipt.read_bytes(), type=Receipt).run == "7"
    assert receipt.read_bytes() == (here.archive / "receipts" / "7.json").read_bytes()


@pytest.mark.parametrize("deep", [[], ["--deep"]])
def test_verifying_finds_what_was_changed_at_the_destination(here: Here, deep: list[str]) -> None:
    here.seal(7, 8).move("--once")
    assert here.move("verify", "7", "8", *deep).stdout.startswith("7 at archive: ok, 4 files, ")
    (changed := here.archive / "8" / "run.json").chmod(0o644)
    changed.write_bytes(changed.read_bytes().replace(b"complete", b"completE"))
    done = here.move("verify", "7", "8", *deep, status=1)
    assert done.stdout.splitlines()[1] == "8 at archive: changed: run.json"


def test_a_run_that_is_not_delivered_can_not_be_verified(here: Here) -> None:
    here.seal(7).archive.rmdir()
    here.move("--once", status=1)
    assert here.move("verify", "7", status=1).stdout == "7 is delivered nowhere yet\n"


def test_a_paused_destination_gets_nothing_until_it_is_resumed(here: Here) -> None:
    here.seal(7)
    assert here.move("pause", "archive").stdout == (
        "archive is paused, until: runfolio move resume archive\n"
    )
    here.move("--once", status=1)
    assert here.found("status")["deliveries"][0]["state"] == "paused"
    assert here.delivered() == []
    assert here.move("resume", "archive").stdout == "archive is no longer paused\n"
    here.move("--once")
    assert here.delivered() == ["7"]


def test_to_pause_and_resume_leaves_it_to_the_mover_to_take_another_url(here: Here) -> None:
    here.seal(7).move("--once")
    here.settings(f'[[destination]]\nname = "archive"\nurl = "{here.archive.as_uri()}/other"\n')
    (here.archive / "other").mkdir()
    here.move("pause", "archive")
    here.move("resume", "archive")
    assert here.found("status")["deliveries"][0]["state"] == "delivered"
    here.move("--once")
    assert (here.archive / "other" / "7").is_dir()


def test_what_waits_is_tried_at_once_when_that_is_asked(here: Here) -> None:
    here.seal(7).settings(f'[[destination]]\nname = "archive"\nurl = "{here.archive.as_uri()}/empty/there"\n')
    (here.archive / "empty").mkdir()
    here.move("--once", status=1)  # below an empty directory: not mounted, so it waits
    here.move("--once", status=1)
    assert here.found("status")["deliveries"][0]["next_try"]
    (here.archive / "empty" / "there").mkdir()
    assert here.move("retry", "7", "--destination", "archive").stdout == "due now: 1 delivery\n"
    here.move("--once")
    assert here.move("retry").stdout == "nothing waits\n"


def test_a_conflict_is_quarantined_listed_and_released(here: Here) -> None:
    here.seal(7)
    (here.archive / "7").mkdir()
    (here.archive / "7" / "other").write_bytes(b"somebody else's")
    assert "quarantined" in here.move("--once", status=1).stderr
    assert "archive" in here.move("quarantine", "list").stdout
    [found] = here.found("quarantine", "list")
    assert found.keys() == keys(Quarantined)
    assert "7 is there already at archive, and differs" in found["reason"]
    assert (here.archive / "7" / "other").read_bytes() == b"somebody else's"
    (here.archive / "7").rename(here.archive / "elsewhere")
    assert here.move("quarantine", "release", "7").stdout == "tried again: run 7 to archive\n"
    here.move("--once")
    assert here.move("quarantine", "list").stdout == "Nothing is in quarantine.\n"


def test_a_damaged_run_is_quarantined_and_the_others_are_delivered(here: Here) -> None:
    here.seal(7, 8)
    (damaged := here.end_of_run / "7" / "imagetof_time.png").chmod(0o644)
    damaged.write_bytes(b"")
    assert "the run is quarantined" in here.move("--once", status=1).stderr
    assert here.delivered() == ["8"]
    assert [each["run"] for each in here.found("quarantine", "list")] == ["7"]


def test_reconciling_makes_a_lost_journal_anew_and_sends_nothing_twice(here: Here) -> None:
    here.seal(7, 8).move("--once")
    before = {path: path.stat().st_ino for path in here.archive.rglob("*")}
    here.journal.unlink()
    assert "archive: 2 delivered" in here.move("reconcile").stdout
    here.move("--once")
    assert {path: path.stat().st_ino for path in here.archive.rglob("*")} == before


def test_cleaning_needs_rules_and_goes_by_them(here: Here) -> None:
    here.seal(7, 8).move("--once")
    assert here.refused("clean").startswith("nothing is removed without rules: ")
    here.destination("[move.clean]\nolder_than_days = 0\nkeep_newest = 1")
    assert "7" in here.move("clean", "--dry-run").stdout
    assert (here.end_of_run / "7").is_dir()
    here.move("clean", "--deep")
    assert sorted(path.name for path in here.end_of_run.iterdir() if path.name[0] != ".") == ["8"]
    assert (here.end_of_run / ".carried" / "7" / "run.json").is_file()


def test_two_destinations_get_each_run(here: Here) -> None:
    (tape := here.path / "tape").mkdir()
    here.destination(f'[[destination]]\nname = "tape"\nurl = "{tape.as_uri()}"\npackaging = "tar"\n')
    here.seal(7).move("--once")
    assert here.delivered() == ["7"]
    assert sorted(path.name for path in tape.iterdir()) == ["7.tar", "receipts"]


def test_a_mover_delivers_what_is_sealed_meanwhile(here: Here) -> None:
    here.end_of_run.mkdir()
    with here.mover() as mover, running(here.path, "-", "--histogram-image-type", "none") as sealing:
        for number in (7, 8):
            send(sealing, stream(spill(number, 1), mark("RunFooter", number)))
            until((here.archive / "receipts" / f"{number}.json").exists)
        assert here.found("status")["movers"] == 1
        mover.terminate()
        out, err = mover.communicate()
        assert (mover.returncode, err) == (0, b"")
    assert out.decode().splitlines()[-1].startswith("2 deliveries, ")
    assert all(verify(here.archive / run).whole for run in ("7", "8"))


def test_quiet_says_nothing_when_all_is_well_and_verbose_says_what_is_done(here: Here) -> None:
    done = here.seal(7).move("--once", "--quiet")
    assert (done.stdout, done.stderr) == ("", "")
    here.seal(8).archive.rename(here.path / "gone")
    assert "is not there" in here.move("--once", "--quiet", status=1).stderr
    assert here.move("--once", "--verbose", status=1).stderr


def test_settings_and_directories_may_be_elsewhere(here: Here) -> None:
    (here.path / "runfolio.toml").rename(here.path / "site.toml")
    here.seal(7).end_of_run.rename(here.path / "runs")
    given = ["--settings", "site.toml", "--end-of-run-image-directory", "runs"]
    here.move("--once", *given)
    assert here.found("status", *given)["destinations"][0]["delivered"] == 1
    assert here.delivered() == ["7"]
    assert not Path(here.end_of_run).exists()
