"""What `runfolio init` writes: it works as it is, and so does what it shows commented out."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from runfolio.errors import InputError
from runfolio.plots import load_reducers
from runfolio.settings import Settings, declared, load_settings
from runfolio.starting import write_templates

DIRECTORIES = {"image_directory": "live", "end_of_run_image_directory": "end_of_run"}


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAUS_WEB_MEDIA_RAW", raising=False)


def template(name: str) -> str:
    return files("runfolio").joinpath("templates", name).read_text()


def uncommented_plots() -> str:
    """Return the plots file with its examples; in it, what is no code begins with a capital letter."""
    return re.sub(r"^# (?=[^A-Z])", "", template("my_plots.py"), flags=re.MULTILINE)


def uncommented_settings() -> str:
    return re.sub(r"^# (?=\w+ = )", "", template("runfolio.toml"), flags=re.MULTILINE)


def test_both_files_are_written_into_a_directory_that_is_made() -> None:
    assert write_templates(Path("a/b")) == (Path("a/b/my_plots.py"), Path("a/b/runfolio.toml"))
    for path in Path("a/b").iterdir():
        assert path.read_text() == template(path.name)


@pytest.mark.parametrize("there", ["my_plots.py", "runfolio.toml"])
def test_nothing_is_written_over_and_nothing_else_written(there: str) -> None:
    Path(there).write_text("mine")
    with pytest.raises(InputError, match=f"^{there} is there already"):
        write_templates(Path())
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [(there, "mine")]


def test_a_dangling_link_is_there_too() -> None:
    Path("runfolio.toml").symlink_to("nowhere")
    with pytest.raises(InputError, match="is there already"):
        write_templates(Path())


def test_what_is_no_directory_is_told_of() -> None:
    Path("file").touch()
    with pytest.raises(InputError, match=r"^file is no directory"):
        write_templates(Path("file"))
    with pytest.raises(InputError, match=r"^file/below cannot be written: Not a directory$"):
        write_templates(Path("file/below"))


def test_a_failure_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.starting.TEMPLATES", ("my_plots.py", "not_a_template"))
    with pytest.raises(InputError, match="cannot be written"):
        write_templates(Path())
    assert not list(Path().iterdir())


def test_the_plots_work_as_they_are() -> None:
    write_templates(Path())
    [reducer] = load_reducers(load_settings().plots)
    assert list(reducer.histograms) == ["energy", "channel"]


def test_all_examples_of_the_plots_work_uncommented() -> None:
    Path("all.py").write_text(uncommented_plots())
    [reducer] = load_reducers(["all.py"])
    assert {str(each.kind) for each in reducer.histograms.values()} == {"count", "weighted", "profile"}
    assert list(reducer.figures) == ["overview"]
    assert not re.search(r"^# [a-z@]", uncommented_plots(), re.MULTILINE)


def test_the_settings_are_all_there_in_their_order_with_their_defaults() -> None:
    given = tomllib.loads(uncommented_settings())
    assert list(given) == list(declared())
    for name, value in given.items():
        if name != "plots":
            default = DIRECTORIES.get(name, getattr(Settings(), name))
            assert value == ("none" if default is None else list(default) if default == ("png",) else default)


def test_the_settings_are_accepted_as_they_are_and_uncommented() -> None:
    Path("runfolio.toml").write_text(template("runfolio.toml"))
    assert load_settings() == Settings(plots=("my_plots.py",))
    Path("runfolio.toml").write_text(uncommented_settings())
    assert load_settings().plots == ("my_plots.py",)
