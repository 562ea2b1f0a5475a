"""The soak of 50 seconds; and that it would find out what is lost, counted twice, damaged or growing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from runfolio.folder import list_runs
from soak.accounts import Accounts
from soak.documents import Feeder, Sent
from soak.job import PLOTS
from soak.watching import FIGURES, Sample, Watch
from support import PROGRAM, clean_environment

TESTS = Path(__file__).parents[1]
SECONDS = 50


def test_everything_stays_flat_and_is_accounted_for() -> None:
    """`make soak` does the same for ten minutes."""
    paths = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "soak", "--seconds", str(SECONDS)],
        env=clean_environment(PYTHONPATH=paths),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("all is accounted for") == 2


@dataclass
class Left:
    """What a job has left, and what was sent to it."""

    directory: Path
    ledger: list[Sent]
    told: str

    @property
    def folders(self) -> list[Path]:
        return [each.path for each in list_runs(self.directory / "end_of_run")]

    def differences(self, folders: list[Path] | None = None) -> list[str]:
        """Return what does not agree, given these folders or all."""
        accounts = Accounts(self.ledger)
        for folder in self.folders if folders is None else folders:
            accounts.add_folder(folder)
        for name in ("rejected.jsonl", "late.jsonl"):
            accounts.add_set_aside(self.directory / "live" / name)
        accounts.add_summary(self.told)
        accounts.add_written_on(self.directory / "on.jsonl")
        return list(accounts.differences())


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What is left of ten runs."""
    directory = tmp_path_factory.mktemp("job")
    feeder = Feeder(seed=2)
    (directory / "s.json").write_bytes(b"".join(feeder.next_run() for _ in range(10)))
    done = subprocess.run(
        [
            *PROGRAM,
            "run",
            "s.json",
            "--plots",
            PLOTS,
            "--histogram-image-type",
            "none",
            "--documents",
            "on.jsonl",
        ],
        cwd=directory,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Left(directory, feeder.ledger, done.stdout)


@pytest.fixture
def left(job: Left, tmp_path: Path) -> Left:
    """The same, to be changed."""
    shutil.copytree(job.directory, tmp_path / "job")
    return Left(tmp_path / "job", list(job.ledger), job.told)


def test_what_a_job_leaves_agrees_with_what_was_sent(left: Left) -> None:
    assert len(left.folders) >= 10
    assert left.differences() == []


def test_a_run_that_is_missing_or_there_twice_is_found_out(left: Left) -> None:
    assert any(each.startswith("spills of run") for each in left.differences(left.folders[1:]))
    assert any(
        each.startswith("spills of run") for each in left.differences([*left.folders, left.folders[0]])
    )


def _damage(left: Left) -> None:
    picture = next(left.folders[0].glob("*.root"))
    picture.chmod(0o600)
    picture.write_bytes(b"")


def _lose_a_rejected_document(left: Left) -> None:
    path = left.directory / "live" / "rejected.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def _repeat_a_rejected_document(left: Left) -> None:
    path = left.directory / "live" / "rejected.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines(keepends=True)[0])


def _read_one_less(left: Left) -> None:
    count = len(left.ledger)
    left.told = left.told.replace(f"{count} documents", f"{count - 1} documents")


def _read_one_more(left: Left) -> None:
    left.ledger.pop()


def _say_nothing(left: Left) -> None:
    left.told = ""


def _write_a_header_twice(left: Left) -> None:
    path = left.directory / "on.jsonl"
    header = next(line for line in path.read_text().splitlines() if "RunHeader" in line)
    path.write_text(f"{path.read_text()}{header}\n")


@pytest.mark.parametrize(
    "spoil",
    [
        _damage,
        _lose_a_rejected_document,
        _repeat_a_rejected_document,
        _read_one_less,
        _read_one_more,
        _say_nothing,
        _write_a_header_twice,
    ],
)
def test_whatever_does_not_agree_is_found_out(left: Left, spoil: Callable[[Left], None]) -> None:
    spoil(left)
    assert left.differences()


def watched(values: list[float]) -> Watch:
    """Return a watch that has seen memory of so many MB."""
    watch = Watch(os.getpid(), temporary=Path(), staging=Path(), live=Path())
    others = (0.0,) * (len(FIGURES) - 1)
    watch.samples = [Sample(10 * number, (value, *others)) for number, value in enumerate(values)]
    return watch


def test_memory_that_grows_is_not_flat() -> None:
    assert all(each.flat for each in watched([50, 60, 70, 100, 100, 100, 104, 104, 104]).flatness())
    grown = watched([50, 60, 70, 100, 100, 100, 106, 106, 106])
    assert [each.figure.name for each in grown.flatness() if not each.flat] == ["memory"]


def test_growth_is_told_for_ten_thousand_runs() -> None:
    assert watched([0, 0, 0, 100, 101, 102, 103, 104, 105]).growth() == pytest.approx(1000)


def test_the_same_seed_sends_the_same() -> None:
    first, second = Feeder(seed=3), Feeder(seed=3)
    assert [first.next_run() for _ in range(5)] == [second.next_run() for _ in range(5)]


def test_a_process_is_sampled(tmp_path: Path) -> None:
    (tmp_path / "live.json").write_bytes(bytes(1000))
    (tmp_path / "rejected.jsonl").write_bytes(bytes(1000))
    watch = Watch(os.getpid(), temporary=tmp_path, staging=tmp_path, live=tmp_path)
    watch.sample(runs=3)
    seen = dict(zip((figure.name for figure in FIGURES), watch.samples[0].values, strict=True))
    assert seen["memory"] > 10
    assert seen["files in the live directory"] == 1
    assert seen["live directory"] == 0.001
