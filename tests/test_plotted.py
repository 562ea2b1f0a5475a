"""A sealed run as Python sees it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hist
import pytest

import runfolio
from runfolio.errors import FolderError, RunfolioError
from runfolio.pipeline import run
from runfolio.plots import Category, Columns, Integer, Reducer, Regular, Strip
from runfolio.plotted import PlottedRun
from runfolio.settings import Settings
from support import stream

ROWS = [
    {"run": 7, "x": 0.5 + number % 4, "w": 2.0, "word": "ab"[number % 2], "n": number} for number in range(20)
]


def declared(name: str = "Mine") -> Reducer:
    reducer = Reducer(name, reads=Columns(run="run"), keywords=("a",))
    reducer.hist("x", Regular(4, 0, 4, "x (mm)"), title="where")
    reducer.hist("weighted", Regular(4, 0, 4), values="x", weights="w")
    reducer.hist("words", Category("word"), values="word")
    reducer.hist("map", Regular(4, 0, 4), Integer(0, 20), values=["x", "n"])
    reducer.profile("mean", Strip("n"), label="x (mm)", values=["n", "x"])
    return reducer


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a run with a histogram of each kind."""
    home = tmp_path_factory.mktemp("sealed")
    (home / "rows.jsonl").write_bytes(stream(*ROWS))
    settings = Settings(
        image_directory=home / "live",
        end_of_run_image_directory=home / "end_of_run",
        histogram_image_type=("pdf", "svg", "png"),
    )
    summary = run([str(home / "rows.jsonl")], settings, [declared()])
    assert summary.exit_status == 0
    return home / "end_of_run" / "7"


@pytest.fixture
def opened(sealed: Path) -> PlottedRun:
    return runfolio.open_run(sealed)


def test_a_run_has_its_record_and_says_what_it_is(opened: PlottedRun) -> None:
    assert (opened.number, opened.record.status, opened.record.documents.filled) == (7, "complete", 20)
    assert repr(opened) == "<run 7: complete, 20 events, 5 histograms, 6 images>"


def test_histograms_come_by_name_in_the_order_of_declaration(opened: PlottedRun) -> None:
    assert list(opened.histograms) == ["x", "weighted", "words", "map", "mean"]
    assert all(isinstance(each, hist.Hist) for each in opened.histograms.values())


def test_histograms_can_be_sliced_and_added(opened: PlottedRun) -> None:
    x = opened.histograms["x"]
    assert x.values().tolist() == [5, 5, 5, 5]
    assert (x + x).sum() == 40
    part: Any = x[1:3]
    assert part.sum() == 10
    assert opened.histograms["weighted"].values().tolist() == [10, 10, 10, 10]
    assert opened.histograms["weighted"].variances().tolist() == [20, 20, 20, 20]  # type: ignore[union-attr]


def test_a_histogram_is_read_once(opened: PlottedRun) -> None:
    assert opened.histograms["x"] is opened.histograms["x"]


def test_a_name_that_is_none_offers_those_that_are_near(opened: PlottedRun) -> None:
    with pytest.raises(KeyError, match="no histogram is called 'weigted'; did you mean weighted"):
        _ = opened.histograms["weigted"]
    assert "none" not in opened.images


def test_an_image_is_what_a_notebook_can_show_and_its_file_is_the_same(
    opened: PlottedRun, sealed: Path, tmp_path: Path
) -> None:
    picture = opened.images["x"]
    assert (picture.image_type, picture.description, picture.keywords) == ("png", "where", ("a",))
    assert set(picture._repr_mimebundle_()) == {"text/plain", "image/png"}
    assert picture.save(tmp_path / "x.png").read_bytes() == (sealed / "imagex.png").read_bytes()


def test_a_file_of_histograms_is_no_picture(opened: PlottedRun) -> None:
    root = opened.images["Mine"]
    assert root.image_type == "root"
    assert list(root._repr_mimebundle_()) == ["text/plain"]


def test_a_notebook_shows_the_run_with_its_pictures(opened: PlottedRun) -> None:
    shown = opened._repr_html_()
    assert "run 7: complete" in shown
    assert shown.count("<img ") == 5


def test_a_sealed_run_is_verified(opened: PlottedRun, sealed: Path, tmp_path: Path) -> None:
    assert opened.verify().whole
    copy = Path(shutil.copytree(sealed, tmp_path / "7"))
    (copy / "imagex.png").write_bytes(b"")
    assert runfolio.open_run(str(copy)).verify().changed == ("imagex.png",)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "imageMine.root").unlink(),
        lambda folder: (folder / "imageMine.root").write_bytes(b"root" + bytes(500)),
        lambda folder: (folder / "imageMine.root").write_bytes(b""),
        lambda folder: (folder / "imagex.json").write_text("{}"),
        lambda folder: (folder / "imagex.png").unlink(),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    sealed: Path, tmp_path: Path, spoil: Callable[[Path], Any]
) -> None:
    copy = Path(shutil.copytree(sealed, tmp_path / "7"))
    spoil(copy)
    opened = runfolio.open_run(copy)
    with pytest.raises(RunfolioError, match=str(copy)):
        _ = (opened.histograms["x"], opened.images["x"])


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"run\.json"):
        runfolio.open_run(tmp_path)


def test_without_hist_the_error_says_how_to_get_it(
    opened: PlottedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "hist", None)
    with pytest.raises(RunfolioError, match=r"runfolio\[notebook\]"):
        _ = opened.histograms["x"]


def test_nothing_of_a_run_is_read_before_it_is_asked_for(sealed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sealed, tmp_path / "7"))
    for path in copy.glob("image*"):
        path.unlink()
    assert runfolio.open_run(copy).number == 7


def test_a_file_of_histograms_that_got_a_second_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(stream(*ROWS))
    one, other = declared("One"), declared("Other")
    one.figure("Other", panels=[["x"]])
    settings = Settings(image_directory=tmp_path / "live", end_of_run_image_directory=tmp_path / "end_of_run")
    run([str(tmp_path / "rows.jsonl")], settings, [one, other])
    opened = runfolio.open_run(tmp_path / "end_of_run" / "7")
    assert [each.name for each in opened.record.renamed if each.tag == "Other"] == ["Other_2"]
    assert opened.histograms["Other/x"].values().tolist() == [5, 5, 5, 5]


def test_a_name_in_a_record_that_leads_elsewhere_is_refused(sealed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sealed, tmp_path / "7"))
    said = (copy / "run.json").read_text()
    (copy / "run.json").write_text(said.replace('"imageMine.root"', '"../imageMine.root"'))
    with pytest.raises(FolderError, match=r"names '\.\./imageMine\.root', which is no file of it"):
        _ = runfolio.open_run(copy).histograms["x"]


def test_a_notebook_shows_what_is_there_of_a_damaged_folder(sealed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sealed, tmp_path / "7"))
    (copy / "imagex.png").unlink()
    shown = runfolio.open_run(copy)._repr_html_()
    assert (shown.count("<img "), shown.count("imagex.png cannot be read")) == (4, 1)
