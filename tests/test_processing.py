"""The plots of data in Python, with nothing written."""

import base64
import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

import runfolio
from runfolio.errors import DeclarationError, FolderError, InputError
from runfolio.pipeline import run
from runfolio.plots import Category, Columns, Integer, Records, Reducer, Regular, Spills, Strip
from runfolio.settings import Settings
from support import PNG, mark, spill, stream

ROWS = [
    {"run": 7, "x": 0.5 + number % 4, "w": 2.0, "word": "ab"[number % 2], "n": number} for number in range(20)
]


def declared() -> Reducer:
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.hist("x", Regular(4, 0, 4, "x (mm)"))
    reducer.hist("weighted", Regular(4, 0, 4), values="x", weights="w")
    reducer.hist("words", Category("word"), values="word")
    reducer.hist("map", Regular(4, 0, 4), Integer(0, 20), values=["x", "n"])
    reducer.profile("mean", Strip("n"), label="x (mm)", values=["n", "x"])
    reducer.tree("rows", {"n": "int64"}, file="rows_{run}", by=["n"])
    return reducer


class Spill(msgspec.Struct):
    energy: float = 0.0


def of_spills() -> Reducer:
    def columns(spills: Any) -> Any:
        return SimpleNamespace(energy=np.array([each.energy for each in spills], np.float64))

    reducer = Reducer("OfSpills", reads=Spills(Spill, columns))
    reducer.hist("energy", Regular(4, 0, 4))
    return reducer


def images(*tags: str) -> dict[str, Any]:
    data = base64.b64encode(PNG).decode()
    entries = [{"tag": tag, "image_type": "png", "data": data} for tag in tags]
    return {"maus_event_type": "Image", "run_number": 1, "image_list": entries}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(stream(*ROWS))
    return path


def test_the_same_comes_as_from_the_folder(rows: Path, tmp_path: Path) -> None:
    found = runfolio.process(rows, plots=declared())[7]
    assert sorted(tmp_path.iterdir()) == [rows]
    settings = Settings(image_directory=tmp_path / "live", end_of_run_image_directory=tmp_path / "end_of_run")
    run([str(rows)], settings, [declared()])
    opened = runfolio.open_run(tmp_path / "end_of_run" / "7")
    assert list(found.histograms) == list(opened.histograms)
    for name, histogram in opened.histograms.items():
        assert found.histograms[name] == histogram
    assert set(found.images) == set(opened.images)
    assert found.images["x"].data == opened.images["x"].data
    same = ("histograms", "trees", "documents", "status", "ended_by", "unit", "first_spill", "sources")
    assert all(getattr(found.record, name) == getattr(opened.record, name) for name in same)


def test_process_takes_several_files_patterns_and_a_plots_file(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"rows{number}.jsonl").write_bytes(stream(*({**row, "run": number} for row in ROWS)))
    (tmp_path / "mine.py").write_text(
        "from runfolio import Columns, Integer, Reducer\n"
        "r = Reducer('R', reads=Columns(run='run'))\n"
        "r.hist('n', Integer(0, 20))\n"
    )
    one = runfolio.process(str(tmp_path / "*.jsonl"), plots=str(tmp_path / "mine.py"))
    both = runfolio.process(
        [tmp_path / "rows2.jsonl", tmp_path / "rows1.jsonl"], plots=[tmp_path / "mine.py"]
    )
    assert list(one) == list(both) == [1, 2]
    assert all(np.array_equal(each.histograms["n"].values(), np.ones(20)) for each in one.values())


