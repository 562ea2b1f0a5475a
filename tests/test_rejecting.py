"""Rejecting: everything is counted and kept, and what came late apart from the rest."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from runfolio.rejecting import Rejections
from runfolio.stream import Line, Refused
from support import FakeClock


@pytest.fixture
def rejections(tmp_path: Path) -> Rejections:
    return Rejections(tmp_path, FakeClock())


def refused(reason: str, run_number: int | None = None, rows: int = 1, line: int = 1) -> Refused:
    return Refused(Line("s.json", line, 0, b"{}", 2), reason, "why", run_number, rows)


def kept(path: Path | None) -> list[dict[str, Any]]:
    assert path is not None
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_came_late_is_kept_apart_and_says_for_which_folder(rejections: Rejections) -> None:
    rejections.take(refused("not_json"), None)
    rejections.take(refused("late", 7, rows=3), 2)
    assert [(each["reason"], "revision" in each) for each in kept(rejections.path)] == [("not_json", False)]
    assert [(each["run_number"], each["revision"]) for each in kept(rejections.late_path)] == [(7, 2)]
    assert (rejections.by_reason, rejections.late) == ({"not_json": 1, "late": 3}, {7: 3})


def test_nothing_is_kept_of_nothing(rejections: Rejections) -> None:
    assert (rejections.path, rejections.late_path, rejections.lost) == (None, None, 0)


def test_the_first_for_a_reason_is_logged(rejections: Rejections, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for line in (4, 5):
            rejections.take(refused("not_json", rows=2, line=line), None)
    assert caplog.messages == ["s.json, line 4: set aside: not_json: why"]


def test_after_a_restart_nothing_is_written_twice(rejections: Rejections, tmp_path: Path) -> None:
    before = rejections.positions
    for each in (refused("not_json"), refused("late", 7)):
        rejections.take(each, 1)
    again = Rejections(tmp_path, FakeClock())
    again.resume(*before)
    for each in (refused("not_json"), refused("late", 7), refused("late", 7, line=2)):
        again.take(each, 1)
    assert (len(kept(again.path)), len(kept(again.late_path))) == (1, 2)


def test_what_cannot_be_kept_is_counted(rejections: Rejections, tmp_path: Path) -> None:
    for name in ("rejected.jsonl", "late.jsonl"):
        (tmp_path / name).mkdir()
    rejections.take(refused("not_json"), None)
    rejections.take(refused("late", 7), 1)
    assert rejections.lost == 2
