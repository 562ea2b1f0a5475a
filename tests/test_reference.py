"""The API reference: every public name is in it, with what is said of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import runfolio

MAKE = Path(__file__).parents[1] / "docs" / "reference.py"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference, made without a warning."""
    out = tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(MAKE), str(out)],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return out


@pytest.mark.parametrize("name", runfolio.__all__)
def test_every_public_name_is_described(pages: Path, name: str) -> None:
    page = (pages / "runfolio.html").read_text()
    described = re.search(rf'<section id="{name}">.*?<div class="docstring"><p>\w', page, re.DOTALL)
    assert described
    assert described[0].count("<section ") == 1


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("runfolio.html", "Reducer.hist"),
        ("runfolio.html", "Reducer.table"),
        ("runfolio.html", "Reducer.tree"),
        ("runfolio/stream/keys.html", "Keys.end"),
        ("runfolio/plotted.html", "PlottedRun.verify"),
        ("runfolio/errors.html", "DeclarationError"),
    ],
)
def test_what_a_user_calls_is_there(pages: Path, page: str, name: str) -> None:
    assert f'id="{name}"' in (pages / page).read_text()
