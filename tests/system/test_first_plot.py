"""docs/first-plot.md and docs/plots.md: every command and every file in them, as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pages import BLOCK, DOCS, blocks
from support import Runfolio, clean_environment, record

README = DOCS.parent / "README.md"
NAMED = re.compile(r"# (\S+\.py)\n")


def as_script(page: str) -> str:
    """Return a page as a shell script: its commands, and its files where they stand between these."""
    lines = ["set -eu"]
    for kind, text in blocks(page):
        name = NAMED.match(text)
        if kind == "sh":
            lines.append(text)
        elif name:
            lines.append(f"cat > {name[1]} <<'END_OF_FILE'\n{text}END_OF_FILE")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Follow the page in an empty directory; return its directory, and what it printed."""
    home = tmp_path_factory.mktemp("first-plot")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    run = subprocess.run(
        ["bash", "-c", as_script("first-plot.md")],
        cwd=home,
        env=clean_environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return home / "first-plot", run.stdout


def test_every_command_of_the_first_plot_works(done: tuple[Path, str]) -> None:
    here, _ = done
    made = {path.name for path in (here / "end_of_run" / "12").iterdir()}
    assert {"imageenergy.png", "imagechannel.png", "imageEvents.root", "manifest-sha256.txt"} <= made
    assert record(here / "end_of_run" / "12")["documents"]["filled"] == 5000


def test_what_the_page_shows_of_the_run_is_what_comes(done: tuple[Path, str]) -> None:
    shown = re.search(r"^```\n(run .*?)^```$", (DOCS / "first-plot.md").read_text(), re.DOTALL | re.MULTILINE)
    assert shown
    printed = [line.strip() for line in done[1].splitlines()]
    assert all(line.strip() in printed for line in shown[1].splitlines())


def test_ten_lines_are_a_whole_plots_file(done: tuple[Path, str]) -> None:
    [text] = [text for _, text in blocks("first-plot.md") if text.startswith("# mean_energy.py")]
    assert len(text.splitlines()) <= 10
    histograms = record(done[0] / "end_of_run" / "12.r2")["histograms"]["Energies"]
    assert {each["name"]: each["entries"] for each in histograms} == dict.fromkeys(
        ("energy", "map", "gain", "drift"), 5000
    )


def test_a_notebook_gets_the_histograms(done: tuple[Path, str]) -> None:
    assert "run 12: complete, 5000 events" in done[1]
    assert done[1].rstrip().endswith("True")


@pytest.mark.shared_data
def test_the_plots_file_of_the_readme_works(runfolio: Runfolio, shared_data: Path, tmp_path: Path) -> None:
    text = next(text for kind, text in BLOCK.findall(README.read_text()) if kind == "python")
    (tmp_path / "plots.py").write_text(text)
    runfolio("run", "--plots", "plots.py", str(shared_data / "cms-run315267-nano.root"))
    histograms = record(tmp_path / "end_of_run" / "315267")["histograms"]["Muons"]
    entries = {each["name"]: each["entries"] for each in histograms}
    assert entries == {"MET_pt": 40, "nMuon": 40, "leading_pt": 36}


@pytest.mark.shared_data
def test_the_plots_file_of_the_reference_works(runfolio: Runfolio, shared_data: Path, tmp_path: Path) -> None:
    texts = [text for kind, text in blocks("plots.md") if kind == "python" and "Records" not in text]
    text = "\n".join(texts)
    (tmp_path / "plots.py").write_text(text)
    runfolio("run", "--plots", "plots.py", str(shared_data / "cms-run315267-nano.root"))
    made = {path.name for path in (tmp_path / "end_of_run" / "315267").iterdir()}
    assert {"imagemuons.png", "imageDimuon.root"} <= made
    assert record(tmp_path / "end_of_run" / "315267")["images_failed"] == []


def test_the_records_of_the_reference_are_read(runfolio: Runfolio, tmp_path: Path) -> None:
    [text] = [text for kind, text in blocks("plots.md") if kind == "python" and "Records" in text]
    (tmp_path / "plots.py").write_text(text)
    lines = b'{"run": 5, "hits": [{"channel": 3, "adc": 1.5}]}\n{"run": 5, "temperature": 20.5}\n'
    runfolio("run", "--plots", "plots.py", "-", stdin=lines)
    histograms = record(tmp_path / "end_of_run" / "5")["histograms"]["Beam"]
    assert {each["name"]: each["entries"] for each in histograms} == {"temperature": 1, "channel": 1}
    assert not any(each["lost_spills"] for each in histograms)
