"""Tables and trees of a run: what is live, what is sealed, and that it is the same bytes again."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from support import Runfolio, contents, record, spill, stream

EPOCH = {"SOURCE_DATE_EPOCH": "1385632500"}
PLOTS = ("--plots", "mice")


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.fixture
def folder(runfolio: Runfolio, tmp_path: Path) -> Path:
    """Run 7 of a simulated stream."""
    runfolio("simulate", "--run-number", "7", "--spills", "30", "--output", "spills.json")
    runfolio("run", *PLOTS, "spills.json", env=EPOCH)
    return tmp_path / "end_of_run" / "7"


def test_scalers_and_calibration_are_in_the_folder(folder: Path, runfolio: Runfolio, tmp_path: Path) -> None:
    assert "ok" in runfolio("verify", folder).stdout
    scalers = record(folder)["tables"]["ReducePyScalersTable"][0]
    rows = {row["row"]: row for row in scalers["rows"]}
    physics = [
        document
        for document in map(json.loads, (tmp_path / "spills.json").read_bytes().splitlines())
        if document.get("daq_event_type") == "physics_event"
    ]
    counts = [each["daq_data"]["V830"]["channels"]["ch0"] for each in physics]
    assert rows["Triggers"]["last"] == counts[-1]
    assert rows["Triggers"]["mean_of_last"] == sum(counts[-10:]) / 10
    assert rows["Triggers"]["mean"] == pytest.approx(sum(counts) / 30)
    assert (folder / "imagescalers.png").read_bytes().startswith(b"\x89PNG")
    assert read(folder / "imagescalers.json")["table"] == scalers
    assert not (folder / "imageReducePyScalersTable.root").exists()
    tree = uproot.open(folder / "tofcalibdata_7.root")["tofcalib"]
    assert record(folder)["trees"]["ReducePyTofCalib"] == [
        {"name": "tofcalib", "rows": tree.num_entries, "lost_rows": 0, "lost_spills": 0}
    ]
    assert tree.num_entries > 100
    assert set(tree["run"].array(library="np")) == {7}
    metadata = read(folder / "tofcalibdata_7.json")
    assert (metadata["tag"], metadata["state"], metadata["table"]) == ("tofcalibdata_7", "final", None)
    files = {image["file"] for image in record(folder)["images"]}
    assert {"tofcalibdata_7.root", "imagescalers.png"} <= files


def test_the_table_is_live_and_the_tree_is_not(folder: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    assert read(live / "imagescalers.json")["table"] == record(folder)["tables"]["ReducePyScalersTable"][0]
    assert list(live.glob("*tofcalibdata*")) == []
    assert (live / "imagetof_nSpacePoints.png").exists()


def test_the_same_input_gives_the_same_bytes(folder: Path, runfolio: Runfolio) -> None:
    runfolio("run", *PLOTS, "spills.json", env=EPOCH)
    assert contents(folder.with_name("7.r2")) == contents(folder)


def test_without_pictures_the_table_is_in_the_record(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("simulate", "--spills", "3", "--output", "spills.json")
    runfolio("run", *PLOTS, "spills.json", "--histogram-image-type", "none")
    folder = tmp_path / "end_of_run" / "1"
    assert record(folder)["tables"]["ReducePyScalersTable"][0]["rows"][0]["values"] == 3
    assert not list(folder.glob("*scalers*"))
    assert "Trigger requests" in runfolio("show", folder).stdout


def test_a_run_without_rows_has_a_tree_with_its_branches(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "spills.json").write_bytes(stream(spill(7, 1)))
    runfolio("run", *PLOTS, "spills.json")
    tree = uproot.open(tmp_path / "end_of_run" / "7" / "tofcalibdata_7.root")["tofcalib"]
    assert (tree.num_entries, tree.keys()[:3]) == (0, ["run", "spill", "event"])


def test_an_image_of_the_stream_does_not_take_the_name_of_a_tree(runfolio: Runfolio, tmp_path: Path) -> None:
    entry = {"tag": "ofcalibdata_7", "image_type": "root", "data": base64.b64encode(b"rootsent").decode()}
    image = {"maus_event_type": "Image", "run_number": 7, "image_list": [entry]}
    (tmp_path / "spills.json").write_bytes(stream(spill(7, 1), image, spill(7, 2)))
    runfolio("run", *PLOTS, "spills.json", "--image-file-prefix", "t")
    folder = tmp_path / "end_of_run" / "7"
    assert uproot.open(folder / "tofcalibdata_7.root")["tofcalib"].num_entries == 0
    assert (folder / "tofcalibdata_7_2.root").read_bytes() == b"rootsent"
