"""docs/handoff.md: every command and the script in it, as they stand there, and what it promises."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pages import blocks
from servers.place import flip, needed
from support import Runfolio, clean_environment, contents, mark, spill, stream

SCRIPT = "#!/bin/sh\n"
PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"
UMASK = "umask 022"
STARTED = "runfolio run spills.json"


def carry_script() -> str:
    [script] = [text for _, text in blocks("handoff.md") if text.startswith(SCRIPT)]
    return script


def commands() -> list[str]:
    """Return the blocks of commands, in their order."""
    return [text for kind, text in blocks("handoff.md") if kind == "sh" and not text.startswith(SCRIPT)]


class Site:
    """A directory with the script, the archive, and a stream of run 4235."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.archive = directory / "archive"
        self.archive.mkdir()
        (directory / "carry.sh").write_text(carry_script())
        (directory / "carry.sh").chmod(0o755)
        (directory / "spills.json").write_bytes(stream(spill(4235, 1), mark("RunFooter", 4235)))

    def shell(self, *lines: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", "\n".join(("set -eu", UMASK, *lines))],
            cwd=self.directory,
            env=clean_environment(PATH=PATH, ARCHIVE=str(self.archive)),
            capture_output=True,
            text=True,
            check=False,
        )

    def sealed(self) -> Path:
        done = self.shell(f"{STARTED} --quiet")
        assert done.returncode == 0, done.stderr
        return self.directory / "end_of_run" / "4235"

    def carry(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Call the script for a folder, by the manifest that the folder has now."""
        digest = f"$(sha256sum <{folder}/manifest-sha256.txt | cut -d' ' -f1)"
        return self.shell(f'./carry.sh 4235 {folder} "{digest}"')

    def archived(self) -> list[str]:
        """Return what is in the archive for anybody to see."""
        return sorted(path.name for path in self.archive.iterdir() if path.name != ".lock")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    needed("rsync", "flock")
    return Site(tmp_path)


def test_every_command_of_the_page_works(site: Site) -> None:
    (site.directory / "carry.sh").unlink()
    write = f"cat > carry.sh <<'END_OF_FILE'\n{carry_script()}END_OF_FILE"
    done = site.shell(STARTED, write, *commands())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines().count("end_of_run/4235") == 1
    assert site.archived() == ["4235", "4235.r2"]
    left = {path.name for path in (site.directory / "end_of_run").iterdir()}
    assert left == {".staging", ".carried", "4235.r2"}


def test_files_are_read_only_and_the_folder_can_be_removed(site: Site) -> None:
    folder = site.sealed()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_folder_that_is_removed_as_the_page_says_keeps_its_name(site: Site) -> None:
    folder = site.sealed()
    assert site.shell(commands()[-1]).returncode == 0
    site.sealed()
    assert not folder.exists()
    assert folder.with_name("4235.r2").is_dir()


def test_a_folder_that_is_just_removed_frees_its_name(site: Site) -> None:
    site.shell(f"rm -rf {site.sealed()}")
    assert site.sealed().is_dir()
    assert not (site.directory / "end_of_run" / "4235.r2").exists()


def test_names_with_a_dot_are_left_alone(site: Site) -> None:
    mine = site.directory / "end_of_run" / ".4234.gone"
    mine.mkdir(parents=True)
    (mine / "run.json").touch()
    site.sealed()
    assert (mine / "run.json").exists()


def test_the_script_may_be_called_again_and_twice_at_once(site: Site) -> None:
    folder = site.sealed()
    statuses: list[int] = []
    calls = [
        threading.Thread(target=lambda: statuses.append(site.carry(folder).returncode)) for _ in range(3)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert statuses == [0, 0, 0]
    assert site.archived() == ["4235"]
    assert contents(site.archive / "4235") == contents(folder)


def test_the_script_goes_on_from_half_a_copy(site: Site) -> None:
    folder = site.sealed()
    part = site.archive / ".4235.part"
    part.mkdir()
    (part / "run.json").write_text("half")
    (part / "foreign").touch()
    assert site.carry(folder).returncode == 0
    assert contents(site.archive / "4235") == contents(folder)


def test_the_script_does_not_hand_on_a_damaged_folder(site: Site) -> None:
    folder = site.sealed()
    flip(folder / "run.json")
    done = site.carry(folder)
    assert done.returncode != 0
    assert "run.json: FAILED" in done.stdout
    assert site.archived() == [".4235.part"]


@pytest.mark.parametrize("what", ["run.json", "manifest-sha256.txt"])
def test_the_script_leaves_alone_what_is_there_and_differs(site: Site, what: str) -> None:
    folder = site.sealed()
    site.carry(folder)
    flip(site.archive / "4235" / what)
    before = contents(site.archive / "4235")
    assert site.carry(folder).returncode != 0
    assert contents(site.archive / "4235") == before


def test_what_the_page_says_of_verifying_is_what_runfolio_says(runfolio: Runfolio, site: Site) -> None:
    folder = site.sealed()
    verify = commands()[1]
    assert "sha256sum" in verify
    assert site.shell(verify).returncode == 0
    (folder / "extra").touch()
    assert site.shell(verify).returncode == 0  # which runfolio also looks for
    assert "extra: extra" in runfolio("verify", folder, status=1).stdout
    flip(folder / "run.json")
    assert site.shell(verify).returncode == 1
