"""Which plots are made: `--plots`, by the names under which they are offered, or from a user's own file."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from support import Runfolio, entries, record, stream


def test_without_a_word_tof_and_cherenkov_are_plotted(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("simulate", "--spills", "2", "--output", "spills.json")
    runfolio("run", "spills.json", "--histogram-image-type", "none")
    assert list(record(tmp_path / "end_of_run" / "1")["histograms"]) == [
        "ReducePyCkovPlot",
        "ReducePyTOFPlot",
    ]


def test_all_detectors_of_mice(runfolio: Runfolio, shared_data: Path, tmp_path: Path) -> None:
    runfolio("run", "--plots", "mice", shared_data / "mc-all-detectors-muon.json")
    [folder] = (tmp_path / "end_of_run").glob("[0-9]*")
    runfolio("verify", folder)
    assert sum(entries(folder, "ReducePyKLPlot").values()) > 0
    assert sum(entries(folder, "ReducePyEMRPlot").values()) > 0
    for tag in ("KL", "EMR_occupancy", "EMR_recon", "SciFi_DigitUS", "KunoCanv", "tof_nSpacePoints"):
        assert (folder / f"image{tag}.png").is_file()


def test_several_names_are_plotted_together(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("simulate", "--spills", "2", "--output", "spills.json")
    runfolio(
        "run", "--plots", "mice.scifi", "spills.json", "--plots=mice.kl", "--histogram-image-type", "none"
    )
    folder = tmp_path / "end_of_run" / "1"
    assert sorted(record(folder)["histograms"]) == ["ReducePyKLPlot", "ReducePySciFiPlot"]
    assert min(entries(folder, "ReducePyKLPlot").values()) > 0


def test_plots_that_nobody_offers_are_one_line(runfolio: Runfolio, tmp_path: Path) -> None:
    done = runfolio("run", "--plots", "mice.toff", "spills.json", status=2)
    assert done.stderr == "runfolio: no plots are called 'mice.toff'; did you mean mice.tof?\n"
    assert list(tmp_path.iterdir()) == []


# --- a user's own file ---------------------------------------------------------------------------

HEAD = """from runfolio import Columns, Integer, Reducer, Regular

