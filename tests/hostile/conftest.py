"""What hostile cases are run in: a process that draws by itself, and a directory to climb out of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drawing import drawn_here


@pytest.fixture(autouse=True, scope="module")
def in_this_process() -> Iterator[None]:
    with drawn_here():
        yield


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, deep enough that what climbs out of it is found."""
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place
