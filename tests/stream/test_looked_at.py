"""The file of columns that was looked at first, kept open to be read."""

from pathlib import Path
from typing import Any

import pytest

from runfolio.stream.looked_at import LookedAt, stamp_of


class File:
    """A file of columns of which only matters whether it is open."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open = True

    def close(self) -> None:
        self.open = False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(b"one")
    return tmp_path / "a"


def kept(path: Path) -> tuple[LookedAt, Any]:
    looked_at, file = LookedAt(), File(str(path))
    looked_at.keep(file, stamp_of(str(path)))  # type: ignore[arg-type]  # no more of it is used
    return looked_at, file


def test_a_file_is_taken_once_and_still_open(path: Path) -> None:
    looked_at, file = kept(path)
    assert looked_at.take(str(path)) is file
    assert looked_at.take(str(path)) is None
    del looked_at
    assert vars(file)["open"]


def test_another_file_leaves_it_where_it_is(path: Path) -> None:
    looked_at, file = kept(path)
    assert looked_at.take("b") is None
    assert looked_at.take(str(path)) is file


@pytest.mark.parametrize("how", ["written on", "replaced", "removed"])
def test_what_has_changed_since_is_closed_and_not_given(path: Path, how: str) -> None:
    looked_at, file = kept(path)
    if how == "written on":
        with path.open("ab") as more:
            more.write(b"more")
    else:
        path.rename(path.with_name("away"))
    if how == "replaced":
        path.write_bytes(b"two")
    assert looked_at.take(str(path)) is None
    assert not file.open


def test_what_nobody_takes_is_closed_with_whoever_keeps_it(path: Path) -> None:
    looked_at, file = kept(path)
    del looked_at
    assert not file.open


def test_what_is_kept_next_takes_its_place(path: Path) -> None:
    looked_at, first = kept(path)
    second: Any = File("b")
    looked_at.keep(second, None)
    assert (first.open, second.open) == (False, True)
    assert looked_at.take("b") is None  # nobody knows whether it is as it was
    assert not second.open
