"""Which plots are made: `--plots`, by the names under which they are offered."""

from pathlib import Path

from support import Runfolio, entries, record


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
