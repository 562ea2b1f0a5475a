"""What users of `runfolio move` get wrong, or find wrong: one line each that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from consoles import HOSTILE
from moving import Here
from support import PROGRAM, WITHOUT_ROOT_POWERS, clean_environment

NAMED = '[[destination]]\nname = "archive"\n'

SETTINGS = {
    "": "no destination is given: runfolio.toml needs a [[destination]]",
    "this is no table": "runfolio.toml: not TOML",
    '[[destinaton]]\nname = "a"': "(runfolio.toml, line 1) is not a setting; did you mean destination?",
    '[destination]\nname = "a"': "destinations are written as [[destination]]",
    '[[destination]]\nnam = "a"\nurl = "file:///a"': "nam is not a setting; did you mean name?",
    NAMED: "destination 'archive': it needs a url",
    NAMED + 'urll = "file:///a"': "did you mean that by urll?",
    NAMED + 'url = "ftp://host/a"': "begins with none of file, sftp, ",
    NAMED + 'url = "file://a/b"': "is not of the form file:///absolute/path",
    NAMED + 'url = "file:///a"\npackging = "tar"': "packging is not a setting; did you mean packaging?",
    NAMED + 'url = "file:///a"\npackaging = "zip"': "accepted are folder, tar, bagit",
    NAMED + 'url = "file:///a"\nparallel = "2"': "parallel",
    NAMED + 'url = "file:///a"\n' + NAMED + 'url = "file:///b"': "two destinations are called archive",
    NAMED + 'url = "file:///a"\n[move]\nscan_second = 3': "did you mean scan_seconds?",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_what_is_wrong_in_the_settings_is_said(here: Here, settings: str) -> None:
    here.seal(7).settings(settings)
    assert SETTINGS[settings] in here.refused("--once")
    assert not here.journal.exists()


def test_without_settings_it_is_said_what_they_need(here: Here) -> None:
    (here.path / "runfolio.toml").unlink()
    here.seal(7)
    for command in ("--once", "doctor", "reconcile"):
        assert "runfolio.toml needs a [[destination]] with a name and a url" in here.refused(command)
    assert "No such file" in here.refused("--settings", "nowhere.toml")


@pytest.mark.parametrize("command", ["--once", "retry", "reconcile", "pause archive", "clean"])
def test_without_an_end_of_run_directory_nothing_is_made(here: Here, command: str) -> None:
    assert "there is no directory end_of_run: give --end-of-run" in here.refused(*command.split())
    assert not here.end_of_run.exists()


@pytest.mark.parametrize("command", ["status", "show 7", "verify 7", "quarantine list"])
def test_before_the_first_mover_there_is_no_journal(here: Here, command: str) -> None:
    assert "runfolio move begins it" in here.seal(7).refused(*command.split())
    assert not here.journal.parent.exists()


@pytest.mark.parametrize(
    "command",
    [
        "pause archiv",
        "resume archiv",
        "retry --destination archiv",
        "doctor --destination archiv",
        "quarantine release 7 --destination archiv",
    ],
)
def test_a_destination_of_another_name_is_told_by_each_command(here: Here, command: str) -> None:
    here.seal(7).move("--once")
    assert here.refused(*command.split()) == "no destination is called archiv; did you mean archive?"


@pytest.mark.parametrize("command", ["show", "verify", "retry", "quarantine release"])
def test_a_run_that_is_not_known_is_told_by_each_command(here: Here, command: str) -> None:
    here.seal(7).move("--once")
    assert here.refused(*command.split(), "8").startswith("no run 8 is known to the mover; ")
    assert "\x1b" not in here.refused(*command.split(), HOSTILE)


WORDS = {
    "sttus": "runfolio move takes no 'sttus' here; did you mean runfolio move status?",
    "4235": "runfolio move takes no '4235' here; runfolio move --help shows what is accepted",
    "--once status": "give the command first: runfolio move status",
    "--onec": "Unknown option: --onec. Did you mean --once? runfolio move --help shows",
    "status --jsn": "Unknown option: --jsn. Did you mean --json? runfolio move status --help shows",
    "show": 'Command "move show" parameter RUN requires an argument. runfolio move show --help shows',
    "show 7 8": "runfolio move show takes no '8' here",
    "verify": "no run named, as in: runfolio move verify 4235",
    "quarantine relese 7": 'Unknown command "relese". Did you mean "release"?',
    "quarantine release 7": "nothing of run 7 is in quarantine; runfolio move quarantine list says what is",
}


@pytest.mark.parametrize("words", WORDS)
def test_words_that_it_does_not_take_are_told_with_those_that_were_meant(here: Here, words: str) -> None:
    here.seal(7).move("--once")
    assert here.refused(*words.split()).startswith(WORDS[words])


def test_an_archive_that_is_not_mounted_is_never_made(here: Here) -> None:
    here.seal(7).archive.rmdir()
    done = here.move("--once", status=1)
    assert f"7 to archive: {here.archive} is not there: make it, or mount it; " in done.stderr
    assert done.stderr.endswith("of 1 run not all is delivered; runfolio move status says why\n")
    assert not here.archive.exists()
    assert here.move("doctor", status=1).stdout.startswith("FAIL  archive       reachable")
    here.archive.mkdir()
    here.move("resume", "archive")
    here.move("--once")
    assert here.delivered() == ["7"]


def without_powers(here: Here, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WITHOUT_ROOT_POWERS, *PROGRAM, "move", *arguments],
        cwd=here.path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_archive_that_may_not_be_written_pauses_until_it_is_mended(here: Here) -> None:
    here.seal(7).archive.chmod(0o555)
    done = without_powers(here, "--once")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Permission denied; let " in done.stderr
    assert "paused; once it is mended: runfolio move resume archive" in done.stderr
    assert "FAIL  archive       writable" in without_powers(here, "doctor").stdout
    here.archive.chmod(0o755)
    here.move("resume", "archive")
    here.move("--once")
    assert here.delivered() == ["7"]


def test_a_journal_directory_that_may_not_be_written_is_told(here: Here) -> None:
    here.seal(7).move("--once")
    here.journal.chmod(0o444)
    here.journal.parent.chmod(0o555)
    done = without_powers(here, "--once")
    assert done.returncode == 1
    assert "it belongs to the user who runs runfolio move" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "all is delivered" in without_powers(here, "status").stdout


@pytest.mark.parametrize("command", ["--once", "status", "show 7", "verify 7", "retry", "pause archive"])
def test_a_journal_of_garbage_is_told_with_what_mends_it(here: Here, command: str) -> None:
    here.seal(7).move("--once")
    here.journal.write_bytes(b"garbage" * 5000)
    assert here.refused(*command.split()).endswith(
        "run `runfolio move reconcile`, which makes it anew from the folders and destinations"
    )
    assert here.journal.read_bytes() == b"garbage" * 5000
    here.move("reconcile")
    assert "all is delivered" in here.move("status").stdout


@pytest.mark.parametrize("room", ["0k", "24k"])
def test_a_full_disk_for_the_journal_is_told(here: Here, room: str) -> None:
    (here.path / "small").mkdir()
    here.seal(7).destination('[move]\ndirectory = "small/journal"')
    as_user = () if os.geteuid() == 0 else ("--map-root-user",)
    fill = (
        "mkdir small/journal; head -c 1m /dev/zero > small/filler 2> /dev/null; truncate -s -$0 small/filler"
    )
    mount = f'mount -t tmpfs -o size=1m none small && {{ {fill}; exec "$@"; }}'
    done = subprocess.run(
        ["unshare", "--mount", *as_user, "sh", "-c", mount, room, *PROGRAM, "move", "--once"],
        cwd=here.path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr:
        pytest.skip("no file system may be mounted here")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "disk is full" in done.stderr
    assert here.delivered() == []


def test_a_missing_extra_is_named_with_the_command_that_installs_it(here: Here, tmp_path: Path) -> None:
    here.seal(7).settings('[[destination]]\nname = "there"\nurl = "sftp://user@127.0.0.1/there"\n')
    without = "import sys; sys.modules['asyncssh'] = None; from runfolio.cli import main; sys.exit(main())"
    for words, status in ((["doctor"], 1), (["--once"], 1)):
        done = subprocess.run(
            [sys.executable, "-c", without, "move", *words],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status
        assert "pip install 'runfolio[sftp]'" in done.stdout + done.stderr


def test_no_control_character_reaches_a_terminal(here: Here) -> None:
    (here.end_of_run / f"7{HOSTILE}").mkdir(parents=True)
    here.seal(7)
    (here.end_of_run / "7" / HOSTILE).write_bytes(b"")  # so that it is damaged, and its name is told
    for status, words in ((1, ["--once"]), (0, ["status"]), (0, ["show", "7"]), (0, ["quarantine", "list"])):
        found, shown = here.on_terminal(*words)
        assert found == status
        for bad in ("\x1b[31mb", "\x07", "\x9b", "\u202e", "\x7f"):
            assert bad not in shown
    assert "7" in shown
