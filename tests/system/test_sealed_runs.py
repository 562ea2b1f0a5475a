"""From the stream to the sealed folder: the numbers, the files, the seal."""

import gzip
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
import zstandard

from support import Runfolio, contents, entries, mark, record, spill, stream

TOF = (
    "imageReducePyTOFPlot.root",
    "imagetof_SlabHits_X.png",
    "imagetof_SlabHits_Y.png",
    "imagetof_pmtHits_Plane0PMT0.png",
    "imagetof_pmtHits_Plane0PMT1.png",
    "imagetof_pmtHits_Plane1PMT0.png",
    "imagetof_pmtHits_Plane1PMT1.png",
    "imagetof_nSpacePoints.png",
    "imagetof_SpacePoints_X.png",
    "imagetof_SpacePoints_Y.png",
    "imagetof_SpacePoints_XY_tof0.png",
    "imagetof_SpacePoints_XY_tof1.png",
    "imagetof_SpacePoints_XY_tof2.png",
    "imagetof_time_tof0-tof1.png",
    "imagetof_time_tof1-tof2.png",
    "imagetof_time_tof0-tof2.png",
)
CKOV = (
    "imageReducePyCkovPlot.root",
    "imageCkovCharge_PMT1-8.png",
    "imageCkovArrivalTimes_PMT1-8.png",
    "imageCkovPE_A_vs_TOF_0_to_1.png",
    "imageCkovPE_B_vs_TOF_0_to_1.png",
)
IMAGES = {*TOF, *CKOV}
COMPLETE = IMAGES | {f"{Path(name).stem}.json" for name in IMAGES} | {"run.json", "manifest-sha256.txt"}

DOCS = Path(__file__).parents[2] / "docs"
NO_PICTURES = ("--histogram-image-type", "none")


def checked(folder: Path) -> None:
    """Let sha256sum judge the folder."""
    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"], cwd=folder, check=True
    )


def test_a_whole_job_of_run_0(runfolio: Runfolio, shared_data: Path, tmp_path: Path) -> None:
    runfolio("run", shared_data / "mc-stream-run0.json", "--end-of-run-image-directory", "OUT")
    folder = tmp_path / "OUT" / "0"
    assert set(contents(folder)) == COMPLETE
    assert len(COMPLETE) == 42 + 2
    checked(folder)
    found = entries(folder)
    assert (found["ht01"], found["ht12"], found["ht02"]) == (58, 55, 55)
    assert [found[f"spx{s}"] for s in range(3)] == [75, 77, 74]
    run = record(folder)
    jsonschema.validate(run, json.loads((DOCS / "run.schema.json").read_bytes()))
    assert (run["status"], run["ended_by"]) == ("complete", "end_of_run_spill")
    assert run["documents"]["run_footers"] == run["documents"]["end_of_run_spills"] == 1
    assert (run["documents"]["filled"], run["documents"]["received"]) == (200, 203)


def test_spills_without_header_or_footer_end_with_the_input(
    runfolio: Runfolio, shared_data: Path, tmp_path: Path
) -> None:
    runfolio("run", shared_data / "mc-all-detectors-muon.json")
    folder = next(path for path in (tmp_path / "end_of_run").iterdir() if path.name != ".staging")
    assert set(contents(folder)) == COMPLETE
    checked(folder)
    run = record(folder)
    assert (run["status"], run["ended_by"], run["documents"]["filled"]) == ("incomplete", "end_of_input", 4)
    assert entries(folder, "ReducePyCkovPlot")["hPMT1"] == 4


def test_a_pretty_printed_document_is_one_spill(
    runfolio: Runfolio, shared_data: Path, tmp_path: Path
) -> None:
    runfolio("run", shared_data / "tof-slab-hits-nulls.json")
    folder = tmp_path / "end_of_run" / "3407"
    assert set(contents(folder)) == COMPLETE
    checked(folder)
    assert record(folder)["documents"]["received"] == 1
    assert entries(folder)["hslabhits00"] == 5