def test_process_says_what_was_rejected(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(stream(*ROWS, b"garbage", {"x": 1}))
    found = runfolio.process(tmp_path / "rows.jsonl", plots=declared())
    assert found.rejected == {"no_run_number": 1, "not_json": 1}
    assert repr(found) == "<1 runs: 7, rejected {'no_run_number': 1, 'not_json': 1}>"


def test_a_processed_run_has_nothing_to_verify(rows: Path) -> None:
    with pytest.raises(FolderError, match="nothing to verify"):
        runfolio.process(rows, plots=declared())[7].verify()


def test_histograms_of_one_name_are_told_apart_by_their_reducers(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(stream(*ROWS))
    other = Reducer("Other", reads=Columns(run="run"))
    other.hist("x", Integer(0, 5), figure=False)
    other.hist("n", Integer(0, 20))
    found = runfolio.process(tmp_path / "rows.jsonl", plots=[declared(), other])[7]
    assert list(found.histograms) == ["Mine/x", "weighted", "words", "map", "mean", "Other/x", "n"]


def test_reducers_come_in_the_order_of_a_folder_s_record(rows: Path) -> None:
    early = Reducer("Early", reads=Columns(run="run"))
    early.hist("n", Integer(0, 20))
    assert next(iter(runfolio.process(rows, plots=[declared(), early])[7].histograms)) == "n"


def test_a_run_comes_to_its_end_with_the_input(rows: Path) -> None:
    record = runfolio.process(rows, plots=declared())[7].record
    assert (record.ended_by, record.status) == ("end_of_input", "complete")


def test_a_file_that_breaks_off_is_told_of_and_its_run_is_incomplete(tmp_path: Path) -> None:
    whole = gzip.compress(stream(*ROWS * 500))
    (tmp_path / "rows.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    found = runfolio.process(tmp_path / "rows.jsonl.gz", plots=declared())
    assert "cannot be read on" in found.problems[0]
    assert found[7].record.status == "incomplete"


@pytest.mark.parametrize("image_type", ["png", "svg"])
def test_images_are_of_the_type_that_is_asked_for(rows: Path, image_type: str) -> None:
    found = runfolio.process(rows, plots=declared(), image_types=[image_type])[7]
    assert found.images["x"].image_type == image_type


def test_images_of_the_stream_are_there_and_bad_ones_are_counted(tmp_path: Path) -> None:
    (tmp_path / "spills.json").write_bytes(stream(spill(1, 1, energy=1.0), images("theirs", "../bad")))
    found = runfolio.process(tmp_path / "spills.json", plots=of_spills())
    assert found[1].images["theirs"].data == PNG
    assert found.rejected == {"bad_tag": 1}


def test_a_run_that_comes_a_second_time_is_told_of(tmp_path: Path) -> None:
    header = mark("RunHeader", 1)
    documents = (header, spill(1, 1), mark("RunFooter", 1), spill(2, 1), header, spill(1, 2), spill(1, 3))
    (tmp_path / "spills.json").write_bytes(stream(*documents))
    found = runfolio.process(tmp_path / "spills.json", plots=of_spills())
    assert found.problems == ("run 1 came twice; the second is what is kept",)
    assert found[1].record.documents.filled == 2


def test_mistakes_are_found_before_anything_is_read(rows: Path) -> None:
    class Row(msgspec.Struct):
        x: float

    wrong = Reducer("Wrong", reads=Records(Row, run="run"))
    wrong.hist("y", Integer(0, 2))
    with pytest.raises(DeclarationError, match="Row has no 'y'"):
        runfolio.process(rows, plots=wrong)
    wrong = Reducer("Wrong", reads=Columns(run="run"))
    wrong.hist("y", Integer(0, 2), values=lambda: 5)  # type: ignore[arg-type,misc]  # as meant
    with pytest.raises(DeclarationError):
        runfolio.process(rows, plots=wrong)
    with pytest.raises(InputError):
        runfolio.process("nothing.jsonl", plots=declared())


def test_a_reducer_that_is_given_twice_is_filled_once(rows: Path) -> None:
    reducer = declared()
    assert runfolio.process(rows, plots=[reducer, reducer])[7].histograms["x"].sum() == 20


def test_there_is_a_run_for_each_number_and_no_other(rows: Path) -> None:
    found = runfolio.process(rows, plots=declared())
    assert (len(found), 8 in found) == (1, False)
    with pytest.raises(KeyError):
        _ = found[8]


def test_no_files_are_nothing_to_process() -> None:
    with pytest.raises(InputError, match="no files"):
        runfolio.process([], plots=declared())


def test_what_one_plots_file_says_of_the_data_holds_for_the_others(rows: Path) -> None:
    numbered = Reducer("Numbered", reads=Columns(run="run", number="n"))
    numbered.hist("n", Integer(0, 20))
    for plots in ([declared(), numbered], [numbered, declared()]):
        record = runfolio.process(rows, plots=plots)[7].record
        assert record.last_spill is not None
        assert record.last_spill.number == 19