events = Reducer("Events", reads=Columns(run="run"))
events.hist("pt", Regular(50, 0, 200, label="pT (GeV)"))
"""
"""Four lines: what follows begins on line 5."""
EMPTY = "".join(HEAD.splitlines(keepends=True)[:3])
"""The same without a histogram."""


def write(directory: Path, text: str) -> None:
    (directory / "my_plots.py").write_text(text)


def test_what_init_writes_plots_data_at_once(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("init")
    rows = [{"run": 7, "energy": 0.5 + number, "channel": number} for number in range(10)]
    (tmp_path / "events.jsonl").write_bytes(stream(*rows))
    assert "2 histograms, 2 figures" in runfolio("plots").stdout
    runfolio("run", "events.jsonl")
    folder = tmp_path / "end_of_run" / "7"
    assert entries(folder, "Events") == {"energy": 10, "channel": 10}
    assert (folder / "imageenergy.png").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "end_of_run",
        "events.jsonl",
        "live",
        "my_plots.py",
        "runfolio.toml",
    ]


def test_all_that_the_template_shows_can_be_filled(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("init")
    examples = re.sub(r"^# (?=[^A-Z])", "", (tmp_path / "my_plots.py").read_text(), flags=re.MULTILINE)
    lines = [line for line in examples.splitlines(keepends=True) if "beam_{run}.root" not in line]
    write(tmp_path, "".join(lines))
    row = {"run": 7, "energy": 3.5, "energy_2": 4.5, "channel": 3, "trigger": "beam", "event": 12}
    (tmp_path / "events.jsonl").write_bytes(stream(row))
    runfolio("run", "events.jsonl", "--histogram-image-type", "none")
    assert set(entries(tmp_path / "end_of_run" / "7", "Events").values()) == {1}


def test_files_and_names_are_listed_together(runfolio: Runfolio, tmp_path: Path) -> None:
    write(tmp_path, "from runfolio.mice.emr import emr\n")
    shown = runfolio("plots", "--plots", "mice.kl", "--plots", "./my_plots.py", "--json").stdout
    assert [each["name"] for each in json.loads(shown)["reducers"]] == ["ReducePyKLPlot", "ReducePyEMRPlot"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", "line 5: '(' was never closed"),
        ("if True:\nx = 1\n", "line 6: expected an indented block after 'if' statement on line 5"),
        ("events.hist('x', Regulr(1, 0, 1))\n", "line 5: NameError: name 'Regulr' is not defined"),
        ("import nowhere\n", "line 5: ModuleNotFoundError: No module named 'nowhere'"),
        ("\n1 / 0\n", "line 6: ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)\n", "line 5: SystemExit: 0"),
        ("import json\njson.loads('{')\n", "line 6: json.decoder.JSONDecodeError: Expecting property name"),
        ("\nevents.hist('pt', Integer(0, 4))\n", "line 6: histogram 'pt' is declared twice, first on line 4"),
        ("events.hist('x', Regular(10**9, 0, 1))\n", "line 5: an axis of 1000000000 bins: 1 to 1000000 are"),
        ("events.hist('x', Regular('a', 0, 1))\n", "line 5: an axis of 'a' bins: 1 to 1000000 are accepted"),
        ("events.hist('x', Regular(5))\n", "line 5: TypeError: Regular.__init__() missing 2 required positi"),
        (
            "events.hist('x', Integer(0, 4), tilte='')\n",
            "line 5: TypeError: Reducer.hist() got an unexpected",
        ),
        ("events.figure('a/b', panels=[['pt']])\n", "line 5: figure 'a/b': tag 'a/b' is no file name: lette"),
        (
            "events.figure('f', panels=[['PT']])\n",
            "line 5: figure 'f' shows 'PT', which is not declared in Ev",
        ),
        ("events.figure('f', panels=[['pt', 'pt'], ['pt']])\n", "line 5: figure 'f': its panels are no grid"),
        ("events.hist('x', Integer(0, 4), Integer(0, 4))\n", "line 5: histogram 'x' is filled with x, but"),
        (
            "events.profile('x', Integer(0, 4), label='y')\n",
            "line 5: histogram 'x' is filled with x, but what",
        ),
        ("@events.hist('x', Integer(0, 4))\ndef x(): ...\n", "line 5: function x is called with the columns"),
        ("events.hist('Events', Integer(0, 4))\n", "line 5: histogram 'Events' has the name of a reducer"),
        (
            "b = Reducer('Events', reads=events.reads)\n",
            "line 5: reducer 'Events' is declared twice, first on",
        ),
        (
            "b = Reducer('B', reads=Columns(run='no'))\n",
            "line 5: reducer 'B' reads with run='no', but 'Events'",
        ),
    ],
)
def test_each_mistake_is_one_line_with_its_place(
    runfolio: Runfolio, tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, HEAD + text)
    done = runfolio("plots", "--plots", "my_plots.py", status=2)
    assert done.stdout == ""
    assert done.stderr.startswith(f"runfolio: my_plots.py, {message}")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["my_plots.py"]


def test_a_run_with_a_mistake_in_its_plots_does_not_begin(runfolio: Runfolio, tmp_path: Path) -> None:
    write(tmp_path, HEAD + "x = (\n")
    done = runfolio("run", "--plots", "my_plots.py", "none.json", status=2)
    assert done.stderr == "runfolio: my_plots.py, line 5: '(' was never closed\n"
    assert [path.name for path in tmp_path.iterdir()] == ["my_plots.py"]


def test_names_outside_ascii_are_shown_whatever_the_terminal_can(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "plöts.py").write_text("1 / 0\n")
    done = runfolio(
        "plots", "--plots", "plöts.py", status=2, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )
    assert done.stderr == "runfolio: pl\\xf6ts.py, line 1: ZeroDivisionError: division by zero\n"


def test_a_thousand_histograms_are_listed_without_what_draws_and_reads_them_and_are_filled(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    watch = (
        "import sys\nassert not {'matplotlib', 'uproot', 'pandas', 'awkward', 'pyarrow'} & {*sys.modules}\n"
    )
    many = "for n in range(1000):\n    events.hist(f'h{n}', Regular(100, 0, 10), values='energy')\n"
    write(tmp_path, EMPTY + many + watch)
    shown = runfolio("plots", "--plots", "my_plots.py").stdout.splitlines()
    assert len([line for line in shown if line.startswith("h")]) == 1001  # with the heading
    write(tmp_path, EMPTY + many)
    rows = ({"run": 7, "energy": number % 10} for number in range(50))
    (tmp_path / "events.jsonl").write_bytes(stream(*rows))
    runfolio("run", "--plots", "my_plots.py", "events.jsonl", "--histogram-image-type", "none")
    [histograms] = record(tmp_path / "end_of_run" / "7")["histograms"].values()
    assert [each["entries"] for each in histograms] == [50] * 1000


def test_plots_are_compared_with_data_before_anything_is_filled(runfolio: Runfolio, tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "data.root") as file:
        file["Events"] = {"run": np.array([7]), "energy": np.array([1.5])}
    (tmp_path / "good.py").write_text(EMPTY + "events.hist('energy', Regular(10, 0, 1))\n")
    (tmp_path / "bad.py").write_text(EMPTY + "events.hist('enrgy', Regular(10, 0, 1))\n")
    assert "energy" in runfolio("plots", "--plots", "good.py", "*.root").stdout
    refused = runfolio("plots", "--plots", "bad.py", "data.root", status=2)
    assert refused.stderr.startswith("runfolio: bad.py, line ")
    assert "has no 'enrgy'; did you mean energy?" in refused.stderr
    assert "--plots good.py" in runfolio("plots", "good.py", status=2).stderr
    assert not (tmp_path / "live").exists()
