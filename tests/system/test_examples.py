"""The examples, run as their first lines say; the ROOT one is held against a plain loop."""

import math
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from support import Runfolio, record

EXAMPLES = Path(__file__).parents[2] / "examples"


def by_name(folder: Path, reducer: str) -> dict[str, dict[str, Any]]:
    """Return what run.json says of each histogram."""
    return {each["name"]: each for each in record(folder)["histograms"][reducer]}


def bin_of(value: float, bins: int, start: float, stop: float) -> int:
    """Return a bin with the flow bins counted, 0 being underflow, by exact fractions."""
    low, high = Fraction(str(start)), Fraction(str(stop))
    return min(max(floor((Fraction(float(value)) - low) * bins / (high - low)), -1), bins) + 1


def looped(path: Path) -> dict[str, Counter[int]]:
    """Return the entries in each bin of each histogram of the example, found event by event."""
    tree = uproot.open(path)["Events"]
    names = ("MET_pt", "PV_npvs", "nMuon", "Muon_pt", "Muon_eta", "Muon_phi")
    columns = {name: tree[name].array().to_list() for name in names}
    filled: dict[str, list[int]] = {}
    for event in range(tree.num_entries):
        e = {name: column[event] for name, column in columns.items()}
        values: dict[str, list[tuple[float, int, float, float]]] = {
            "MET_pt": [(e["MET_pt"], 50, 0, 200)],
            "PV_npvs": [(e["PV_npvs"], 80, -0.5, 79.5)],
            "nMuon": [(e["nMuon"], 10, -0.5, 9.5)],
            "Muon_pt": [(pt, 50, 0, 100) for pt in e["Muon_pt"]],
            "Muon_eta": [(eta, 48, -2.4, 2.4) for eta in e["Muon_eta"]],
            "dimuon_mass": [(mass(e), 120, 0, 120)] if e["nMuon"] == 2 else [],
        }
        for name, entries in values.items():
            filled.setdefault(name, []).extend(bin_of(*entry) for entry in entries)
    return {name: Counter(found) for name, found in filled.items()}


def mass(e: dict[str, Any]) -> float:
    (pt1, pt2), (eta1, eta2), (phi1, phi2) = e["Muon_pt"], e["Muon_eta"], e["Muon_phi"]
    return math.sqrt(2 * pt1 * pt2 * (math.cosh(eta1 - eta2) - math.cos(phi1 - phi2)))


@pytest.mark.shared_data
def test_all_numbers_of_the_dimuon_example_are_those_of_a_plain_loop(
    runfolio: Runfolio, shared_data: Path, tmp_path: Path
) -> None:
    data = shared_data / "cms-run315267-nano.root"
    runfolio("run", "--plots", str(EXAMPLES / "dimuon" / "dimuon.py"), str(data))
    folder = tmp_path / "end_of_run" / "315267"
    said, counts = by_name(folder, "Dimuon"), looped(data)
    assert list(said) == list(counts)
    with uproot.open(folder / "imageDimuon.root") as file:
        for name, bins in counts.items():
            contents = file[name].values(flow=True)
            assert {number: count for number, count in enumerate(contents.tolist()) if count} == bins
            assert said[name]["entries"] == bins.total() == contents.sum()
            assert said[name]["not_a_number"] == said[name]["lost_spills"] == 0
    assert said["dimuon_mass"]["entries"] > 0
    assert record(folder)["documents"]["filled"] == 40
    assert record(folder)["status"] == "complete"


def test_the_beam_test_gives_a_complete_folder_for_each_of_its_runs(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    made = subprocess.run(
        [sys.executable, str(EXAMPLES / "beam_test" / "make_events.py")], capture_output=True, check=True
    )
    (tmp_path / "events.jsonl").write_bytes(made.stdout)
    runfolio("run", "--plots", str(EXAMPLES / "beam_test" / "beam_test.py"), "events.jsonl")
    for run in (12, 13):
        found = record(tmp_path / "end_of_run" / str(run))
        assert (found["status"], found["ended_by"]) == ("complete", "end_of_run_spill")
        assert (found["documents"]["filled"], found["documents"]["end_of_run_spills"]) == (1000, 1)
        assert (found["first_spill"]["number"], found["last_spill"]["number"]) == (0, 19)
        assert found["images_failed"] == []
        said = by_name(tmp_path / "end_of_run" / str(run), "BeamTest")
        assert said["triggers"]["entries"] == said["rate"]["entries"] == 1000
        assert said["adc_beam"]["entries"] + said["adc_pedestal"]["entries"] == said["channels"]["entries"]
        assert said["pedestal"]["entries"] == said["adc_pedestal"]["entries"]
        assert not any(each["lost_spills"] or each["not_a_number"] for each in said.values())


@pytest.mark.parametrize("lines", [1, 2])
def test_a_trigger_without_hits_loses_nothing_in_the_beam_test(
    lines: int, runfolio: Runfolio, tmp_path: Path
) -> None:
    line = b'{"run": 12, "spill": 1, "time": 1760000000.5, "trigger": "beam", "hits": []}\n'
    plots = EXAMPLES / "beam_test" / "beam_test.py"
    done = runfolio("run", "--plots", str(plots), "--histogram-image-type", "none", "-", stdin=lines * line)
    said = by_name(tmp_path / "end_of_run" / "12", "BeamTest")
    assert not any(each["lost_spills"] or each["not_a_number"] for each in said.values())
    assert said["triggers"]["entries"] == lines
    assert "lost" not in done.stderr


def test_one_s_own_plots_of_mice_s_stream_stand_beside_those_that_are_there(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    runfolio("simulate", "--run-number", "4235", "--spills", "5", "--output", "spills.json")
    plots = EXAMPLES / "mice" / "slab_charge.py"
    runfolio("run", "--plots", "mice.tof", "--plots", str(plots), "spills.json")
    folder = tmp_path / "end_of_run" / "4235"
    assert list(record(folder)["histograms"]) == ["ReducePyTOFPlot", "SlabCharge"]
    slabs = by_name(folder, "ReducePyTOFPlot")
    charges = by_name(folder, "SlabCharge")
    for number, station in enumerate(("tof0", "tof1", "tof2")):
        hits = sum(slabs[f"hslabhits{number}{plane}"]["entries"] for plane in (0, 1))
        assert charges[f"charge_{station}"]["entries"] == charges[f"mean_{station}"]["entries"] == hits > 0
    assert (folder / "imageslab_charge.png").is_file()
    assert np.all([each["lost_spills"] == 0 for each in charges.values()])