def test_a_simulated_run_that_is_untidy(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("simulate", "--run-number", "4235", "--spills", "40", "--untidy", "--output", "spills.json")
    runfolio("run", "spills.json")
    folder = tmp_path / "end_of_run" / "4235"
    assert set(contents(folder)) == COMPLETE
    checked(folder)
    documents = record(folder)["documents"]
    assert (documents["run_footers"], documents["end_of_run_spills"]) == (3, 2)
    assert documents["filled"] == (tmp_path / "spills.json").read_text().count('"physics_event"') > 40
    assert documents["rejected"] == {}


def test_a_second_time_makes_a_second_folder(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "spills.json").write_bytes(stream(spill(7, 1), mark("RunFooter", 7)))
    runfolio("run", "spills.json", *NO_PICTURES)
    first = contents(tmp_path / "end_of_run" / "7")
    again = runfolio("run", "spills.json", *NO_PICTURES)
    assert "7.r2" in again.stdout
    assert contents(tmp_path / "end_of_run" / "7") == first
    checked(tmp_path / "end_of_run" / "7.r2")


def test_the_same_input_gives_the_same_bytes(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("simulate", "--spills", "20", "--output", "spills.json")
    types = ("--histogram-image-type", "png,pdf,svg,eps")
    epoch = {"SOURCE_DATE_EPOCH": "1700000000"}
    runfolio("run", "spills.json", *types, "--end-of-run-image-directory", "one", env=epoch)
    runfolio("run", "spills.json", *types, "--end-of-run-image-directory", "two", env=epoch)
    one, two = (contents(next((tmp_path / each).glob("[0-9]*"))) for each in ("one", "two"))
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_several_runs_in_one_input_give_several_folders(runfolio: Runfolio, tmp_path: Path) -> None:
    lines = stream(spill(1, 1), spill(2, 1), spill(2, 2), mark("RunFooter", 2), spill(3, 1))
    (tmp_path / "spills.json").write_bytes(lines)
    done = runfolio("run", "spills.json", *NO_PICTURES)
    ended = {n: record(tmp_path / "end_of_run" / str(n))["ended_by"] for n in (1, 2, 3)}
    assert ended == {1: "next_run", 2: "run_footer", 3: "end_of_input"}
    assert all(f"end_of_run/{n}" in done.stdout for n in (1, 2, 3))


def test_a_run_without_a_spill_has_no_images(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "spills.json").write_bytes(stream(mark("RunHeader", 5), mark("RunFooter", 5)))
    runfolio("run", "spills.json")
    assert set(contents(tmp_path / "end_of_run" / "5")) == {"run.json", "manifest-sha256.txt"}


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_files_are_read_as_they_are(runfolio: Runfolio, tmp_path: Path, suffix: str) -> None:
    lines = stream(spill(9, 1), spill(9, 2), mark("RunFooter", 9))
    packed = gzip.compress(lines) if suffix == ".gz" else zstandard.compress(lines)
    (tmp_path / f"spills.json{suffix}").write_bytes(packed)
    runfolio("run", f"spills.json{suffix}", *NO_PICTURES)
    assert record(tmp_path / "end_of_run" / "9")["documents"]["filled"] == 2


def test_standard_input_is_read_to_its_end(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("run", "-", *NO_PICTURES, stdin=stream(spill(9, 1), mark("RunFooter", 9)))
    assert record(tmp_path / "end_of_run" / "9")["sources"] == ["stdin"]


def test_every_file_of_a_run_is_named_as_its_source(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(stream(spill(9, 1)))
    (tmp_path / "b.json").write_bytes(stream(spill(9, 2), mark("RunFooter", 9)))
    runfolio("run", "a.json", "b.json", *NO_PICTURES)
    run = record(tmp_path / "end_of_run" / "9")
    assert (run["sources"], run["documents"]["filled"]) == (["a.json", "b.json"], 2)
