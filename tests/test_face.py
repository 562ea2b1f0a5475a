"""The package's public face: what a plots file imports."""

import subprocess
import sys

import pytest

import runfolio
from runfolio import plots, plotted, processing

FACE = [
    "Category",
    "Columns",
    "FileName",
    "Integer",
    "Panel",
    "Records",
    "Reducer",
    "Regular",
    "Series",
    "Spills",
    "Strip",
    "Variable",
    "grid",
    "open_run",
    "overlay",
    "process",
]
ELSEWHERE = {"open_run": plotted, "process": processing}


def test_the_face_is_this_and_nothing_else() -> None:
    assert runfolio.__all__ == FACE
    assert set(FACE) <= set(dir(runfolio))


@pytest.mark.parametrize("name", FACE)
def test_each_name_is_that_of_the_package_it_comes_from(name: str) -> None:
    assert getattr(runfolio, name) is getattr(ELSEWHERE.get(name, plots), name)


def test_a_name_that_is_none_is_an_attribute_error_and_an_import_error() -> None:
    with pytest.raises(AttributeError, match="module 'runfolio' has no attribute 'Regulr'"):
        _ = runfolio.Regulr  # type: ignore[attr-defined]  # what is tested
    with pytest.raises(ImportError, match="cannot import name 'Regulr'"):
        exec("from runfolio import Regulr")  # noqa: S102


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, runfolio; sys.exit(bool({'numpy', 'msgspec', 'hist'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_names_of_plots_are_all_there_and_what_draws_imports_only_what_it_needs() -> None:
    assert [name for name in plots.__all__ if not hasattr(plots, name)] == []
    with pytest.raises(AttributeError, match=r"module 'runfolio\.plots' has no attribute 'Regulr'"):
        _ = plots.Regulr  # type: ignore[attr-defined]  # what is tested
    warm_up = "from runfolio.render.worker import warm_up; warm_up(['png'])"
    code = f"import sys; {warm_up}; sys.exit('runfolio.stream' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
